import { describe, expect, test } from 'vitest';
import { type ConformanceQuestion, conformanceOf } from '../../src/rollback/conformance.ts';
import type { Rollback, RollbackState } from '../../src/rollback/rollback.ts';
import { holdOf } from '../contracts/store-records.ts';
import {
  aModel,
  anEndpoint,
  aPlan,
  aRegisteredModel,
  aRollback,
  aVersion,
  aView,
  DAY,
  iso,
  seen,
  T0,
  unseen,
} from './support.ts';

const champion = (version: string) => seen(aRegisteredModel({ aliases: { champion: version } }));
const none = seen(aRegisteredModel({ aliases: {} }));
const shares = (seven: number, six: number) => seen(anEndpoint({ routes: { 'pd-7': seven, 'pd-6': six } }));

function ask(fields: Partial<ConformanceQuestion> = {}) {
  return conformanceOf({
    model: aModel(),
    world: { registered: champion('6'), endpoint: shares(100, 0) },
    version: null,
    before: { serving: '7', champion: '6', since: T0 - DAY },
    rollbacks: [],
    holds: [],
    window: DAY,
    now: T0,
    ...fields,
  });
}

const signal = (fields: Partial<ConformanceQuestion> = {}) => ask(fields).finding.signal;

describe('what serves against the champion alias', () => {
  test.each([
    ['one moment less than a window', DAY - 1, null],
    ['a whole window', DAY, 'breach'],
    ['longer', DAY + 1, 'breach'],
  ] as const)('differs for %s', (_how, age, expected) => {
    const { finding } = ask({ before: { serving: '7', champion: '6', since: T0 - age } });
    expect(finding).toMatchObject({ cause: 'conformance', version: '7', signal: expected });
    expect(finding.reason).toContain('the alias champion points to version 6');
  });

  test('is the same: quiet, also with a challenger beside it, whatever was before', () => {
    expect(signal({ world: { registered: champion('7'), endpoint: shares(100, 0) } })).toBe('quiet');
    expect(signal({ world: { registered: champion('7'), endpoint: shares(90, 10) } })).toBe('quiet');
    expect(signal({ world: { registered: champion('7'), endpoint: shares(51, 49) } })).toBe('quiet');
  });

  test('says nothing while the champion still has a part of the traffic', () => {
    expect(signal({ world: { registered: champion('6'), endpoint: shares(99, 1) } })).toBeNull();
    expect(signal({ world: { registered: champion('6'), endpoint: shares(100, 0) } })).toBe('breach');
  });

  test('says nothing while the endpoint is being updated, or a rollback is under way', () => {
    const updating = seen(anEndpoint({ update: 'in_progress' }));
    expect(signal({ world: { registered: champion('6'), endpoint: updating } })).toBeNull();
    expect(signal({ rollbacks: [aRollback({ state: 'dwelling' })] })).toBeNull();
    expect(signal({ rollbacks: [aRollback({ state: 'done', endedAt: iso(T0) })] })).toBe('breach');
  });

  test('counts from when these very versions were first seen', () => {
    expect(ask({ before: null })).toMatchObject({
      finding: { signal: null },
      standing: { serving: '7', champion: '6', since: T0 },
    });
    expect(ask({ before: { serving: '7', champion: '5', since: 0 } }).standing?.since).toBe(T0);
    expect(ask({ before: { serving: '5', champion: '6', since: 0 } }).standing?.since).toBe(T0);
    expect(ask().standing?.since).toBe(T0 - DAY);
  });

  test.each([
    ['the endpoint does not answer', { registered: champion('6'), endpoint: unseen() }],
    ['the registry does not answer', { registered: unseen(), endpoint: shares(100, 0) }],
    [
      'nothing of the model serves',
      { registered: champion('6'), endpoint: seen(anEndpoint({ routes: {} })) },
    ],
  ])('cannot be told when %s', (_why, world) => {
    expect(ask({ world })).toMatchObject({ finding: { version: 'all', signal: null }, standing: null });
  });

  test('a missing alias is a fault where a rollback may need it, and nothing where a model is only watched', () => {
    const before = { serving: '7', champion: null, since: T0 - DAY };
    const world = { registered: none, endpoint: shares(100, 0) };
    expect(signal({ world, before })).toBe('breach');
    expect(signal({ world, before, model: aModel({ mode: 'approve' }) })).toBe('breach');
    expect(signal({ world, before, model: aModel({ mode: 'observe' }) })).toBe('quiet');
  });

  test('a champion that lacks a required tag is not what was approved', () => {
    const model = aModel({ requireTags: { validation: 'approved' } });
    const world = { registered: champion('7'), endpoint: shares(100, 0) };
    const before = { serving: '7', champion: '7', since: T0 - DAY };
    const tagged = (tags: { [tag: string]: string } | null) => seen(aVersion('7', { tags }));
    expect(signal({ model, world, before, version: tagged({ validation: 'approved' }) })).toBe('quiet');
    expect(signal({ model, world, before, version: tagged({}) })).toBe('breach');
    expect(signal({ model, world, before: null, version: tagged({}) })).toBeNull();
    expect(signal({ model, world, before, version: tagged(null) })).toBe('quiet');
    expect(signal({ model, world, before, version: unseen() })).toBe('quiet');
    expect(signal({ world, before, version: tagged({}) })).toBe('quiet');
  });

  test('of a batch model there is nothing that could differ', () => {
    expect(
      signal({ model: aModel({}, { endpoint: null }), world: { registered: champion('6'), endpoint: null } }),
    ).toBe('quiet');
  });
});

describe('a version that a rollback left and that serves again', () => {
  const story = (...states: readonly RollbackState[]) =>
    states.map((state) => ({ at: iso(T0), state, why: '' }));
  const ended = (fields: Partial<Rollback> = {}): Rollback =>
    aRollback({
      ...{ id: 'rb-0', wrote: true, state: 'done', endedAt: iso(T0) },
      history: story(
        'planned',
        'shifting_traffic',
        'traffic_verified',
        'moving_alias',
        'alias_verified',
        'done',
      ),
      ...fields,
    });
  const hold = holdOf('7', { rollback: 'rb-0' });
  const back = (fields: Partial<ConformanceQuestion> = {}) =>
    ask({ before: null, rollbacks: [ended()], holds: [hold], ...fields }).finding;

  test('is named at once, with how to stop it, also where the alias was put back with it', () => {
    expect(back()).toMatchObject({ signal: 'breach', version: '7' });
    expect(back().reason).toContain('although rollback rb-0 left it for version 6');
    expect(back().reason).toContain('rollback release credit_pd --version 7');
    expect(back({ world: { registered: champion('7'), endpoint: shares(100, 0) } }).signal).toBe('breach');
  });

  test('is forgotten once it is released', () => {
    expect(back({ holds: [] }).signal).toBeNull();
    expect(back({ holds: [{ ...hold, releasedAt: iso(T0) }] }).signal).toBeNull();
  });

  test.each([
    ['another version is on hold', { holds: [{ ...hold, version: '5' }] }],
    [
      'the rollback never got its traffic',
      { rollbacks: [ended({ history: story('planned', 'shifting_traffic') })] },
    ],
    ['the rollback wrote nothing', { rollbacks: [ended({ wrote: false })] }],
    ['nothing is known of the rollback', { rollbacks: [] }],
  ])('is not named where %s', (_why, fields) => {
    expect(back(fields).signal).toBeNull();
  });

  test('of a batch model is seen by its alias', () => {
    const model = aModel({}, { endpoint: null });
    const plan = aPlan(model, aView({ endpoint: null }));
    const history = story('planned', 'moving_alias', 'alias_verified', 'done');
    const world = { registered: champion('7'), endpoint: null };
    expect(back({ model, world, rollbacks: [ended({ plan, history })] }).signal).toBe('breach');
    expect(back({ model, world, rollbacks: [ended({ plan, history: history.slice(0, 2) })] }).signal).toBe(
      'quiet',
    );
  });
});
