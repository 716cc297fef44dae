import pLimit from 'p-limit';
import { isoTime } from './clock.ts';
import type { ModelConfig } from './config/config.ts';
import { runCycle } from './cycle.ts';
import type { CycleDeps, CycleTask } from './evaluation/task.ts';
import { workOf } from './evaluation/work.ts';
import type { Evaluation } from './judge/verdict.ts';

/** What is told while a burst runs; the daemon turns it into metrics. */
export interface BurstListener {
  queued(waiting: number): void;
  started(): void;
  ended(model: string, seconds: number): void;
  /** A model's work is committed. */
  committed(model: string): void;
}

export interface Burst {
  /**
   * Evaluates everything that is due, models side by side up to `warehouse.concurrency`, windows of one model oldest
   * first. A model that is still at work is left alone. Trouble of one model is logged and stops no other. Answers the evaluations made.
   */
  run(models: readonly ModelConfig[], deps: CycleDeps): Promise<readonly Evaluation[]>;
  /** One window of one model, after whatever the model is doing now. */
  window(task: CycleTask, deps: CycleDeps): Promise<Evaluation>;
  /** Whether evaluations run now. */
  busy(): boolean;
}

/** Until when a model whose window could not be read is left alone, and how often in a row it failed. */
interface Pause {
  readonly until: number;
  readonly failures: number;
}

const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;

export function createBurst(listener: BurstListener): Burst {
  const atWork = new Map<string, Promise<unknown>>();
  const pauses = new Map<string, Pause>();

  async function exclusively<T>(model: string, work: () => Promise<T>): Promise<T> {
    const before = atWork.get(model) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    atWork.set(model, settled);
    try {
      return await mine;
    } finally {
      if (atWork.get(model) === settled) atWork.delete(model);
    }
  }

  async function cycle(task: CycleTask, deps: CycleDeps): Promise<Evaluation> {
    const { name } = task.model;
    const begun = deps.clocks.wall.now();
    listener.started();
    try {
      const { evaluation, change } = await runCycle(task, deps);
      const { window, verdict, rows, actions } = evaluation;
      const fields = {
        model: name,
        window: window.end,
        verdict,
        rows,
        ...(actions.length > 0 ? { actions: actions.map(({ action }) => action) } : {}),
      };
      const reason = evaluation.policy.find((policy) => policy.verdict === verdict)?.reason;
      if (verdict === 'error') deps.logger.error({ ...fields, reason }, 'window could not be evaluated');
      else if (change !== null)
        deps.logger.info(verdict === 'ok' ? fields : { ...fields, reason }, 'window evaluated');
      if (change !== null) listener.committed(name);
      return evaluation;
    } finally {
      listener.ended(name, (deps.clocks.wall.now() - begun) / 1000);
    }
  }

  async function dueOf(model: ModelConfig, deps: CycleDeps): Promise<readonly Evaluation[]> {
    const now = deps.clocks.domain.now();
    if ((pauses.get(model.name)?.until ?? 0) > deps.clocks.wall.now()) return [];
    const { tasks, skip } = await workOf(model, deps.store, now);
    if (skip !== null) {
      await deps.store.commit(skip);
      deps.logger.warn(
        { model: model.name, skipped: skip.audit[0]?.body },
        'windows skipped: they were missed for longer than catchUp',
      );
    }
    const evaluations: Evaluation[] = [];
    for (const task of tasks) evaluations.push(await cycle(task, deps));
    notePause(model.name, evaluations, deps);
    return evaluations;
  }

  function notePause(model: string, evaluations: readonly Evaluation[], deps: CycleDeps): void {
    if (!evaluations.some(({ verdict }) => verdict === 'error')) {
      pauses.delete(model);
      return;
    }
    const failures = (pauses.get(model)?.failures ?? 0) + 1;
    const until =
      deps.clocks.wall.now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 10));
    pauses.set(model, { until, failures });
    deps.logger.warn(
      { model, nextTry: isoTime(until) },
      'the failed windows of this model are tried again later',
    );
  }

  return {
    async run(models, deps) {
      const limit = pLimit(Math.max(1, deps.config.warehouse.concurrency));
      const idle = models.filter(({ name }) => !atWork.has(name));
      const waiting = (): void => listener.queued(limit.pendingCount);
      const results = await Promise.all(
        idle.map((model) =>
          limit(async () => {
            waiting();
            try {
              return await exclusively(model.name, () => dueOf(model, deps));
            } catch (error) {
              deps.logger.error(
                { model: model.name, err: error },
                'evaluation of a model failed; the other models go on',
              );
              return [];
            }
          }),
        ),
      );
      waiting();
      return results.flat();
    },
    window: (task, deps) => exclusively(task.model.name, () => cycle(task, deps)),
    busy: () => atWork.size > 0,
  };
}
