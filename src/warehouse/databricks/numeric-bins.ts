import { z } from 'zod';
import type { NumericBins } from '../../baseline/bins.ts';
import { cutBetween, type Grid, numericBins, positionsOf } from '../edges.ts';
import { decodeRows } from '../rows.ts';
import type { TableColumn } from '../warehouse.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { unpivoted } from './count-sql.ts';
import { asDouble, isFinite } from './types.ts';

export interface Summary {
  readonly name: string;
  readonly column: TableColumn;
  /** Finite values. */
  readonly count: number;
  /** Of the finite values; minus infinity without any. */
  readonly max: number;
}

/** Rows (place of the column, rank asked for or none, which of the different values it is from 1, the value). */
const Row = z.tuple([z.int(), z.int().nullable(), z.int().positive(), z.number()]);

type Row = z.infer<typeof Row>;

/**
 * Edges from exact order statistics: values are counted, their counts added up in order, and the values whose share of the order
 * holds a rank that is asked for come out. Neither a sort of all rows in one place nor a sketch: the same edges as in any engine.
 */
export async function readEdges(
  question: BinsQuestion,
  grid: Grid,
  summaries: readonly Summary[],
): Promise<readonly [string, NumericBins][]> {
  const { table } = question.request.source;
  const filled = summaries.filter(({ count }) => count > 0);
  const rows = decodeRows(z.array(Row), await readValues(question, grid, filled), table);
  return summaries.map((summary) => {
    const place = filled.indexOf(summary);
    const own = rows.filter((row) => row[0] === place);
    return [summary.name, edgesOf(summary, grid, { rows: own, table })];
  });
}

async function readValues(
  question: BinsQuestion,
  grid: Grid,
  summaries: readonly Summary[],
): Promise<readonly unknown[]> {
  if (summaries.length === 0) return [];
  const wanted = summaries.flatMap(({ count }, place) =>
    [...new Set(positionsOf(grid, count).flatMap(({ below, above }) => [below, above]))].map(
      (rank) => `(${place}, ${rank}L)`,
    ),
  );
  return aggregate(question, {
    expressions: summaries.map(({ column }) => asDouble(column)),
    columns: ['place', 'rank', 'nth', 'x'],
    maxRows: wanted.length + summaries.length * (grid.maxValues + 1),
    render: (names, slice) => ({
      ctes: [
        unpivoted(
          names.map((name, place) => ({ alias: String(place), sql: name })),
          (list) => `SELECT ${list} FROM ${slice.rows([...new Set(names)])} AS picked`,
          'counted AS (SELECT CAST(name AS INT) AS place, value AS x, count(*) AS n',
        ).concat(` WHERE value IS NOT NULL AND ${isFinite('value')} GROUP BY name, value)`),
        'ranked AS (SELECT place, x, n, sum(n) OVER (PARTITION BY place ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto, ' +
          'row_number() OVER (PARTITION BY place ORDER BY x) AS nth FROM counted)',
        `wanted AS (SELECT place, rank FROM VALUES ${wanted.join(', ')} AS wanted(place, rank))`,
      ],
      select:
        'SELECT ranked.place, wanted.rank, CAST(ranked.nth AS BIGINT) AS nth, ranked.x FROM ranked LEFT JOIN wanted ON wanted.place = ranked.place ' +
        'AND wanted.rank < ranked.upto AND wanted.rank >= ranked.upto - ranked.n ' +
        `WHERE wanted.rank IS NOT NULL OR ranked.nth <= ${grid.maxValues + 1}`,
    }),
  });
}

function edgesOf(
  { column, count, max }: Summary,
  grid: Grid,
  { rows, table }: { readonly rows: readonly Row[]; readonly table: string },
): NumericBins {
  if (count === 0) return { kind: 'numeric', edges: [], coarseEdges: [] };
  const single = column.sqlType === 'FLOAT';
  const byRank = new Map(rows.map(([, rank, , value]) => [rank, value]));
  const cuts = positionsOf(grid, count).map(({ below, above, share }) => {
    const neighbours = { below: byRank.get(below), above: byRank.get(above) };
    return cutBetween(decodeRows(Neighbours, neighbours, table), share, single);
  });
  const values = new Map(rows.map(([, , nth, value]) => [nth, value]));
  const few = [...values.keys()].every((nth) => nth <= grid.maxValues);
  return numericBins(grid, { cuts, values: few ? [...values.values()] : null, max, single });
}

/** Both are there unless the table changed between its summary and its values. */
const Neighbours = z.object({ below: z.number(), above: z.number() });
