import { describe, expect, test } from 'vitest';
import { REMOTE_REASONS, RemoteError, type RemoteReason } from '../../src/remote/error.ts';
import { createAttempts, FRESH, RETRY } from '../../src/rollback/attempt.ts';
import type { RollbackState } from '../../src/rollback/rollback.ts';
import { SETTLE, type Write } from '../../src/rollback/step.ts';
import { createFakeWorld, failure } from './fake-world.ts';
import { anEndpoint, aRegisteredModel, iso, MINUTE, rollbackIn, seen, T0 } from './support.ts';

const SHIFT: Write = { kind: 'shift', routes: { 'pd-7': 0, 'pd-6': 100 } };
const ALIAS: Write = { kind: 'alias', name: 'champion', version: '6' };

function setUp() {
  const fake = createFakeWorld();
  const clock = { now: T0 };
  const brakes = { on: false };
  const domain = { now: () => clock.now };
  const options = { ports: fake.ports, clocks: { domain, wall: domain }, killSwitch: () => brakes.on };
  const world = { registered: seen(aRegisteredModel()), endpoint: seen(anEndpoint()) };
  const attempts = createAttempts(options);
  const send = async (write: Write = SHIFT, deadline = T0 + 60 * MINUTE) => {
    const state: RollbackState = write.kind === 'shift' ? 'shifting_traffic' : 'moving_alias';
    const rollback = rollbackIn(state, { deadlineAt: iso(deadline) });
    await attempts.send({ rollback, state, write, world, lookedAt: T0 });
    return attempts.of(rollback);
  };
  return { fake, clock, brakes, attempts, send, again: () => createAttempts(options) };
}

describe('how a write ended', () => {
  test('accepted', async () => {
    expect(await setUp().send()).toEqual({ kind: 'ok', settledAt: T0 + SETTLE, message: 'accepted' });
  });

  const kinds: { readonly [reason in RemoteReason]: string } = {
    unauthorized: 'rejected',
    forbidden: 'rejected',
    not_found: 'rejected',
    rejected: 'rejected',
    conflict: 'conflict',
    rate_limited: 'conflict',
    unavailable: 'ambiguous',
    timeout: 'ambiguous',
    network: 'ambiguous',
    bad_answer: 'ambiguous',
  };
  test.each(REMOTE_REASONS)('%s, of traffic and of the alias', async (reason) => {
    for (const write of [SHIFT, ALIAS]) {
      const { fake, send } = setUp();
      fake.before = (call) => {
        if (call === write.kind) throw failure(reason);
      };
      const attempt = await send(write);
      const settledAt = T0 + (kinds[reason] === 'conflict' ? RETRY : SETTLE);
      expect(attempt).toEqual({ kind: kinds[reason], settledAt, message: `fake ${reason} (wait)` });
    }
  });

  test.each([
    [null, RETRY],
    [RETRY - 1, RETRY],
    [RETRY, RETRY],
    [RETRY + 1, RETRY + 1],
  ])('a pause that is asked for is kept: %s', async (retryAfter, wait) => {
    const { fake, send } = setUp();
    fake.before = () => {
      throw new RemoteError({ reason: 'rate_limited', place: '', message: '', remedy: '', retryAfter });
    };
    expect(await send()).toMatchObject({ settledAt: T0 + wait });
  });

  test('not at all, because of the kill switch', async () => {
    const { fake, brakes, send } = setUp();
    brakes.on = true;
    expect(await send()).toEqual({ kind: 'conflict', settledAt: T0, message: 'the kill switch is on' });
    expect(fake.calls).toEqual([]);
  });

  test('not at all, because the alias had moved by then', async () => {
    const { fake, send } = setUp();
    fake.humanAlias('5');
    expect(await send(ALIAS)).toMatchObject({
      kind: 'overtaken',
      message: 'the alias champion points to version 5 by now',
    });
    expect(fake.calls).toEqual(['read model']);
    expect(fake.alias()).toBe('5');
  });

  test('not at all, because the alias could not be read before: it is tried again after a pause', async () => {
    const { fake, send } = setUp();
    fake.blind = 'timeout';
    expect(await send(ALIAS)).toEqual({
      kind: 'conflict',
      settledAt: T0 + RETRY,
      message: 'the alias champion could not be read before it is set: fake timeout',
    });
    expect(fake.calls).toEqual(['read model']);
  });

  test.each([
    [FRESH - 1, true],
    [FRESH, true],
    [FRESH + 1, false],
  ])('or not, when the process stood still for %i ms since the last look', async (pause, sent) => {
    for (const write of [SHIFT, ALIAS]) {
      const { fake, clock, send } = setUp();
      clock.now += pause;
      const { kind } = await send(write);
      expect([kind, fake.effects.length]).toEqual(sent ? ['ok', 1] : ['conflict', 0]);
    }
  });

  test.each([
    [-1, true],
    [0, false],
    [1, false],
  ])('or not, %i ms from the deadline', async (late, sent) => {
    const { fake, clock, send } = setUp();
    clock.now += late;
    const { kind } = await send(SHIFT, T0);
    expect([kind, fake.effects.length]).toEqual(sent ? ['ok', 1] : ['conflict', 0]);
  });

  test('not at all, because the kill switch came on while the alias was read once more', async () => {
    const { fake, brakes, send } = setUp();
    fake.after = () => {
      brakes.on = true;
    };
    expect(await send(ALIAS)).toEqual({ kind: 'conflict', settledAt: T0, message: 'the kill switch is on' });
    expect(fake.calls).toEqual(['read model']);
  });

  test('as a bug: it may have left all the same', async () => {
    const { fake, attempts, send } = setUp();
    fake.before = () => {
      throw new TypeError('a bug');
    };
    await expect(send()).rejects.toThrow(TypeError);
    expect(attempts.of(rollbackIn('shifting_traffic'))).toMatchObject({
      kind: 'ambiguous',
      settledAt: T0 + SETTLE,
    });
  });
});

describe('what is remembered', () => {
  test('a refusal after a lost answer leaves it open whether the first was carried out', async () => {
    const { fake, clock, send } = setUp();
    fake.faults.shift.push('lost_applied', 'conflict', 'rejected');
    expect(await send()).toMatchObject({ kind: 'ambiguous' });
    clock.now += SETTLE;
    expect(await send()).toMatchObject({ kind: 'ambiguous', settledAt: T0 + SETTLE + RETRY });
  });

  test('a refusal after a refusal is one', async () => {
    const { fake, send } = setUp();
    fake.faults.shift.push('conflict', 'conflict');
    await send();
    expect(await send()).toMatchObject({ kind: 'conflict' });
  });

  test('nothing of another state: the alias is not the traffic', async () => {
    const { attempts, send, clock } = setUp();
    await send();
    clock.now += 7;
    expect(attempts.of(rollbackIn('traffic_verified'))).toEqual({ kind: 'none' });
    expect(attempts.of(rollbackIn('moving_alias'))).toMatchObject({
      kind: 'ambiguous',
      settledAt: T0 + 7 + SETTLE,
    });
  });

  test('nothing across a restart: a write that was meant may have left, and the wait begins once', async () => {
    const { send, again, clock } = setUp();
    await send();
    const restarted = again();
    const first = restarted.of(rollbackIn('shifting_traffic'));
    expect(first).toMatchObject({ kind: 'ambiguous', settledAt: T0 + SETTLE });
    clock.now += 9;
    expect(restarted.of(rollbackIn('shifting_traffic'))).toEqual(first);
    restarted.forget(rollbackIn('shifting_traffic').id);
    expect(restarted.of(rollbackIn('shifting_traffic'))).toMatchObject({ settledAt: T0 + 9 + SETTLE });
  });
});
