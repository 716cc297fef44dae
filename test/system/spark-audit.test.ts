import { afterAll } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openWith } from '../../src/warehouse/databricks/driver.ts';
import { type AuditEvent, describeChanges, EVENTS, ITSELF } from '../contracts/changes.ts';
import { describeSqlClaims } from '../contracts/sql-claims.ts';
import { RECORDED_AUDIT } from '../support/recorded.ts';
import { openedOn } from '../warehouse/databricks/opened.ts';
import { startSparkAdapter } from './spark-adapter.ts';
import { SparkRecorder } from './spark-recorder.ts';
import { SPARK_VERSION, SparkServer } from './spark-server.ts';
import { run } from './spark-tables.ts';

const spark = await SparkServer.start();
afterAll(() => spark.destroy(), 60_000);
const recorder = new SparkRecorder();
const adapter = await startSparkAdapter(spark.port, { seen: (call) => recorder.see(call) });
afterAll(() => adapter.close());
afterAll(() => {
  if (process.env['RECORD_SPARK'] === '1') recorder.write(RECORDED_AUDIT);
});

/** There is no catalog `system` here: a view of the columns that are read, with their types as the documentation has them. */
const AUDIT_VIEW = 'main.access.audit';

function text(value: string | null): string {
  return value === null ? 'CAST(NULL AS STRING)' : `'${value.replaceAll("'", "\\'")}'`;
}

function rowOf({ at, workspace, actor, service, action, params, status }: AuditEvent): string {
  const map = Object.entries(params).map(([key, value]) => `${text(key)}, ${text(value)}`);
  const time = `CAST('${at}' AS TIMESTAMP)`;
  return `(CAST(${time} AS DATE), ${time}, ${text(workspace)}, named_struct('email', ${text(actor)}), ${text(service)}, ${text(action)}, map(${map.join(', ')}), named_struct('status_code', ${status}, 'error_message', CAST(NULL AS STRING)))`;
}

const seedingAdapter = await startSparkAdapter(spark.port);
afterAll(() => seedingAdapter.close());
const { hostname, port } = new URL(seedingAdapter.url);
const seeder = await openWith({
  host: hostname,
  port: Number(port),
  path: '/sql/1.0/warehouses/abc123',
  ca: seedingAdapter.ca,
  headers: async () => ({ authorization: 'Bearer token' }),
  statementTimeout: 300_000,
  socketTimeout: 300_000,
  retryDelay: 100,
  logger: silentLogger(),
})();
await run(seeder, 'CREATE SCHEMA IF NOT EXISTS `main`.`access`');
await run(
  seeder,
  `CREATE OR REPLACE VIEW \`main\`.\`access\`.\`audit\` AS SELECT * FROM VALUES ${EVENTS.map(rowOf).join(', ')} AS v(event_date, event_time, workspace_id, user_identity, service_name, action_name, request_params, response)`,
);

// The unmodified driver and real Spark SQL; the rows are made up, in the shape that is documented. Not a live audit log.
describeChanges(`Spark ${SPARK_VERSION}, rows made up`, async () => {
  const opened = openedOn(adapter, { itself: [ITSELF], auditTable: AUDIT_VIEW });
  afterAll(() => opened.close());
  return opened.changes;
});

describeSqlClaims(`Spark ${SPARK_VERSION}`, async () => {
  const opened = openedOn(adapter);
  afterAll(() => opened.close());
  return opened;
});
