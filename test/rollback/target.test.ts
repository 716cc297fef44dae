import { describe, expect, test } from 'vitest';
import { chooseTarget, stateOfTarget } from '../../src/rollback/target.ts';
import { entityOf } from '../../src/rollback/world.ts';
import {
  aModel,
  anEndpoint,
  anEntity,
  aRegisteredModel,
  aVersion,
  aView,
  MODEL,
  seen,
  unseen,
} from './support.ts';

const { rollback: settings } = aModel();

describe('which version to go back to', () => {
  test('the champion, while something else fails', () => {
    const registered = seen(aRegisteredModel({ aliases: { champion: '6', rollback: '5' } }));
    expect(chooseTarget(registered, '7', settings)).toEqual({
      version: '6',
      source: 'champion_alias',
      reason: 'the alias champion points to version 6',
    });
  });

  test('the rollback alias, when the champion alias points to the failing version', () => {
    const registered = seen(aRegisteredModel({ tags: { rollback_version: '5' } }));
    expect(chooseTarget(registered, '7', settings)).toMatchObject({ version: '6', source: 'rollback_alias' });
  });

  test.each([
    ['there is no rollback alias', { champion: '7' }],
    ['the rollback alias points to the failing version too', { champion: '7', rollback: '7' }],
  ])('the tag rollback_version, when %s', (_, aliases) => {
    const registered = seen(aRegisteredModel({ aliases, tags: { rollback_version: ' 5 ' } }));
    expect(chooseTarget(registered, '7', settings)).toMatchObject({ version: '5', source: 'rollback_tag' });
  });

  test.each([
    ['the champion alias is missing', { rollback: '6' }, { rollback_version: '5' }],
    ['nothing names another version', { champion: '7' }, {}],
    ['the tag names the failing version', { champion: '7' }, { rollback_version: '7' }],
    ['the tag is empty', { champion: '7' }, { rollback_version: '' }],
    ['the registry tells no tags', { champion: '7' }, null],
  ])('none, when %s', (_, aliases, tags) => {
    const choice = chooseTarget(seen(aRegisteredModel({ aliases, tags })), '7', settings);
    expect(choice).toMatchObject({ version: null, source: null });
    expect(choice.reason).toContain('champion');
  });

  test('none, when the registry does not answer', () => {
    expect(chooseTarget(unseen(), '7', settings)).toMatchObject({
      version: null,
      reason: 'the registry did not answer: HTTP 503',
    });
  });

  test('aliases have the configured names', () => {
    const registered = seen(aRegisteredModel({ aliases: { live: '7', previous: '4' } }));
    const names = { championAlias: 'live', rollbackAlias: 'previous' };
    expect(chooseTarget(registered, '7', names).version).toBe('4');
  });
});

describe('readiness of the target', () => {
  const withSix = (fields: Parameters<typeof anEntity>[1]) =>
    aView({ endpoint: seen(anEndpoint({ entities: [anEntity('7'), anEntity('6', fields)] })) });

  test.each([
    ['warm on the endpoint', withSix({}), 'hot', true],
    ['scaled to zero', withSix({ warm: false }), 'cold', true],
    ['on the endpoint but not ready', withSix({ ready: false, warm: false }), 'cold', false],
    ['of another registered model', withSix({ model: 'main.risk.other' }), 'absent', true],
    [
      'not on the endpoint',
      aView({ endpoint: seen(anEndpoint({ entities: [anEntity('7')] })) }),
      'absent',
      true,
    ],
    [
      'not on the endpoint, and the failing version neither',
      aView({ endpoint: seen(anEndpoint({ entities: [anEntity('8')], routes: { 'pd-8': 100 } })) }),
      'absent',
      false,
    ],
    ['on an endpoint that was not read', aView({ endpoint: unseen() }), 'none', false],
    ['missing in the registry', aView({ targetVersion: seen(null) }), 'hot', false],
    ['failed in the registry', aView({ targetVersion: seen(aVersion('6', { ready: false })) }), 'hot', false],
    ['unknown, the registry being down', aView({ targetVersion: unseen() }), 'hot', false],
    ['not there at all', aView({ registered: seen(aRegisteredModel({ aliases: {} })) }), 'none', false],
    ['of a model without an endpoint', aView({ endpoint: null }), 'hot', true],
  ])('%s', (...[, view, readiness, fit]) => {
    const state = stateOfTarget(aModel(), view);
    expect(state).toMatchObject({ readiness, fit });
    expect(state.reason).not.toBe('');
  });

  test('what is not on the endpoint cannot answer a smoke request, and gets no traffic where one is asked', () => {
    const view = aView({ endpoint: seen(anEndpoint({ entities: [anEntity('7')] })) });
    const asked = aModel({ smoke: { file: '/payload.json' } });
    const state = stateOfTarget(asked, view);
    expect(state).toMatchObject({ readiness: 'absent', fit: false });
    expect(state.reason).toContain('cannot answer rollback.smoke');
    expect(stateOfTarget(asked, withSix({})).fit).toBe(true);
  });

  test('only what could not be read is not known', () => {
    const views = {
      endpoint: aView({ endpoint: unseen() }),
      registry: aView({ targetVersion: unseen() }),
      both: aView({ endpoint: unseen(), from: null }),
      registered: aView({ registered: unseen() }),
      gone: aView({ targetVersion: seen(null) }),
      nameless: aView({ registered: seen(aRegisteredModel({ aliases: {} })) }),
      unready: withSix({ ready: false }),
    };
    const unread = Object.entries(views).filter(([, view]) => stateOfTarget(aModel(), view).unread === true);
    expect(unread.map(([name]) => name)).toEqual(['endpoint', 'registry', 'both', 'registered']);
  });

  test('an alias needs no warm target', () => {
    expect(stateOfTarget(aModel({ moves: ['alias'] }), withSix({ ready: false }))).toMatchObject({
      readiness: 'hot',
      fit: true,
    });
  });

  test('of two entities with the version the ready and warm one counts', () => {
    const entities = [
      anEntity('7'),
      anEntity('6', { name: 'a', warm: false }),
      anEntity('6', { name: 'b' }),
      anEntity('6', { name: 'c', ready: false }),
    ];
    const view = aView({ endpoint: seen(anEndpoint({ entities })) });
    expect(stateOfTarget(aModel(), view).reason).toBe('version 6 is warm on endpoint credit-pd as b');
  });

  test('of two equally ready ones the busier, then the first by name', () => {
    const entities = [
      anEntity('6', { name: 'b' }),
      anEntity('6', { name: 'a' }),
      anEntity('6', { name: 'c' }),
    ];
    const name = (routes: Record<string, number>) =>
      entityOf(anEndpoint({ entities, routes }), MODEL, '6')?.name;
    expect(name({ c: 20, a: 10 })).toBe('c');
    expect(name({})).toBe('a');
  });
});
