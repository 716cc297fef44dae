import type { Clocks } from '../clock.ts';
import type { Registry } from '../registry/registry.ts';
import { RemoteError, type RemoteReason } from '../remote/error.ts';
import { hasIntent } from './machine.ts';
import type { Rollback, RollbackState } from './rollback.ts';
import { type Attempt, SETTLE, type Write } from './step.ts';
import { see, type WorldPorts } from './view.ts';
import type { World } from './world.ts';

/** How long to leave a busy endpoint alone when it does not say itself. Milliseconds. */
export const RETRY = 5_000;
/** What was seen so long ago says nothing about now any more, and is not acted on. Milliseconds, wall time. */
export const FRESH = 60_000;

/** Whether a failed write may have been carried out. A rejected one has not been and never will be. */
const OUTCOMES: { readonly [reason in RemoteReason]: 'conflict' | 'ambiguous' | 'rejected' } = {
  conflict: 'conflict',
  rate_limited: 'conflict',
  timeout: 'ambiguous',
  network: 'ambiguous',
  unavailable: 'ambiguous',
  bad_answer: 'ambiguous',
  unauthorized: 'rejected',
  forbidden: 'rejected',
  not_found: 'rejected',
  rejected: 'rejected',
};

export interface AttemptOptions {
  readonly ports: WorldPorts;
  readonly clocks: Clocks;
  readonly killSwitch: () => boolean;
}

export interface WriteRequest {
  /** As committed for this write. */
  readonly rollback: Rollback;
  /** The state that was committed for this write. */
  readonly state: RollbackState;
  readonly write: Write;
  /** The world as it was read just before. */
  readonly world: World;
  /** When that reading began: wall time, milliseconds. */
  readonly lookedAt: number;
}

/** Sends writes and remembers how they ended, per rollback and for as long as the program runs. */
export interface Attempts {
  of(rollback: Rollback): Attempt;
  send(request: WriteRequest): Promise<void>;
  forget(rollbackId: string): void;
}

export function createAttempts({ ports, clocks, killSwitch }: AttemptOptions): Attempts {
  const known = new Map<string, { readonly state: RollbackState; readonly attempt: Attempt }>();

  function remember(id: string, state: RollbackState, attempt: Attempt): Attempt {
    known.set(id, { state, attempt });
    return attempt;
  }

  function inMemory(id: string, state: RollbackState): Attempt {
    const last = known.get(id);
    return last?.state === state ? last.attempt : { kind: 'none' };
  }

  /** Asked directly before anything leaves: the process may have stood still since the world was read. Throws NotSent. */
  function bar({ rollback: { deadlineAt }, lookedAt }: WriteRequest): void {
    if (killSwitch()) throw new NotSent('the kill switch is on');
    if (clocks.wall.now() - lookedAt > FRESH)
      throw new NotSent(`more than ${FRESH / 1000} s have passed since the last look`);
    if (deadlineAt !== null && clocks.domain.now() >= Date.parse(deadlineAt))
      throw new NotSent(`the deadline ${deadlineAt} has passed`);
  }

  return {
    of(rollback) {
      const { id, state } = rollback;
      if (!hasIntent(state)) return { kind: 'none' };
      const attempt = inMemory(id, state);
      if (attempt.kind !== 'none') return attempt;
      // The journal says that a write was meant, and this process did not send it: an earlier one may have.
      const message = 'the program was restarted after it meant to write';
      return remember(id, state, { kind: 'ambiguous', settledAt: clocks.domain.now() + SETTLE, message });
    },

    async send(request) {
      const { state } = request;
      const { id } = request.rollback;
      const earlier = inMemory(id, state);
      // Set first: whatever happens from here on, the write may have left.
      const lost = {
        kind: 'ambiguous',
        settledAt: clocks.domain.now() + SETTLE,
        message: 'no answer',
      } as const;
      remember(id, state, lost);
      const work = (): Promise<void> => carryOut({ ports, request, earlier, bar: () => bar(request) });
      const outcome = await outcomeOf(work, clocks);
      // A refusal says nothing about an earlier write that may be the very reason for it.
      const stillOpen = outcome.kind === 'conflict' && earlier.kind === 'ambiguous';
      remember(id, state, stillOpen ? { ...outcome, kind: 'ambiguous' } : outcome);
    },

    forget(id) {
      known.delete(id);
    },
  };
}

async function carryOut(what: {
  readonly ports: WorldPorts;
  readonly request: WriteRequest;
  readonly earlier: Attempt;
  readonly bar: () => void;
}): Promise<void> {
  const { bar, earlier } = what;
  const { registry, serving } = what.ports;
  const { rollback, write, world } = what.request;
  bar();
  if (write.kind === 'alias') {
    const maybeOurs = earlier.kind === 'ambiguous' ? write.version : null;
    await confirmAlias(registry, { rollback, name: write.name, maybeOurs });
    bar();
    await registry.setAlias(rollback.plan.registeredModel, write.name, write.version);
    return;
  }
  if (serving === null || world.endpoint?.seen !== true) {
    throw new Error(`rollback ${rollback.id} shifts traffic of an endpoint that was not read`);
  }
  await serving.shift(world.endpoint.value, write.routes, rollback.plan);
}

/**
 * Reads the alias once more, directly before the write: an overwritten change of an alias leaves no trace to be found by
 * afterwards, as the configuration version of an endpoint does.
 */
async function confirmAlias(
  registry: Registry,
  asked: {
    readonly rollback: Rollback;
    readonly name: string;
    /** What an earlier write of ours without a clear answer may have set it to. */
    readonly maybeOurs: string | null;
  },
): Promise<void> {
  const { plan } = asked.rollback;
  const looked = await see(() => registry.model(plan.registeredModel));
  if (!looked.seen)
    throw new NotSent(`the alias ${asked.name} could not be read before it is set: ${looked.message}`, RETRY);
  const now = looked.value.aliases[asked.name] ?? null;
  if (now === plan.alias?.before) return;
  const message = `the alias ${asked.name} points to version ${now ?? 'none'} by now`;
  throw now !== null && now === asked.maybeOurs ? new NotSent(message) : new Overtaken(message);
}

/** A last look kept the write from leaving. */
class NotSent extends Error {
  override readonly name = 'NotSent';
  /** Milliseconds to leave it alone. */
  readonly pause: number;

  constructor(message: string, pause = 0) {
    super(message);
    this.pause = pause;
  }
}

/** A last look showed somebody else's change: it is remembered, whatever a later answer shows. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

async function outcomeOf(
  write: () => Promise<void>,
  { domain }: Clocks,
): Promise<Exclude<Attempt, { kind: 'none' }>> {
  try {
    await write();
    return { kind: 'ok', settledAt: domain.now() + SETTLE, message: 'accepted' };
  } catch (error) {
    if (error instanceof Overtaken)
      return { kind: 'overtaken', settledAt: domain.now(), message: error.message };
    if (error instanceof NotSent) return refused(domain.now() + error.pause, error.message);
    if (!(error instanceof RemoteError)) throw error;
    const kind = OUTCOMES[error.reason];
    const message = `${error.message} (${error.remedy})`;
    if (kind === 'conflict') return refused(domain.now() + Math.max(RETRY, error.retryAfter ?? 0), message);
    return { kind, settledAt: domain.now() + SETTLE, message };
  }
}

function refused(settledAt: number, message: string): Exclude<Attempt, { kind: 'none' }> {
  return { kind: 'conflict', settledAt, message };
}
