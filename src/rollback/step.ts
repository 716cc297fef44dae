import type { Endpoint } from '../serving/serving.ts';
import type { Memory } from './memory.ts';
import type { GateResult, Rollback, RollbackState } from './rollback.ts';
import type { Seen } from './world.ts';

/**
 * How long after a write a read may still show the time before it, or a request that timed out may still arrive
 * (milliseconds). Only after that is "unchanged" taken for "not carried out".
 */
export const SETTLE = 30_000;

/** Everything that was read for one step. */
export interface Observation {
  /** When the reading began (domain time, milliseconds). What it shows may be as old as that, however late it is now. */
  readonly lookedAt: number;
  /** Null: there is no endpoint to look at. */
  readonly endpoint: Seen<Endpoint> | null;
  /** Version behind the champion alias. */
  readonly alias: Seen<string | null>;
  /** The gates as just asked; null where `wantsGates` said that they need not be. */
  readonly gates: readonly GateResult[] | null;
  readonly killSwitch: boolean;
  readonly attempt: Attempt;
  /** What earlier looks have shown. */
  readonly remembered: Memory;
  /** An earlier rollback of the model whose write may still be carried out; null: there is none. */
  readonly givenUp: Rollback | null;
  /** Why the rollback shall be called off; null: it shall not. */
  readonly cancel: string | null;
  readonly timing: Timing;
}

/**
 * What became of the last write of the present state. `ok`: accepted. `conflict`: refused for now, not carried out.
 * `ambiguous`: may or may not have been carried out (also: the program was restarted in between). `rejected`: refused
 * for good. `overtaken`: not sent, because a last look showed that somebody else was there first. Before `settledAt` (domain time, milliseconds) a read may still show the time before the write.
 */
export type Attempt =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'ok' | 'conflict' | 'ambiguous' | 'rejected' | 'overtaken';
      readonly settledAt: number;
      readonly message: string;
    };

/** Milliseconds: from the first intent to the verified alias for the target's readiness, and of watching afterwards. */
export interface Timing {
  readonly deadline: number;
  readonly dwell: number;
}

/** A change to the outside world that the committed state allows. */
export type Write =
  | { readonly kind: 'shift'; readonly routes: { readonly [entity: string]: number } }
  | { readonly kind: 'alias'; readonly name: string; readonly version: string };

export interface Step {
  /** The state to commit; the same as before when nothing was entered. */
  readonly state: RollbackState;
  readonly why: string;
  /** To be carried out once, after the state is committed. */
  readonly write: Write | null;
  /** Nothing more to do before the world or the time has moved on. */
  readonly wait: boolean;
  readonly changes: StepChanges;
  /** What is to be kept for the next look, whether or not the state could be committed. */
  readonly remembers: Memory;
}

/** What entering a state writes into the record besides the state and its history. */
export type StepChanges = Partial<
  Pick<Rollback, 'wrote' | 'deadlineAt' | 'dwellUntil' | 'configVersionAfter'>
>;
