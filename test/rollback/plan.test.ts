import { describe, expect, test } from 'vitest';
import { servingSight } from '../../src/rollback/compare.ts';
import { step } from '../../src/rollback/machine.ts';
import { buildPlan, hashOfPlan, pointless, rollbackId } from '../../src/rollback/plan.ts';
import { newRollback } from '../../src/rollback/record.ts';
import type { RollbackState } from '../../src/rollback/rollback.ts';
import { sameRoutes } from '../../src/rollback/snapshot.ts';
import { planLines } from '../../src/rollback/words.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import {
  aModel,
  anEndpoint,
  anEntity,
  anObservation,
  aPlan,
  aRegisteredModel,
  aRollback,
  aView,
  OPEN,
  seen,
  T0,
  unseen,
} from './support.ts';

describe('a plan', () => {
  test('gives the target all traffic and everything else of the endpoint none', () => {
    const entities = [
      anEntity('7'),
      anEntity('6'),
      anEntity('5'),
      anEntity('9', { name: 'other', model: 'a.b.c' }),
    ];
    const endpoint = anEndpoint({ entities, routes: { 'pd-7': 70, 'pd-6': 10, 'pd-5': 0, other: 20 } });
    expect(aPlan(aModel(), aView({ endpoint: seen(endpoint) }))).toEqual({
      model: 'credit_pd',
      registeredModel: 'main.risk.credit_pd',
      endpoint: 'credit-pd',
      from: '7',
      to: '6',
      moves: ['traffic', 'alias'],
      readiness: 'hot',
      servingBefore: {
        configVersion: 11,
        routes: endpoint.routes,
        versions: { 'pd-7': '7', 'pd-6': '6', 'pd-5': '5', other: 'a.b.c/9' },
      },
      routesAfter: { 'pd-7': 0, 'pd-6': 100, 'pd-5': 0, other: 0 },
      alias: { name: 'champion', before: '7', after: '6' },
    });
  });

  test('moves only what may be moved', () => {
    expect(aPlan(aModel({ moves: ['traffic'] })).alias).toBeNull();
    expect(aPlan(aModel({ moves: ['alias'] })).routesAfter).toBeNull();
  });

  test('of a model without an endpoint moves the alias alone', () => {
    const plan = aPlan(aModel({}, { endpoint: null }), aView({ endpoint: null }));
    expect(plan).toMatchObject({ endpoint: null, servingBefore: null, routesAfter: null, readiness: 'hot' });
  });

  test('without a serving system has no endpoint either', () => {
    expect(aPlan(aModel(), aView({ endpoint: null })).endpoint).toBeNull();
  });

  test.each([
    ['no target', aView({ registered: seen(aRegisteredModel({ aliases: { champion: '7' } })) })],
    ['no failing version', aView({ from: null })],
    ['no answer of the registry', aView({ registered: unseen() })],
  ])('does not exist with %s', (_, view) => {
    expect(buildPlan(aModel(), view)).toBeNull();
  });

  test('has a hash that changes with anything in it, and an id that changes with who asked for it', () => {
    const plan = aPlan();
    expect(hashOfPlan(plan)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOfPlan({ ...plan })).toBe(hashOfPlan(plan));
    expect(hashOfPlan({ ...plan, to: '5' })).not.toBe(hashOfPlan(plan));
    const id = rollbackId(plan, 'ev-1');
    expect(id).toMatch(/^rb-[0-9a-f]{20}$/);
    expect(rollbackId({ ...plan, to: '5' }, 'ev-1')).toBe(id);
    expect(rollbackId(plan, 'ev-2')).not.toBe(id);
    expect(rollbackId({ ...plan, from: '8' }, 'ev-1')).not.toBe(id);
  });

  describe('to a version that is not on the endpoint', () => {
    const planFor = (...entities: Parameters<typeof anEndpoint>[0][]) =>
      aPlan(aModel(), aView({ endpoint: seen(anEndpoint(Object.assign({}, ...entities))) }));

    test('deploys it as the failing one is, under a name like its', () => {
      const plan = planFor({ entities: [anEntity('7')], routes: { 'pd-7': 100 } });
      expect(plan).toMatchObject({
        readiness: 'absent',
        adds: { name: 'pd-6', version: '6', like: 'pd-7' },
        routesAfter: { 'pd-7': 0, 'pd-6': 100 },
      });
      expect(plan).not.toHaveProperty('removes');
    });

    test.each([
      ['whose name does not end with the version', anEntity('7', { name: 'live' }), 'live-6'],
      ['that is called as its version', anEntity('7', { name: '7' }), '6'],
    ])('beside an entity %s', (_, entity, name) => {
      expect(planFor({ entities: [entity], routes: { [entity.name]: 100 } }).adds?.name).toBe(name);
    });

    test('never under a name that another model has', () => {
      const other = anEntity('6', { model: 'main.risk.other' });
      expect(planFor({ entities: [anEntity('7'), other] }).adds?.name).toBe('pd-6-rollback');
    });

    test('like the one with most of the traffic', () => {
      const plan = planFor({
        entities: [anEntity('7'), anEntity('7', { name: 'big' })],
        routes: { 'pd-7': 20, big: 80 },
      });
      expect(plan.adds?.like).toBe('big');
    });

    test('takes the failing one off an endpoint that falls back', () => {
      const plan = planFor({ entities: [anEntity('7')], routes: { 'pd-7': 100 }, fallback: true });
      expect(plan).toMatchObject({ removes: ['pd-7'], routesAfter: { 'pd-6': 100 } });
    });

    test('deploys nothing where the target is there, or only the alias moves', () => {
      expect(aPlan()).not.toHaveProperty('adds');
      const alone = aView({ endpoint: seen(anEndpoint({ entities: [anEntity('7')] })) });
      expect(aPlan(aModel({ moves: ['alias'] }), alone)).not.toHaveProperty('adds');
    });
  });

  test('that would move traffic and cannot is never made a rollback', () => {
    const model = aModel();
    const plan = aPlan(model, aView({ endpoint: seen(anEndpoint({ entities: [anEntity('8')] })) }));
    expect(plan).toMatchObject({ readiness: 'absent', routesAfter: null });
    const fields = {
      cause: 'prediction',
      why: '',
      requestedBy: 'x',
      evaluation: null,
      exception: null,
    } as const;
    expect(() => newRollback({ ...fields, model, plan, gates: OPEN, trigger: 'manual', now: T0 })).toThrow(
      'held by a gate',
    );
  });
});

describe('whether a plan makes sense', () => {
  const routed = (routes: Record<string, number>, champion: string) =>
    aPlan(
      aModel(),
      aView({
        endpoint: seen(anEndpoint({ entities: [anEntity('7'), anEntity('6'), anEntity('8')], routes })),
        registered: seen(aRegisteredModel({ aliases: { champion, rollback: '6' } })),
      }),
    );

  test.each([
    ['the failing version has traffic', { 'pd-7': 1, 'pd-6': 99 }, '7', true],
    ['only the alias is left to move', { 'pd-6': 100 }, '7', true],
    ['all is in place', { 'pd-6': 100 }, '6', false],
    ['a third version took the traffic', { 'pd-8': 100 }, '6', false],
    ['a third version took the traffic and the alias stayed', { 'pd-8': 100 }, '7', false],
    ['target and a third version share the traffic', { 'pd-8': 50, 'pd-6': 50 }, '6', false],
  ])('%s', (...[, routes, champion, sense]) => {
    const why = pointless(routed(routes, champion));
    if (sense) expect(why).toBeNull();
    else expect(why).toMatch(/traffic/);
  });

  test('a batch model: only while the alias points to the failing version', () => {
    const batch = (champion: string) =>
      pointless(
        aPlan(
          aModel({}, { endpoint: null }),
          aView({
            endpoint: null,
            registered: seen(aRegisteredModel({ aliases: { champion, rollback: '6' } })),
          }),
        ),
      );
    expect(batch('7')).toBeNull();
    expect(batch('6')).toBe(
      'the alias champion points to version 6 and stays there: it is moved only away from version 7',
    );
  });

  test("an endpoint that was not read is another gate's business", () => {
    expect(pointless(aPlan(aModel(), aView({ endpoint: unseen() })))).toBeNull();
  });

  test('traffic alone for a batch model moves nothing', () => {
    const plan = aPlan(aModel({ moves: ['traffic'] }), aView({ endpoint: null }));
    expect(pointless(plan)).toBe('rollback.moves is traffic: the alias is not to be moved');
  });
});

test('a route that is not there is a route of nothing', () => {
  expect(sameRoutes({ a: 100 }, { a: 100, b: 0 })).toBe(true);
  expect(sameRoutes({ a: 100, b: 0 }, { a: 100 })).toBe(true);
  expect(sameRoutes({ a: 99, b: 1 }, { a: 100 })).toBe(false);
  expect(sameRoutes({}, { a: 1 })).toBe(false);
});

describe('an endpoint that sends failed requests on to other entities', () => {
  const entities = [anEntity('7'), anEntity('7', { name: 'pd-7b' }), anEntity('6'), anEntity('5')];
  const routes = { 'pd-7': 60, 'pd-7b': 40, 'pd-6': 0, 'pd-5': 0 };
  const endpoint = anEndpoint({ entities, routes, fallback: true });

  test('loses every entity of the failing version in the same update, and no other', () => {
    const plan = aPlan(aModel(), aView({ endpoint: seen(endpoint) }));
    expect(plan.removes).toEqual(['pd-7', 'pd-7b']);
    expect(plan.routesAfter).toEqual({ 'pd-6': 100, 'pd-5': 0 });
    expect(planLines(plan)[1]).toContain('leaves endpoint credit-pd: pd-7, pd-7b');
  });

  test('keeps them where the fallback is off, or the alias alone moves', () => {
    const off = aPlan(aModel(), aView({ endpoint: seen({ ...endpoint, fallback: false }) }));
    expect(Object.keys(off)).not.toContain('removes');
    expect(planLines(off).join('\n')).not.toContain('leaves');
    expect(aPlan(aModel({ moves: ['alias'] }), aView({ endpoint: seen(endpoint) })).removes).toBeUndefined();
  });

  test('is compared without them once the write is out, and only then', () => {
    const plan = aPlan(aModel(), aView({ endpoint: seen(endpoint) }));
    const after = {
      ...endpoint,
      configVersion: 12,
      entities: [anEntity('6'), anEntity('5')],
      routes: { 'pd-6': 100, 'pd-5': 0 },
    };
    const at = (state: RollbackState, found: Endpoint) =>
      servingSight(aRollback({ plan, state, configVersionAfter: null }), seen(found)).at;
    expect(at('planned', endpoint)).toBe('before');
    expect(at('planned', after)).toBe('changed');
    expect(at('shifting_traffic', endpoint)).toBe('before');
    expect(at('shifting_traffic', after)).toBe('after');
    expect(at('shifting_traffic', { ...after, entities: [anEntity('6')] })).toBe('changed');
    expect(at('traffic_verified', after)).toBe('after');
    expect(at('traffic_verified', { ...after, entities })).toBe('changed');
  });

  test('is updated even when the target already has all the traffic', () => {
    const served = { ...endpoint, routes: { 'pd-7': 0, 'pd-7b': 0, 'pd-6': 100, 'pd-5': 0 } };
    const plan = aPlan(aModel(), aView({ endpoint: seen(served) }));
    const rollback = aRollback({ plan });
    expect(step(rollback, anObservation({ endpoint: seen(served) }), T0)).toMatchObject({
      state: 'shifting_traffic',
      write: { kind: 'shift', routes: { 'pd-6': 100, 'pd-5': 0 } },
    });
  });
});
