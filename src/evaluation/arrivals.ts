import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import { caseChange } from '../exceptions/change.ts';
import { moveCase } from '../exceptions/lifecycle.ts';
import { readOn } from '../exceptions/messages.ts';
import type { Rollback } from '../rollback/rollback.ts';
import type { World } from '../rollback/world.ts';
import type { Change } from '../store/store.ts';
import { withEntities } from './entities.ts';
import { errorsOf, onlyErrors, statusColumns } from './error-answers.ts';
import { sourceOf } from './sources.ts';
import type { CycleDeps } from './task.ts';

/** Tables are written minutes to hours later; after a day without a row there is nothing more to wait for. Milliseconds. */
const LOOKED_FOR = 86_400_000;
/** Requests that were under way when the traffic moved may still be answered by the version before. Milliseconds. */
const UNDER_WAY = 60_000;

export interface ArrivalsQuestion {
  readonly model: ModelConfig;
  readonly world: World;
  readonly deps: CycleDeps;
}

/**
 * What the rows say of a rollback that has moved traffic, once and as soon as some have arrived: how many of each version, and how
 * many error answers. For the owner alone: registry and endpoint have been read back, nothing waits for rows, and whether they are well
 * is for the windows of the bake to say. Null: there is nothing new to tell. Throws StoreError, WarehouseError.
 */
export async function tellArrivals(question: ArrivalsQuestion): Promise<Change | null> {
  const { model, deps } = question;
  const { store, clocks, config } = deps;
  if (model.source.version === null) return null;
  const now = clocks.domain.now();
  const [rollback] = await store.rollbacks({ model: model.name });
  const moved = rollback === undefined ? null : movedAt(rollback);
  if (rollback === undefined || moved === null || now - moved > LOOKED_FOR) return null;
  const fact = `arrivals:${rollback.id}`;
  if ((await store.fact(fact)) !== null) return null;
  const arrived = await countSince(question, { start: moved + UNDER_WAY, end: now });
  if (arrived.length === 0) return null;
  const text = sentence(rollback, moved, arrived);
  deps.logger.info({ model: model.name, rollback: rollback.id }, text);
  const known = rollback.exception === null ? null : await store.exception(rollback.exception);
  const facts = { [fact]: text };
  if (known === null) return { audit: [], facts };
  const noted = moveCase(known, known.state, { now, by: null, why: text });
  return { ...caseChange(noted, { action: 'update', text, now }, readOn(config, model.name)), facts };
}

/** When a rollback that stands had its traffic read back; null where it moved none, or did not stand. */
function movedAt({ state, plan, history }: Rollback): number | null {
  const verified = history.find((step) => step.state === 'traffic_verified');
  const stands = state === 'dwelling' || state === 'done';
  return stands && plan.routesAfter !== null && verified !== undefined ? Date.parse(verified.at) : null;
}

interface Arrived {
  readonly version: string | null;
  readonly rows: number;
  /** Null: the table does not tell. */
  readonly errors: number | null;
  /** Of how many answers, where error answers are no rows. */
  readonly answers?: number;
}

/** Versions with a row or an error answer in that stretch of time. Rows are counted as they stand, whoever votes. */
async function countSince(
  { model: configured, world, deps }: ArrivalsQuestion,
  window: { readonly start: number; readonly end: number },
): Promise<readonly Arrived[]> {
  if (window.end <= window.start) return [];
  const model = await withEntities(configured, world, deps);
  const { groups, payload } = await deps.warehouse.count({
    ...{ source: { ...sourceOf(model), cluster: null }, window, columns: statusColumns(model) },
  });
  const answered = [...groups.filter(({ rows }) => rows > 0), ...onlyErrors(groups, payload)];
  return answered.map((group) => ({
    // Samples weigh otherwise than rows: what they stand for need not be whole.
    ...{ version: group.version, rows: Math.round(group.rows) },
    ...errorsOf(model, group, payload),
  }));
}

function sentence({ id, from, to }: Rollback, moved: number, arrived: readonly Arrived[]): string {
  const of = (version: string): Arrived =>
    arrived.find((one) => one.version === version) ?? { version, rows: 0, errors: null };
  const others = arrived
    .filter(({ version }) => version !== from && version !== to)
    .reduce((sum, { rows }) => sum + rows, 0);
  const rest = others === 0 ? '' : `, ${others} of others`;
  return `Rollback ${id}: of the requests since the traffic moved at ${isoTime(moved)}, ${of(to).rows} rows of version ${to}${errorsInWords(of(to))} and ${of(from).rows} of version ${from} have arrived${rest}.`;
}

function errorsInWords({ rows, errors, answers }: Arrived): string {
  if (errors === null) return '';
  if (answers !== undefined) return ` (and ${errors} error answers of ${answers})`;
  return rows === 0 ? '' : ` (${errors} of them error answers)`;
}
