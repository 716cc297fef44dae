import { z } from 'zod';
import { payloadColumns } from '../payload-layouts.ts';
import { planSlice, type Slice } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import type { Source, TableColumn } from '../warehouse.ts';
import type { Relation } from './relations.ts';
import type { Session } from './session.ts';
import { sliceSql } from './slice.ts';
import { identifier, parameters, type Statement } from './sql.ts';

const Answer = z.tuple([z.tuple([z.int().nullable()])]);

/** The newest event time in milliseconds, rounded down, so that it lies in a window exactly when the row does. */
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
  const answer = await session.query(statement, { table, columns: ['newest'], maxRows: 1 });
  return decodeRows(Answer, answer, table)[0][0];
}

function newestRow(slice: Slice, relation: string): Statement {
  if (slice.event === null) throw new Error('the newest row is asked of a source without an event time');
  const bound = parameters();
  const fields = [{ name: 't', sql: identifier(slice.event.name) }];
  // Several rows of one request do not change which event is the newest.
  const { rows } = sliceSql({
    slice: { ...slice, requestId: null, cluster: null },
    relation,
    fields,
    parameters: bound,
  });
  return bound.statement(
    `SELECT unix_millis(CAST(max(t) AS TIMESTAMP)) AS newest FROM ${rows(['t'])} AS picked`,
  );
}

/** Of any logged request, whatever became of it: the table is still written. */
function newestRequest({ name, kind }: TableColumn, relation: string): Statement {
  const newest = `max(${identifier(name)})`;
  const written =
    kind === 'numeric' ? `CAST(${newest} AS BIGINT)` : `unix_millis(CAST(${newest} AS TIMESTAMP))`;
  return parameters().statement(`SELECT ${written} AS newest FROM ${relation}`);
}
