import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { DaemonMetrics } from './daemon.ts';
import type { SnapshotInput } from './facts.ts';
import { gatherSnapshotInput } from './gather.ts';
import { type ModelSnapshot, renderModelSnapshot } from './snapshot.ts';

export interface ModelMetricsDeps {
  readonly store: Store;
  readonly config: Config;
  readonly daemon: Pick<DaemonMetrics, 'durations' | 'storeAnswered'>;
  /** The same clock that stamps the end of evaluations. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Holds the snapshot that scrapes are served from, and replaces it after commits. */
export interface ModelMetrics {
  /** The newest snapshot. Never waits: when a verdict has grown old since, it is rendered again from what is in memory. */
  current(): ModelSnapshot;
  /**
   * After a commit: reads the named models anew (all of them without names, none with an empty list: desks, audit and
   * freshness are always looked at), renders, and swaps. Calls that come while one runs are answered together by the
   * next run. When the store does not answer, the old snapshot stays and `store_up` says so; nothing is thrown for it.
   */
  refresh(models?: readonly string[]): Promise<void>;
  /** After a reload: everything is read anew; series of models that are gone leave together. */
  configured(config: Config): Promise<void>;
}

const EMPTY: ModelSnapshot = {
  text: '',
  openMetrics: '',
  series: 0,
  limited: false,
  dropped: [],
  freshUntil: null,
};

export function createModelMetrics(deps: ModelMetricsDeps): ModelMetrics {
  let config = deps.config;
  let input: SnapshotInput | null = null;
  let snapshot = EMPTY;
  /** Models to read at the next run; null: all of them. */
  let changed: Set<string> | null = new Set();
  let running: Promise<void> = Promise.resolve();
  let queued: Promise<void> | null = null;

  async function run(): Promise<void> {
    const asked = changed;
    queued = null;
    changed = new Set();
    try {
      const gathered = await gatherSnapshotInput(deps.store, config, {
        now: deps.clock.now(),
        durations: deps.daemon.durations(),
        ...(input === null ? {} : { previous: input }),
        ...(asked === null ? {} : { changed: asked }),
      });
      swap(gathered);
      deps.daemon.storeAnswered(true);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      changed = asked === null ? null : merge(changed, asked);
      deps.daemon.storeAnswered(false);
      deps.logger.error(
        { err: error, remedy: error.remedy },
        'metrics keep their last state: store not read',
      );
    }
  }

  function swap(gathered: SnapshotInput): void {
    const before = snapshot;
    input = gathered;
    snapshot = renderModelSnapshot(gathered);
    if (snapshot.limited && snapshot.dropped.join() !== before.dropped.join())
      warnOfLimit(deps.logger, snapshot, gathered.maxSeries);
  }

  function refresh(models?: readonly string[]): Promise<void> {
    changed = models === undefined ? null : merge(changed, models);
    if (queued === null) {
      queued = running.then(run);
      running = queued.catch(() => undefined);
    }
    return queued;
  }

  return {
    current() {
      const now = deps.clock.now();
      if (input !== null && snapshot.freshUntil !== null && now > snapshot.freshUntil)
        snapshot = renderModelSnapshot({ ...input, now });
      return snapshot;
    },
    refresh,
    configured: (next) => {
      config = next;
      return refresh();
    },
  };
}

function warnOfLimit(logger: Logger, { dropped }: ModelSnapshot, maxSeries: number): void {
  logger.warn(
    { dropped, maxSeries },
    'metrics.maxSeries reached: models left out of /metrics; raise it or lower metrics.topFeatures',
  );
}

/** Null is all models, and stays so. */
function merge(models: Set<string> | null, more: Iterable<string>): Set<string> | null {
  return models === null ? null : new Set([...models, ...more]);
}
