import type { DriverConnection } from '../../src/warehouse/databricks/driver.ts';
import { identifier } from '../../src/warehouse/databricks/sql.ts';
import type { SeedTable, SeedType, SeedValue } from '../contracts/warehouse-seed.ts';

const TYPES: { readonly [type in SeedType]: string } = {
  double: 'DOUBLE',
  single: 'FLOAT',
  integer: 'INT',
  long: 'BIGINT',
  decimal: 'DECIMAL(12, 3)',
  text: 'STRING',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ',
  instant: 'TIMESTAMP',
  date: 'DATE',
  bytes: 'BINARY',
  texts: 'ARRAY<STRING>',
  map: 'MAP<STRING, STRING>',
};

/** As Delta tables, in files, as inference tables are; `view`: as views over the values, which costs no file. */
export async function seedTables(
  connection: DriverConnection,
  tables: readonly SeedTable[],
  how: 'delta' | 'view',
): Promise<void> {
  const schemas = new Set(tables.map(({ name }) => schemaOf(name)));
  for (const schema of schemas) await run(connection, `CREATE SCHEMA IF NOT EXISTS ${schema}`);
  for (const table of tables) {
    const name = `${schemaOf(table.name)}.${identifier(table.name.split('.')[2] ?? '')}`;
    const select = selectOf(table);
    if (how === 'view') {
      await run(connection, `CREATE OR REPLACE VIEW ${name} AS ${select}`);
      continue;
    }
    await run(connection, `DROP TABLE IF EXISTS ${name}`);
    // Names with spaces and the like need the mapping of names.
    await run(
      connection,
      `CREATE TABLE ${name} USING delta TBLPROPERTIES (delta.columnMapping.mode = 'name') AS ${select}`,
    );
  }
}

function schemaOf(name: string): string {
  return `\`main\`.${identifier(name.split('.')[1] ?? '')}`;
}

function selectOf({ columns, rows }: SeedTable): string {
  const names = Object.entries(columns);
  const cast = names.map(([name, type], index) => `${typed(type, `c${index}`)} AS ${identifier(name)}`);
  const list = names.map((_, index) => `c${index}`).join(', ');
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`);
  const nothing = `(${names.map(() => 'CAST(NULL AS STRING)').join(', ')})`;
  const where = rows.length === 0 ? ' WHERE false' : '';
  return `SELECT ${cast.join(', ')} FROM VALUES ${rows.length === 0 ? nothing : values.join(', ')} AS v(${list})${where}`;
}

function typed(type: SeedType, text: string): string {
  const nested = type === 'texts' || type === 'map';
  return nested ? `from_json(${text}, '${TYPES[type]}')` : `CAST(${text} AS ${TYPES[type]})`;
}

/** Everything as text, so that a column of the VALUES has one type; its own comes from the cast. */
function literal(value: SeedValue): string {
  if (value === null) return 'CAST(NULL AS STRING)';
  const text = Object.is(value, -0) ? '-0.0' : String(value);
  // A time without a zone: TIMESTAMP_NTZ keeps what is written, TIMESTAMP takes it as UTC, the zone of the session.
  const plain = /^\d{4}-\d\d-\d\dT.*Z$/.test(text) ? text.replace('T', ' ').replace('Z', '') : text;
  return `'${plain.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Runs a statement that answers nothing of interest. */
export async function run(connection: DriverConnection, sql: string): Promise<void> {
  const operation = await connection.execute({ sql, values: {} }, { maxRows: 1, table: 'seed' });
  while (!(await operation.finished())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  await operation.close();
}
