import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { type DriverConnection, openWith } from '../../src/warehouse/databricks/driver.ts';
import { describeWarehouse } from '../contracts/warehouse.ts';
import { failureOf } from '../contracts/warehouse-errors.ts';
import { openedOn } from '../warehouse/databricks/opened.ts';
import { type AdapterOptions, type SparkAdapter, startSparkAdapter } from './spark-adapter.ts';
import { SparkRecorder } from './spark-recorder.ts';
import { DELTA_VERSION, SPARK_VERSION, SparkServer } from './spark-server.ts';
import { seedTables } from './spark-tables.ts';

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

describe('Spark as it is', () => {
  it('is read wrong when its columns are not renumbered, and that is noticed', async () => {
    const warehouse = openedOn(await adapterWith({ renumber: false }));
    const error = await failureOf(warehouse.describe('main.errors.loans'));
    expect(error).toMatchObject({ reason: 'bad_answer' });
    expect(error.message).toContain('lack the column col_name');
    await warehouse.close();
  });
});
