import type { ServingSight, Sight } from './compare.ts';
import { arrivedLate } from './late.ts';
import type { Rollback } from './rollback.ts';
import { type Observation, SETTLE } from './step.ts';

/**
 * What earlier looks of this process have shown of one rollback's world, beyond what its record says. Answers can be old:
 * a later one may show less than an earlier one did, and what was seen once is not unseen by it.
 */
export interface Memory {
  /** In a sentence, what somebody else was seen to have done; null: nothing. It stays until the rollback has ended. */
  readonly changed: string | null;
  /** Something was seen that may become such a change, and that an older answer would hide; null: nothing. */
  readonly doubt: Doubt | null;
}

/** Only an answer that is sure to be younger than this moment says how it went on. */
export interface Doubt {
  /** When it was seen: domain time, milliseconds. */
  readonly at: number;
  /** Configuration version of that answer: one with a higher version is younger. Null: the age alone says so. */
  readonly configVersion: number | null;
  readonly why: string;
}

export const NOTHING_SEEN: Memory = { changed: null, doubt: null };

/** What a process knows of a rollback that an earlier one has left: that one may have seen anything just before its end. */
export function afterRestart(startedAt: number): Memory {
  const why = 'the program was restarted, and an answer may be older than what it saw before';
  return { changed: null, doubt: { at: startedAt, configVersion: null, why } };
}

/** What this process remembers of each rollback. */
export interface Memories {
  of(rollback: Rollback): Memory;
  keep(rollbackId: string, memory: Memory): void;
  forget(rollbackId: string): void;
}

/** A rollback whose last state is older than this process was left by an earlier one. `startedAt`: domain time, milliseconds. */
export function createMemories(startedAt: number): Memories {
  const known = new Map<string, Memory>();
  return {
    of({ id, history }) {
      const left = Date.parse(history.at(-1)?.at ?? '') < startedAt;
      return known.get(id) ?? (left ? afterRestart(startedAt) : NOTHING_SEEN);
    },
    keep: (id, memory) => known.set(id, memory),
    forget: (id) => known.delete(id),
  };
}

interface Look {
  readonly rollback: Rollback;
  readonly seen: Observation;
  readonly now: number;
  readonly serving: ServingSight;
  readonly alias: Sight;
}

/** The memory after one more look. */
export function remember(look: Look): Memory {
  const { seen } = look;
  return {
    changed: seen.remembered.changed ?? whatChanged(look),
    doubt: newDoubt(look) ?? seen.remembered.doubt,
  };
}

function whatChanged(look: Look): string | null {
  const { serving, alias, seen } = look;
  const by = (why: string): string => `Somebody else changed it: ${why}.`;
  if (serving.at === 'changed' && arrivedLate(look) === null) return by(serving.why);
  if (alias.at === 'changed') return by(alias.why);
  return seen.attempt.kind === 'overtaken' ? by(seen.attempt.message) : null;
}

function newDoubt({ rollback, seen, now, serving, alias }: Look): Doubt | null {
  const { endpoint } = seen;
  if (serving.busy && !isOurUpdate(rollback, seen, serving)) {
    const configVersion = endpoint?.seen === true ? endpoint.value.configVersion : null;
    const why = `endpoint ${rollback.endpoint ?? ''} was being updated, and this answer may be older than that`;
    return { at: now, configVersion, why };
  }
  // The value from before the move: an old answer, or somebody has put it back.
  return alias.at === 'unread' && seen.alias.seen ? { at: now, configVersion: null, why: alias.why } : null;
}

/** An endpoint takes one update at a time: while an accepted one of ours is not to be seen, the one under way is ours. */
function isOurUpdate({ state }: Rollback, { attempt }: Observation, { at }: ServingSight): boolean {
  return state === 'shifting_traffic' && attempt.kind === 'ok' && at === 'before';
}

/** Why what was just read may be older than what was seen before; null when it is not. */
export function tooOld({ seen, now }: Pick<Look, 'seen' | 'now'>): string | null {
  const { endpoint, lookedAt } = seen;
  const { doubt } = seen.remembered;
  if (doubt === null || Math.min(now, lookedAt) >= doubt.at + SETTLE) return null;
  const version = endpoint?.seen === true ? endpoint.value.configVersion : null;
  const younger = doubt.configVersion !== null && version !== null && version > doubt.configVersion;
  return younger ? null : doubt.why;
}
