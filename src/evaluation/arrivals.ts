import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import { caseChange } from '../exceptions/change.ts';
import { moveCase } from '../exceptions/lifecycle.ts';
import { readOn } from '../exceptions/messages.ts';
import type { Rollback } from '../rollback/rollback.ts';
import type { Change } from '../store/store.ts';
import type { CountColumn } from '../warehouse/warehouse.ts';
import { sourceOf } from './sources.ts';
import type { CycleDeps } from './task.ts';

/** Tables are written minutes to hours later; after a day without a row there is nothing more to wait for. Milliseconds. */
const LOOKED_FOR = 86_400_000;
/** Requests that were under way when the traffic moved may still be answered by the version before. Milliseconds. */
const UNDER_WAY = 60_000;
/** Statuses above this are error answers. */
const LAST_NO_ERROR = 499;

/**
 * What the rows say of a rollback that has moved traffic, once and as soon as some have arrived: how many of each version, and how
 * many error answers. For the owner alone: registry and endpoint have been read back, nothing waits for rows, and whether they are well
 * is for the windows of the bake to say. Null: there is nothing new to tell. Throws StoreError, WarehouseError.
 */
export async function tellArrivals(model: ModelConfig, deps: CycleDeps): Promise<Change | null> {
  const { store, clocks, config } = deps;
  if (model.source.version === null) return null;
  const now = clocks.domain.now();
  const [rollback] = await store.rollbacks({ model: model.name });
  const moved = rollback === undefined ? null : movedAt(rollback);
  if (rollback === undefined || moved === null || now - moved > LOOKED_FOR) return null;
  const fact = `arrivals:${rollback.id}`;
  if ((await store.fact(fact)) !== null) return null;
  const arrived = await countSince(model, { start: moved + UNDER_WAY, end: now }, deps);
  if (arrived.every(({ rows }) => rows === 0)) return null;
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
}

async function countSince(
  model: ModelConfig,
  window: { readonly start: number; readonly end: number },
  { warehouse }: CycleDeps,
): Promise<readonly Arrived[]> {
  if (window.end <= window.start) return [];
  const { status } = model.source;
  const bins = { kind: 'numeric', edges: [LAST_NO_ERROR], coarseEdges: [LAST_NO_ERROR] } as const;
  const columns: readonly CountColumn[] =
    status === null ? [] : [{ name: 'status', from: status, bins, levelsIn: null }];
  const { groups } = await warehouse.count({ source: sourceOf(model), window, columns });
  return groups.map(({ version, rows, columns: counted }) => ({
    ...{ version, rows },
    errors: status === null ? null : (counted['status']?.cells[1] ?? 0),
  }));
}

function sentence({ id, from, to }: Rollback, moved: number, arrived: readonly Arrived[]): string {
  const rowsOf = (version: string): Arrived =>
    arrived.find((one) => one.version === version) ?? { version, rows: 0, errors: null };
  const others = arrived
    .filter(({ version }) => version !== from && version !== to)
    .reduce((sum, { rows }) => sum + rows, 0);
  const good = rowsOf(to);
  const errors = good.errors === null || good.rows === 0 ? '' : ` (${good.errors} of them error answers)`;
  const rest = others === 0 ? '' : `, ${others} of others`;
  return `Rollback ${id}: of the requests since the traffic moved at ${isoTime(moved)}, ${good.rows} rows of version ${to}${errors} and ${rowsOf(from).rows} of version ${from} have arrived${rest}.`;
}
