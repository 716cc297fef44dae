import pLimit from 'p-limit';
import type { ModelConfig } from './config/config.ts';
import { runCycle } from './cycle.ts';
import { costCounters } from './evaluation/change.ts';
import { windowsWithLateRows } from './evaluation/late-rows.ts';
import { createLooks, type Looks } from './evaluation/looks.ts';
import { unknownTooLong } from './evaluation/overdue.ts';
import { createPauses, type Pauses } from './evaluation/pauses.ts';
import type { CycleDeps, CycleTask } from './evaluation/task.ts';
import { workOf } from './evaluation/work.ts';
import type { Evaluation, Verdict } from './judge/verdict.ts';
import { createQueue } from './queue.ts';
import type { Change } from './store/store.ts';
import { addCosts, createMeter, meteredBy, NO_COST, withoutCost } from './warehouse/meter.ts';
import type { StatementCost } from './warehouse/warehouse.ts';

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
  /**
   * A failure under the old configuration says nothing about the new one: no model rests any more. Resolves when nothing works with
   * the old one any longer.
   */
  reconfigured(): Promise<void>;
  /** Windows under way are finished and no further one is begun: what is left is due at the next start. */
  end(): void;
}

export function createBurst(listener: BurstListener): Burst {
  const atWork = createQueue();
  const turn: Turn = { pauses: createPauses(), looks: createLooks(), ended: false };

  async function guarded(model: ModelConfig, deps: CycleDeps): Promise<readonly Evaluation[]> {
    if (turn.ended || turn.pauses.pausing(model.name, deps)) return [];
    try {
      return await atWork.add(model.name, () => dueOf(model, { deps, listener, turn }));
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
    window: (task, deps) => atWork.add(task.model.name, () => asked(task, { deps, listener, turn })),
    busy: () => atWork.busy(),
    reconfigured: () => {
      turn.pauses = createPauses();
      turn.looks = createLooks();
      return atWork.drained();
    },
    end: () => {
      turn.ended = true;
    },
  };
}

/** What may change while models are at work. */
interface Turn {
  pauses: Pauses;
  looks: Looks;
  ended: boolean;
}

interface Work {
  readonly deps: CycleDeps;
  readonly listener: BurstListener;
  readonly turn: Turn;
}

interface Costed extends Work {
  /** What the evaluations that were committed have told of their cost. */
  readonly spent: { told: StatementCost };
}

function dueOf(model: ModelConfig, work: Work): Promise<readonly Evaluation[]> {
  return counting(model, work, (costed) => dueNow(model, costed));
}

/**
 * Work whose statements are all counted: those of an evaluation with it, and the rest (looks for late rows, windows that are as before,
 * what failed) when it is over.
 */
async function counting<T>({ name }: ModelConfig, work: Work, use: (work: Costed) => Promise<T>): Promise<T> {
  const { deps, listener } = work;
  const meter = createMeter();
  const spent = { told: NO_COST };
  const countRest = async (): Promise<void> => {
    const rest = withoutCost(meter.total(), spent.told);
    if (rest.statements === 0) return;
    await deps.store.commit({ audit: [], count: costCounters(name, rest) });
    listener.committed(name);
  };
  try {
    const warehouse = meteredBy(deps.warehouse, meter);
    const done = await use({ ...work, deps: { ...deps, warehouse }, spent });
    await countRest();
    return done;
  } catch (error) {
    // What went wrong is the news; that it cannot be counted as well is none.
    await countRest().catch(() => {});
    throw error;
  }
}

/**
 * Everything one model has to do: windows that are due, then those with late rows, then whether it has been unknown for too long,
 * and a look around between two windows.
 */
async function dueNow(model: ModelConfig, work: Costed): Promise<readonly Evaluation[]> {
  const { deps, listener, turn } = work;
  const { tasks, skip } = await workOf(model, deps.store, deps.clocks.domain.now());
  if (skip !== null) {
    await deps.store.commit(skip);
    deps.logger.warn(
      { model: model.name, skipped: skip.audit[0]?.body },
      'windows skipped: they were missed for longer than catchUp',
    );
  }
  const evaluations = await inTurn(tasks, work);
  const failed = evaluations.filter(({ verdict }) => verdict === 'error').map(reasonOf);
  const looks = tasks.length > 0 && failed.length === 0 && !turn.ended;
  const late = looks ? await windowsWithLateRows(model, deps) : [];
  evaluations.push(...(await inTurn(late, work)));
  const overdue = turn.ended ? null : await unknownTooLong(model, deps);
  if (overdue !== null) {
    await deps.store.commit(overdue);
    deps.logger.warn({ model: model.name }, 'no verdict for longer than unknownAfter: a case is open');
    listener.committed(model.name);
  }
  if (!turn.ended && (await turn.looks.around(model, deps))) listener.committed(model.name);
  turn.pauses.note(model.name, { failed, deps });
  return evaluations;
}

async function inTurn(tasks: readonly CycleTask[], work: Costed): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = [];
  for (const task of tasks) if (!work.turn.ended) evaluations.push(await cycle(task, work));
  return evaluations;
}

async function asked(task: CycleTask, work: Work): Promise<Evaluation> {
  const made = await dueOf(task.model, work);
  const itself = made.findLast(({ window }) => Date.parse(window.end) === task.window.end);
  return itself ?? counting(task.model, work, (costed) => cycle(task, costed));
}

/** One cycle, told to the listener and in the log. */
async function cycle(task: CycleTask, { deps, listener, spent }: Costed): Promise<Evaluation> {
  const { name } = task.model;
  const begun = deps.clocks.wall.now();
  listener.started();
  try {
    const { evaluation, change } = await runCycle(task, deps);
    spent.told = addCosts(spent.told, change?.evaluation?.cost ?? NO_COST);
    tell(evaluation, { change, logger: deps.logger });
    if (change !== null) listener.committed(name);
    return evaluation;
  } finally {
    listener.ended(name, (deps.clocks.wall.now() - begun) / 1000);
  }
}

/** Verdicts that somebody should look at; what is there already is told quietly. */
const LEVELS: { readonly [verdict in Verdict]: 'info' | 'warn' | 'error' } = {
  ok: 'info',
  warn: 'warn',
  breach: 'warn',
  insufficient: 'info',
  no_data: 'warn',
  stale: 'warn',
  error: 'error',
};

function tell(
  evaluation: Evaluation,
  { change, logger }: { readonly change: Change | null; readonly logger: CycleDeps['logger'] },
): void {
  const { model, window, verdict, rows, revision, actions } = evaluation;
  const fields = {
    model,
    window: window.end,
    verdict,
    rows,
    ...(revision > 0 ? { revision } : {}),
    ...(actions.length > 0 ? { actions: actions.map(({ action, key }) => `${action} ${key}`) } : {}),
    ...(verdict === 'ok' ? {} : { reason: reasonOf(evaluation) }),
  };
  const message = verdict === 'error' ? 'window could not be evaluated' : 'window evaluated';
  if (change === null) logger.debug(fields, `${message}, as before`);
  else logger[LEVELS[verdict]](fields, message);
  const trouble = change?.status?.trouble ?? null;
  if (trouble !== null)
    logger.warn({ model, trouble }, 'registry or endpoint could not be read: no rollback of this model now');
}

function reasonOf({ verdict, policy }: Evaluation): string {
  return policy.find((checked) => checked.verdict === verdict)?.reason ?? '';
}
