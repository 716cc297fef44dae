import { z } from 'zod';
import { filePath, positiveDuration, says, secret, tableName, text, url } from './schema-parts.ts';

/** What driftwarden talks to: the workspace, the warehouse, the registry, the serving side, the store. */

const credentials = z.strictObject({
  clientId: text('a client id', /^\S{1,255}$/, 'write the application id of the service principal')
    .optional()
    .describe('Application id of the service principal, together with `clientSecret`.'),
  clientSecret: secret.optional().describe('OAuth secret of the service principal.'),
  token: secret.optional().describe('A token instead of `clientId` and `clientSecret`.'),
  federation: z
    .strictObject({
      tokenFile: filePath.describe('File that the platform keeps filled with an identity token.'),
    })
    .optional()
    .describe('Workload identity federation instead of a secret.'),
});

export const workspace = z.strictObject({
  url: url.describe(
    'Required. Address of the workspace, nothing after the host. `http://` for loopback addresses only.',
  ),
  reader: credentials.describe('Required. The identity that reads. It never acts.'),
  actor: credentials
    .optional()
    .describe(
      'The identity that may act; required when a model has `rollback.mode` approve or auto. Never the reader.',
    ),
  ca: filePath.optional().describe('PEM file of the authority that signed the workspace’s certificate.'),
  proxy: url.optional().describe('HTTP proxy to the workspace.'),
});

const statements = {
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Statements that run at the same time, and models evaluated side by side.'),
  statementTimeout: positiveDuration.optional().describe('Longest run time of one statement.'),
};

const MEMORY = /^\d+(?:\.\d+)?\s?(?:[KMGT]i?B)$/;

export const warehouse = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('databricks').optional().describe('A Databricks SQL warehouse.'),
    httpPath: text('an HTTP path', /^\/\S+$/, 'copy it from the connection details: /sql/1.0/warehouses/…')
      .optional()
      .describe('Required. HTTP path of the SQL warehouse.'),
    ...statements,
  }),
  z.strictObject({
    kind: z.literal('duckdb').describe('Embedded: Parquet files or a database file on this machine.'),
    database: filePath.optional().describe('DuckDB database file, opened read-only. Default none.'),
    tables: z
      .record(
        tableName,
        filePath.refine((path) => !path.includes('://'), {
          error: says('is not a path on this machine', 'write the path of a Parquet file, or a glob of them'),
        }),
      )
      .optional()
      .describe('Views over files: full table name to a Parquet file or a glob. Default none.'),
    threads: z.int().min(1).max(256).optional().describe('Threads. Default: one per core.'),
    memoryLimit: text('an amount of memory', MEMORY, 'write 512MB or 2GB')
      .optional()
      .describe('Memory limit such as `2GB`. Default: what DuckDB chooses.'),
    ...statements,
  }),
]);

export const registry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('unity-catalog').optional().describe('Unity Catalog of the workspace.') }),
  z.strictObject({
    kind: z.literal('mlflow').describe('An MLflow tracking server.'),
    url: url.describe('Required. Address of the MLflow server.'),
    auth: z
      .strictObject({
        username: z.string().min(1).describe('Required. User name.'),
        password: secret.describe('Required. Password.'),
      })
      .optional()
      .describe('Basic authentication. Default none.'),
  }),
  z.strictObject({
    kind: z.literal('none').describe('No registry: models are watched, and nothing can be rolled back.'),
  }),
]);

export const serving = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('databricks').optional().describe('Model serving endpoints of the workspace.'),
  }),
  z.strictObject({
    kind: z
      .literal('webhook')
      .describe('A deployer of your own: GET tells what is live, POST takes a signed plan.'),
    url: url.describe('Required. Address of the deployer.'),
    secret: secret.optional().describe('Key of the signature.'),
  }),
  z.strictObject({
    kind: z.literal('none').describe('No serving side: a rollback moves the registry alias only.'),
  }),
]);

export const store = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sqlite').optional().describe('A SQLite file for one daemon.'),
    path: filePath.optional().describe('The database file.'),
  }),
  z.strictObject({
    kind: z.literal('postgres').describe('PostgreSQL for several daemons, one of which acts.'),
    url: secret.describe('Required. Connection URL; it holds a password and so is a secret.'),
  }),
]);
