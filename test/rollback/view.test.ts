import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/remote/error.ts';
import { look, readWorld, see, servingVersion, statusOf } from '../../src/rollback/view.ts';
import { aliasOf, isBusy, mainVersion, sharesOf, tagsOf } from '../../src/rollback/world.ts';
import { createFakeWorld, failure } from './fake-world.ts';
import {
  aModel,
  anEndpoint,
  anEntity,
  aRegisteredModel,
  aView,
  MODEL,
  OPEN,
  seen,
  unseen,
} from './support.ts';

describe('looking', () => {
  test('an expected failure is a value, a bug is not', async () => {
    expect(await see(async () => 1)).toEqual({ seen: true, value: 1 });
    expect(await see(() => Promise.reject(failure('timeout')))).toEqual({
      seen: false,
      reason: 'timeout',
      message: 'fake timeout',
      missing: false,
    });
    await expect(see(() => Promise.reject(new TypeError('bug')))).rejects.toThrow(TypeError);
  });

  test('only the other side itself can say that a thing does not exist', async () => {
    const notFound = (code: string | null) =>
      see(() =>
        Promise.reject(new RemoteError({ reason: 'not_found', place: '', message: '', remedy: '', code })),
      );
    expect(await notFound('RESOURCE_DOES_NOT_EXIST')).toMatchObject({ missing: true });
    expect(await notFound(null)).toMatchObject({ missing: false });
  });

  test('endpoint and registry are asked once each; no endpoint, no question', async () => {
    const world = createFakeWorld();
    await look(world.ports, aModel());
    expect(world.calls).toEqual(['read model', 'read endpoint']);
    const batch = await look(world.ports, { registeredModel: MODEL, endpoint: null });
    const unserved = await look({ ...world.ports, serving: null }, aModel());
    expect([batch.endpoint, unserved.endpoint]).toEqual([null, null]);
    expect(world.calls).toHaveLength(4);
  });

  test('finds the target of the version that serves, and its record', async () => {
    const view = await readWorld(createFakeWorld().ports, aModel());
    expect(view).toMatchObject({ from: '7', target: { version: '6', source: 'rollback_alias' } });
    expect(view.targetVersion).toEqual(seen({ version: '6', ready: true, status: 'READY', tags: {} }));
  });

  test('takes the failing version where it is told', async () => {
    const view = await readWorld(createFakeWorld().ports, aModel(), '5');
    expect(view).toMatchObject({ from: '5', target: { version: '7', source: 'champion_alias' } });
  });

  test('a world that cannot be read has no target, and says why', async () => {
    const world = createFakeWorld();
    world.blind = 'unavailable';
    const view = await readWorld(world.ports, aModel());
    expect(view).toMatchObject({ from: null, target: { version: null }, targetVersion: null });
    expect(view.target.reason).toBe('the endpoint could not be read: fake unavailable');
    expect((await readWorld(world.ports, aModel({}, { endpoint: null }))).target.reason).toBe(
      'the registry did not answer: fake unavailable',
    );
  });
});

describe('which version serves', () => {
  test('the one with the largest share; of two equal ones the lower', () => {
    const entities = [anEntity('10'), anEntity('9'), anEntity('8'), anEntity('1', { model: 'other' })];
    const endpoint = anEndpoint({ entities, routes: { 'pd-10': 40, 'pd-9': 40, 'pd-8': 0, 'pd-1': 20 } });
    const shares = sharesOf(endpoint, MODEL);
    expect(shares).toEqual({ '10': 0.4, '9': 0.4, '8': 0 });
    expect(mainVersion(shares)).toBe('9');
    expect(mainVersion({ '8': 0 })).toBeNull();
    expect(mainVersion({ '1': 0.1, '2': 0.6, '3': 0.3 })).toBe('2');
  });

  test('two entities of one version are one', () => {
    const entities = [anEntity('7'), anEntity('7', { name: 'again' })];
    expect(sharesOf(anEndpoint({ entities, routes: { 'pd-7': 30, again: 70 } }), MODEL)).toEqual({ '7': 1 });
  });

  test('the champion, for a model without an endpoint', () => {
    const registered = seen(aRegisteredModel());
    expect(servingVersion(aModel(), { registered, endpoint: null })).toBe('7');
    expect(servingVersion(aModel(), { registered: unseen(), endpoint: null })).toBeNull();
    expect(servingVersion(aModel(), { registered, endpoint: unseen() })).toBeNull();
  });

  test.each([
    [anEndpoint(), false],
    [anEndpoint({ update: 'in_progress' }), true],
    [anEndpoint({ pending: true }), true],
    [anEndpoint({ update: 'failed', pending: true }), false],
    [anEndpoint({ update: 'canceled', pending: true }), false],
  ])('an endpoint is busy while an update is on its way: %#', (endpoint, busy) => {
    expect(isBusy(endpoint)).toBe(busy);
  });

  test('tags are those of the registered model, where it tells them', () => {
    expect(tagsOf({ registered: seen(aRegisteredModel({ tags: { owner: 'x' } })), endpoint: null })).toEqual({
      owner: 'x',
    });
    expect(tagsOf({ registered: unseen(), endpoint: null })).toBeNull();
  });
});

test('a registered model that is gone has no aliases; one that cannot be read is not gone', () => {
  expect(aliasOf(unseen({ missing: true }), 'champion')).toEqual(seen(null));
  expect(aliasOf(unseen(), 'champion')).toEqual(unseen());
  expect(aliasOf(seen(aRegisteredModel()), 'champion')).toEqual(seen('7'));
  expect(aliasOf(seen(aRegisteredModel()), 'nobody')).toEqual(seen(null));
});

describe('the status of a model', () => {
  test('says what serves, what should, and whether a rollback could happen', () => {
    expect(statusOf(aModel(), aView(), OPEN)).toEqual({
      championVersion: '7',
      rollbackVersion: '6',
      servingVersion: '7',
      shares: { '7': 1, '6': 0 },
      conformant: true,
      readiness: 'hot',
      gates: OPEN,
      trouble: null,
    });
  });

  test.each([
    ['the champion serves', aView(), true],
    [
      'another version serves',
      aView({ registered: seen(aRegisteredModel({ aliases: { champion: '6' } })) }),
      false,
    ],
    ['nobody is the champion', aView({ registered: seen(aRegisteredModel({ aliases: {} })) }), false],
    ['the registry does not answer', aView({ registered: unseen() }), null],
    ['the endpoint does not answer', aView({ endpoint: unseen() }), null],
    ['there is no endpoint', aView({ endpoint: null }), null],
  ])('conformance: %s', (_, view, conformant) => {
    expect(statusOf(aModel(), view, []).conformant).toBe(conformant);
  });

  test('names every trouble', () => {
    const view = aView({ registered: unseen(), endpoint: unseen() });
    expect(statusOf(aModel(), view, [])).toMatchObject({
      trouble: 'HTTP 503; HTTP 503',
      championVersion: null,
      servingVersion: null,
      shares: {},
      readiness: 'none',
    });
  });
});
