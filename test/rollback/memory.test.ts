import { describe, expect, test } from 'vitest';
import { step } from '../../src/rollback/machine.ts';
import { afterRestart, NOTHING_SEEN } from '../../src/rollback/memory.ts';
import type { Rollback, RollbackState } from '../../src/rollback/rollback.ts';
import { type Observation, SETTLE, type Step } from '../../src/rollback/step.ts';
import { StaleWrite } from '../../src/store/store.ts';
import { aHarness } from './harness.ts';
import {
  anEndpoint,
  anObservation,
  iso,
  MINUTE,
  rollbackIn,
  SECOND,
  seen,
  shiftedEndpoint,
  T0,
} from './support.ts';

/** What each state sees when nobody has touched anything, and could act on. */
const CALM: { readonly [state in RollbackState]?: Partial<Observation> } = {
  planned: {},
  awaiting_approval: {},
  shifting_traffic: { attempt: { kind: 'conflict', settledAt: T0, message: 'HTTP 409' } },
  traffic_verified: { endpoint: seen(shiftedEndpoint()) },
  moving_alias: {
    endpoint: seen(shiftedEndpoint()),
    attempt: { kind: 'conflict', settledAt: T0, message: 'HTTP 429' },
  },
  alias_verified: { endpoint: seen(shiftedEndpoint()), alias: seen('6') },
  dwelling: { endpoint: seen(shiftedEndpoint()), alias: seen('6') },
};
const STATES = Object.keys(CALM) as RollbackState[];

/** Two looks, one after the other, with what the first one leaves. */
function twice(
  rollback: Rollback,
  [first, second]: readonly [Partial<Observation>, Partial<Observation>],
  [then, now]: readonly [number, number],
): Step {
  const { remembers } = step(rollback, anObservation(first), then);
  return step(rollback, anObservation({ ...second, remembered: remembers }), now);
}

function approved(state: RollbackState, fields: Partial<Rollback> = {}): Rollback {
  const approval = { by: 'ann', identity: 'verified', at: iso(T0) } as const;
  return rollbackIn(state, { ...(state === 'awaiting_approval' ? { approval } : {}), ...fields });
}

describe('what was seen once is not unseen by an older answer', () => {
  test.each(STATES)('%s: another configuration', (state) => {
    const base = CALM[state] ?? {};
    const other = {
      ...base,
      endpoint: seen(anEndpoint({ configVersion: 13, routes: { 'pd-7': 40, 'pd-6': 60 } })),
    };
    const next = twice(approved(state), [other, base], [T0 + 1, T0 + 2]);
    expect(next).toMatchObject({ state: 'superseded', write: null });
    expect(next.why).toMatch(/^Somebody else changed it: endpoint credit-pd: configuration version is 13/);
  });

  test.each(STATES)('%s: another version behind the alias', (state) => {
    const base = CALM[state] ?? {};
    const next = twice(approved(state), [{ ...base, alias: seen('5') }, base], [T0 + 1, T0 + 2]);
    expect(next).toMatchObject({ state: 'superseded', write: null });
    expect(next.why).toMatch(/^Somebody else changed it: the alias champion points to version 5/);
  });

  test('a last look directly before the write counts as well', () => {
    const attempt = {
      kind: 'overtaken',
      settledAt: T0,
      message: 'the alias champion points to version 5 by now',
    } as const;
    const next = step(rollbackIn('moving_alias'), anObservation({ ...CALM.moving_alias, attempt }), T0 + 1);
    expect(next).toMatchObject({
      state: 'superseded',
      why: 'Somebody else changed it: the alias champion points to version 5 by now.',
    });
  });
});

describe('an update that was seen under way', () => {
  const BUSY = { update: 'in_progress', pending: true } as const;
  const busyIn = (state: RollbackState): Partial<Observation> => {
    const base = CALM[state] ?? {};
    const endpoint = base.endpoint?.seen === true ? base.endpoint.value : anEndpoint();
    return { ...base, endpoint: seen({ ...endpoint, ...BUSY }) };
  };
  const acts = STATES.filter((state) => state !== 'alias_verified' && state !== 'dwelling');

  test.each(acts)('%s: nothing is done before an answer that is sure to be younger', (state) => {
    const looks = [busyIn(state), CALM[state] ?? {}] as const;
    for (const [age, waits] of [
      [SETTLE - 1, true],
      [SETTLE, false],
      [SETTLE + 1, false],
    ] as const) {
      const next = twice(approved(state), looks, [T0 + 1, T0 + 1 + age]);
      expect(next.state === state && next.write === null, String(age)).toBe(waits);
      if (waits)
        expect(next.why).toBe('endpoint credit-pd was being updated, and this answer may be older than that');
    }
  });

  test('an answer is as old as the look, however late it is by now', () => {
    const late = { ...CALM.planned, lookedAt: T0 + SETTLE };
    const next = twice(rollbackIn('planned'), [busyIn('planned'), late], [T0 + 1, T0 + 10 * SETTLE]);
    expect(next.write).toBeNull();
  });

  test('the dwell does not end on an answer that may be older', () => {
    const end = T0 + 30 * MINUTE;
    const looks = [busyIn('dwelling'), CALM.dwelling ?? {}] as const;
    const rollback = rollbackIn('dwelling');
    expect(twice(rollback, looks, [end - 1, end - 1 + SETTLE - 1]).state).toBe('dwelling');
    expect(twice(rollback, looks, [end - 1, end - 1 + SETTLE]).state).toBe('done');
  });

  test('a higher configuration version is younger, and our own update needs no wait', () => {
    const rollback = rollbackIn('shifting_traffic');
    const lost = { attempt: { kind: 'ambiguous', settledAt: T0 + SETTLE, message: 'no answer' } } as const;
    const arrived = { ...lost, endpoint: seen(shiftedEndpoint()) };
    expect(twice(rollback, [{ ...busyIn('planned'), ...lost }, arrived], [T0 + 1, T0 + 2]).state).toBe(
      'traffic_verified',
    );
    // Without versions only an accepted write says whose update it is.
    const nameless = seen({ ...anEndpoint(), ...BUSY, configVersion: null });
    const after = { endpoint: seen(shiftedEndpoint({ configVersion: null })) };
    const ok = { attempt: { kind: 'ok', settledAt: T0 + SETTLE, message: 'accepted' } } as const;
    const states = [lost, ok].map(
      (attempt) =>
        twice(
          rollback,
          [
            { ...attempt, endpoint: nameless },
            { ...attempt, ...after },
          ],
          [T0 + 1, T0 + 2],
        ).state,
    );
    expect(states).toEqual(['shifting_traffic', 'traffic_verified']);
  });

  test('a second one over our own result is seen as one', () => {
    const ok = { attempt: { kind: 'ok', settledAt: T0 + SETTLE, message: 'accepted' } } as const;
    const theirs = { ...ok, endpoint: seen(shiftedEndpoint(BUSY)) };
    const quiet = { ...ok, endpoint: seen(shiftedEndpoint()) };
    expect(twice(rollbackIn('shifting_traffic'), [theirs, quiet], [T0 + 1, T0 + 2]).state).toBe(
      'shifting_traffic',
    );
  });
});

test('the alias as it stood before it moved: somebody may have put it back, and an older answer would hide that', () => {
  const verified = { at: iso(T0), state: 'alias_verified', why: '' } as const;
  const moved = { at: iso(T0), state: 'moving_alias', why: '' } as const;
  const rollback = rollbackIn('dwelling', { history: [moved, verified], dwellUntil: iso(T0 + 2 * SECOND) });
  const looks = [{ ...CALM.dwelling, alias: seen('7') }, CALM.dwelling ?? {}] as const;
  expect(twice(rollback, looks, [T0 + SECOND, T0 + SECOND + SETTLE - 1]).state).toBe('dwelling');
  expect(twice(rollback, looks, [T0 + SECOND, T0 + SECOND + SETTLE]).state).toBe('done');
});

describe('after a restart', () => {
  test.each([
    [SETTLE - 1, 'planned'],
    [SETTLE, 'shifting_traffic'],
    [SETTLE + 1, 'shifting_traffic'],
  ] as const)('%i ms later: %s', (age, state) => {
    const next = step(
      rollbackIn('planned'),
      anObservation({ remembered: afterRestart(T0 + 7) }),
      T0 + 7 + age,
    );
    expect(next.state).toBe(state);
  });

  test('a rollback that an earlier process left waits; one that this process has seen begin does not', async () => {
    const at = await aHarness();
    at.pass(SECOND);
    at.restart();
    expect((await at.driver().advance(at.id)).state).toBe('planned');
    at.pass(SETTLE);
    expect((await at.driver().advance(at.id)).state).toBe('dwelling');
    const fresh = await aHarness();
    expect((await fresh.driver().advance(fresh.id)).state).toBe('dwelling');
  });
});

test('a change that was seen while its state could not be committed is remembered', async () => {
  let refused = 0;
  const at = await aHarness({
    options: {
      onTransition: async ({ state }) => {
        if (state !== 'superseded' || refused > 0) return {};
        refused += 1;
        // The next answer is from before the change.
        at.world.humanAlias('7');
        throw new StaleWrite('the case has changed');
      },
    },
  });
  at.world.humanAlias('5');
  expect((await at.finish()).state).toBe('superseded');
  expect(refused).toBe(1);
  expect(at.world.effects).toEqual(['human alias', 'human alias']);
});

test('that a refused write of ours is what somebody else has done is remembered as well', () => {
  const refused = { attempt: { kind: 'conflict', settledAt: T0, message: 'HTTP 409' } } as const;
  const theirs = { ...refused, endpoint: seen(shiftedEndpoint()) };
  const next = twice(rollbackIn('shifting_traffic'), [theirs, refused], [T0 + 1, T0 + 2]);
  expect(next).toMatchObject({
    state: 'superseded',
    why: 'Somebody else gave version 6 all the traffic.',
    write: null,
  });
});

test('nothing is kept of a look that showed nothing', () => {
  expect(step(rollbackIn('planned'), anObservation(), T0).remembers).toEqual(NOTHING_SEEN);
  expect(step(rollbackIn('done'), anObservation(), T0).remembers).toEqual(NOTHING_SEEN);
});
