import { describe, expect, test } from 'vitest';
import { servingSight } from '../../src/rollback/compare.ts';
import { step } from '../../src/rollback/machine.ts';
import type { RollbackState } from '../../src/rollback/rollback.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import {
  aModel,
  anEndpoint,
  anEntity,
  anObservation,
  aPlan,
  aView,
  MINUTE,
  rollbackIn,
  SECOND,
  seen,
  T0,
} from './support.ts';

const ALONE = anEndpoint({ entities: [anEntity('7')], routes: { 'pd-7': 100 } });
const plan = aPlan(aModel(), aView({ endpoint: seen(ALONE) }));

/** As the endpoint stands when the update has ended. */
function deployed(six: Parameters<typeof anEntity>[1] = {}, fields: Partial<Endpoint> = {}): Endpoint {
  return anEndpoint({
    configVersion: 12,
    entities: [anEntity('7'), anEntity('6', six)],
    routes: { 'pd-7': 0, 'pd-6': 100 },
    ...fields,
  });
}

function next(state: RollbackState, endpoint: Endpoint, attempt: 'none' | 'ok' = 'none') {
  const sent = attempt === 'ok' ? { kind: 'ok', settledAt: T0, message: '' } : { kind: 'none' };
  return step(
    rollbackIn(state, { plan }),
    anObservation({ endpoint: seen(endpoint), attempt: sent as { kind: 'none' } }),
    T0 + SECOND,
  );
}

describe('a target that is not on the endpoint', () => {
  test('is asked for although nothing of it is ready yet', () => {
    expect(next('planned', ALONE)).toMatchObject({
      state: 'shifting_traffic',
      write: { kind: 'shift', routes: { 'pd-7': 0, 'pd-6': 100 } },
    });
  });

  test('waits while it is deployed, with the old configuration serving', () => {
    const updating = { ...ALONE, update: 'in_progress', pending: true } as const;
    expect(next('shifting_traffic', updating, 'ok')).toMatchObject({
      state: 'shifting_traffic',
      write: null,
    });
  });

  test('has the traffic only once it is there and ready', () => {
    expect(next('shifting_traffic', deployed(), 'ok').state).toBe('traffic_verified');
    for (const endpoint of [deployed({ ready: false }), deployed({}, { ready: false })])
      expect(next('shifting_traffic', endpoint, 'ok').state).toBe('shifting_traffic');
  });

  test('that is ready no more during the dwell needs a person', () => {
    const moved = anObservation({ endpoint: seen(deployed({ ready: false })), alias: seen('6') });
    expect(step(rollbackIn('dwelling', { plan }), moved, T0 + SECOND).state).toBe('needs_human');
  });

  test.each([
    ['in another version', deployed({ version: '5' })],
    [
      'beside an entity that nobody planned',
      deployed({}, { entities: [anEntity('7'), anEntity('6'), anEntity('8')] }),
    ],
    ['not there, with the routes of the plan', deployed({}, { entities: [anEntity('7')] })],
  ])('%s is somebody else', (_, endpoint) => {
    expect(next('shifting_traffic', endpoint, 'ok').state).toBe('superseded');
    expect(servingSight(rollbackIn('dwelling', { plan }), seen(endpoint)).at).toBe('changed');
  });

  test('has the time that a deployment takes', () => {
    expect(plan.readiness).toBe('absent');
    const rollback = rollbackIn('planned', { plan });
    const timing = { deadline: aModel().rollback.deadline.absent, dwell: 30 * MINUTE };
    const entered = step(rollback, anObservation({ endpoint: seen(ALONE), timing }), T0);
    expect(entered.changes.deadlineAt).toBe(new Date(T0 + 60 * MINUTE).toISOString());
  });
});
