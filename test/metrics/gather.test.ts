import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { canonicalLabels, increment } from '../../src/metrics/counters.ts';
import { gatherSnapshotInput, intervalSeconds } from '../../src/metrics/gather.ts';
import {
  auditRecord,
  DAY,
  evaluation,
  fleetConfig,
  HOUR,
  memoryState,
  memoryStore,
  message,
  modelConfig,
  NOW,
  status,
  stored,
} from './fixtures.ts';

const config = fleetConfig([modelConfig('a'), modelConfig('b')]);

function day(back: number, verdict: 'ok' | 'error', model = 'a') {
  const window = { start: isoTime(NOW - (back + 1) * DAY), end: isoTime(NOW - back * DAY) };
  return stored(evaluation({ model, window, verdict }), NOW - back * DAY + HOUR);
}

describe('what is read', () => {
  test('the first time everything, afterwards only the models that changed', async () => {
    const state = memoryState({ evaluations: [day(1, 'ok', 'a'), day(1, 'ok', 'b')] });
    const previous = await gatherSnapshotInput(memoryStore(state), config, { now: NOW });
    expect(state.asked).toContain('evaluations a');
    expect(state.asked).toContain('evaluations b');
    state.asked = [];
    const changed = new Set(['b']);
    const next = await gatherSnapshotInput(memoryStore(state), config, { now: NOW, previous, changed });
    expect(state.asked.filter((query) => / [ab]$/.test(query))).toEqual([
      'evaluations b',
      'rollbacks b',
      'exceptions b',
    ]);
    expect(next.models[0]).toBe(previous.models[0]);
  });

  test('a count that grew beside the cycle is seen although nobody named the model', async () => {
    const state = memoryState();
    const previous = await gatherSnapshotInput(memoryStore(state), config, { now: NOW });
    state.counters = [increment('tickets_opened_total', { model: 'a', desk: 'pager' })];
    const next = await gatherSnapshotInput(memoryStore(state), config, {
      now: NOW,
      previous,
      changed: new Set(),
    });
    expect(next.models[0]?.totals).toEqual({ 'tickets_opened_total{"desk":"pager","model":"a"}': 1 });
    expect(next.models[1]).toBe(previous.models[1]);
  });

  test('a model that is configured no longer is gone', async () => {
    const store = memoryStore(memoryState({ evaluations: [day(1, 'ok', 'b')] }));
    const previous = await gatherSnapshotInput(store, config, { now: NOW });
    const next = await gatherSnapshotInput(store, fleetConfig([modelConfig('a')]), { now: NOW, previous });
    expect(next.models.map((facts) => facts.model)).toEqual(['a']);
  });
});

describe('when an evaluation last succeeded', () => {
  async function lastSuccess(evaluations: ReturnType<typeof day>[], before?: number) {
    const store = memoryStore(memoryState({ evaluations }));
    const first = await gatherSnapshotInput(store, config, { now: NOW });
    if (before === undefined) return first.models[0]?.lastSuccess;
    const previous = { ...first, models: [{ ...first.models[0]!, lastSuccess: before }] };
    return (await gatherSnapshotInput(store, config, { now: NOW, previous })).models[0]?.lastSuccess;
  }

  test('the newest one, when it did not fail', async () => {
    expect(await lastSuccess([day(1, 'ok'), day(2, 'ok')])).toBe(NOW - DAY + HOUR);
  });

  test('unknown for want of rows is an answer and no failure', async () => {
    const empty = stored(evaluation({ model: 'a', verdict: 'no_data' }), NOW - HOUR);
    expect(await lastSuccess([empty])).toBe(NOW - HOUR);
  });

  test('the newest that did not, before a stretch of failures', async () => {
    const failures = Array.from({ length: 20 }, (_, back) => day(back + 1, 'error'));
    expect(await lastSuccess([...failures, day(21, 'ok')])).toBe(NOW - 21 * DAY + HOUR);
  });

  test('never, when all failed: absent and not 0', async () => {
    expect(await lastSuccess([day(1, 'error'), day(2, 'error')])).toBeNull();
  });

  test('once known it is kept through failures, without searching far back again', async () => {
    expect(await lastSuccess([day(1, 'error')], 12_345)).toBe(12_345);
  });

  test('a success between two readings counts although a failure followed it', async () => {
    expect(await lastSuccess([day(1, 'error'), day(2, 'ok')], 12_345)).toBe(NOW - 2 * DAY + HOUR);
  });
});

test('owner and tier are those the last cycle resolved, before it those configured', async () => {
  const state = memoryState({ statuses: [status({ model: 'a', owner: 'from-registry', tier: 'low' })] });
  const models = [modelConfig('a'), modelConfig('b', { owner: null, riskTier: null })];
  const { models: facts } = await gatherSnapshotInput(memoryStore(state), fleetConfig(models), { now: NOW });
  expect(facts.map(({ owner, tier }) => ({ owner, tier }))).toEqual([
    { owner: 'from-registry', tier: 'low' },
    { owner: 'default', tier: 'high' },
  ]);
});

test.each([
  [{ kind: 'fixed', milliseconds: HOUR }, 3600],
  [{ kind: 'calendar', unit: 'month' }, 31 * 86_400],
  [{ kind: 'calendar', unit: 'quarter' }, 92 * 86_400],
] as const)('the interval of %o is its longest', (length, seconds) => {
  expect(intervalSeconds(length)).toBe(seconds);
});

test('a desk that is configured no longer stays visible while changes wait for it', async () => {
  const state = memoryState({
    waiting: [message({ desk: 'gone' }), message({ queuedAt: isoTime(NOW - DAY) })],
  });
  const { desks } = await gatherSnapshotInput(memoryStore(state), config, { now: NOW });
  expect(desks.map(({ desk, waiting, oldestQueued }) => [desk, waiting, oldestQueued])).toEqual([
    ['jira-risk', 1, NOW - DAY],
    ['pager', 0, null],
    ['gone', 1, NOW - HOUR],
  ]);
});

describe('the audit chain', () => {
  const chain = Array.from({ length: 250 }, (_, at) =>
    auditRecord(at + 1, at === 199 ? 'checkpoint' : 'evaluation', NOW + at),
  );

  test('counts begin with the process, the newest checkpoint is found in what was there before', async () => {
    const store = memoryStore(memoryState({ audit: chain }));
    const { audit } = await gatherSnapshotInput(store, config, { now: NOW });
    expect(audit).toEqual({ seq: 250, records: {}, lastCheckpoint: NOW + 199 });
  });

  test('later readings add what was appended since, each record once', async () => {
    const state = memoryState({ audit: chain });
    const store = memoryStore(state);
    const previous = await gatherSnapshotInput(store, config, { now: NOW });
    state.audit = [...chain, auditRecord(251, 'verdict'), auditRecord(252, 'checkpoint', NOW + 999)];
    const next = await gatherSnapshotInput(store, config, { now: NOW, previous });
    const same = await gatherSnapshotInput(store, config, { now: NOW, previous: next });
    expect(same.audit).toEqual({
      seq: 252,
      records: { verdict: 1, checkpoint: 1 },
      lastCheckpoint: NOW + 999,
    });
  });

  test('an empty chain has neither', async () => {
    const { audit } = await gatherSnapshotInput(memoryStore(memoryState()), config, { now: NOW });
    expect(audit).toEqual({ seq: 0, records: {}, lastCheckpoint: null });
  });
});

test('equal labels are equal text, in whatever order they are written', () => {
  expect(canonicalLabels({ model: 'm', desk: 'd' })).toBe(canonicalLabels({ desk: 'd', model: 'm' }));
  expect(increment('evaluations_total', { model: 'm' })).toEqual({
    name: 'evaluations_total',
    labels: '{"model":"m"}',
    value: 1,
  });
});
