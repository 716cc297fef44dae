import type { FakeOptions, StatementAnswer } from '../../support/fake-sql-warehouse.ts';
import type { ResultRows } from '../../support/result-set.ts';

export const LOANS = 'main.risk.loans';

/** Columns of the only table there is: `x`, a number. */
export const COLUMNS: ResultRows = {
  columns: [
    { name: 'col_name', type: 'STRING' },
    { name: 'data_type', type: 'STRING' },
  ],
  rows: [['x', 'double']],
};

/** A fake in which every DESCRIBE finds that table, and every other statement gets `answer`. */
export function oneTable(
  answer: StatementAnswer | ((statement: string) => StatementAnswer) = { kind: 'running' },
  more: Partial<FakeOptions> = {},
): FakeOptions {
  return {
    ...more,
    answer: (statement) => {
      if (statement.startsWith('DESCRIBE')) return { kind: 'rows', result: COLUMNS };
      return typeof answer === 'function' ? answer(statement) : answer;
    },
  };
}

/** Rows (version, column, cell, count): so many rows, all in one cell of column 0. */
export function counted(rows: number): StatementAnswer {
  return {
    kind: 'rows',
    result: cells([
      [null, -1, 0, rows],
      [null, 0, 0, rows],
    ]),
  };
}

export function cells(rows: ResultRows['rows']): ResultRows {
  return {
    columns: [
      { name: 'v', type: 'STRING' },
      { name: 'col', type: 'INT' },
      { name: 'cell', type: 'INT' },
      { name: 'n', type: 'BIGINT' },
    ],
    rows,
  };
}
