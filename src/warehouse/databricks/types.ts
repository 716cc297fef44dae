import type { TableColumn } from '../warehouse.ts';
import { identifier } from './sql.ts';

const NUMERIC: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
]);
const CATEGORICAL: ReadonlySet<string> = new Set(['BOOLEAN', 'STRING', 'VARCHAR', 'CHAR']);
const TIMESTAMP: ReadonlySet<string> = new Set(['TIMESTAMP', 'TIMESTAMP_NTZ', 'DATE']);

/** Class and short name of a type as DESCRIBE writes it. Fields of a STRUCT are many and are not told. */
export function classOf(written: string): Pick<TableColumn, 'kind' | 'sqlType'> {
  const short = /^[A-Za-z_]+(?:\(\d+(?:,\s*\d+)?\))?/.exec(written.trim())?.[0].toUpperCase() ?? 'UNKNOWN';
  const base = short.split('(')[0] ?? short;
  // `string collate unicode_ci` compares texts by other rules than ours: two names could be one level.
  if (/\bcollate\b/i.test(written)) return { kind: 'unsupported', sqlType: `${base} COLLATE` };
  if (NUMERIC.has(base)) return { kind: 'numeric', sqlType: short };
  if (CATEGORICAL.has(base)) return { kind: 'categorical', sqlType: short };
  return { kind: TIMESTAMP.has(base) ? 'timestamp' : 'unsupported', sqlType: short };
}

/** Whether values can be NaN or infinite. */
export function isFloating(column: TableColumn): boolean {
  return column.sqlType === 'DOUBLE' || column.sqlType === 'FLOAT';
}

export function isInteger(column: TableColumn): boolean {
  return /^(TINY|SMALL|BIG)?INT$/.test(column.sqlType);
}

export function asDouble(column: TableColumn): string {
  const name = identifier(column.name);
  return column.sqlType === 'DOUBLE' ? name : `CAST(${name} AS DOUBLE)`;
}

/** Whether the number `x` is neither NaN nor infinite; the NaN comes first, since here it is greater than every number. */
export function isFinite(x: string): string {
  return `NOT (isnan(${x}) OR abs(${x}) = CAST('Infinity' AS DOUBLE))`;
}

/**
 * The value as text, the same text whatever numeric type it is stored in: a code of 7 that one table has as an integer, the
 * next as a double (as data frames do once a value is missing), is the level `7` in both. What is no number has the names that
 * the embedded engine gives it.
 */
export function asText(column: TableColumn): string {
  const name = identifier(column.name);
  if (column.sqlType === 'STRING') return name;
  const fraction = column.sqlType.startsWith('DECIMAL') && !column.sqlType.endsWith(',0)');
  if (!fraction && !isFloating(column)) return `CAST(${name} AS STRING)`;
  const number = fraction ? `CAST(${name} AS DOUBLE)` : name;
  const whole = `WHEN abs(${number}) < 1E15 AND ${number} = rint(${number}) THEN CAST(CAST(${number} AS BIGINT) AS STRING)`;
  const none = isFloating(column)
    ? `WHEN isnan(${name}) THEN 'nan' WHEN ${name} = CAST('Infinity' AS DOUBLE) THEN 'inf' WHEN ${name} = CAST('-Infinity' AS DOUBLE) THEN '-inf' `
    : '';
  return `CASE ${none}${whole} ELSE CAST(${number} AS STRING) END`;
}
