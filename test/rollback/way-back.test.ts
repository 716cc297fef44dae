import { describe, expect, test } from 'vitest';
import { GATES, type GateResult } from '../../src/rollback/rollback.ts';
import {
  settledWayBack,
  standingAfter,
  WAY_BACK_STANDS,
  type WayBackQuestion,
  wayBack,
} from '../../src/rollback/way-back.ts';
import { aModel, anEndpoint, aRegisteredModel, aView, HOUR, seen, T0, unseen } from './support.ts';

/** Every gate lets pass but those that are named. */
function gatesHeld(...held: string[]): readonly GateResult[] {
  return GATES.map((gate) => ({ gate, held: held.includes(gate), reason: `because of ${gate}` }));
}

function ask(fields: Partial<WayBackQuestion> = {}) {
  return wayBack({
    model: aModel(),
    view: aView(),
    gates: gatesHeld(),
    targetLeft: false,
    active: null,
    putBackBy: null,
    ...fields,
  });
}

describe('one look at the way back', () => {
  test('is there when no gate that speaks of the target holds', () => {
    expect(ask()).toEqual({
      state: 'there',
      version: '7',
      reason: 'There is a way back: version 6 could take over.',
    });
  });

  test.each([...GATES])('gate %s', (gate) => {
    const outside = ['no_target', 'champion_not_ready', 'champion_not_approved', 'creator_inactive'];
    const found = ask({ gates: gatesHeld(gate) });
    expect(found.state).toBe(outside.includes(gate) ? 'missing' : 'there');
    if (found.state === 'missing') expect(found.reason).toBe(`because of ${gate}.`);
  });

  test('several reasons are all told, and a target that a rollback has left is one', () => {
    const found = ask({ gates: gatesHeld('no_target', 'creator_inactive'), targetLeft: true });
    expect(found.reason).toContain('because of no_target; because of creator_inactive; version 6');
    expect(ask({ targetLeft: true }).state).toBe('missing');
  });

  test('nobody needs one in mode observe', () => {
    expect(ask({ model: aModel({ mode: 'observe' }), gates: gatesHeld('no_target') }).state).toBe('there');
    expect(ask({ model: aModel({ mode: 'approve' }), gates: gatesHeld('no_target') }).state).toBe('missing');
  });

  test.each([
    ['the registry does not answer', { registered: unseen() }],
    ['the endpoint does not answer', { endpoint: unseen() }],
    ['the target cannot be looked up', { targetVersion: unseen() }],
    ['the endpoint is being updated', { endpoint: seen(anEndpoint({ update: 'in_progress' })) }],
    ['nothing serves', { from: null }],
  ] as const)('says nothing while %s', (_what, parts) => {
    const gates = gatesHeld('no_target', 'champion_not_ready');
    expect(ask({ view: aView(parts), gates }).state).toBe('unknown');
  });

  test('says nothing while a rollback is under way', () => {
    expect(ask({ active: 'rb-1', gates: gatesHeld('no_target') }).state).toBe('unknown');
  });

  test('says nothing after a rollback that has used it, until the version it left is released', () => {
    const held = { gates: gatesHeld('no_target') };
    expect(ask({ putBackBy: 'rb-1', ...held })).toMatchObject({ state: 'unknown' });
    expect(ask(held).state).toBe('missing');
  });

  test('what the other side itself says is not there is missing', () => {
    const noEndpoint = ask({ view: aView({ endpoint: unseen({ missing: true }), from: null }) });
    expect(noEndpoint).toMatchObject({
      state: 'missing',
      version: 'all',
      reason: 'there is no endpoint credit-pd.',
    });
    const noModel = ask({ view: aView({ registered: unseen({ missing: true }) }) });
    expect(noModel).toMatchObject({
      state: 'missing',
      reason: 'there is no registered model main.risk.credit_pd.',
    });
  });

  test.each([
    ['a first version', { champion: '7' }, 'there'],
    ['a version that was put back', { champion: '7', rollback: '7' }, 'there'],
    ['a version before it that is not fit', { champion: '7', rollback: '6' }, 'missing'],
    ['another version than the champion', { champion: '6' }, 'missing'],
    ['no champion at all', {}, 'missing'],
  ] as const)('%s', (_what, aliases, state) => {
    const view = aView({ registered: seen(aRegisteredModel({ aliases })) });
    expect(ask({ view, gates: gatesHeld('no_target', 'champion_not_ready') }).state).toBe(state);
  });

  test('a batch model without its alias has none', () => {
    const registered = seen(aRegisteredModel({ aliases: {} }));
    const view = aView({ endpoint: null, registered, from: null });
    expect(ask({ view, gates: gatesHeld('no_target') }).state).toBe('missing');
  });
});

describe('how long it has to stand', () => {
  const missing = ask({ gates: gatesHeld('no_target') });
  const unknown = ask({ active: 'rb-1' });

  test.each([
    ['a moment less', WAY_BACK_STANDS - 1, null],
    ['just so long', WAY_BACK_STANDS, 'missing'],
    ['longer', WAY_BACK_STANDS + 1, 'missing'],
  ] as const)('%s', (_what, age, expected) => {
    expect(settledWayBack({ state: 'missing', since: T0 - age }, missing, T0)).toBe(expected);
  });

  test('a change begins anew, a look that tells nothing leaves it as it was and settles nothing', () => {
    const before = { state: 'there', since: T0 - 5 * HOUR } as const;
    expect(standingAfter(before, missing, T0)).toEqual({ state: 'missing', since: T0 });
    expect(standingAfter(before, unknown, T0)).toBe(before);
    expect(standingAfter(before, ask(), T0)).toBe(before);
    expect(standingAfter(null, unknown, T0)).toBeNull();
    expect(settledWayBack(before, unknown, T0)).toBeNull();
    expect(settledWayBack(before, missing, T0)).toBeNull();
    expect(settledWayBack(null, missing, T0)).toBeNull();
  });
});
