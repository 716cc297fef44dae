import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { systemClock } from '../../../src/clock.ts';
import type { DuckDbConfig } from '../../../src/config/config.ts';
import { silentLogger } from '../../../src/log.ts';
import { type DuckDbOptions, openDuckDb } from '../../../src/warehouse/duckdb/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import type { SeedTable, SeedType, SeedValue } from '../../contracts/warehouse-seed.ts';

const TYPES: { readonly [type in SeedType]: string } = {
  double: 'DOUBLE',
  single: 'FLOAT',
  integer: 'INTEGER',
  long: 'BIGINT',
  decimal: 'DECIMAL(12, 3)',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  instant: 'TIMESTAMPTZ',
  date: 'DATE',
  bytes: 'BLOB',
  texts: 'VARCHAR[]',
  map: 'MAP(VARCHAR, VARCHAR)',
};

/** A folder of its own, gone with `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'driftwarden-lake-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs statements in a database of its own, in memory or in a file. */
export async function withDuckDb(path: string, work: (connection: DuckDBConnection) => Promise<void>) {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Writes the rows of a table into one Parquet file; with `file`, only every other row, as one of two files. */
export async function writeParquet(
  connection: DuckDBConnection,
  table: SeedTable,
  file: string,
): Promise<void> {
  const columns = Object.entries(table.columns).map(([name, type]) => `${quoted(name)} ${TYPES[type]}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE seed (${columns.join(', ')})`);
  const types = Object.values(table.columns);
  const rows = table.rows.map(
    (row) => `(${row.map((value, index) => literal(value, types[index] ?? 'text')).join(', ')})`,
  );
  if (rows.length > 0) await connection.run(`INSERT INTO seed VALUES ${rows.join(', ')}`);
  await connection.run(`COPY seed TO '${file}' (FORMAT parquet)`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: SeedValue, type: SeedType): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'::DOUBLE`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0::DOUBLE' : number(value, type);
  const text = `'${value.replaceAll("'", "''")}'`;
  return type === 'texts' || type === 'map' ? `CAST(${text}::JSON AS ${TYPES[type]})` : text;
}

function number(value: number, type: SeedType): string {
  return type === 'decimal' || type === 'integer' ? String(value) : value.toExponential();
}

export function configFor(parts: Partial<DuckDbConfig>): DuckDbConfig {
  return {
    kind: 'duckdb',
    database: null,
    tables: {},
    threads: 2,
    memoryLimit: null,
    concurrency: 2,
    statementTimeout: 60_000,
    ...parts,
  };
}

export async function openLake(
  parts: Partial<DuckDbConfig>,
  options: Partial<DuckDbOptions> = {},
): Promise<Warehouse> {
  return openDuckDb(configFor(parts), { clock: systemClock, logger: silentLogger(), ...options });
}

/** A lake of Parquet files with these tables. Its folder goes when it is closed. */
export async function seededLake(tables: readonly SeedTable[]): Promise<Warehouse> {
  const folder = temporaryFolder();
  const paths: Record<string, string> = {};
  await withDuckDb(':memory:', async (connection) => {
    for (const [index, table] of tables.entries()) {
      const pattern = join(folder.path, `t${index}-*.parquet`);
      paths[table.name] = pattern;
      await writeParquet(connection, table, pattern.replace('*', '0'));
    }
  });
  const warehouse = await openLake({ tables: paths });
  return {
    ...warehouse,
    close: async () => {
      await warehouse.close();
      folder.remove();
    },
  };
}
