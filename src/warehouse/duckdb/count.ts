import { z } from 'zod';
import { batchesOf } from '../batches.ts';
import type { CellRow } from '../cell-rows.ts';
import { countAnswer } from '../count-answer.ts';
import type { Staged } from '../payload-stage.ts';
import type { CountPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { CountAnswer, CountRequest } from '../warehouse.ts';
import { countStatement } from './count-sql.ts';
import type { Relation } from './relations.ts';
import type { Session } from './session.ts';

/** Counts in one answer, at most: a hundred versions of 250 columns with 20 cells. */
const MAX_COUNTS = 600_000;

/** Columns in one statement; more make another statement. Planning time grows with them, and so does what a group holds. */
const MAX_COLUMNS = 1000;

/** Runs a count plan: one statement, or one per thousand columns. */
export async function readCounts(question: {
  readonly session: Session;
  readonly relations: ReadonlyMap<string, Relation>;
  readonly request: CountRequest;
  readonly staged: Staged<CountPlan>;
}): Promise<CountAnswer> {
  const { session, relations, request, staged } = question;
  const { plan, stages } = staged;
  const { table } = request.source;
  const rows: CellRow[] = [];
  const parts = batchesOf(plan, MAX_COLUMNS);
  for (const [place, part] of parts.entries()) {
    const statement = countStatement({ plan: part, stages, account: place === 0 }, (name) =>
      sqlOf(relations, name),
    );
    const answer = await session.query(statement, { table, maxRows: MAX_COUNTS });
    for (const row of cellRows(answer, table)) rows.push(row);
  }
  return countAnswer({ request, staged, rows });
}

const Rows = z.array(z.tuple([z.string().nullable(), z.int(), z.int(), z.bigint().nonnegative()]));

function cellRows(answer: unknown, table: string): readonly CellRow[] {
  return decodeRows(Rows, answer, table).map(([version, column, cell, count]) => ({
    version,
    column,
    cell,
    count: Number(count),
  }));
}

function sqlOf(relations: ReadonlyMap<string, Relation>, table: string): string {
  const relation = relations.get(table);
  if (relation === undefined) throw new Error(`table ${table} was not looked up`);
  return relation.sql;
}
