import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampValue,
} from '@duckdb/node-api';

/** What a cell of a test table may hold. Event times are milliseconds in a TIMESTAMP column. */
export type Value = string | number | boolean | null;
export type Row = { readonly [column: string]: Value };

export type ColumnType =
  | 'DOUBLE'
  | 'FLOAT'
  | 'VARCHAR'
  | 'TIMESTAMP'
  | 'BIGINT'
  | 'BOOLEAN'
  | 'INTEGER[]'
  | 'VARCHAR[]';
export type Columns = { readonly [column: string]: ColumnType };

let connecting: Promise<DuckDBConnection> | null = null;
let tables = 0;

async function connection(): Promise<DuckDBConnection> {
  connecting ??= DuckDBInstance.create(':memory:', { threads: '1' }).then((instance) => instance.connect());
  return connecting;
}

/** One after the other: the connection has one appender at a time. */
let last: Promise<void> = Promise.resolve();

/** Writes one Parquet file, put in place by renaming, so that a reader never meets half of it. */
export function writeParquet(path: string, columns: Columns, rows: readonly Row[]): Promise<void> {
  const written = last.then(() => write(path, columns, rows));
  last = written.catch(() => undefined);
  return written;
}

async function write(path: string, columns: Columns, rows: readonly Row[]): Promise<void> {
  const open = await connection();
  tables += 1;
  const table = `t${tables}`;
  const definitions = Object.entries(columns).map(
    ([name, type]) => `"${name.replaceAll('"', '""')}" ${type}`,
  );
  await open.run(`CREATE TABLE ${table} (${definitions.join(', ')})`);
  const appender = await open.createAppender(table);
  for (const row of rows) {
    for (const [name, type] of Object.entries(columns)) append(appender, type, row[name] ?? null);
    appender.endRow();
  }
  appender.closeSync();
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  await open.run(`COPY ${table} TO '${beside.replaceAll("'", "''")}' (FORMAT parquet)`);
  await open.run(`DROP TABLE ${table}`);
  renameSync(beside, path);
}

function append(appender: DuckDBAppender, type: ColumnType, value: Value): void {
  if (value === null) appender.appendNull();
  else if (type === 'DOUBLE') appender.appendDouble(Number(value));
  else if (type === 'FLOAT') appender.appendFloat(Number(value));
  else if (type === 'TIMESTAMP') appender.appendTimestamp(new DuckDBTimestampValue(BigInt(value) * 1000n));
  else if (type === 'BIGINT') appender.appendBigInt(BigInt(value));
  else if (type === 'BOOLEAN') appender.appendBoolean(value === true);
  else if (type === 'INTEGER[]') appender.appendList([Number(value)]);
  else appender.appendVarchar(String(value));
}
