import pLimit from 'p-limit';
import type { ModelConfig } from './config/config.ts';
import { runCycle } from './cycle.ts';
import { windowsWithLateRows } from './evaluation/late-rows.ts';
import { createPauses } from './evaluation/pauses.ts';
import type { CycleDeps, CycleTask } from './evaluation/task.ts';
import { workOf } from './evaluation/work.ts';
import type { Evaluation } from './judge/verdict.ts';
import { createQueue } from './queue.ts';

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
  /**
   * One window of one model, after whatever the model is doing now and after all that is due for it: a window that is asked for out
   * of its turn must not make the ones before it look done. A model that rests after a failure rests no longer. Throws StoreError.
   */
  window(task: CycleTask, deps: CycleDeps): Promise<Evaluation>;
  /** Whether evaluations run now. */
  busy(): boolean;
  /** A failure under the old configuration says nothing about the new one: no model rests any more. */
  reconfigured(): void;
  /** Windows under way are finished and no further one is begun: what is left is due at the next start. */
  end(): void;
}

export function createBurst(listener: BurstListener): Burst {
  const atWork = createQueue();
  let pauses = createPauses();
  let ended = false;

  async function dueOf(model: ModelConfig, deps: CycleDeps): Promise<readonly Evaluation[]> {
    const { tasks, skip } = await workOf(model, deps.store, deps.clocks.domain.now());
    if (skip !== null) {
      await deps.store.commit(skip);
      deps.logger.warn(
        { model: model.name, skipped: skip.audit[0]?.body },
        'windows skipped: they were missed for longer than catchUp',
      );
    }
    const evaluations = await inTurn(tasks, deps);
    const late = tasks.length === 0 || ended ? [] : await windowsWithLateRows(model, deps);
    evaluations.push(...(await inTurn(late, deps)));
    pauses.note(model.name, { failed: evaluations.some(({ verdict }) => verdict === 'error'), deps });
    return evaluations;
  }

  async function inTurn(tasks: readonly CycleTask[], deps: CycleDeps): Promise<Evaluation[]> {
    const evaluations: Evaluation[] = [];
    for (const task of tasks) if (!ended) evaluations.push(await cycle(task, { deps, listener }));
    return evaluations;
  }

  async function asked(task: CycleTask, deps: CycleDeps): Promise<Evaluation> {
    const made = await dueOf(task.model, deps);
    const itself = made.findLast(({ window }) => Date.parse(window.end) === task.window.end);
    return itself ?? cycle(task, { deps, listener });
  }

  async function guarded(model: ModelConfig, deps: CycleDeps): Promise<readonly Evaluation[]> {
    if (ended || pauses.pausing(model.name, deps)) return [];
    try {
      return await atWork.add(model.name, () => dueOf(model, deps));
    } catch (error) {
      deps.logger.error(
        { model: model.name, err: error },
        'evaluation of a model failed; the other models go on',
      );
      return [];
    }
  }

  return {
    async run(models, deps) {
      const limit = pLimit(Math.max(1, deps.config.warehouse.concurrency));
      const idle = models.filter(({ name }) => !atWork.has(name));
      const results = await Promise.all(
        idle.map((model) =>
          limit(() => {
            listener.queued(limit.pendingCount);
            return guarded(model, deps);
          }),
        ),
      );
      listener.queued(limit.pendingCount);
      return results.flat();
    },
    window: (task, deps) => atWork.add(task.model.name, () => asked(task, deps)),
    busy: () => atWork.busy(),
    reconfigured: () => {
      pauses = createPauses();
    },
    end: () => {
      ended = true;
    },
  };
}

/** One cycle, told to the listener and in the log. */
async function cycle(
  task: CycleTask,
  { deps, listener }: { readonly deps: CycleDeps; readonly listener: BurstListener },
): Promise<Evaluation> {
  const { name } = task.model;
  const begun = deps.clocks.wall.now();
  listener.started();
  try {
    const { evaluation, change } = await runCycle(task, deps);
    tell(evaluation, { isNew: change !== null, logger: deps.logger });
    if (change !== null) listener.committed(name);
    return evaluation;
  } finally {
    listener.ended(name, (deps.clocks.wall.now() - begun) / 1000);
  }
}

function tell(
  evaluation: Evaluation,
  { isNew, logger }: { readonly isNew: boolean; readonly logger: CycleDeps['logger'] },
): void {
  const { model, window, verdict, rows, actions, policy } = evaluation;
  const acts = actions.length > 0 ? { actions: actions.map(({ action }) => action) } : {};
  const fields = { model, window: window.end, verdict, rows, ...acts };
  const reason = policy.find((checked) => checked.verdict === verdict)?.reason;
  if (verdict === 'error') logger.error({ ...fields, reason }, 'window could not be evaluated');
  else if (isNew) logger.info(verdict === 'ok' ? fields : { ...fields, reason }, 'window evaluated');
}
