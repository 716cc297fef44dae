import { expect, test } from 'vitest';
import { createDaemonMetrics } from '../../src/metrics/daemon.ts';
import { measured } from '../../src/metrics/measured.ts';
import { scrape } from '../../src/metrics/scrape.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { samplesIn } from './fixtures.ts';

function daemon(process = false) {
  return createDaemonMetrics({
    build: { version: '0.1.0', revision: 'abc' },
    sources: ['duckdb'],
    process,
  });
}

test('counters of the daemon exist at 0 from the start', async () => {
  const samples = samplesIn(await daemon().text());
  expect(samples.get('driftwarden_source_queries_total{source="duckdb"}')).toBe(0);
  expect(samples.get('driftwarden_source_query_failures_total{source="duckdb"}')).toBe(0);
  expect(samples.get('driftwarden_source_query_duration_seconds_count{source="duckdb"}')).toBe(0);
  expect(samples.get('driftwarden_log_messages_total{level="error"}')).toBe(0);
  expect(samples.get('driftwarden_evaluation_duration_seconds_count')).toBe(0);
});

test('what nobody has looked at yet is absent: 0 would be a store that is down and a load in 1970', async () => {
  const samples = samplesIn(await daemon().text());
  expect(samples.has('driftwarden_store_up')).toBe(false);
  expect(samples.has('driftwarden_config_last_reload_successful')).toBe(false);
  expect(samples.has('driftwarden_config_last_reload_success_timestamp_seconds')).toBe(false);
});

test('it says what it was told', async () => {
  const metrics = daemon();
  metrics.configLoaded(1_700_000_000_500);
  metrics.storeAnswered(true);
  metrics.queueLength(3);
  metrics.evaluationStarted();
  metrics.evaluationStarted();
  metrics.evaluationEnded('credit_pd', 2.5);
  metrics.logged('warn');
  metrics.logged('a level nobody configured');
  const samples = samplesIn(await metrics.text());
  expect(samples.get('driftwarden_config_last_reload_successful')).toBe(1);
  expect(samples.get('driftwarden_config_last_reload_success_timestamp_seconds')).toBe(1_700_000_000.5);
  expect(samples.get('driftwarden_store_up')).toBe(1);
  expect(samples.get('driftwarden_evaluation_queue_length')).toBe(3);
  expect(samples.get('driftwarden_evaluations_in_progress')).toBe(1);
  expect(samples.get('driftwarden_evaluation_duration_seconds_sum')).toBe(2.5);
  expect(samples.get('driftwarden_log_messages_total{level="warn"}')).toBe(1);
  expect([...samples.keys()].filter((series) => series.includes('nobody'))).toEqual([]);
  expect(metrics.durations()).toEqual(new Map([['credit_pd', 2.5]]));
});

test('a refused configuration keeps the time of the last good one', async () => {
  const metrics = daemon();
  metrics.configLoaded(1_700_000_000_000);
  metrics.configRefused();
  const samples = samplesIn(await metrics.text());
  expect(samples.get('driftwarden_config_last_reload_successful')).toBe(0);
  expect(samples.get('driftwarden_config_last_reload_success_timestamp_seconds')).toBe(1_700_000_000);
});

test("sessions and wake-ups of a warehouse exist at 0 and are counted; a statement is a model's", async () => {
  const metrics = daemon();
  const counts = async () => {
    const samples = samplesIn(await metrics.text());
    return ['sessions', 'wakeups'].map((what) => samples.get(`driftwarden_warehouse_${what}_total`));
  };
  expect(await counts()).toEqual([0, 0]);
  for (const what of ['session', 'wakeup', 'session', 'statement'] as const) metrics.warehouseUsed(what);
  expect(await counts()).toEqual([2, 1]);
});

test('two daemons in one process share nothing', async () => {
  const one = daemon();
  const other = daemon();
  one.query('duckdb', { seconds: 1, failed: false });
  expect(samplesIn(await other.text()).get('driftwarden_source_queries_total{source="duckdb"}')).toBe(0);
});

test('Node and the process are described when asked for, without a value that is not a number', async () => {
  const text = await daemon(true).text();
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect([...samplesIn(text).values()].every(Number.isFinite)).toBe(true);
  // OpenMetrics has no empty lines.
  expect(text).not.toContain('\n\n');
  expect(text.endsWith('\n')).toBe(true);
});

test('a measured warehouse counts and times each query and hands answers and errors through', async () => {
  const metrics = daemon();
  let now = 0;
  const broken = new Error('table missing');
  const warehouse: Warehouse = {
    describe: async () => {
      now += 2000;
      return [];
    },
    bins: async () => ({ rows: 1, bins: {}, singles: {} }),
    count: async () => {
      throw broken;
    },
    newest: async () => 42,
    close: async () => undefined,
  };
  const counted = measured(warehouse, { source: 'duckdb', metrics, clock: { now: () => now } });
  const source = {} as Parameters<Warehouse['newest']>[0];
  expect(await counted.describe('main.risk.credit')).toEqual([]);
  expect(await counted.newest(source)).toBe(42);
  await expect(counted.count({} as Parameters<Warehouse['count']>[0])).rejects.toBe(broken);
  await counted.close();
  const samples = samplesIn(await metrics.text());
  expect(samples.get('driftwarden_source_queries_total{source="duckdb"}')).toBe(3);
  expect(samples.get('driftwarden_source_query_failures_total{source="duckdb"}')).toBe(1);
  expect(samples.get('driftwarden_source_query_duration_seconds_sum{source="duckdb"}')).toBe(2);
});

test('a scrape is the snapshot and then the daemon, in the format that was asked for', async () => {
  const models = {
    text: 'models text\n',
    openMetrics: 'models om\n',
    series: 0,
    limited: false,
    dropped: [],
    freshUntil: null,
  };
  const own = { text: async () => '# HELP x_total X.\n# TYPE x_total counter\nx_total 1\n' };
  const plain = await scrape(models, own, undefined);
  expect(plain.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(plain.body).toBe('models text\n# HELP x_total X.\n# TYPE x_total counter\nx_total 1\n');
  const open = await scrape(models, own, 'application/openmetrics-text;version=1.0.0');
  expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(open.body).toBe('models om\n# HELP x X.\n# TYPE x counter\nx_total 1\n# EOF\n');
});
