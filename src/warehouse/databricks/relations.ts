import { z } from 'zod';
import { nearestNames, type Table } from '../columns.ts';
import { decodeRows } from '../rows.ts';
import { WarehouseError } from '../warehouse.ts';
import type { Session } from './session.ts';
import { identifier, parameters, tableSql } from './sql.ts';
import { classOf } from './types.ts';

/** A table as it is now, and what to select from. */
export interface Relation extends Table {
  readonly sql: string;
}

const MAX_COLUMNS = 20_000;
const MAX_TABLES = 10_000;

const Columns = z.array(z.tuple([z.string(), z.string()]));

/** Finds a table by its full name. Binds and reads no row. Throws `table_missing`, with the nearest names of its schema. */
export async function relationOf(session: Session, table: string): Promise<Relation> {
  const sql = tableSql(table);
  if (sql === null) throw await missing(session, table);
  const statement = parameters().statement(`DESCRIBE QUERY SELECT * FROM ${sql}`);
  try {
    const limits = { table, columns: ['col_name', 'data_type'], maxRows: MAX_COLUMNS };
    const rows = decodeRows(Columns, await session.query(statement, limits), table);
    return { name: table, sql, columns: rows.map(([name, type]) => ({ name, ...classOf(type) })) };
  } catch (error) {
    if (error instanceof WarehouseError && error.reason === 'table_missing')
      throw await missing(session, table);
    throw error;
  }
}

async function missing(session: Session, table: string): Promise<WarehouseError> {
  const near = nearestNames(table, await neighbours(session, table));
  return new WarehouseError({
    reason: 'table_missing',
    table,
    message: `There is no table ${table}, or the reader may not see it.`,
    remedy:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}? Otherwise write catalog.schema.table, and grant the reader SELECT on it.`
        : 'Write catalog.schema.table, and grant the reader USE CATALOG, USE SCHEMA and SELECT on it.',
  });
}

/** Names beside it, for the message alone: where they cannot be had, it does without. */
async function neighbours(session: Session, table: string): Promise<readonly string[]> {
  const schema = table.split('.').slice(0, -1);
  if (schema.length === 0) return [];
  const statement = parameters().statement(`SHOW TABLES IN ${schema.map(identifier).join('.')}`);
  try {
    const rows = await session.query(statement, { table, columns: ['tableName'], maxRows: MAX_TABLES });
    return rows.map(([name]) => [...schema, String(name)].join('.'));
  } catch (error) {
    if (error instanceof WarehouseError) return [];
    throw error;
  }
}
