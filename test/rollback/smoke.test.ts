import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../src/config/config.ts';
import type { RemoteReason } from '../../src/remote/error.ts';
import { smokeTest, withSmoke } from '../../src/rollback/smoke.ts';
import type { WorldView } from '../../src/rollback/world.ts';
import { createFakeWorld, failure } from './fake-world.ts';
import { aHarness } from './harness.ts';
import { aModel, anEndpoint, anEntity, aView, MINUTE, OPEN, seen } from './support.ts';

const SMOKE = { file: '/smoke/credit.json' };
const PAYLOAD = '{"dataframe_records":[{"income":1}]}';

interface Asking {
  readonly model?: ModelConfig;
  readonly view?: WorldView;
  readonly fails?: RemoteReason;
  readonly text?: string | Error;
  readonly able?: boolean;
}

async function ask({ model = aModel({ smoke: SMOKE }), view = aView(), ...how }: Asking = {}) {
  const asked: string[] = [];
  const { serving } = createFakeWorld().ports;
  const smoke = async (...[endpoint, entity, payload]: readonly [{ name: string }, string, string]) => {
    asked.push(`${endpoint.name} ${entity} ${payload}`);
    if (how.fails !== undefined) throw failure(how.fails);
  };
  const result = await smokeTest(model, view, {
    serving: serving === null ? null : { ...serving, ...(how.able === false ? {} : { smoke }) },
    readFile: async (path) => {
      if (how.text instanceof Error) throw how.text;
      return path === SMOKE.file ? (how.text ?? PAYLOAD) : 'another file';
    },
  });
  return { ...result, asked };
}

const cold = aView({
  endpoint: seen(anEndpoint({ entities: [anEntity('7'), anEntity('6', { warm: false })] })),
});

describe('the smoke request', () => {
  test('goes to the own path of the version that would take over', async () => {
    expect(await ask()).toEqual({
      outcome: 'answered',
      reason: 'version 6 answered the smoke request',
      asked: [`credit-pd pd-6 ${PAYLOAD}`],
    });
  });

  test.each([
    ['none is configured', { model: aModel() }],
    ['the alias alone moves', { model: aModel({ smoke: SMOKE, moves: ['alias'] }) }],
    ['there is no endpoint', { view: aView({ endpoint: null }) }],
    [
      'the target has all traffic already',
      { view: aView({ endpoint: seen(anEndpoint({ routes: { 'pd-6': 100, 'pd-7': 0 } })) }) },
    ],
    [
      'the target is not served',
      { view: aView({ endpoint: seen(anEndpoint({ entities: [anEntity('7')] })) }) },
    ],
  ] satisfies [string, Asking][])('is not sent where %s', async (_why, asking) => {
    expect(await ask(asking)).toMatchObject({ outcome: 'not_asked', asked: [] });
  });

  test.each([
    ['timeout', 'failed', 'not_yet'],
    ['network', 'failed', 'not_yet'],
    ['unavailable', 'failed', 'not_yet'],
    ['conflict', 'failed', 'not_yet'],
    ['rate_limited', 'not_yet', 'not_yet'],
    ['bad_answer', 'failed', 'failed'],
    ['rejected', 'failed', 'failed'],
    ['forbidden', 'failed', 'failed'],
    ['not_found', 'failed', 'failed'],
    ['unauthorized', 'failed', 'failed'],
  ] as const)('that ends in %s: warm %s, asleep %s', async (...[fails, warm, asleep]) => {
    expect((await ask({ fails })).outcome).toBe(warm);
    expect((await ask({ fails, view: cold })).outcome).toBe(asleep);
  });

  test('fails with a payload that cannot be read or is no JSON, and where nothing takes one', async () => {
    expect(await ask({ text: new Error('ENOENT') })).toMatchObject({ outcome: 'failed', asked: [] });
    expect(await ask({ text: '{' })).toMatchObject({ outcome: 'failed', asked: [] });
    expect(await ask({ able: false })).toMatchObject({ outcome: 'failed', asked: [] });
  });

  test('is the last word of the gate champion_not_ready', () => {
    const gates = [...OPEN, { gate: 'champion_not_ready', held: false, reason: 'it is warm' } as const];
    const held = (outcome: 'not_asked' | 'answered' | 'failed' | 'not_yet') =>
      withSmoke(gates, { outcome, reason: 'said so' })?.map((gate) => `${gate.held} ${gate.reason}`);
    expect(held('not_asked')).toEqual(['false rollback.mode is auto', 'false it is warm']);
    expect(held('answered')).toEqual(['false rollback.mode is auto', 'false it is warm; said so']);
    expect(held('failed')).toEqual(['false rollback.mode is auto', 'true it is warm; said so']);
    expect(held('not_yet')).toBeUndefined();
  });
});

describe('a rollback whose gates cannot be answered yet', () => {
  test('waits, and needs a person when that lasts', async () => {
    let answers = false;
    const harness = await aHarness({ options: { gates: async () => (answers ? OPEN : null) } });
    expect((await harness.driver().advance(harness.id)).state).toBe('planned');
    expect(harness.world.effects).toEqual([]);
    answers = true;
    harness.pass(1);
    expect((await harness.finish()).state).toBe('done');

    const stuck = await aHarness({ options: { gates: async () => null } });
    stuck.pass(5 * MINUTE - 1);
    expect((await stuck.driver().advance(stuck.id)).state).toBe('planned');
    stuck.pass(1);
    expect((await stuck.driver().advance(stuck.id)).state).toBe('needs_human');
    expect(stuck.world.effects).toEqual([]);
  });
});
