import type { ServingSight, Sight } from './compare.ts';
import { tooOld } from './memory.ts';
import { FINAL_STATES, type Rollback, type RollbackState } from './rollback.ts';
import type { Observation, Step, StepChanges, Write } from './step.ts';

/** What a step decides; what it remembers is added once for all of them. */
export type Decision = Omit<Step, 'remembers'>;

/** One step's question: the rollback, what was read, and how that compares with the plan. */
export interface Scene {
  readonly rollback: Rollback;
  readonly seen: Observation;
  readonly now: number;
  readonly serving: ServingSight;
  readonly alias: Sight;
}

/** Why nothing can be said or done right now; null when everything was read, is new enough, and no update is under way. */
export function unsettled(scene: Scene): string | null {
  const { rollback, serving, alias } = scene;
  if (serving.at === 'unread') return serving.why;
  if (alias.at === 'unread') return alias.why;
  return serving.busy ? `endpoint ${rollback.endpoint ?? ''} is being updated` : tooOld(scene);
}

/** Every state that waits has an end: the deadline, before the first intent as long after creation or approval. */
export function waitOrGiveUp(scene: Scene, obstacle: string): Decision {
  const { rollback, now, seen } = scene;
  const began = Date.parse(rollback.approval?.at ?? rollback.createdAt);
  const limit = rollback.deadlineAt === null ? began + seen.timing.deadline : Date.parse(rollback.deadlineAt);
  return now >= limit
    ? enter('needs_human', `Until ${iso(limit)} ${obstacle}.`)
    : wait(rollback.state, obstacle);
}

export function isLate({ rollback, now }: Scene): boolean {
  return rollback.deadlineAt !== null && now >= Date.parse(rollback.deadlineAt);
}

/** Whether what was read would show the last write, had it been carried out. It is as old as the beginning of the reading. */
export function isSettled({ seen, now }: Scene): boolean {
  const { attempt, lookedAt } = seen;
  return attempt.kind !== 'none' && Math.min(now, lookedAt) >= attempt.settledAt;
}

export function deadlineFrom({ now, seen }: Scene): string {
  return iso(now + seen.timing.deadline);
}

/** ISO 8601 UTC with milliseconds, here because the deciding files import nothing that also reads a clock. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function wait(state: RollbackState, why: string): Decision {
  return { state, why, write: null, wait: true, changes: {} };
}

export function enter(
  state: RollbackState,
  why: string,
  effect: { readonly write?: Write; readonly changes?: StepChanges } = {},
): Decision {
  return {
    state,
    why,
    write: effect.write ?? null,
    wait: FINAL_STATES.includes(state),
    changes: effect.changes ?? {},
  };
}
