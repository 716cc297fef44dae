import type { Window } from '../windows/window.ts';
import { ACCEPTED, CODES } from './payload-account.ts';
import { LEAST_FRACTION, type Stage, stageRelation, stageTable } from './payload-stage.ts';
import type { Slice } from './plan.ts';
import type { TableColumn } from './warehouse.ts';

/** What both engines say alike. In it a request has status `s`, bodies `q` and `p`, fraction `f`, `x` errors of logging, and is the `nth` of its id. */

/** Whether the fraction is one. NaN is greater than every number, in both engines. */
export const SAMPLED = `f >= ${LEAST_FRACTION.toExponential()} AND f <= 1e0`;

/** What is seen without looking into a body. */
export const EARLY_SQL =
  `CASE WHEN nth > 1 THEN ${CODES.duplicate} WHEN s >= 400 AND s < 500 THEN ${CODES.client_error} ` +
  `WHEN s IS NULL OR s <> 200 THEN ${CODES.error_answer} ` +
  `WHEN q IS NULL OR p IS NULL THEN CASE WHEN x > 0 THEN ${CODES.too_large} ELSE ${CODES.not_logged} END ` +
  `WHEN NOT (${SAMPLED}) THEN ${CODES.sampling_fraction} END`;

/** What is seen of records `recs` and predictions `preds`; `size` is the engine's function for the length of a list. */
export function lateSql(size: string): string {
  return (
    `CASE WHEN recs IS NULL THEN ${CODES.request_shape} WHEN preds IS NULL THEN ${CODES.response_shape} ` +
    `WHEN ${size}(recs) <> ${size}(preds) THEN ${CODES.length_mismatch} WHEN ${size}(recs) = 0 THEN ${CODES.empty} ELSE ${ACCEPTED} END`
  );
}

const DAY = 86_400_000;

/** Conditions on rows of a table, in the engine's words. */
type Conditions = (asked: Pick<Slice, 'event' | 'window' | 'where'>) => readonly string[];

/** WHERE with what a logged request has to fulfil, or nothing. */
export function filterSql(
  { columns, layout, window, where }: Stage,
  {
    conditions,
    identifier,
  }: { readonly conditions: Conditions; readonly identifier: (name: string) => string },
): string {
  const { time, day } = columns;
  const within = (event: TableColumn, from: Window): readonly string[] =>
    conditions({ event, window: from, where: null });
  const found = [...conditions({ event: null, window: null, where })];
  if (window !== null) {
    const name = identifier(time.name);
    if (layout === 'legacy') found.push(`${name} >= ${window.start} AND ${name} < ${window.end}`);
    else found.push(...within(time, window));
  }
  if (window !== null && day !== null) {
    // Files are laid out by the day. One more on either side: nothing promises that it is the day in UTC.
    const days = within(day, { start: window.start - DAY, end: window.end + DAY });
    found.push(`(${identifier(day.name)} IS NULL OR (${days.join(' AND ')}))`);
  }
  return found.length === 0 ? '' : ` WHERE ${found.join(' AND ')}`;
}

/** Tables as something to select from, those that a stage stands for included. */
export function stagedRelations(
  stages: readonly Stage[],
  relations: (table: string) => string,
): (table: string) => string {
  const staged = new Map(
    stages.map((stage, place) => [stageTable(stage.table, place), stageRelation(stage)]),
  );
  return (table) => staged.get(table) ?? relations(table);
}
