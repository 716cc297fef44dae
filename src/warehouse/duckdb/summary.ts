import { z } from 'zod';
import type { Grid } from '../edges.ts';
import type { BinsPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { TableColumn } from '../warehouse.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { asDouble, isFloating } from './types.ts';

/** The estimate of distinct values is off by up to a third; columns up to so many times the limit are looked at exactly. */
const ESTIMATE_SLACK = 4;

/** What has to be known of a column before it can be cut. */
export interface Summary {
  readonly name: string;
  readonly column: TableColumn;
  /** Finite values. */
  readonly count: number;
  /** Of the finite values; minus infinity without any. */
  readonly max: number;
  /** Whether there may be few enough different values for a cell each. */
  readonly few: boolean;
}

/** One row per column: its place, finite values, the largest of them, about how many different ones. */
const Row = z.tuple([z.int(), z.bigint(), z.number().nullable(), z.bigint()]);

/** Summaries of columns, from one pass. */
export async function summarise(
  question: BinsQuestion,
  grid: Grid,
  columns: BinsPlan['numeric'],
): Promise<readonly Summary[]> {
  const answer = await aggregate(question, {
    expressions: columns.map(({ column }) => asDouble(column)),
    maxRows: columns.length,
    render: (names, rowsOf) => {
      const structs = names.map((name, place) => {
        const asked = columns[place];
        const floating = asked !== undefined && isFloating(asked.column);
        const x = floating ? `CASE WHEN isfinite(${name}) THEN ${name} END` : name;
        return `{'place': ${place}, 'finite': count(${x}), 'largest': max(${x}), 'different': approx_count_distinct(${x})}`;
      });
      return (
        'SELECT u.place, u.finite, u.largest, u.different ' +
        `FROM (SELECT unnest([${structs.join(', ')}]) AS u FROM ${rowsOf([...new Set(names)])})`
      );
    },
  });
  const rows = decodeRows(z.array(Row), answer, question.request.source.table);
  return columns.map((asked, place) => {
    const [, count, max, different] = rows.find((row) => row[0] === place) ?? [place, 0n, null, 0n];
    return {
      ...asked,
      count: Number(count),
      max: max ?? -Infinity,
      few: Number(different) <= ESTIMATE_SLACK * grid.maxValues,
    };
  });
}
