import { clearTimeout, setTimeout } from 'node:timers';
import type { App } from '../app.ts';
import type { ModelConfig } from '../config/config.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Logger } from '../log.ts';
import type { ModelMetrics } from '../metrics/model-metrics.ts';
import { StoreError } from '../store/store.ts';

/** How often committed rollbacks and waiting tickets are looked at. Milliseconds, wall time. */
const DRIVE_EVERY = 1_000;

export interface Heart {
  /** Evaluates what is due for these models (all without a list), then steps rollbacks and delivers tickets. */
  wake(models?: readonly ModelConfig[]): Promise<readonly Evaluation[]>;
  /** Steps what has been committed: rollbacks first, then tickets. */
  drive(): Promise<void>;
  /** Begins to look at committed work by itself; answers how to end that. */
  beat(): () => void;
  /** Resolves when nothing is under way any more. */
  settle(): Promise<void>;
}

export function createHeart(app: App, metrics: ModelMetrics, logger: Logger): Heart {
  const running = new Set<Promise<unknown>>();
  let driving: Promise<void> | null = null;

  function track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined).finally(() => running.delete(settled));
    running.add(settled);
    return work;
  }

  function drive(): Promise<void> {
    driving ??= track(driveOnce({ app, metrics, logger })).finally(() => {
      driving = null;
    });
    return driving;
  }

  async function wakeNow(models?: readonly ModelConfig[]): Promise<readonly Evaluation[]> {
    const evaluations = await app.burst.run(models ?? Object.values(app.config().models), app.cycle());
    await drive();
    return evaluations;
  }

  return {
    wake: (models) => track(wakeNow(models)),
    drive,
    beat: () => beatWith(drive, logger),
    async settle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

interface Driven {
  readonly app: App;
  readonly metrics: ModelMetrics;
  readonly logger: Logger;
}

/** Rollbacks first, then tickets. A store that does not answer stops both until it does; nothing else is affected. */
async function driveOnce(driven: Driven): Promise<void> {
  try {
    await stepRollbacks(driven);
    const before = await driven.app.store.waiting();
    const waiting = await driven.app.deliver();
    if (waiting !== before.length) await driven.metrics.refresh();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    driven.logger.error(
      { err: error, remedy: error.remedy },
      'the store does not answer: nothing is acted on until it does',
    );
  }
}

/**
 * A rollback makes its first write only when no evaluation is running: many models that breach in one burst mean that
 * their common feed is suspect, and that is seen when all of them are committed.
 */
async function stepRollbacks({ app, metrics, logger }: Driven): Promise<void> {
  const active = await app.store.rollbacks({ active: true });
  const ready = app.burst.busy() ? active.filter(({ wrote }) => wrote) : active;
  for (const { id, model } of ready) {
    try {
      await app.driver.advance(id);
    } catch (error) {
      logger.error({ rollback: id, model, err: error }, 'rollback could not be stepped; it is tried again');
    }
    await metrics.refresh([model]);
  }
}

/** Drives again and again, a pause after each; answers how to end it. */
function beatWith(drive: () => Promise<void>, logger: Logger): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let ended = false;
  const next = (): void => {
    timer = setTimeout(() => {
      drive()
        .catch((error: unknown) => logger.error({ err: error }, 'stepping committed work failed'))
        .finally(() => {
          if (!ended) next();
        });
    }, DRIVE_EVERY);
  };
  next();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
