import { VARCHAR } from '@duckdb/node-api';
import type { DuckDbConfig } from '../../config/config.ts';
import { nearestNames, type Table } from '../columns.ts';
import { WarehouseError } from '../warehouse.ts';
import type { Session } from './session.ts';
import { identifier, parameters, textLiteral } from './sql.ts';

/** A table as it is now, and what to select from. */
export interface Relation extends Table {
  readonly sql: string;
}

const MAX_FILES = 100_000;

/**
 * Finds a table by its full name: a file pattern under `warehouse.tables`, else a table or view of the database file. Patterns are
 * expanded anew each time, and into a list: a file that arrives later is seen by the next statement and by no half of this one.
 * Throws `table_missing`.
 */
export async function relationOf(config: DuckDbConfig, session: Session, table: string): Promise<Relation> {
  const pattern = Object.hasOwn(config.tables, table) ? config.tables[table] : undefined;
  const sql =
    pattern === undefined ? databaseTable(config, session, table) : await filesOf(session, table, pattern);
  return { name: table, sql, columns: await session.columns(sql, table) };
}

async function filesOf(session: Session, table: string, pattern: string): Promise<string> {
  const bound = parameters();
  const statement = bound.statement(`SELECT file FROM glob(${bound.bind(pattern, VARCHAR)}) ORDER BY file`);
  const files = (await session.query(statement, { table, maxRows: MAX_FILES })).map(([file]) => String(file));
  if (files.length === 0) {
    throw new WarehouseError({
      reason: 'table_missing',
      table,
      message: `Table ${table} has no files: nothing matches ${pattern}.`,
      remedy:
        'Write the files, or correct the pattern under warehouse.tables (such as lake/payload/**/*.parquet).',
    });
  }
  return `read_parquet([${files.map(textLiteral).join(', ')}], union_by_name = true)`;
}

function databaseTable(config: DuckDbConfig, session: Session, table: string): string {
  const { catalog } = session;
  const parts = table.split('.');
  const [first] = parts;
  const fits =
    parts.every((part) => part !== '') && (parts.length < 3 || (parts.length === 3 && first === catalog));
  if (catalog !== null && fits) {
    const path = parts.length === 1 ? ['main', ...parts] : parts;
    return [catalog, ...path.slice(-2)].map(identifier).join('.');
  }
  const known = Object.keys(config.tables);
  const near = nearestNames(table, known);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
  const names =
    catalog === null ? '' : `, or write it as schema.table or ${catalog}.schema.table of the database file`;
  throw new WarehouseError({
    reason: 'table_missing',
    table,
    message: `There is no table ${table}: it is not among the ${known.length} under warehouse.tables${catalog === null ? '' : ', nor a name of the database file'}.`,
    remedy: `${hint}Add ${JSON.stringify(table)} with its Parquet files to warehouse.tables${names}.`,
  });
}
