import type { ModelConfig } from '../config/config.ts';
import type { StoredEvaluation } from '../store/store.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';
import type { Window } from '../windows/window.ts';
import { sourceOf } from './sources.ts';
import type { CycleDeps, CycleTask } from './task.ts';

/** How many stored windows are looked through: more than any sensible `revisions` holds. */
const LOOK_BACK = 1_000;

/**
 * Windows that have been judged, may still be revised, and have other rows now than when they were judged. One statement counts the rows of
 * the whole stretch; only when that differs is each window counted by itself. What cannot be read is left for the next time.
 */
export async function windowsWithLateRows(
  model: ModelConfig,
  deps: CycleDeps,
): Promise<readonly CycleTask[]> {
  const now = deps.clocks.domain.now();
  const stored = await deps.store.evaluations({ model: model.name, limit: LOOK_BACK });
  const newest = stored[0];
  const open = stored.filter(
    ({ record }) => record.verdict !== 'error' && now < endOf(record) + model.lateness + model.revisions,
  );
  if (open.length === 0 || newest === undefined || model.revisions === 0) return [];
  try {
    const start = Math.min(...open.map(({ record }) => Date.parse(record.window.start)));
    const end = Math.max(...open.map(({ record }) => endOf(record)));
    const known = open.reduce((sum, { record }) => sum + record.rows, 0);
    if ((await rowsIn({ start, end }, model, deps)) === known) return [];
    return await differing(open, model, { deps, newestEnd: endOf(newest.record) });
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    deps.logger.warn(
      { model: model.name, err: error },
      'late rows could not be looked for; they are looked for again after the next window',
    );
    return [];
  }
}

async function differing(
  open: readonly StoredEvaluation[],
  model: ModelConfig,
  at: { readonly deps: CycleDeps; readonly newestEnd: number },
): Promise<readonly CycleTask[]> {
  const tasks: CycleTask[] = [];
  for (const { record } of open.toReversed()) {
    const window = { start: Date.parse(record.window.start), end: endOf(record) };
    if ((await rowsIn(window, model, at.deps)) !== record.rows)
      tasks.push({ model, window, newest: window.end === at.newestEnd });
  }
  return tasks;
}

async function rowsIn(window: Window, model: ModelConfig, { warehouse }: CycleDeps): Promise<number> {
  const { groups } = await warehouse.count({ source: sourceOf(model), window, columns: [] });
  return groups.reduce((sum, group) => sum + group.rows, 0);
}

function endOf(record: StoredEvaluation['record']): number {
  return Date.parse(record.window.end);
}
