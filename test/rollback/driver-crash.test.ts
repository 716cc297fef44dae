import { describe, expect, test } from 'vitest';
import type { Fault } from './fake-world.ts';
import { aHarness, type Harness } from './harness.ts';
import { aModel, MINUTE, SECOND } from './support.ts';

class Killed extends Error {
  override readonly name = 'Killed';
}

/** Counts the points at which a process can die, and lets it die at one of them: before and after every call and commit. */
function killAt(at: Harness, fatal: number): { readonly passed: () => number } {
  let points = 0;
  const point = (): void => {
    points += 1;
    if (points - 1 === fatal) throw new Killed();
  };
  at.world.before = point;
  at.world.after = point;
  const commit = at.store.commit.bind(at.store);
  at.store.commit = async (change) => {
    point();
    const records = await commit(change);
    point();
    return records;
  };
  return { passed: () => points };
}

/** Runs to the end; dies once on the way, and a new process takes over. */
async function runAndDie(at: Harness, fatal: number): Promise<{ readonly died: boolean }> {
  killAt(at, fatal);
  let died = false;
  for (let turns = 0; turns < 500; turns += 1) {
    let dwelling = false;
    try {
      const reached = await at.driver().advance(at.id);
      if (reached.endedAt !== null) return { died };
      dwelling = reached.state === 'dwelling';
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      died = true;
      at.restart();
    }
    at.pass(dwelling ? 10 * MINUTE : 20 * SECOND);
  }
  throw new Error('the rollback does not end');
}

const WORLDS: readonly (readonly [string, number, Fault | null])[] = [
  ['quick', 0, null],
  ['slow', 3, null],
  ['lost answer', 1, 'lost_applied'],
  ['lost request', 0, 'lost_not_applied'],
  ['conflict', 0, 'conflict'],
];

describe('a process that dies anywhere', () => {
  test.each(WORLDS)(
    '%s: the next one ends it well, with one effective write of each kind',
    async (...[, slowness, fault]) => {
      const start = async (): Promise<Harness> => {
        const at = await aHarness();
        at.world.slowness = slowness;
        if (fault !== null) at.world.faults.shift.push(fault);
        return at;
      };
      let fatal = 0;
      for (let died = true; died; fatal += 1) {
        const at = await start();
        ({ died } = await runAndDie(at, fatal));
        expect((await at.rollback()).state, `killed at point ${fatal}`).toBe('done');
        expect(at.world.effects, `killed at point ${fatal}`).toEqual(['our shift', 'our alias']);
        expect(await at.store.holds('credit_pd')).toHaveLength(1);
        await at.close();
      }
      // Two reads and a commit per state, each with a point before and after, at the very least.
      expect(fatal).toBeGreaterThan(30);
    },
  );

  test('between approval and write: the approval stands', async () => {
    const at = await aHarness({ model: aModel({ mode: 'approve' }) });
    await at.driver().advance(at.id);
    const kill = killAt(at, 5);
    const claim = { by: 'ann', identity: 'verified', reason: null } as const;
    await expect(at.driver().approve(at.id, claim)).rejects.toThrow(Killed);
    expect(kill.passed()).toBe(6);
    at.restart();
    expect((await at.finish()).state).toBe('done');
    expect((await at.rollback()).approval?.by).toBe('ann');
  });
});
