import { z } from 'zod';
import type { NumericBins } from '../../baseline/bins.ts';
import { cutBetween, type Grid, numericBins, positionsOf } from '../edges.ts';
import type { BinsPlan } from '../plan.ts';
import type { TableColumn } from '../warehouse.ts';
import { aggregate, type BinsQuestion, perColumn } from './aggregate.ts';
import { decodeRows } from './rows.ts';
import { doubleList } from './sql.ts';
import { asDouble, isFloating } from './types.ts';

/** The estimate of distinct values is off by up to a third; columns up to so many times the limit are looked at exactly. */
const ESTIMATE_SLACK = 4;

/** What has to be known of a column before its quantiles can be asked for. */
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

const SummaryRow = z.tuple([z.int(), z.bigint(), z.number().nullable(), z.bigint()]);

export async function summarise(
  question: BinsQuestion,
  grid: Grid,
  columns: BinsPlan['numeric'],
): Promise<readonly Summary[]> {
  const answer = await aggregate(
    question,
    columns.map(({ column }) => asDouble(column)),
    (names, rows) =>
      perColumn(
        columns.map(({ column }, place) => {
          const x = finite(column, names[place]);
          return [`count(${x})`, `max(${x})`, `approx_count_distinct(${x})`];
        }),
        rows,
      ),
  );
  const rows = z.array(SummaryRow).length(columns.length);
  return decodeRows(rows, answer, question.plan.slice.table).map(([place, count, max, distinct]) => ({
    ...at(columns, place),
    count: Number(count),
    max: max ?? -Infinity,
    few: Number(distinct) <= ESTIMATE_SLACK * grid.maxValues,
  }));
}

const Doubles = z.object({ items: z.array(z.number()) });
const EdgesRow = z.tuple([z.int(), Doubles, Doubles.nullable()]);

/** Edges from exact order statistics, which the engine selects while it holds the values of the batch. */
export async function readEdges(
  question: BinsQuestion,
  grid: Grid,
  summaries: readonly Summary[],
): Promise<readonly [string, NumericBins][]> {
  const columns = summaries.filter(({ count }) => count > 0);
  const bare = summaries.filter(({ count }) => count === 0);
  const edges = columns.length === 0 ? [] : await readEdgesOf(question, grid, columns);
  return [...edges, ...bare.map(({ name }) => [name, NO_EDGES] as [string, NumericBins])];
}

const NO_EDGES: NumericBins = { kind: 'numeric', edges: [], coarseEdges: [] };

async function readEdgesOf(
  question: BinsQuestion,
  grid: Grid,
  columns: readonly Summary[],
): Promise<readonly [string, NumericBins][]> {
  const answer = await aggregate(
    question,
    columns.map(({ column }) => asDouble(column)),
    (names, rows) =>
      perColumn(
        columns.map((summary, place) => edgeAggregates(summary, grid, finite(summary.column, names[place]))),
        rows,
      ),
  );
  const rows = z.array(EdgesRow).length(columns.length);
  return decodeRows(rows, answer, question.plan.slice.table).map(([place, ordered, values]) => {
    const { name, column, count, max } = at(columns, place);
    const positions = positionsOf(grid, count);
    const neighbours = z.array(z.number()).length(2 * positions.length);
    const found = decodeRows(neighbours, ordered.items, question.plan.slice.table);
    const single = column.sqlType === 'FLOAT';
    const cuts = positions.map(({ share }, index) => {
      const neighbours = { below: at(found, 2 * index), above: at(found, 2 * index + 1) };
      return cutBetween(neighbours, share, single);
    });
    return [name, numericBins(grid, { cuts, values: values?.items ?? null, max, single })];
  });
}

/** The values below and above each position, and all different values where they are few. */
function edgeAggregates({ count, few }: Summary, grid: Grid, x: string): readonly string[] {
  // quantile_disc at q takes the value at place ceil(count q) - 1; half a place up, no rounding can miss it.
  const ranks = positionsOf(grid, count).flatMap(({ below, above }) => [
    (below + 0.5) / count,
    (above + 0.5) / count,
  ]);
  const values = `CASE WHEN count(DISTINCT ${x}) <= ${grid.maxValues} THEN list(DISTINCT ${x}) FILTER (WHERE ${x} IS NOT NULL) END`;
  return [`quantile_disc(${x}, ${doubleList(ranks)})`, few ? values : 'CAST(NULL AS DOUBLE[])'];
}

function finite(column: TableColumn, name: string | undefined): string {
  if (name === undefined) throw new Error('a column has no field');
  return isFloating(column) ? `CASE WHEN isfinite(${name}) THEN ${name} END` : name;
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`the answer has no item ${index}`);
  return item;
}
