import { describe, expect, test } from 'vitest';
import { arrivedLate, givenUpBefore } from '../../src/rollback/late.ts';
import { step } from '../../src/rollback/machine.ts';
import type { Rollback, RollbackState } from '../../src/rollback/rollback.ts';
import type { Attempt, Observation } from '../../src/rollback/step.ts';
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
  unseen,
} from './support.ts';

/** Its update was stuck: it was given up, and the endpoint still serves as before. */
const givenUp = rollbackIn('needs_human', { id: 'rb-earlier', endedAt: iso(T0 - 10 * MINUTE) });
const ARRIVED = 'What rollback rb-earlier had asked for before it was given up at 2026-11-24T09:50:00.000Z';

function after(rollback: Rollback, fields: Partial<Observation>): { state: RollbackState; why: string } {
  const { state, why } = step(rollback, anObservation({ givenUp, ...fields }), T0 + SECOND);
  return { state, why };
}

function answered(kind: 'ok' | 'conflict' | 'rejected' | 'ambiguous'): Attempt {
  return { kind, settledAt: T0, message: 'HTTP' };
}

const shifted = seen(shiftedEndpoint());

describe('a write of an earlier rollback that arrives while the next one is at work', () => {
  test.each(['planned', 'awaiting_approval'] as const)(
    '%s: a person is needed, nobody is accused',
    (state) => {
      const next = after(rollbackIn(state), { endpoint: shifted });
      expect(next).toEqual({
        state: 'needs_human',
        why: `${ARRIVED} has come into force after all: version 6 has all the traffic. Look at what is left to do for version 7.`,
      });
    },
  );

  test.each(['conflict', 'rejected'] as const)('after a write of ours that ended as %s', (kind) => {
    const next = after(rollbackIn('shifting_traffic'), { endpoint: shifted, attempt: answered(kind) });
    expect(next.state).toBe('needs_human');
    expect(next.why).toContain(ARRIVED);
  });

  test.each(['ok', 'ambiguous'] as const)('after a write of ours that ended as %s it is ours', (kind) => {
    const next = after(rollbackIn('shifting_traffic'), { endpoint: shifted, attempt: answered(kind) });
    expect(next.state).toBe('traffic_verified');
  });

  test('it is not remembered as the change of somebody else', () => {
    const next = step(rollbackIn('planned'), anObservation({ givenUp, endpoint: shifted }), T0 + SECOND);
    expect(next.remembers.changed).toBeNull();
  });

  test('what a person did before it stays what ended the rollback', () => {
    const remembered = { changed: 'Somebody else changed it: routes.', doubt: null };
    expect(after(rollbackIn('planned'), { endpoint: shifted, remembered }).state).toBe('superseded');
  });
});

describe('it is somebody else', () => {
  test.each([
    ['one configuration later', shiftedEndpoint({ configVersion: 13 })],
    ['with other routes', shiftedEndpoint({ routes: { 'pd-7': 10, 'pd-6': 90 } })],
    ['of a serving system that does not number its configurations', shiftedEndpoint({ configVersion: null })],
  ])('%s', (_, endpoint) => {
    expect(after(rollbackIn('planned'), { endpoint: seen(endpoint) }).state).toBe('superseded');
  });

  test('when no earlier rollback was given up', () => {
    expect(after(rollbackIn('planned'), { endpoint: shifted, givenUp: null }).state).toBe('superseded');
  });

  test('when the earlier one had a snapshot without a number, or moved the alias alone', () => {
    const { plan } = givenUp;
    const unnumbered = {
      configVersion: null,
      routes: { 'pd-7': 100 },
      versions: plan.servingBefore?.versions ?? {},
    };
    for (const other of [
      { ...plan, servingBefore: null },
      { ...plan, servingBefore: unnumbered },
      { ...plan, routesAfter: null },
    ]) {
      const next = after(rollbackIn('planned'), { endpoint: shifted, givenUp: { ...givenUp, plan: other } });
      expect(next.state).toBe('superseded');
    }
  });
});

test('an endpoint as it was, or that was not read, says nothing of an earlier rollback', () => {
  const rollback = rollbackIn('planned');
  const before = { at: 'before', why: '' } as const;
  const sight = { ...before, busy: false, updateFailed: false, targetReady: true, endpointReady: true };
  for (const endpoint of [seen(anEndpoint()), unseen(), null])
    expect(arrivedLate({ rollback, seen: anObservation({ givenUp, endpoint }), serving: sight })).toBeNull();
});

describe('the earlier rollback that may still be carried out', () => {
  const rollback = rollbackIn('planned', { id: 'rb-now' });

  test('is the newest that needs a person and had written', () => {
    const older = { ...givenUp, id: 'rb-older', endedAt: iso(T0 - 20 * MINUTE) };
    expect(givenUpBefore(rollback, [older, givenUp, rollback])?.id).toBe('rb-earlier');
    expect(givenUpBefore(rollback, [givenUp, older, rollback])?.id).toBe('rb-earlier');
  });

  test('is not one that had not written, that ended in another way, or that is the same', () => {
    const others = [
      { ...givenUp, wrote: false },
      rollbackIn('done', { id: 'rb-done' }),
      rollbackIn('superseded', { id: 'rb-superseded' }),
      { ...givenUp, id: 'rb-now' },
    ];
    for (const other of others) expect(givenUpBefore(rollback, [other])).toBeNull();
  });
});
