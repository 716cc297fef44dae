import { z } from 'zod';
import { chunks } from '../batches.ts';
import { gridOf } from '../edges.ts';
import type { LevelsAnswer } from '../levels.ts';
import { decodeRows } from '../rows.ts';
import type { BinsAnswer } from '../warehouse.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { readLevels } from './level-bins.ts';
import { readEdges } from './numeric-bins.ts';
import { summarise } from './summary.ts';

/** Columns that one statement summarises. */
const MAX_SUMMARIES = 500;

/** Columns that one statement sorts, or counts the values of: what it may have on disk at once, beyond the memory limit. */
const MAX_BATCH = 10;

const Total = z.tuple([z.tuple([z.bigint().nonnegative()])]);

/** Bins of every column, in batches that bound how much the engine holds at once. */
export async function readBins(question: BinsQuestion): Promise<BinsAnswer> {
  const { staged, request } = question;
  const { plan } = staged;
  const grid = gridOf(request.bins);
  const { table } = request.source;
  const counted = await aggregate(question, {
    expressions: [],
    maxRows: 1,
    render: (_names, rowsOf) => `SELECT count(*) FROM ${rowsOf([])}`,
  });
  const [[total]] = decodeRows(Total, counted, table);
  const bins: [string, BinsAnswer['bins'][string]][] = [];
  for (const columns of chunks(plan.numeric, MAX_SUMMARIES))
    for (const summaries of chunks(await summarise(question, grid, columns), MAX_BATCH))
      bins.push(...(await readEdges(question, grid, summaries)));
  const levels: [string, LevelsAnswer][] = [];
  for (const columns of chunks(plan.categorical, MAX_BATCH))
    levels.push(...(await readLevels(question, columns)));
  return {
    rows: Number(total),
    bins: Object.fromEntries([...bins, ...levels.map(([name, found]) => [name, found.bins] as const)]),
    singles: Object.fromEntries(levels.map(([name, { singles }]) => [name, singles])),
  };
}
