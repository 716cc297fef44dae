import { expect, test } from 'vitest';
import { createDaemonMetrics } from '../../src/metrics/daemon.ts';
import { FAMILIES, FAMILY_NAMES, fullName } from '../../src/metrics/families.ts';
import { gatherSnapshotInput } from '../../src/metrics/gather.ts';
import { renderModelSnapshot } from '../../src/metrics/snapshot.ts';
import {
  auditRecord,
  evaluation,
  exceptionCase,
  fleetConfig,
  memoryState,
  memoryStore,
  message,
  modelConfig,
  NOW,
  policy,
  rollback,
  status,
  stored,
} from './fixtures.ts';

/** Two models with everything that can be said about them: one judged, one unknown, one with a rollback under way. */
async function exposed(): Promise<string> {
  const state = memoryState({
    statuses: [status()],
    evaluations: [
      stored(evaluation()),
      stored(evaluation({ model: 'unknown', verdict: 'stale', policy: [policy({ verdict: 'stale' })] })),
    ],
    rollbacks: [rollback(), rollback({ id: 'rb-2', state: 'moving_alias', endedAt: null })],
    exceptions: [exceptionCase()],
    waiting: [message()],
    audit: [auditRecord(1, 'checkpoint')],
  });
  const config = fleetConfig([modelConfig('credit_pd'), modelConfig('unknown')]);
  const durations = new Map([['credit_pd', 1]]);
  const input = await gatherSnapshotInput(memoryStore(state), config, { now: NOW, durations });
  const daemon = createDaemonMetrics({
    build: { version: '0.1.0', revision: '' },
    sources: ['duckdb'],
    process: false,
  });
  daemon.configLoaded(NOW);
  daemon.storeAnswered(true);
  return renderModelSnapshot(input).text + (await daemon.text());
}

test('the catalogue says which families are exposed, and exactly those are', async () => {
  const shown = [...(await exposed()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  const promised = FAMILY_NAMES.filter((name) => FAMILIES[name].built).map(
    (name) => `${fullName(name)} ${FAMILIES[name].type}`,
  );
  expect(new Set(shown)).toEqual(new Set(promised));
  expect(shown).toHaveLength(promised.length);
});
