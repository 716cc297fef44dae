import { describe, expect, test } from 'vitest';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import { conformanceFacts, readConformance } from '../../src/evaluation/conformance.ts';
import { tellChangesDue } from '../../src/evaluation/tell-changes.ts';
import { silentLogger } from '../../src/log.ts';
import { afterStep } from '../../src/rollback/record.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { World } from '../../src/rollback/world.ts';
import type { Store } from '../../src/store/store.ts';
import { exceptionOf, holdOf } from '../contracts/store-records.ts';
import {
  aModel,
  anEndpoint,
  aRegisteredModel,
  aRollback,
  DAY,
  HOUR,
  MINUTE,
  seen,
  T0,
} from '../rollback/support.ts';
import { openedStore } from '../store/sqlite/support.ts';
import { type FakeChanges, fakeChanges } from '../support/fake-changes.ts';

const MODEL = aModel();
const AT = T0 + 10 * MINUTE;
const EVENT = {
  at: new Date(AT - MINUTE).toISOString(),
  workspace: '4711',
  actor: 'kim@bank.example',
  service: 'serverlessRealTimeInference',
  action: 'updateServingEndpoint',
  params: { name: 'credit-pd' },
  status: 200,
};

interface Stage {
  readonly store: Store;
  readonly changes: FakeChanges;
  now: number;
  ended: boolean;
  tell(): Promise<readonly string[]>;
}

async function aStage(
  changes: FakeChanges = fakeChanges([EVENT]),
  model: ModelConfig = MODEL,
): Promise<Stage> {
  const store = await openedStore(':memory:');
  const config = {
    models: { [model.name]: model },
    http: { publicUrl: null },
    owners: {},
  } as unknown as Config;
  const domain = { now: () => stage.now };
  const stage: Stage = {
    store,
    changes,
    now: AT,
    ended: false,
    tell: () =>
      tellChangesDue({
        ...{ config, store, changes, clocks: { domain, wall: domain }, logger: silentLogger() },
        ended: () => stage.ended,
        tell: {
          store,
          owner: async () => ({
            name: 'mrm',
            email: null,
            desk: 'ops',
            tier: 'high',
            problem: null,
            unread: false,
          }),
          now: () => stage.now,
          publicUrl: () => null,
        },
      }),
  };
  return stage;
}

/** A rollback of T0 that somebody overtook at AT, told in a case. */
async function superseded(store: Store): Promise<Rollback> {
  const exception = exceptionOf('ex-1', { model: MODEL.name, cause: 'prediction', desk: 'ops' });
  const planned = aRollback({ exception: 'ex-1' });
  await store.commit({ audit: [], exceptions: [exception], rollbacks: [planned] });
  const stored = await reread(store, planned.id);
  const why = 'endpoint credit-pd: routes are other ones. Somebody else changed it.';
  const step = { state: 'superseded', why, write: null, wait: false, changes: {} } as const;
  const ended = afterStep(stored, { ...step, remembers: {} as never }, { now: AT, gates: null });
  await store.commit({ audit: [], rollbacks: [ended] });
  return reread(store, planned.id);
}

async function reread(store: Store, id: string): Promise<Rollback> {
  const found = await store.rollback(id);
  if (found === null) throw new Error(`no rollback ${id}`);
  return found;
}

describe('a superseded rollback', () => {
  test('is told with the name when the log has it: in its reason, in the audit chain and at the desk of its case', async () => {
    const stage = await aStage();
    const { store } = stage;
    const before = await superseded(store);
    expect(await stage.tell()).toEqual([]);
    expect(stage.changes.asked).toEqual([]);
    stage.now = AT + 5 * MINUTE;
    expect(await stage.tell()).toEqual([MODEL.name]);
    const after = await reread(store, before.id);
    const { state, why } = after.history.at(-1) ?? {};
    expect(state).toBe('superseded');
    expect(why).toBe(
      `${before.history.at(-1)?.why} The audit log of the workspace names kim@bank.example (endpoint credit-pd, ${EVENT.at}, workspace 4711).`,
    );
    expect(after).toMatchObject({ state: 'superseded', endedAt: before.endedAt });
    const records = await store.auditFrom(1, 100);
    expect(records.at(-1)).toMatchObject({
      kind: 'rollback',
      body: { rollback: before.id, state: 'superseded', reason: why },
    });
    const messages = await store.messages('ex-1');
    expect(messages.map(({ action, text }) => [action, text.includes('kim@bank.example')])).toEqual([
      ['update', true],
    ]);
  });

  test('asks for endpoint and alias, from the plan to a moment after it was noticed, and once', async () => {
    const stage = await aStage();
    await superseded(stage.store);
    stage.now = AT + HOUR;
    await stage.tell();
    stage.now = AT + 2 * DAY;
    expect(await stage.tell()).toEqual([]);
    expect(stage.changes.asked).toEqual([
      {
        resources: [
          { kind: 'endpoint', name: 'credit-pd' },
          { kind: 'alias', model: 'main.risk.credit_pd', alias: 'champion' },
        ],
        from: T0 - MINUTE,
        to: AT + MINUTE,
      },
    ]);
  });

  test('waits for a log that lags, and after a day says that it has no such change', async () => {
    const stage = await aStage(fakeChanges([]));
    const { id } = await superseded(stage.store);
    for (const age of [5 * MINUTE, HOUR, 4 * HOUR, DAY - 1]) {
      stage.now = AT + age;
      expect(await stage.tell()).toEqual([]);
    }
    expect((await reread(stage.store, id)).history).toHaveLength(2);
    expect(stage.changes.asked).toHaveLength(3);
    stage.now = AT + DAY;
    expect(await stage.tell()).toEqual([MODEL.name]);
    expect((await reread(stage.store, id)).history.at(-1)?.why).toContain('still has no such change');
  });

  test('says why nobody is named where the log may not be read', async () => {
    const stage = await aStage();
    stage.changes.answer = { told: false, reason: 'no_grant', why: 'no grant on system.access.audit' };
    const { id } = await superseded(stage.store);
    stage.now = AT + 5 * MINUTE;
    await stage.tell();
    expect((await reread(stage.store, id)).history.at(-1)?.why).toContain(
      'Who changed it is not told: no grant on system.access.audit.',
    );
  });

  test('writes nothing down for a program that ends, which the next one asks again', async () => {
    const stage = await aStage();
    const { id } = await superseded(stage.store);
    stage.now = AT + 5 * MINUTE;
    const { told } = stage.changes;
    stage.changes.told = async (question) => {
      stage.ended = true;
      return told(question);
    };
    expect(await stage.tell()).toEqual([]);
    stage.ended = false;
    expect((await reread(stage.store, id)).history).toHaveLength(2);
    stage.changes.told = told;
    expect(await stage.tell()).toEqual([MODEL.name]);
  });

  test('of longer ago is left alone', async () => {
    const stage = await aStage();
    await superseded(stage.store);
    stage.now = AT + 3 * DAY;
    expect(await stage.tell()).toEqual([]);
    expect(stage.changes.asked).toEqual([]);
  });
});

/** Version 7 serves, and the champion is 6. */
const WORLD: World = {
  registered: seen(aRegisteredModel({ aliases: { champion: '6' } })),
  endpoint: seen(anEndpoint()),
};

async function cycleSees(stage: Stage, model: ModelConfig = MODEL) {
  const clocks = { domain: { now: () => stage.now }, wall: { now: () => stage.now } };
  const ports = { registry: {} as never, serving: null };
  const found = await readConformance(model, WORLD, { store: stage.store, ports, clocks });
  await stage.store.commit({ audit: [], facts: conformanceFacts(model.name, found) });
  return found.finding;
}

describe('what serves and is not the champion', () => {
  test('is named in the finding that opens the case, once the difference has stood for a window', async () => {
    const stage = await aStage();
    expect((await cycleSees(stage)).signal).toBeNull();
    stage.now = AT + 5 * MINUTE;
    expect(await stage.tell()).toEqual([MODEL.name]);
    stage.now = AT + DAY;
    const finding = await cycleSees(stage);
    expect(finding.signal).toBe('breach');
    expect(finding.reason).toMatch(
      /since 2026-11-24T10:10:00\.000Z\. The audit log of the workspace names kim@bank\.example \(endpoint credit-pd/,
    );
    const [{ from, to } = { from: 0, to: 0 }] = stage.changes.asked;
    expect([from, to]).toEqual([AT - DAY - HOUR - MINUTE, AT + MINUTE]);
  });

  test('is noted in a case that is open already, which stays as it is', async () => {
    const stage = await aStage();
    await cycleSees(stage);
    const exception = exceptionOf('ex-2', {
      model: MODEL.name,
      cause: 'conformance',
      desk: 'ops',
      state: 'acknowledged',
    });
    await stage.store.commit({ audit: [], exceptions: [exception] });
    stage.now = AT + 5 * MINUTE;
    expect(await stage.tell()).toEqual([MODEL.name]);
    const noted = await stage.store.exception('ex-2');
    expect(noted?.state).toBe('acknowledged');
    expect(noted?.history.at(-1)).toMatchObject({ state: 'acknowledged', by: null });
    expect(noted?.history.at(-1)?.why).toContain('kim@bank.example');
    const messages = await stage.store.messages('ex-2');
    expect(messages.map(({ action, text }) => [action, text])).toEqual([
      ['update', noted?.history.at(-1)?.why],
    ]);
  });

  test('decides alike whether the log tells, does not tell, or is not asked', async () => {
    const findings = [];
    for (const answer of [null, { told: false, reason: 'no_grant', why: 'no grant' }, undefined] as const) {
      const stage = await aStage();
      await cycleSees(stage);
      stage.now = AT + HOUR;
      if (answer !== undefined) {
        stage.changes.answer = answer;
        await stage.tell();
      }
      stage.now = AT + DAY;
      const { reason, ...decided } = await cycleSees(stage);
      findings.push(decided);
      expect(reason).toContain('the alias champion points to version 6');
    }
    expect(new Set(findings.map((finding) => JSON.stringify(finding))).size).toBe(1);
  });

  test('is asked about anew when something else serves', async () => {
    const stage = await aStage();
    await cycleSees(stage);
    stage.now = AT + HOUR;
    await stage.tell();
    await stage.store.commit({
      audit: [],
      facts: {
        [`conformance:${MODEL.name}`]: JSON.stringify({ serving: '8', champion: '6', since: stage.now }),
      },
    });
    stage.now += HOUR;
    await stage.tell();
    expect(stage.changes.asked).toHaveLength(2);
  });

  test('is not asked about once the champion serves again, though the case is still open', async () => {
    const stage = await aStage();
    const facts = {
      [`conformance:${MODEL.name}`]: JSON.stringify({ serving: '6', champion: '6', since: AT }),
    };
    const open = exceptionOf('ex-3', { model: MODEL.name, cause: 'conformance', desk: 'ops' });
    await stage.store.commit({ audit: [], facts, exceptions: [open] });
    stage.now = AT + HOUR;
    await stage.tell();
    expect(stage.changes.asked).toEqual([]);
  });

  test('is asked about where a version that a rollback left was put back with its alias', async () => {
    const stage = await aStage();
    const facts = {
      [`conformance:${MODEL.name}`]: JSON.stringify({ serving: '7', champion: '7', since: AT }),
    };
    await stage.store.commit({ audit: [], facts, holds: [{ ...holdOf('7'), model: MODEL.name }] });
    stage.now = AT + HOUR;
    await stage.tell();
    expect(stage.changes.asked).toHaveLength(1);
  });

  test.each([
    ['observe', 0],
    ['approve', 1],
  ] as const)('without a champion, in mode %s: asked %d times', async (mode, times) => {
    const stage = await aStage(fakeChanges([EVENT]), aModel({ mode }));
    const facts = {
      [`conformance:${MODEL.name}`]: JSON.stringify({ serving: '7', champion: null, since: AT }),
    };
    await stage.store.commit({ audit: [], facts });
    stage.now = AT + HOUR;
    await stage.tell();
    expect(stage.changes.asked).toHaveLength(times);
  });
});
