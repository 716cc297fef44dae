import { describe, expect, test } from 'vitest';
import { NotFound, Refused } from '../../src/operations.ts';
import { StoreError } from '../../src/store/store.ts';
import { failure } from './fake-world.ts';
import { aHarness } from './harness.ts';
import { aModel, aRollback, HOUR, iso, MINUTE, SECOND, T0 } from './support.ts';

const NORMAL = [
  'planned',
  'shifting_traffic',
  'traffic_verified',
  'moving_alias',
  'alias_verified',
  'dwelling',
  'done',
];
const ann = { by: 'ann', identity: 'verified', reason: 'seen the charts' } as const;

describe('the whole way', () => {
  test('traffic, alias, dwell, done: one shift, one alias, each after its committed intent', async () => {
    const at = await aHarness();
    at.world.slowness = 3;
    const stateAtWrite: string[] = [];
    at.world.before = (call) => {
      if (call === 'shift' || call === 'alias') {
        void at.rollback().then(({ state, wrote }) => stateAtWrite.push(`${call} ${state} ${String(wrote)}`));
      }
    };
    const done = await at.finish();
    expect(done.state).toBe('done');
    expect(await at.states()).toEqual(NORMAL);
    expect(stateAtWrite).toEqual(['shift shifting_traffic true', 'alias moving_alias true']);
    expect(at.world.effects).toEqual(['our shift', 'our alias']);
    expect(at.world.endpoint()).toMatchObject({ configVersion: 12, routes: { 'pd-7': 0, 'pd-6': 100 } });
    expect(at.world.alias()).toBe('6');
    expect(done).toMatchObject({ configVersionAfter: 12, wrote: true, deadlineAt: iso(T0 + 5 * MINUTE) });
  });

  test('leaves a record per state, a hold, and its counts', async () => {
    const at = await aHarness();
    await at.finish();
    const audit = await at.store.auditFrom(1, 100);
    const states = audit.filter(({ kind }) => kind === 'rollback').map(({ body }) => body['state']);
    expect(states).toEqual(NORMAL);
    expect(audit.find(({ body }) => body['state'] === 'shifting_traffic')?.body).toMatchObject({
      rollback: at.id,
      model: 'credit_pd',
      from: '7',
      to: '6',
      reason: 'All traffic of credit-pd shall go to version 6.',
      planHash: (await at.rollback()).planHash,
    });
    expect(await at.store.holds('credit_pd')).toEqual([
      {
        model: 'credit_pd',
        version: '7',
        rollback: at.id,
        since: iso(T0),
        releasedBy: null,
        releasedAt: null,
        releaseReason: null,
      },
    ]);
    expect(await at.store.counters()).toContainEqual({
      name: 'rollbacks_total',
      labels: '{"model":"credit_pd","trigger":"automatic"}',
      value: 1,
    });
  });

  test('what the hook gives is committed with the state, and told what was before', async () => {
    const told: string[] = [];
    const at = await aHarness({
      options: {
        onTransition: async (rollback, previous) => {
          told.push(`${previous.state} -> ${rollback.state}`);
          return {
            facts: { [rollback.state]: 'told' },
            audit: [{ kind: 'ticket', body: { of: rollback.state } }],
          };
        },
      },
    });
    await at.finish();
    expect(told).toEqual(NORMAL.slice(1).map((state, index) => `${NORMAL[index] ?? ''} -> ${state}`));
    expect(await at.store.fact('moving_alias')).toBe('told');
    const records = (await at.store.auditFrom(1, 100)).filter(
      ({ kind }) => kind === 'rollback' || kind === 'ticket',
    );
    const pairs = records.map(({ kind, body }) => [kind, body['state'] ?? body['of']]);
    const expected = NORMAL.slice(1).flatMap((state) => [
      ['rollback', state],
      ['ticket', state],
    ]);
    expect(pairs).toEqual([['rollback', 'planned'], ...expected]);
  });

  test('never two steps at once for one model, whoever asks', async () => {
    const at = await aHarness();
    let running = 0;
    let most = 0;
    const { registry } = at.world.ports;
    const model = registry.model.bind(registry);
    registry.model = async (name) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      const answer = await model(name);
      running -= 1;
      return answer;
    };
    await Promise.all([at.driver().advance(at.id), at.driver().advance(at.id)]);
    expect(most).toBe(1);
    expect(at.world.effects).toEqual(['our shift', 'our alias']);
  });

  test('traffic alone ends done and leaves the alias', async () => {
    const at = await aHarness({ model: aModel({ moves: ['traffic'] }) });
    expect((await at.finish()).state).toBe('done');
    expect(await at.states()).toEqual([
      'planned',
      'shifting_traffic',
      'traffic_verified',
      'dwelling',
      'done',
    ]);
    expect(at.world.effects).toEqual(['our shift']);
  });

  test('the alias alone ends done and leaves the traffic', async () => {
    const at = await aHarness({ model: aModel({ moves: ['alias'] }) });
    expect((await at.finish()).state).toBe('done');
    expect(await at.states()).toEqual(['planned', 'moving_alias', 'alias_verified', 'dwelling', 'done']);
    expect(at.world.effects).toEqual(['our alias']);
  });
});

describe('a write whose answer is lost', () => {
  test.each(['shift', 'alias'] as const)('%s was carried out: it is not sent again', async (kind) => {
    const at = await aHarness();
    at.world.faults[kind].push('lost_applied');
    expect((await at.finish()).state).toBe('done');
    expect(at.world.effects).toEqual(['our shift', 'our alias']);
    expect(at.world.calls.filter((call) => call === kind)).toHaveLength(1);
  });

  test.each(['shift', 'alias'] as const)(
    '%s was not carried out: it is sent again, but not at once',
    async (kind) => {
      const at = await aHarness();
      at.world.faults[kind].push('lost_not_applied');
      await at.driver().advance(at.id);
      at.pass(29 * SECOND);
      await at.driver().advance(at.id);
      expect(at.world.calls.filter((call) => call === kind)).toHaveLength(1);
      at.pass(SECOND);
      await at.driver().advance(at.id);
      expect(at.world.calls.filter((call) => call === kind)).toHaveLength(2);
      expect((await at.finish()).state).toBe('done');
      expect(at.world.effects).toEqual(['our shift', 'our alias']);
    },
  );

  test('and somebody else was there meanwhile: nothing more is sent', async () => {
    const at = await aHarness();
    at.world.faults.shift.push('lost_not_applied');
    await at.driver().advance(at.id);
    at.world.humanShift({ 'pd-7': 50, 'pd-6': 50 });
    expect((await at.finish()).state).toBe('superseded');
    expect(at.world.calls.filter((call) => call === 'shift')).toHaveLength(1);
  });

  test('a refusal after it does not make it forgotten', async () => {
    const at = await aHarness();
    at.world.faults.shift.push('lost_not_applied', 'conflict');
    at.world.failNextUpdate = false;
    await at.driver().advance(at.id);
    at.pass(30 * SECOND);
    await at.driver().advance(at.id);
    expect(at.world.calls.filter((call) => call === 'shift')).toHaveLength(2);
    expect((await at.finish()).state).toBe('done');
  });
});

describe('a busy endpoint', () => {
  test('is waited for before the first write, and then the rollback goes on', async () => {
    const at = await aHarness();
    at.world.humanBusy(4);
    expect((await at.driver().advance(at.id)).state).toBe('planned');
    expect(await at.store.holds('credit_pd')).toEqual([]);
    expect((await at.finish()).state).toBe('done');
  });

  test('that never gets free needs a person, and nothing was written', async () => {
    const at = await aHarness();
    at.world.humanBusy(Infinity);
    const ended = await at.finish();
    expect(ended).toMatchObject({ state: 'needs_human', wrote: false, endedAt: iso(T0 + 5 * MINUTE) });
    expect(at.world.effects).toEqual([]);
    expect((await at.store.counters()).map(({ name }) => name)).not.toContain('rollback_failures_total');
  });

  test('that refuses with a conflict is asked again after a pause', async () => {
    const at = await aHarness();
    at.world.faults.shift.push('conflict', 'conflict');
    expect((await at.driver().advance(at.id)).state).toBe('shifting_traffic');
    await at.driver().advance(at.id);
    expect(at.world.calls.filter((call) => call === 'shift')).toHaveLength(1);
    expect((await at.finish(5 * SECOND)).state).toBe('done');
    expect(at.world.effects).toEqual(['our shift', 'our alias']);
  });
});

describe('what needs a person', () => {
  test('an update that takes longer than the deadline, with one write and a failure counted', async () => {
    const at = await aHarness();
    at.world.slowness = Infinity;
    const ended = await at.finish();
    expect(ended).toMatchObject({ state: 'needs_human', wrote: true, endedAt: iso(T0 + 5 * MINUTE) });
    expect(at.world.effects).toEqual(['our shift']);
    expect(await at.store.counters()).toContainEqual({
      name: 'rollback_failures_total',
      labels: '{"model":"credit_pd","trigger":"automatic"}',
      value: 1,
    });
  });

  test('an update that fails', async () => {
    const at = await aHarness();
    at.world.slowness = 2;
    at.world.failNextUpdate = true;
    const ended = await at.finish();
    expect(ended.state).toBe('needs_human');
    expect(ended.history.at(-1)?.why).toBe('The update of the endpoint failed; the old routes serve.');
    expect(at.world.calls.filter((call) => call === 'shift')).toHaveLength(1);
  });

  test.each([
    ['shift', 1],
    ['alias', 1],
  ] as const)('a %s that is rejected: no second try', async (kind, times) => {
    const at = await aHarness();
    at.world.faults[kind].push('rejected');
    const ended = await at.finish();
    expect(ended.state).toBe('needs_human');
    expect(ended.history.at(-1)?.why).toContain('rejected: fake forbidden (wait)');
    expect(at.world.calls.filter((call) => call === kind)).toHaveLength(times);
  });

  test('a world that cannot be read after the write, until the deadline', async () => {
    const at = await aHarness();
    at.world.before = (call) => {
      if (call === 'shift') at.world.blind = 'unavailable';
    };
    const ended = await at.finish();
    expect(ended).toMatchObject({ state: 'needs_human', endedAt: iso(T0 + 5 * MINUTE) });
    expect(at.world.effects).toEqual(['our shift']);
  });

  test('a world that cannot be read for a while does not', async () => {
    const at = await aHarness();
    at.world.blind = 'unauthorized';
    expect((await at.driver().advance(at.id)).state).toBe('planned');
    at.pass(MINUTE);
    at.world.blind = null;
    expect((await at.finish()).state).toBe('done');
  });
});

describe('gates', () => {
  test('a kill switch between plan and write blocks it', async () => {
    const at = await aHarness();
    at.killSwitch = true;
    const ended = await at.finish();
    expect(ended).toMatchObject({ state: 'blocked', wrote: false });
    expect(at.world.effects).toEqual([]);
    const [record] = (await at.store.auditFrom(1, 100)).filter(({ body }) => body['state'] === 'blocked');
    expect(record?.body).toMatchObject({ rollback: at.id, gate: 'kill_switch' });
    expect(await at.store.counters()).toContainEqual({
      name: 'rollbacks_suppressed_total',
      labels: '{"model":"credit_pd","reason":"kill_switch"}',
      value: 1,
    });
    expect(await at.store.holds('credit_pd')).toEqual([]);
  });

  test('a kill switch between intent and write keeps it from leaving', async () => {
    const at = await aHarness({
      options: {
        onTransition: async (rollback) => {
          if (rollback.state === 'shifting_traffic') at.killSwitch = true;
          return {};
        },
      },
    });
    expect((await at.driver().advance(at.id)).state).toBe('shifting_traffic');
    expect(at.world.calls).not.toContain('shift');
    at.killSwitch = false;
    expect((await at.finish()).state).toBe('done');
  });

  test('a kill switch between traffic and alias leaves the alias and calls a person', async () => {
    const at = await aHarness({
      options: {
        onTransition: async (rollback) => {
          if (rollback.state === 'traffic_verified') at.killSwitch = true;
          return {};
        },
      },
    });
    expect((await at.finish()).state).toBe('needs_human');
    expect(at.world.effects).toEqual(['our shift']);
  });

  test('a target that is no longer ready in the registry blocks it', async () => {
    const at = await aHarness();
    at.world.ports.registry.version = async () => null;
    expect((await at.finish()).state).toBe('blocked');
    expect((await at.rollback()).gates.find(({ held }) => held)?.gate).toBe('champion_not_ready');
  });

  test('the first writes of two models are decided one after the other', async () => {
    const seen: number[] = [];
    const at = await aHarness({
      options: {
        gates: async () => {
          seen.push((await at.store.rollbacks({})).filter(({ wrote }) => wrote).length);
          return [];
        },
      },
    });
    await at.store.commit({ audit: [], rollbacks: [aRollback({ id: 'rb-other', model: 'other' })] });
    await Promise.all([at.driver().advance(at.id), at.driver().advance('rb-other')]);
    expect(seen).toEqual([0, 1]);
  });

  describe('a model that was taken out of the configuration', () => {
    const gone = 'Model credit_pd was taken out of the configuration, so its rollback is not carried on';

    test('before a write: called off', async () => {
      const at = await aHarness();
      at.model = null;
      expect((await at.finish()).history.at(-1)).toMatchObject({
        state: 'cancelled',
        why: `${gone}. Nothing was changed.`,
      });
      expect(at.world.effects).toEqual([]);
    });

    test('after a write: a person is told what may be half done, and nothing more is written', async () => {
      const at = await aHarness();
      at.world.after = (call) => {
        if (call === 'shift') at.model = null;
      };
      expect((await at.finish()).history.at(-1)).toMatchObject({
        state: 'needs_human',
        why: `${gone}: look at the routes of endpoint credit-pd and the alias champion of main.risk.credit_pd, which were on their way to version 6.`,
      });
      expect(at.world.effects).toEqual(['our shift']);
    });

    test("somebody else's change says more", async () => {
      const at = await aHarness();
      at.model = null;
      at.world.humanAlias('5');
      expect((await at.finish()).state).toBe('superseded');
    });
  });
});

describe('approval', () => {
  const approveMode = { model: aModel({ mode: 'approve' }) };

  test('by another person lets the very plan go ahead', async () => {
    const at = await aHarness(approveMode);
    expect((await at.driver().advance(at.id)).state).toBe('awaiting_approval');
    expect(at.world.effects).toEqual([]);
    at.pass(HOUR);
    const going = await at.driver().approve(at.id, ann);
    expect(going).toMatchObject({
      approval: { by: 'ann', identity: 'verified', at: iso(T0 + HOUR) },
      state: 'dwelling',
    });
    expect((await at.store.auditFrom(1, 100)).find(({ kind }) => kind === 'approval')?.body).toEqual({
      subject: at.id,
      action: 'approve',
      planHash: going.planHash,
      by: 'ann',
      identity: 'verified',
      reason: 'seen the charts',
    });
  });

  test('that nobody gives expires', async () => {
    const at = await aHarness(approveMode);
    expect(await at.finish(HOUR)).toMatchObject({
      state: 'expired',
      endedAt: iso(T0 + 4 * HOUR),
      wrote: false,
    });
    expect(at.world.effects).toEqual([]);
  });

  test.each([
    ['by who asked', { requestedBy: 'Ann' }, 0, 'another person', 'approver'],
    ['too late', {}, 4 * HOUR, 'could be approved until', null],
    ['twice', { approval: { by: 'bob', identity: 'claimed', at: iso(T0) } }, 0, 'was approved by bob', null],
    ['of what needs none', { approvalExpiresAt: null }, 0, 'does not wait for an approval', null],
    ['of what has ended', { state: 'cancelled', endedAt: iso(T0) }, 0, 'does not wait for an approval', null],
  ] as const)('%s is refused', async (...[, fields, late, word, gate]) => {
    const at = await aHarness({ ...approveMode, rollback: fields });
    at.pass(late);
    const refusal = await at
      .driver()
      .approve(at.id, ann)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ gate, message: expect.stringContaining(word) });
    expect(at.world.effects).toEqual([]);
  });

  test('does not outlive a change by somebody else', async () => {
    const at = await aHarness(approveMode);
    await at.driver().advance(at.id);
    at.world.humanAlias('5');
    expect((await at.driver().approve(at.id, ann)).state).toBe('superseded');
  });

  test('an approval that is stored between reading and committing is seen by the next look', async () => {
    const at = await aHarness(approveMode);
    await at.driver().advance(at.id);
    let once = true;
    at.world.before = () => {
      if (!once) return;
      once = false;
      void at
        .rollback()
        .then((found) =>
          at.store.commit({ audit: [], rollbacks: [{ ...found, approval: { ...ann, at: iso(T0) } }] }),
        );
    };
    at.pass(4 * HOUR);
    await at.driver().advance(at.id);
    expect((await at.rollback()).state).toBe('dwelling');
  });
});

describe('calling off', () => {
  test('before the first write, and the version is on hold', async () => {
    const at = await aHarness({ model: aModel({ mode: 'approve' }) });
    await at.driver().advance(at.id);
    const ended = await at.driver().cancel(at.id, ann);
    expect(ended.history.at(-1)).toMatchObject({
      state: 'cancelled',
      why: 'ann called it off: seen the charts.',
    });
    expect(await at.store.holds('credit_pd')).toMatchObject([{ version: '7', rollback: at.id }]);
    const audit = await at.store.auditFrom(1, 100);
    expect(audit.slice(-2).map(({ kind }) => kind)).toEqual(['override', 'rollback']);
  });

  test('after it is refused', async () => {
    const at = await aHarness();
    await at.driver().advance(at.id);
    await expect(at.driver().cancel(at.id, ann)).rejects.toThrow(Refused);
    expect((await at.finish()).state).toBe('done');
    await expect(at.driver().cancel(at.id, ann)).rejects.toThrow('done');
  });

  test('what does not exist is not found', async () => {
    const at = await aHarness();
    await expect(at.driver().advance('rb-none')).rejects.toThrow(NotFound);
  });
});

describe('trouble', () => {
  test('a store that cannot commit keeps the write from leaving', async () => {
    const at = await aHarness();
    const commit = at.store.commit.bind(at.store);
    at.store.commit = async () => {
      throw new StoreError('full', 'the disk is full', 'make room');
    };
    await expect(at.driver().advance(at.id)).rejects.toThrow('the disk is full');
    expect(at.world.effects).toEqual([]);
    at.store.commit = commit;
    expect((await at.finish()).state).toBe('done');
  });

  test('an expected failure of a read is no bug, anything else is', async () => {
    const at = await aHarness();
    at.world.before = () => {
      throw failure('network');
    };
    expect((await at.driver().advance(at.id)).state).toBe('planned');
    at.world.before = () => {
      throw new TypeError('a bug');
    };
    await expect(at.driver().advance(at.id)).rejects.toThrow(TypeError);
  });
});
