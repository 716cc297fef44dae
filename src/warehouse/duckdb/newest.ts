import { z } from 'zod';
import { payloadColumns } from '../payload-layouts.ts';
import { planSlice, type Slice } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { Source, TableColumn } from '../warehouse.ts';
import type { Relation } from './relations.ts';
import type { Session } from './session.ts';
import { sliceSql } from './slice.ts';
import { identifier, parameters, type Statement } from './sql.ts';

const Answer = z.tuple([z.tuple([z.bigint().nullable()])]);

/**
 * The newest event time in milliseconds, rounded down, so that it lies in a window exactly when the row does. Infinite
 * times, which a database file can hold, are no times of rows.
 */
export async function readNewest(
  session: Session,
  source: Source,
  relation: Relation,
): Promise<number | null> {
  const { table } = source;
  const statement =
    source.payload === undefined
      ? newestRow(planSlice(source, null, relation), relation.sql)
      : newestRequest(payloadColumns(relation, source.payload.layout).time, relation.sql);
  const [[newest]] = decodeRows(Answer, await session.query(statement, { table, maxRows: 1 }), table);
  return newest === null ? null : Number(newest);
}

function newestRow(slice: Slice, relation: string): Statement {
  if (slice.event === null) throw new Error('the newest row is asked of a source without an event time');
  const bound = parameters();
  const fields = [{ name: 't', sql: finite(slice.event) }];
  // Several rows of one request do not change which event is the newest.
  const { rows } = sliceSql({
    slice: { ...slice, requestId: null, cluster: null },
    relation,
    fields,
    parameters: bound,
  });
  return bound.statement(`SELECT ${milliseconds('t')} FROM ${rows(['t'])}`);
}

/** Of any logged request, whatever became of it: the table is still written. */
function newestRequest(time: TableColumn, relation: string): Statement {
  const from = (value: string): string => `SELECT ${value} FROM ${relation}`;
  const newest =
    time.kind === 'numeric'
      ? from(`CAST(max(${identifier(time.name)}) AS BIGINT)`)
      : `SELECT ${milliseconds('t')} FROM (${from(`${finite(time)} AS t`)})`;
  return parameters().statement(newest);
}

function finite({ name }: TableColumn): string {
  const time = identifier(name);
  return `CASE WHEN isfinite(${time}) THEN ${time} END`;
}

function milliseconds(time: string): string {
  return `CAST(floor(epoch_us(max(${time})) / 1000) AS BIGINT)`;
}
