import type { z } from 'zod';
import { StoreError } from '../store.ts';
import type { Row } from './connection.ts';
import { RESTORE } from './failure.ts';

/**
 * Reads a row, or the JSON record in one. What is checked is what this program relies on before it looks closer: the
 * fields that keys and columns are made of. The rest was written whole by this program under this schema version.
 * A row that does not fit was changed by something else: StoreError `corrupt`, naming table and key.
 */
export function parseRow<T>(shape: z.ZodType<T>, row: Row, table: string): T {
  const parsed = shape.safeParse(row);
  if (parsed.success) return parsed.data;
  throw damaged(table, Object.values(row)[0], parsed.error.issues[0]?.message ?? 'wrong shape');
}

export function parseJson(row: Row, column: string, table: string): unknown {
  const text = row[column];
  try {
    return JSON.parse(String(text));
  } catch {
    throw damaged(table, Object.values(row)[0], `column ${column} is not JSON`);
  }
}

/** The record in column `record` of a row, whose `key` field must be what the first column says. */
export function parseRecordColumn<T extends object>(row: Row, table: string, key: keyof T & string): T {
  const id = Object.values(row)[0];
  const record = parseJson(row, 'record', table);
  if (!isObject(record) || record[key] !== id) throw damaged(table, id, `the record's ${key} is another`);
  return record as T;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(table: string, key: unknown, why: string): StoreError {
  return new StoreError(
    'corrupt',
    `store: row ${JSON.stringify(key)} of table ${table} is damaged: ${why}`,
    RESTORE,
  );
}
