import { z } from 'zod';
import type { Slice } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { Session } from './session.ts';
import { sliceSql } from './slice.ts';
import { identifier, parameters } from './sql.ts';

const Answer = z.tuple([z.tuple([z.int().nullable()])]);

/** The newest event time in milliseconds, rounded down, so that it lies in a window exactly when the row does. */
export async function readNewest(session: Session, slice: Slice, relation: string): Promise<number | null> {
  if (slice.event === null) throw new Error('the newest row is asked of a source without an event time');
  const bound = parameters();
  const fields = [{ name: 't', sql: identifier(slice.event.name) }];
  // Several rows of one request do not change which event is the newest.
  const { rows } = sliceSql({ slice: { ...slice, requestId: null }, relation, fields, parameters: bound });
  const statement = bound.statement(
    `SELECT unix_millis(CAST(max(t) AS TIMESTAMP)) AS newest FROM ${rows(['t'])} AS picked`,
  );
  const answer = await session.query(statement, { table: slice.table, columns: ['newest'], maxRows: 1 });
  return decodeRows(Answer, answer, slice.table)[0][0];
}
