import { assert, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { increment } from '../../src/metrics/counters.ts';
import type { ModelFacts, SnapshotInput } from '../../src/metrics/facts.ts';
import { gatherSnapshotInput } from '../../src/metrics/gather.ts';
import { renderModelSnapshot } from '../../src/metrics/snapshot.ts';
import { GATES } from '../../src/rollback/rollback.ts';
import {
  auditRecord,
  check,
  DAY,
  evaluation,
  exceptionCase,
  fleetConfig,
  HOUR,
  type MemoryState,
  memoryState,
  memoryStore,
  message,
  modelConfig,
  NOW,
  policy,
  rollback,
  samplesIn,
  status,
  stored,
} from './fixtures.ts';

const M = 'model="credit_pd"';

async function inputOf(
  state: Partial<MemoryState>,
  models = [modelConfig('credit_pd')],
): Promise<SnapshotInput> {
  return gatherSnapshotInput(memoryStore(memoryState(state)), fleetConfig(models), { now: NOW });
}

async function samplesOf(state: Partial<MemoryState>) {
  return samplesIn(renderModelSnapshot(await inputOf(state)).text);
}

function names(samples: ReadonlyMap<string, number>): ReadonlySet<string> {
  return new Set(
    [...samples.keys()].map((series) => series.replace(/[{].*/, '').replace('driftwarden_', '')),
  );
}

describe('a model that has never been evaluated', () => {
  test('is there with its configuration, its counters are 0 and its timestamps absent', async () => {
    const samples = await samplesOf({});
    expect(samples.get(`driftwarden_model_info{${M},model_owner="retail-credit",model_tier="high"}`)).toBe(1);
    expect(samples.get(`driftwarden_evaluation_interval_seconds{${M}}`)).toBe(86_400);
    expect(samples.get(`driftwarden_evaluations_total{${M}}`)).toBe(0);
    expect(samples.get(`driftwarden_windows_skipped_total{${M},reason="catch_up"}`)).toBe(0);
    expect(samples.get(`driftwarden_rollbacks_total{${M},trigger="automatic"}`)).toBe(0);
    expect(samples.get(`driftwarden_tickets_opened_total{${M},desk="pager"}`)).toBe(0);
    expect(samples.get(`driftwarden_exceptions_opened_total{${M},cause="drift"}`)).toBe(0);
    expect(samples.get('driftwarden_ticket_deliveries_total{desk="jira-risk"}')).toBe(0);
    for (const gate of GATES)
      expect(samples.get(`driftwarden_rollbacks_suppressed_total{${M},reason="${gate}"}`)).toBe(0);
    expect([...names(samples)].filter((name) => name.includes('timestamp'))).toEqual([]);
    expect([...names(samples)].filter((name) => name.startsWith('check_'))).toEqual([]);
    expect(names(samples)).not.toContain('owner_resolved');
  });
});

describe('checks', () => {
  test.each([
    ['ok', 0],
    ['warn', 1],
    ['breach', 2],
  ] as const)('%s is status %i, and nothing is unknown', async (verdict, value) => {
    const record = evaluation({ verdict, policy: [policy({ verdict })], checks: [check({ verdict })] });
    const samples = await samplesOf({ evaluations: [stored(record)] });
    const labels = `${M},check="drift",check_kind="input_drift"`;
    expect(samples.get(`driftwarden_check_status{${labels}}`)).toBe(value);
    expect(samples.get(`driftwarden_check_insufficient_data{${labels}}`)).toBe(0);
    expect(names(samples)).not.toContain('check_unknown');
  });

  test.each(['insufficient', 'no_data', 'stale', 'error'] as const)(
    '%s has no status: it is unknown, with its reason',
    async (verdict) => {
      const record = evaluation({ verdict, policy: [policy({ verdict })], checks: [check({ verdict })] });
      const samples = await samplesOf({ evaluations: [stored(record)] });
      const labels = `${M},check="drift",check_kind="input_drift"`;
      expect(names(samples)).not.toContain('check_status');
      expect(samples.get(`driftwarden_check_unknown{${labels},reason="${verdict}"}`)).toBe(1);
      expect(samples.get(`driftwarden_check_insufficient_data{${labels}}`)).toBe(
        verdict === 'insufficient' ? 1 : 0,
      );
    },
  );

  test('score, bound, noise floor, limits, ratio and rows stand beside it', async () => {
    const samples = await samplesOf({ evaluations: [stored(evaluation())] });
    const byMethod = `${M},check="drift",method="psi"`;
    expect(
      samples.get(`driftwarden_check_score{${M},check="drift",check_kind="input_drift",method="psi"}`),
    ).toBe(0.02);
    expect(samples.get(`driftwarden_check_lower_bound{${byMethod}}`)).toBe(0.01);
    expect(samples.get(`driftwarden_check_noise_floor{${byMethod}}`)).toBe(0.0037);
    expect(samples.get(`driftwarden_check_threshold{${byMethod},level="warning"}`)).toBe(0.1);
    expect(samples.get(`driftwarden_check_threshold{${byMethod},level="breach"}`)).toBe(0.25);
    expect(
      samples.get(`driftwarden_check_breach_ratio{${M},check="drift",check_kind="input_drift"}`),
    ).toBeCloseTo(0.08);
    expect(samples.get(`driftwarden_check_window_rows{${M},check="drift"}`)).toBe(4812);
    expect(samples.get(`driftwarden_features_monitored{${M}}`)).toBe(1);
    expect(samples.get(`driftwarden_feature_drift_score{${M},feature="income",method="psi"}`)).toBe(0.02);
  });

  const edge: number = 2 * DAY + 300_000;
  test.each([
    ['one millisecond before', edge - 1, true],
    ['at', edge, true],
    ['one millisecond after', edge + 1, false],
  ])('%s two intervals and five minutes the verdict is fresh: %s', async (_, age, fresh) => {
    const samples = await samplesOf({ evaluations: [stored(evaluation(), NOW - age)] });
    expect(names(samples).has('check_status')).toBe(fresh);
    expect(names(samples).has('check_score')).toBe(fresh);
    expect(names(samples).has('feature_drift_score')).toBe(fresh);
    expect(names(samples).has('check_unknown')).toBe(!fresh);
    expect(names(samples)).toContain('evaluation_last_success_timestamp_seconds');
  });
});

test('what a cycle saw around the model', async () => {
  const samples = await samplesOf({ statuses: [status()] });
  expect(samples.get(`driftwarden_model_active_version_info{${M},model_version="7"}`)).toBe(1);
  expect(samples.get(`driftwarden_traffic_share_ratio{${M},model_version="3"}`)).toBe(0.1);
  expect(samples.get(`driftwarden_champion_conformant{${M}}`)).toBe(0);
  expect(samples.get(`driftwarden_rollback_ready{${M},readiness="hot"}`)).toBe(1);
  expect(samples.get(`driftwarden_rollback_gate_held{${M},reason="mode"}`)).toBe(1);
  expect(samples.has(`driftwarden_rollback_gate_held{${M},reason="freeze"}`)).toBe(false);
});

test('without serving traffic the champion alias is the active version', async () => {
  const samples = await samplesOf({
    statuses: [status({ servingVersion: null, shares: {}, conformant: null })],
  });
  expect(samples.get(`driftwarden_model_active_version_info{${M},model_version="3"}`)).toBe(1);
  expect(names(samples)).not.toContain('champion_conformant');
});

test('rollbacks, exceptions, tickets, the outbox and the chain', async () => {
  const samples = await samplesOf({
    rollbacks: [
      rollback({ trigger: 'manual', state: 'needs_human' }),
      rollback({ state: 'shifting_traffic', createdAt: isoTime(NOW - 60_000), endedAt: null }),
    ],
    exceptions: [exceptionCase()],
    waiting: [message()],
    counters: [
      increment('tickets_opened_total', { model: 'credit_pd', desk: 'jira-risk' }, 2),
      increment('ticket_deliveries_total', { desk: 'jira-risk' }, 5),
      increment('rollbacks_total', { model: 'credit_pd', trigger: 'manual' }),
      increment('rollback_failures_total', { model: 'credit_pd', trigger: 'manual' }),
      increment('exceptions_opened_total', { model: 'credit_pd', cause: 'drift' }),
      increment('rollbacks_suppressed_total', { model: 'credit_pd', reason: 'freeze' }, 4),
    ],
    audit: [auditRecord(1, 'genesis'), auditRecord(2, 'checkpoint', NOW - HOUR)],
  });
  expect(samples.get(`driftwarden_rollbacks_total{${M},trigger="manual"}`)).toBe(1);
  expect(samples.get(`driftwarden_rollback_failures_total{${M},trigger="manual"}`)).toBe(1);
  expect(samples.get(`driftwarden_rollback_failures_total{${M},trigger="automatic"}`)).toBe(0);
  expect(samples.get(`driftwarden_rollback_in_progress{${M}}`)).toBe(1);
  expect(samples.get(`driftwarden_rollback_state{${M},state="shifting_traffic"}`)).toBe(1);
  expect(samples.get(`driftwarden_rollback_last_timestamp_seconds{${M}}`)).toBe((NOW - HOUR) / 1000);
  expect(samples.get(`driftwarden_rollbacks_suppressed_total{${M},reason="freeze"}`)).toBe(4);
  expect(samples.get(`driftwarden_exceptions_open{${M},severity="high"}`)).toBe(1);
  expect(samples.get(`driftwarden_exceptions_opened_total{${M},cause="drift"}`)).toBe(1);
  expect(samples.get(`driftwarden_exception_earliest_due_timestamp_seconds{${M}}`)).toBe((NOW + DAY) / 1000);
  expect(samples.get(`driftwarden_tickets_open{${M},desk="jira-risk"}`)).toBe(1);
  expect(samples.get(`driftwarden_tickets_opened_total{${M},desk="jira-risk"}`)).toBe(2);
  expect(samples.get('driftwarden_ticket_deliveries_total{desk="jira-risk"}')).toBe(5);
  expect(samples.get('driftwarden_outbox_items{desk="jira-risk"}')).toBe(1);
  expect(samples.get('driftwarden_outbox_oldest_timestamp_seconds{desk="jira-risk"}')).toBe(
    (NOW - HOUR) / 1000,
  );
  expect(samples.get('driftwarden_audit_last_checkpoint_timestamp_seconds')).toBe((NOW - HOUR) / 1000);
});

describe('the series cap', () => {
  const models = ['a', 'b', 'c'].map((name) => modelConfig(name));

  async function capped(maxSeries: number) {
    const input = await inputOf({}, models);
    return renderModelSnapshot({ ...input, maxSeries });
  }

  test.each([
    ['one below', -1, ['c']],
    ['at', 0, []],
    ['one above', 1, []],
  ])('%s what three models need', async (_, difference, dropped) => {
    const limited = dropped.length > 0;
    const needed = (await capped(1_000_000)).series;
    const snapshot = await capped(needed + difference);
    expect(snapshot).toMatchObject({ dropped, limited, series: limited ? (needed / 3) * 2 : needed });
    expect(samplesIn(snapshot.text).get('driftwarden_series_limited')).toBe(limited ? 1 : 0);
    expect(samplesIn(snapshot.text).get('driftwarden_series')).toBe(snapshot.series);
  });

  test('a model is in it whole or not at all, and the first ones stay', async () => {
    const whole = samplesIn((await capped(1_000_000)).text);
    const perModel = (name: string, samples: ReadonlyMap<string, number>) =>
      [...samples.keys()].filter((series) => series.includes(`model="${name}"`)).length;
    const input = await inputOf({}, models);
    assert(
      property(nat(400), (maxSeries) => {
        const samples = samplesIn(renderModelSnapshot({ ...input, maxSeries }).text);
        const counts = ['a', 'b', 'c'].map((name) => perModel(name, samples));
        expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(maxSeries);
        for (const [place, count] of counts.entries()) {
          expect([0, perModel('a', whole)]).toContain(count);
          if (place > 0) expect(count).toBeLessThanOrEqual(counts[place - 1]!);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test('a number that is not finite is absent, in every place a number comes from', async () => {
  const bad = check({ value: Number.NaN, lower: Number.NaN, noiseFloor: Number.POSITIVE_INFINITY });
  const { text } = renderModelSnapshot(
    await inputOf({ evaluations: [stored(evaluation({ checks: [bad] }))] }),
  );
  expect(text).not.toMatch(/nan|inf\b|infinity/i);
});

test('the two formats hold the same samples, and every family says its help and type once', async () => {
  const state = { evaluations: [stored(evaluation())], statuses: [status()] };
  const { text, openMetrics } = renderModelSnapshot(await inputOf(state));
  expect(samplesIn(openMetrics)).toEqual(samplesIn(text));
  const types = text.split('\n').filter((line) => line.startsWith('# TYPE '));
  expect(new Set(types).size).toBe(types.length);
  expect(openMetrics).toContain('# TYPE driftwarden_evaluations counter\n');
});

test('rendering again gives the same text; one changed model changes only its own lines', async () => {
  const input = await inputOf({}, [modelConfig('a'), modelConfig('b')]);
  const before = renderModelSnapshot(input);
  expect(renderModelSnapshot({ ...input })).toEqual(before);
  const changed: ModelFacts = { ...input.models[1]!, owner: 'somebody-else' };
  const after = renderModelSnapshot({ ...input, models: [input.models[0]!, changed] });
  const differing = after.text.split('\n').filter((line, at) => line !== before.text.split('\n')[at]);
  expect(differing).toEqual([
    'driftwarden_model_info{model="b",model_owner="somebody-else",model_tier="high"} 1',
  ]);
});
