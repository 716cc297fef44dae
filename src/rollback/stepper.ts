import type { Clocks } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type Claim, Refused } from '../operations.ts';
import { createQueue } from '../queue.ts';
import { type Change, StaleWrite, type Store } from '../store/store.ts';
import { approvalByTag, approvalChange, cancelEntry } from './approval.ts';
import { createAttempts } from './attempt.ts';
import { givenUpBefore } from './late.ts';
import { step, wantsGates } from './machine.ts';
import { createMemories } from './memory.ts';
import { mergeChanges } from './merge-changes.ts';
import { afterStep, changeOfState } from './record.ts';
import type { GateResult, Rollback, RollbackState } from './rollback.ts';
import type { Observation, Step, Timing } from './step.ts';
import { look, type WorldPorts, withTarget } from './view.ts';
import { aliasOf, tagsOf, type World, type WorldView } from './world.ts';

export interface GateRequest {
  readonly rollback: Rollback;
  readonly model: ModelConfig;
  readonly view: WorldView;
  readonly now: number;
}

export interface StepperOptions {
  readonly store: Store;
  readonly ports: WorldPorts;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** Asked as late as possible before every write. */
  readonly killSwitch: () => boolean;
  /** The configuration of a model as it is now; null when it is no longer configured. */
  readonly model: (name: string) => ModelConfig | null;
  /** The gates as of now, for a rollback that is about to make its first write. Null: it is too early to say. */
  readonly gates: (request: GateRequest) => Promise<readonly GateResult[] | null>;
  /** What else is committed with a state: the case that tells it, its ticket. May read, changes nothing itself. */
  readonly onTransition: (rollback: Rollback, previous: Rollback) => Promise<Partial<Change>>;
}

export interface Stepper {
  /** Answers whether there is nothing more to do before the world or the time has moved on. Throws StoreError. */
  step(rollback: Rollback, cancel: Claim | null): Promise<boolean>;
  forget(rollbackId: string): void;
}

/** One look, one decision, at most one commit and one write, in this order. */
export function createStepper(options: StepperOptions): Stepper {
  const attempts = createAttempts(options);
  const waiting = new Map<string, string>();
  const memories = createMemories(options.clocks.domain.now());
  // First writes of all models are decided one at a time: the rate limit counts what is committed.
  const firstWrites = createQueue();

  async function decide(rollback: Rollback, cancel: Claim | null): Promise<Decided> {
    const { domain, wall } = options.clocks;
    const lookedAt = { domain: domain.now(), wall: wall.now() };
    const world = await look(options.ports, rollback.plan);
    const model = options.model(rollback.model);
    const seen: Observation = {
      lookedAt: lookedAt.domain,
      endpoint: world.endpoint,
      alias: aliasOf(world.registered, rollback.plan.alias?.name ?? ''),
      gates: model === null ? null : await askGates({ rollback, model, world }, options),
      killSwitch: options.killSwitch(),
      attempt: attempts.of(rollback),
      remembered: memories.of(rollback),
      givenUp: givenUpBefore(rollback, await options.store.rollbacks({ model: rollback.model })),
      cancel: whyCancel(rollback, model, cancel),
      timing: timingOf(rollback, model),
    };
    const now = domain.now();
    const next = step(rollback, seen, now);
    // Kept before the state is committed: that can fail, and the next look may be answered from before.
    memories.keep(rollback.id, next.remembers);
    const entered =
      next.state === rollback.state ? null : afterStep(rollback, next, { now, gates: seen.gates });
    if (entered !== null) await commit({ entered, previous: rollback, cancel }, options);
    return { next, world, rollback: entered ?? rollback, lookedAt: lookedAt.wall };
  }

  /** What it waits for is told when it changes, not each second. */
  function waits({ id, model, state }: Rollback, why: string): void {
    if (waiting.get(id) === why) return;
    waiting.set(id, why);
    options.logger.info({ rollback: id, model, state }, `rollback waits: ${why}`);
  }

  return {
    forget: (id) => {
      attempts.forget(id);
      waiting.delete(id);
      memories.forget(id);
    },

    async step(rollback, cancel) {
      const { state } = rollback;
      let decided: Decided;
      try {
        const task = (): Promise<Decided> => decide(rollback, cancel);
        decided = await (wantsGates(rollback) ? firstWrites.add('all', task) : task());
      } catch (error) {
        // Somebody changed a record since it was read (an approval, the case): nothing was written, so look again.
        if (error instanceof StaleWrite) return false;
        throw error;
      }
      if (await approvedByTag(decided, options)) return false;
      const { next, ...seen } = decided;
      if (next.write !== null) await attempts.send({ ...seen, state: next.state, write: next.write });
      if (next.state === state) waits(rollback, next.why);
      return next.wait && next.state === state;
    },
  };
}

/** A rollback that goes on waiting may have been approved in the registry: that is written down as any other approval. */
async function approvedByTag({ rollback, next, world }: Decided, options: StepperOptions): Promise<boolean> {
  if (rollback.state !== 'awaiting_approval' || next.state !== rollback.state) return false;
  const model = options.model(rollback.model);
  if (model === null || rollback.approval !== null) return false;
  const claim = approvalByTag(rollback, tagsOf(world), model.rollback);
  if (claim === null) return false;
  try {
    await options.store.commit(approvalChange(rollback, claim, options.clocks.domain.now()));
  } catch (error) {
    // Too late by now, or somebody else's approval came first: the next look says so.
    if (!(error instanceof Refused || error instanceof StaleWrite)) throw error;
  }
  return true;
}

interface Decided {
  readonly next: Step;
  /** As committed, or as it was when nothing was entered. */
  readonly rollback: Rollback;
  readonly world: World;
  /** Wall time, milliseconds. */
  readonly lookedAt: number;
}

async function askGates(
  asked: { readonly rollback: Rollback; readonly model: ModelConfig; readonly world: World },
  options: StepperOptions,
): Promise<readonly GateResult[] | null> {
  const { rollback, model, world } = asked;
  if (!wantsGates(rollback)) return null;
  const view = await withTarget(options.ports, model, { world, from: rollback.from });
  return options.gates({ rollback, model, view, now: options.clocks.domain.now() });
}

/** State, audit record, hold, counters, case and ticket, in one transaction; only after it may anything be written. */
async function commit(
  change: { readonly entered: Rollback; readonly previous: Rollback; readonly cancel: Claim | null },
  options: StepperOptions,
): Promise<void> {
  const { entered, previous, cancel } = change;
  const told = await options.onTransition(entered, previous);
  const own = changeOfState(entered, previous);
  const called = cancel !== null && entered.state === 'cancelled' ? [cancelEntry(previous, cancel)] : [];
  await options.store.commit(mergeChanges({ ...own, audit: [...called, ...own.audit] }, told));
  tell(entered, options.logger);
}

/** How loud the log says that a state was entered; a state that is not here goes as it should. */
const LEVELS: { readonly [state in RollbackState]?: 'warn' | 'error' } = {
  needs_human: 'error',
  superseded: 'warn',
  blocked: 'warn',
  expired: 'warn',
};

function tell({ id, model, state, from, to, history }: Rollback, logger: Logger): void {
  const level = LEVELS[state] ?? 'info';
  logger[level](
    { rollback: id, model, state, from, to },
    `rollback ${state.replaceAll('_', ' ')}: ${history.at(-1)?.why ?? ''}`,
  );
}

function whyCancel(rollback: Rollback, model: ModelConfig | null, cancel: Claim | null): string | null {
  if (cancel !== null) return `${cancel.by} called it off: ${cancel.reason ?? 'no reason given'}.`;
  if (model !== null) return null;
  const gone = `Model ${rollback.model} was taken out of the configuration, so its rollback is not carried on`;
  return rollback.wrote ? `${gone}: ${byHand(rollback)}.` : `${gone}. Nothing was changed.`;
}

/** What of a plan may be half done, for the person who has to end it. */
function byHand({ plan, to }: Rollback): string {
  const traffic = plan.routesAfter === null ? [] : [`the routes of endpoint ${plan.endpoint ?? ''}`];
  const alias = plan.alias === null ? [] : [`the alias ${plan.alias.name} of ${plan.registeredModel}`];
  return `look at ${[...traffic, ...alias].join(' and ')}, which were on their way to version ${to}`;
}

function timingOf(rollback: Rollback, model: ModelConfig | null): Timing {
  // Without a configuration the rollback is called off, and no time matters.
  if (model === null) return { deadline: 0, dwell: 0 };
  const { deadline, dwell } = model.rollback;
  const { readiness } = rollback.plan;
  return { deadline: deadline[readiness === 'none' ? 'absent' : readiness], dwell };
}
