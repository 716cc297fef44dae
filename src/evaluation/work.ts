import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import { increment } from '../metrics/counters.ts';
import type { Change, Store } from '../store/store.ts';
import { dueWindows, newestClosed } from '../windows/due.ts';
import type { Window } from '../windows/window.ts';
import type { CycleTask } from './task.ts';

/** How many stored windows are looked through for attempts that failed. */
const LOOK_BACK = 400;

/** What a model has to do now: windows to judge, oldest first, and the stretch it is too late for. */
export interface Work {
  readonly tasks: readonly CycleTask[];
  /** To be committed before the tasks; null when nothing was missed for too long. */
  readonly skip: Change | null;
}

/** Pure arithmetic over what the store remembers, plus the windows whose last attempt ended in an error. */
export async function workOf(model: ModelConfig, store: Store, now: number): Promise<Work> {
  const progress = await store.progress(model.name);
  const { length, lateness } = { length: model.window, lateness: model.lateness };
  const due = dueWindows({
    length,
    lateness,
    catchUp: model.catchUp,
    since: model.since,
    lastEnd: progress?.windowEnd ?? null,
    now,
  });
  const newest = newestClosed({ length, lateness, now });
  const again = progress === null ? [] : await failedWindows(model, store, now);
  const windows = [...again, ...due.windows].sort((a, b) => a.start - b.start);
  const tasks = windows.map((window) => ({ model, window, newest: window.end === newest.end }));
  if (due.skipped === null) return { tasks, skip: null };
  const { from, to, windows: count } = due.skipped;
  const reason = `missed for longer than catchUp: ${count} windows are on the record as not evaluated`;
  const skip: Change = {
    audit: [
      {
        kind: 'skipped_window',
        body: { model: model.name, from: isoTime(from), to: isoTime(to), windows: count, reason },
      },
    ],
    progress: {
      model: model.name,
      windowEnd: to,
      firstStart: progress?.firstStart ?? from,
      unknownSince: progress?.unknownSince ?? null,
    },
    count: [increment('windows_skipped_total', { model: model.name, reason: 'catch_up' }, count)],
  };
  return { tasks, skip };
}

/** Windows that could not be read last time and are young enough to be tried again. */
async function failedWindows(model: ModelConfig, store: Store, now: number): Promise<readonly Window[]> {
  const stored = await store.evaluations({ model: model.name, limit: LOOK_BACK });
  return stored
    .filter(({ record }) => record.verdict === 'error' && Date.parse(record.window.end) > now - model.catchUp)
    .map(({ record }) => ({ start: Date.parse(record.window.start), end: Date.parse(record.window.end) }));
}
