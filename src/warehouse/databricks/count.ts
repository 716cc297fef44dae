import { z } from 'zod';
import { batchesOf } from '../batches.ts';
import type { CellRow } from '../cell-rows.ts';
import { countAnswer } from '../count-answer.ts';
import type { Staged } from '../payload-stage.ts';
import type { CountPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { CountAnswer, CountRequest } from '../warehouse.ts';
import { countStatement, type RelationOf } from './count-sql.ts';
import type { Session } from './session.ts';

/** Counts in one answer, at most: a hundred versions of 250 columns with 20 cells. */
const MAX_COUNTS = 600_000;

/** Columns in one statement; more make another one. A statement of 400 columns is a text of half a megabyte. */
const MAX_COLUMNS = 400;

const Rows = z.array(z.tuple([z.string().nullable(), z.int(), z.int(), z.int().nonnegative()]));

/** Runs a count plan: one statement, or one per 400 columns. */
export async function readCounts(question: {
  readonly session: Session;
  readonly relationOf: RelationOf;
  readonly request: CountRequest;
  readonly staged: Staged<CountPlan>;
}): Promise<CountAnswer> {
  const { session, relationOf, request, staged } = question;
  const { plan, stages } = staged;
  const { table } = request.source;
  const rows: CellRow[] = [];
  const parts = batchesOf(plan, MAX_COLUMNS);
  for (const [place, part] of parts.entries()) {
    const statement = countStatement({ plan: part, stages, account: place === 0 }, relationOf);
    const answer = await session.query(statement, {
      table,
      columns: ['v', 'col', 'cell', 'n'],
      maxRows: MAX_COUNTS,
    });
    for (const [version, column, cell, count] of decodeRows(Rows, answer, table))
      rows.push({ version, column, cell, count });
  }
  return countAnswer({ request, staged, rows });
}
