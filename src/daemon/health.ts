import type { DaemonMetrics } from '../metrics/daemon.ts';
import { withRemedy } from '../remedy.ts';
import type { StoreError } from '../store/store.ts';
import type { Health } from '../web/deps.ts';

/** What /-/ready and `store_up` say: how far the daemon has come, and whether its store can be read and written. */
export interface HealthBook {
  now(): Health;
  phase(phase: 'starting' | 'ready' | 'stopping'): void;
  /** After a commit: why it failed, or null. */
  stored(failure: StoreError | null): void;
  /** After a reading for the metrics. */
  read(answered: boolean): void;
}

/**
 * A store that cannot be written keeps the process healthy (its pages and metrics are what a person needs now) and not ready:
 * nothing is evaluated and nothing is acted on. Reading a full disk works, so only a commit tells that it is writable again.
 */
export function createHealth(metrics: Pick<DaemonMetrics, 'storeAnswered'>): HealthBook {
  let phase: 'starting' | 'ready' | 'stopping' = 'starting';
  let unwritable: StoreError | null = null;
  let readable = true;
  const tell = (): void => metrics.storeAnswered(readable && unwritable === null);
  return {
    now() {
      if (phase !== 'ready') return { healthy: true, ready: false, why: phase };
      const why = unwritable === null ? null : withRemedy(unwritable);
      return { healthy: true, ready: why === null, why: why ?? 'everything is up' };
    },
    phase: (next) => {
      phase = next;
    },
    stored: (failure) => {
      unwritable = failure;
      tell();
    },
    read: (answered) => {
      readable = answered;
      tell();
    },
  };
}
