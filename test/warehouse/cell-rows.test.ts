import { describe, expect, it } from 'vitest';
import { ALL_ROWS, CELL, type CellRow, foldCells } from '../../src/warehouse/cell-rows.ts';
import { WarehouseError } from '../../src/warehouse/warehouse.ts';
import { categorical, column, numeric } from '../contracts/warehouse-seed.ts';

const COLUMNS = [column('x', numeric([1, 2])), column('c', categorical(['a'], true))];

function row(column: number, cell: number, count: number): CellRow {
  return { version: null, column, cell, count };
}

const GOOD = [
  row(ALL_ROWS, 0, 10),
  row(0, 0, 1),
  row(0, 2, 4),
  row(0, CELL.missing, 3),
  row(0, CELL.nonFinite, 2),
  row(1, 0, 1),
  row(1, CELL.missing, 2),
  row(1, CELL.other, 3),
  row(1, CELL.unseen, 4),
];

describe('folding an answer', () => {
  it('puts every count in its place', () => {
    expect(foldCells('t', COLUMNS, GOOD)).toEqual([
      {
        version: null,
        rows: 10,
        columns: {
          x: { cells: [1, 0, 4], missing: 3, nonFinite: 2, other: 0, unseen: 0 },
          c: { cells: [1], missing: 2, nonFinite: 0, other: 3, unseen: 4 },
        },
      },
    ]);
  });

  it('adds what several statements say of one row count', () => {
    const groups = foldCells('t', COLUMNS, [...GOOD, row(ALL_ROWS, 0, 10)]);
    expect(groups[0]?.rows).toBe(10);
  });

  it('keeps versions apart, sorted, rows of none last', () => {
    const totals = [null, '2', '10', '1'].map((version) => ({ ...row(ALL_ROWS, 0, 1), version }));
    expect(foldCells('t', [], totals).map(({ version }) => version)).toEqual(['1', '10', '2', null]);
  });

  it.each([
    { what: 'a row short', rows: GOOD.filter(({ cell }) => cell !== CELL.unseen), column: 'c' },
    { what: 'a row too many', rows: [...GOOD, row(0, 1, 1)], column: 'x' },
    { what: 'a column without counts', rows: GOOD.filter((row) => row.column !== 0), column: 'x' },
    { what: 'a cell that does not exist', rows: [...GOOD, row(0, 3, 0)], column: 'x' },
    { what: 'a code that does not exist', rows: [...GOOD, row(0, -5, 0)], column: 'x' },
    { what: 'a column that does not exist', rows: [...GOOD, row(2, 0, 0)], column: null },
    { what: 'no row count', rows: GOOD.slice(1), column: null },
    { what: 'two row counts', rows: [...GOOD, row(ALL_ROWS, 0, 11)], column: null },
  ])('refuses an answer with $what', ({ rows, column }) => {
    try {
      foldCells('main.t', COLUMNS, rows);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WarehouseError);
      expect(error).toMatchObject({ reason: 'bad_answer', table: 'main.t', column });
      expect((error as WarehouseError).message).toContain('do not add up');
    }
  });
});
