import { z } from 'zod';
import { chunks } from '../batches.ts';
import { gridOf } from '../edges.ts';
import type { LevelsAnswer } from '../levels.ts';
import type { BinsPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { BinsAnswer } from '../warehouse.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { unpivoted } from './count-sql.ts';
import { readLevels } from './level-bins.ts';
import { readEdges, type Summary } from './numeric-bins.ts';
import { asDouble, isFinite, isFloating } from './types.ts';

/** Columns that one statement reads: each row of the table becomes so many rows on the way. */
const MAX_BATCH = 20;

/** Bins of every column, in batches that bound how much one statement sorts. */
export async function readBins(question: BinsQuestion): Promise<BinsAnswer> {
  const { staged, request } = question;
  const { plan } = staged;
  const grid = gridOf(request.bins);
  const bins: [string, BinsAnswer['bins'][string]][] = [];
  // Rows are counted even when no numeric column is asked for.
  const [first = [], ...rest] = chunks(plan.numeric, MAX_BATCH);
  let total = 0;
  for (const columns of [first, ...rest]) {
    const { rows, summaries } = await summarise(question, columns);
    total = rows;
    bins.push(...(await readEdges(question, grid, summaries)));
  }
  const levels: [string, LevelsAnswer][] = [];
  for (const columns of chunks(plan.categorical, MAX_BATCH))
    levels.push(...(await readLevels(question, columns)));
  return {
    rows: total,
    bins: Object.fromEntries([...bins, ...levels.map(([name, found]) => [name, found.bins] as const)]),
    singles: Object.fromEntries(levels.map(([name, { singles }]) => [name, singles])),
  };
}

const ROWS = '-1';

/** Rows (place of the column, finite values, the largest of them). */
const Row = z.tuple([z.int(), z.int().nonnegative(), z.number().nullable()]);

/** How many rows there are, and what has to be known of a column before it can be cut. */
async function summarise(
  question: BinsQuestion,
  columns: BinsPlan['numeric'],
): Promise<{ readonly rows: number; readonly summaries: readonly Summary[] }> {
  const answer = await aggregate(question, {
    expressions: columns.map(({ column }) => asDouble(column)),
    columns: ['place', 'finite', 'largest'],
    maxRows: columns.length + 1,
    render: (names, slice) => ({
      ctes: [],
      select: unpivoted(
        [{ alias: ROWS, sql: '0E0' }, ...names.map((name, place) => finite(columns[place], name, place))],
        (list) => `SELECT ${list} FROM ${slice.rows([...new Set(names)])} AS picked`,
        'SELECT CAST(name AS INT) AS place, count(value) AS finite, max(value) AS largest',
      ).concat(' GROUP BY name'),
    }),
  });
  const rows = decodeRows(z.array(Row), answer, question.request.source.table);
  const of = (place: number): z.infer<typeof Row> => rows.find((row) => row[0] === place) ?? [place, 0, null];
  return {
    rows: of(Number(ROWS))[1],
    summaries: columns.map((asked, place) => {
      const [, count, max] = of(place);
      return { ...asked, count, max: max ?? -Infinity };
    }),
  };
}

function finite(
  asked: BinsPlan['numeric'][number] | undefined,
  x: string,
  place: number,
): { readonly alias: string; readonly sql: string } {
  const floating = asked !== undefined && isFloating(asked.column);
  return { alias: String(place), sql: floating ? `CASE WHEN ${isFinite(x)} THEN ${x} END` : x };
}
