import { z } from 'zod';
import type { Slice } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { Session } from './session.ts';
import { sliceSql } from './slice.ts';
import { identifier, parameters } from './sql.ts';

const Answer = z.tuple([z.tuple([z.bigint().nullable()])]);

/**
 * The newest event time in milliseconds, rounded down, so that it lies in a window exactly when the row does. Infinite
 * times, which a database file can hold, are no times of rows.
 */
export async function readNewest(session: Session, slice: Slice, relation: string): Promise<number | null> {
  if (slice.event === null) throw new Error('the newest row is asked of a source without an event time');
  const time = identifier(slice.event.name);
  const bound = parameters();
  const fields = [{ name: 't', sql: `CASE WHEN isfinite(${time}) THEN ${time} END` }];
  // Several rows of one request do not change which event is the newest.
  const { rows } = sliceSql({ slice: { ...slice, requestId: null }, relation, fields, parameters: bound });
  const statement = bound.statement(
    `SELECT CAST(floor(epoch_us(max(t)) / 1000) AS BIGINT) FROM ${rows(['t'])}`,
  );
  const limits = { table: slice.table, maxRows: 1 };
  const [[newest]] = decodeRows(Answer, await session.query(statement, limits), slice.table);
  return newest === null ? null : Number(newest);
}
