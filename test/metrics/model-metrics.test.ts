import { expect, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { createModelMetrics } from '../../src/metrics/model-metrics.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import {
  DAY,
  evaluation,
  fleetConfig,
  memoryState,
  memoryStore,
  modelConfig,
  NOW,
  samplesIn,
  stored,
} from './fixtures.ts';

function setUp(models = [modelConfig('a'), modelConfig('b')]) {
  const state = memoryState();
  const up: boolean[] = [];
  const durations = new Map<string, number>();
  const real = memoryStore(state);
  let broken: Error | null = null;
  const clock = { time: NOW, now: () => clock.time };
  const store: Store = {
    ...real,
    counters: async () => {
      if (broken !== null) throw broken;
      return real.counters();
    },
  };
  const config = fleetConfig(models);
  const metrics = createModelMetrics({
    store,
    config,
    clock,
    logger: silentLogger(),
    daemon: {
      durations: () => durations,
      storeAnswered: (answered) => {
        up.push(answered);
      },
    },
  });
  return {
    state,
    up,
    durations,
    clock,
    metrics,
    breakStore: (error: Error | null) => {
      broken = error;
    },
  };
}

test('before the first reading there is an empty snapshot, not an error', () => {
  expect(setUp().metrics.current()).toMatchObject({ text: '', series: 0 });
});

test('a refresh after a commit shows the model that changed', async () => {
  const { metrics, state, durations, up } = setUp();
  await metrics.refresh();
  state.evaluations = [stored(evaluation({ model: 'b' }))];
  durations.set('b', 1.5);
  await metrics.refresh(['b']);
  const samples = samplesIn(metrics.current().text);
  expect(samples.get('driftwarden_evaluation_last_duration_seconds{model="b"}')).toBe(1.5);
  expect(samples.has('driftwarden_window_end_timestamp_seconds{model="b"}')).toBe(true);
  expect(up).toEqual([true, true]);
});

test('a snapshot that was handed out never changes', async () => {
  const { metrics, state } = setUp();
  await metrics.refresh();
  const before = metrics.current();
  const text = before.text;
  state.evaluations = [stored(evaluation({ model: 'a' }))];
  await metrics.refresh(['a']);
  expect(before.text).toBe(text);
  expect(metrics.current()).not.toBe(before);
});

test('calls that come while one runs are answered together', async () => {
  const { metrics, state } = setUp();
  await metrics.refresh();
  state.asked = [];
  await Promise.all([metrics.refresh(['a']), metrics.refresh(['b']), metrics.refresh(['a'])]);
  expect(state.asked.filter((query) => query === 'counters')).toHaveLength(1);
  expect(state.asked).toContain('evaluations a');
  expect(state.asked).toContain('evaluations b');
});

test('a store that does not answer leaves the old snapshot, says so, and loses no change', async () => {
  const { metrics, state, up, breakStore } = setUp();
  await metrics.refresh();
  const before = metrics.current();
  state.evaluations = [stored(evaluation({ model: 'a' }))];
  breakStore(new StoreError('unavailable', 'the store does not answer', 'look at the disk'));
  await metrics.refresh(['a']);
  expect(metrics.current()).toBe(before);
  breakStore(null);
  await metrics.refresh([]);
  expect(metrics.current().text).toContain('driftwarden_window_end_timestamp_seconds{model="a"}');
  expect(up).toEqual([true, false, true]);
});

test('a bug is not taken for a store that is away, and does not stop the next refresh', async () => {
  const { metrics, breakStore } = setUp();
  breakStore(new TypeError('a bug'));
  await expect(metrics.refresh()).rejects.toThrow('a bug');
  breakStore(null);
  await metrics.refresh();
  expect(metrics.current().series).toBeGreaterThan(0);
});

test('after a reload every series of a model that is gone has left', async () => {
  const { metrics, state } = setUp();
  state.evaluations = [stored(evaluation({ model: 'b' }))];
  await metrics.refresh();
  expect(metrics.current().text).toContain('model="b"');
  await metrics.configured(fleetConfig([modelConfig('a')]));
  expect(metrics.current().text).not.toContain('model="b"');
  expect(metrics.current().text).toContain('model="a"');
});

test('a verdict grows old although nothing is committed and nobody asks for a refresh', async () => {
  const { metrics, state, clock } = setUp();
  state.evaluations = [
    stored(evaluation({ model: 'a' }), NOW),
    stored(evaluation({ model: 'b' }), NOW + DAY),
  ];
  await metrics.refresh();
  const before = metrics.current();
  const end = NOW + 2 * DAY + 300_000;
  clock.time = end;
  expect(metrics.current()).toBe(before);
  clock.time = end + 1;
  const samples = samplesIn(metrics.current().text);
  const labels = 'check="drift",check_kind="input_drift"';
  expect(samples.has(`driftwarden_check_status{model="a",${labels}}`)).toBe(false);
  expect(samples.get(`driftwarden_check_unknown{model="a",${labels},reason="stale"}`)).toBe(1);
  expect(samples.has(`driftwarden_check_status{model="b",${labels}}`)).toBe(true);
  clock.time = end + DAY + 1;
  expect(metrics.current().text).not.toContain('driftwarden_check_status');
  expect(metrics.current().freshUntil).toBeNull();
});
