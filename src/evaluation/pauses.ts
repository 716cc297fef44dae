import { isoTime } from '../clock.ts';
import type { CycleDeps } from './task.ts';

/** Until when a model whose window could not be read is left alone, and how often in a row it failed. */
interface Pause {
  readonly until: number;
  readonly failures: number;
}

/** Milliseconds of wall time. */
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;

export interface Pauses {
  pausing(model: string, deps: CycleDeps): boolean;
  /** After a model's work, with the reasons of the windows that failed: a failure doubles its pause, a success ends it. */
  note(model: string, outcome: { readonly failed: readonly string[]; readonly deps: CycleDeps }): void;
}

/** Keeps a table that is gone from being asked for each minute. Lost with the process, which does no harm. */
export function createPauses(): Pauses {
  const pauses = new Map<string, Pause>();
  return {
    pausing: (model, { clocks }) => (pauses.get(model)?.until ?? 0) > clocks.wall.now(),
    note(model, { failed, deps }) {
      if (failed.length === 0) {
        pauses.delete(model);
        return;
      }
      const failures = (pauses.get(model)?.failures ?? 0) + 1;
      const until =
        deps.clocks.wall.now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 10));
      pauses.set(model, { until, failures });
      deps.logger.warn(
        { model, failed: failed.length, nextTry: isoTime(until), reason: failed.at(-1) },
        'windows of this model could not be evaluated; they are tried again, sooner after a reload of the configuration',
      );
    },
  };
}
