import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { type DriverConnection, openWith } from '../../src/warehouse/databricks/driver.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { describeWarehouse } from '../contracts/warehouse.ts';
import { failureOf } from '../contracts/warehouse-errors.ts';
import { type SeedTable, sourceOf } from '../contracts/warehouse-seed.ts';
import { openedOn } from '../warehouse/databricks/opened.ts';
import { type AdapterOptions, type SparkAdapter, startSparkAdapter } from './spark-adapter.ts';
import { SparkRecorder } from './spark-recorder.ts';
import { DELTA_VERSION, SPARK_VERSION, SparkServer } from './spark-server.ts';
import { run, seedTables } from './spark-tables.ts';

// One server for the file: it takes half a minute to start. Installing it, the first time, takes longer than any test may.
const spark = await SparkServer.start();
afterAll(() => spark.destroy(), 60_000);
const recorder = new SparkRecorder();
const adapter = await adapterWith(
  process.env['RECORD_SPARK'] === '1' ? { seen: (call) => recorder.see(call) } : {},
);
const plain = await adapterWith({});
const seeder = await connected(plain);
afterAll(() => {
  if (process.env['RECORD_SPARK'] === '1') recorder.write();
});

async function adapterWith(options: AdapterOptions): Promise<SparkAdapter> {
  const started = await startSparkAdapter(spark.port, options);
  afterAll(() => started.close());
  return started;
}

function connected({ url, ca }: SparkAdapter): Promise<DriverConnection> {
  const { hostname, port } = new URL(url);
  return openWith({
    host: hostname,
    port: Number(port),
    path: '/sql/1.0/warehouses/abc123',
    ca,
    headers: async () => ({ authorization: 'Bearer token' }),
    statementTimeout: 300_000,
    socketTimeout: 300_000,
    retryDelay: 100,
    logger: silentLogger(),
  })();
}

/** How many tables come at once when the suite asks for its own, and not for those of one random question. */
const SEVERAL = 3;

// The unmodified driver, real Spark, real Delta tables; between them the adapter of the tests. Not Databricks: no Photon, no
// Unity Catalog, and answers in columns instead of Arrow.
describeWarehouse(`Spark ${SPARK_VERSION} with Delta ${DELTA_VERSION}`, async (tables) => {
  const several = tables.length > SEVERAL;
  await seedTables(seeder, tables, several ? 'delta' : 'view');
  // Random questions are not worth recording.
  return openedOn(several ? adapter : plain);
});

/** A view that takes hours to count. */
const ENDLESS =
  'CREATE OR REPLACE VIEW `main`.`trouble`.`endless` AS SELECT a.id AS x FROM range(10000000) a CROSS JOIN range(10000000) b';

const SMALL: SeedTable = { name: 'main.trouble.small', columns: { x: 'integer' }, rows: [[1], [2]] };

async function countOf(warehouse: Warehouse, table: string): Promise<number | undefined> {
  const { groups } = await warehouse.count({ source: sourceOf(table), window: null, columns: [] });
  return groups[0]?.rows;
}

describe('Spark as it is', () => {
  it('is read wrong when its columns are not renumbered, and that is noticed', async () => {
    await seedTables(seeder, [SMALL], 'view');
    const warehouse = openedOn(await adapterWith({ renumber: false }));
    const error = await failureOf(warehouse.describe(SMALL.name));
    expect(error).toMatchObject({ reason: 'bad_answer' });
    expect(error.message).toContain('lack the column col_name');
    await warehouse.close();
  });

  it('is left at the deadline by a statement that never ends, and answers the next', async () => {
    await seedTables(seeder, [SMALL], 'view');
    await run(seeder, ENDLESS);
    const warehouse = openedOn(plain, { limits: { statement: 8_000 } });
    expect(await failureOf(countOf(warehouse, 'main.trouble.endless'))).toMatchObject({ reason: 'timeout' });
    expect(await countOf(warehouse, SMALL.name)).toBe(2);
    await warehouse.close();
  });

  it('killed in the middle of a statement is unavailable, and read again when it is back', async () => {
    const warehouse = openedOn(plain, {
      limits: { open: 20_000, statement: 20_000, pause: 100, maxPause: 500 },
    });
    const asked = failureOf(countOf(warehouse, 'main.trouble.endless'));
    await new Promise((resolve) => {
      setTimeout(resolve, 3_000);
    });
    await spark.kill();
    expect((await asked).reason).toMatch(/^(unavailable|timeout)$/);
    await spark.start();
    const again = await connected(plain);
    await seedTables(again, [SMALL], 'view');
    await again.close();
    expect(await countOf(warehouse, SMALL.name)).toBe(2);
    await warehouse.close();
  });
});
