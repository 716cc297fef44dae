import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { ephemeralSigner } from '../../src/audit/signer.ts';
import { createBurst } from '../../src/burst.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import { rememberLibraries } from '../../src/judge/evidence/libraries.ts';
import { silentLogger } from '../../src/log.ts';
import { createNoRegistry } from '../../src/registry/none.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { openWith } from '../../src/warehouse/databricks/driver.ts';
import { aModel, DAY, HOUR } from '../rollback/support.ts';
import { openedOn } from '../warehouse/databricks/opened.ts';
import { startSparkAdapter } from './spark-adapter.ts';
import { SparkServer } from './spark-server.ts';
import { run } from './spark-tables.ts';

// What docs/cost.md says of statements and sessions, counted on real Spark: the engine is asked as a warehouse would be.
const spark = await SparkServer.start();
afterAll(() => spark.destroy(), 60_000);
const adapter = await startSparkAdapter(spark.port);
afterAll(() => adapter.close());

const NUMERIC = Array.from({ length: 40 }, (_, place) => `n${place}`);
const CATEGORICAL = Array.from({ length: 10 }, (_, place) => `c${place}`);
const START = Date.UTC(2026, 2, 1);
/** Statements of the first window, and of each further one. */
const FIRST = 27;
const FURTHER = 6;

async function seed(): Promise<void> {
  const { hostname, port } = new URL(adapter.url);
  const connection = await openWith({
    ...{ host: hostname, port: Number(port), path: '/sql/1.0/warehouses/abc', ca: adapter.ca },
    headers: async () => ({ authorization: 'Bearer token' }),
    ...{ statementTimeout: 300_000, socketTimeout: 300_000, retryDelay: 100, logger: silentLogger() },
  })();
  const columns = [
    ...[...NUMERIC, 'score'].map((name, place) => `rand(${place}) AS ${name}`),
    ...CATEGORICAL.map((name, place) => `CAST(CAST(rand(${place + 100}) * 5 AS INT) AS STRING) AS ${name}`),
  ];
  await run(connection, 'CREATE SCHEMA IF NOT EXISTS `main`.`cost`');
  await run(
    connection,
    `CREATE OR REPLACE TABLE \`main\`.\`cost\`.\`training\` USING delta AS SELECT '7' AS version, ${columns.join(', ')} FROM range(5000)`,
  );
  // 1 000 rows a day for three days.
  await run(
    connection,
    `CREATE OR REPLACE TABLE \`main\`.\`cost\`.\`payload\` USING delta AS SELECT CAST(id AS STRING) AS request_id, timestamp_millis(${START} + id * 86400) AS at, '7' AS version, ${columns.join(', ')} FROM range(3000)`,
  );
  await connection.close();
}

test('a day of a model with 50 features', async () => {
  await seed();
  const model: ModelConfig = {
    ...aModel(),
    source: { ...aModel().source, table: 'main.cost.payload' },
    features: Object.fromEntries([
      ...NUMERIC.map((name) => [name, 'numeric'] as const),
      ...CATEGORICAL.map((name) => [name, 'categorical'] as const),
    ]),
    ...{ endpoint: null, since: START },
  };
  const base = aModel().baseline;
  if (base.kind !== 'table') throw new Error('the baseline is a table');
  const watched = { ...model, baseline: { ...base, table: 'main.cost.training', version: 'version' } };
  const clock = { now: START + DAY + 2 * HOUR };
  const domain = { now: () => clock.now };
  const signer = ephemeralSigner();
  const store = await openSqliteStore({
    ...{ mode: 'write', path: ':memory:', clock: domain, signer: () => signer },
    ...{ checkpointEvery: { records: 1000 }, genesis: { build: 'test', configHash: 'a'.repeat(64) } },
  });
  let sessions = 0;
  const warehouse = openedOn(adapter, {
    used: (what) => {
      if (what === 'session') sessions += 1;
    },
  });
  const config = {
    ...{ models: { credit_pd: watched }, owners: {}, http: { publicUrl: null } },
    ...{ warehouse: { concurrency: 2 }, calendar: { freezes: [] }, actions: {} },
  } as unknown as Config;
  const burst = createBurst({ queued: () => {}, started: () => {}, ended: () => {}, committed: () => {} });
  const counted = async (name: string): Promise<number> =>
    (await store.counters()).find((counter) => counter.name === name)?.value ?? 0;
  const days: { statements: number; seconds: number; evaluations: number }[] = [];
  for (let day = 0; day < 3; day += 1) {
    const before = [
      await counted('warehouse_statements_total'),
      await counted('warehouse_seconds_total'),
    ] as const;
    const made = await burst.run([watched], {
      ...{ config, store, warehouse, logger: silentLogger(), libraries: rememberLibraries() },
      ports: { registry: createNoRegistry(), serving: null, directory: { lookup: async () => 'active' } },
      clocks: { domain, wall: { now: () => Date.now() } },
      killSwitch: () => false,
    });
    days.push({
      statements: (await counted('warehouse_statements_total')) - before[0],
      seconds: Math.round(((await counted('warehouse_seconds_total')) - before[1]) * 10) / 10,
      evaluations: made.length,
    });
    clock.now += day === 1 ? 60_000 : DAY;
  }
  await warehouse.close();
  await store.close();
  expect(days.map(({ statements, evaluations }) => [evaluations, statements])).toEqual([
    [1, FIRST],
    [1, FURTHER],
    [0, 0],
  ]);
  // The three bursts came right after each other here; days apart, each opens its own.
  expect(sessions).toBe(1);
  expect(days.every(({ statements, seconds }) => statements === 0 || seconds > 0)).toBe(true);
});

test('the page says what is counted here', () => {
  const page = readFileSync('docs/cost.md', 'utf8');
  for (const count of [FIRST, FURTHER, 0]) expect(page).toContain(`| ${count} statements |`);
});
