import { z } from 'zod';
import { gridOf } from '../edges.ts';
import type { BinsAnswer } from '../warehouse.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { readLevels } from './level-bins.ts';
import { readEdges, summarise } from './numeric-bins.ts';
import { decodeRows } from './rows.ts';

/** Values that one statement may hold for exact quantiles: about 256 MB, twice that while it grows. */
const HELD_VALUES = 32_000_000;
const MAX_BATCH = 50;

const Total = z.tuple([z.tuple([z.bigint().nonnegative()])]);

/** Bins of every column, in batches that bound how many values the engine holds at once. */
export async function readBins(question: BinsQuestion): Promise<BinsAnswer> {
  const { plan, request } = question;
  const grid = gridOf(request.bins);
  const { table } = plan.slice;
  const counted = await aggregate(question, [], (_, rows) => `SELECT count(*) FROM ${rows}`);
  const [[total]] = decodeRows(Total, counted, table);
  const rows = Number(total);
  const batch = Math.max(1, Math.min(MAX_BATCH, Math.floor(HELD_VALUES / Math.max(1, rows))));
  const bins: [string, BinsAnswer['bins'][string]][] = [];
  for (const columns of chunks(plan.numeric, batch)) {
    const summaries = await summarise(question, grid, columns);
    bins.push(...(await readEdges(question, grid, summaries)));
  }
  for (const columns of chunks(plan.categorical, MAX_BATCH))
    bins.push(...(await readLevels(question, columns)));
  return { rows, bins: Object.fromEntries(bins) };
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
