import { clearTimeout, setTimeout } from 'node:timers';
import type { App } from '../app.ts';
import type { ModelConfig } from '../config/config.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Logger } from '../log.ts';
import type { ModelMetrics } from '../metrics/model-metrics.ts';
import { StoreError } from '../store/store.ts';

/** How often committed rollbacks and waiting tickets are looked at. Milliseconds, wall time. */
const DRIVE_EVERY = 1_000;
/** How often it is looked whether somebody is to be named: what is asked then may take minutes, and nothing waits for it. */
const TELL_EVERY = 60_000;

export interface Heart {
  /** Evaluates what is due for these models (all without a list), then steps rollbacks and delivers tickets. */
  wake(models?: readonly ModelConfig[]): Promise<readonly Evaluation[]>;
  /** Steps what has been committed: rollbacks first, then what is to be escalated, then tickets. */
  drive(): Promise<void>;
  /** Begins to look at committed work by itself; answers how to end that. */
  beat(): () => void;
  /** Resolves when nothing is under way any more. */
  settle(): Promise<void>;
}

export function createHeart(app: App, metrics: ModelMetrics, logger: Logger): Heart {
  const running = new Set<Promise<unknown>>();
  const driven: Driven = { app, metrics, logger };

  function track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined).finally(() => running.delete(settled));
    running.add(settled);
    return work;
  }

  const step = oneAtATime(() => track(whileStoreAnswers(() => stepRollbacks(driven), logger)));
  const deliver = oneAtATime(() => track(whileStoreAnswers(() => deliverTickets(driven), logger)));

  // Not settled for: closing ends it.
  const tell = oneAtATime(() => whileStoreAnswers(() => tellChanges(driven), logger));

  async function drive(): Promise<void> {
    await step();
    await deliver();
  }

  async function wakeNow(models?: readonly ModelConfig[]): Promise<readonly Evaluation[]> {
    const evaluations = await app.burst.run(models ?? Object.values(app.config().models), app.cycle());
    await drive();
    return evaluations;
  }

  return {
    wake: (models) => track(wakeNow(models)),
    drive,
    beat() {
      // Beats of their own: a ticket desk or an audit log that does not answer must not keep a rollback from its next step.
      const ends = [
        beatWith(step, DRIVE_EVERY, logger),
        beatWith(deliver, DRIVE_EVERY, logger),
        beatWith(tell, TELL_EVERY, logger),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    async settle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Whoever asks while it runs waits for the run that is under way. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | null = null;
  return () => {
    under ??= work().finally(() => {
      under = null;
    });
    return under;
  };
}

interface Driven {
  readonly app: App;
  readonly metrics: ModelMetrics;
  readonly logger: Logger;
}

/** A store that does not answer stops this until it does; nothing else is affected. */
async function whileStoreAnswers(work: () => Promise<void>, logger: Logger): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    logger.error(
      { err: error, remedy: error.remedy },
      'the store does not answer: nothing is acted on until it does',
    );
  }
}

async function tellChanges({ app, metrics }: Driven): Promise<void> {
  const told = await app.tellChanges();
  if (told.length > 0) await metrics.refresh(told);
}

async function deliverTickets({ app, metrics }: Driven): Promise<void> {
  const escalated = await app.escalate();
  if (escalated.length > 0) await metrics.refresh(escalated);
  const before = await app.store.waiting();
  const waiting = await app.deliver();
  if (before.length === 0) return;
  // A case that got its ticket is read with its model; a failed try changes the desks' numbers alone.
  await metrics.refresh(waiting === before.length ? [] : undefined);
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
function beatWith(drive: () => Promise<void>, every: number, logger: Logger): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let ended = false;
  const next = (): void => {
    timer = setTimeout(() => {
      drive()
        .catch((error: unknown) => logger.error({ err: error }, 'stepping committed work failed'))
        .finally(() => {
          if (!ended) next();
        });
    }, every);
  };
  next();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
