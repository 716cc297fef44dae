import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { TableColumn } from '../warehouse.ts';
import { identifier } from './sql.ts';

const NUMERIC: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);
const CATEGORICAL: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.ENUM,
  DuckDBTypeId.UUID,
]);
const TIMESTAMP: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.DATE,
]);

/** Class and short name of a type. The values of an ENUM are data and the fields of a STRUCT are many: neither is told. */
export function classOf(type: DuckDBType): Pick<TableColumn, 'kind' | 'sqlType'> {
  const { typeId } = type;
  if (type.alias === 'JSON') return { kind: 'unsupported', sqlType: 'JSON' };
  if (typeId === DuckDBTypeId.DECIMAL) return { kind: 'numeric', sqlType: type.toString() };
  const sqlType = typeId === DuckDBTypeId.TIMESTAMP_TZ ? 'TIMESTAMPTZ' : DuckDBTypeId[typeId];
  return { kind: kindOf(typeId), sqlType };
}

function kindOf(typeId: DuckDBTypeId): TableColumn['kind'] {
  if (NUMERIC.has(typeId)) return 'numeric';
  if (CATEGORICAL.has(typeId)) return 'categorical';
  return TIMESTAMP.has(typeId) ? 'timestamp' : 'unsupported';
}

/** Whether values can be NaN or infinite. */
export function isFloating(column: TableColumn): boolean {
  return column.sqlType === 'DOUBLE' || column.sqlType === 'FLOAT';
}

export function isInteger(column: TableColumn): boolean {
  return column.kind === 'numeric' && /INT(EGER)?$/.test(column.sqlType);
}

export function asDouble(column: TableColumn): string {
  const name = identifier(column.name);
  return column.sqlType === 'DOUBLE' ? name : `CAST(${name} AS DOUBLE)`;
}

/**
 * The value as text, the same text whatever numeric type it is stored in: a code of 7 that one table has as an integer, the
 * next as a double (as data frames do once a value is missing), is the level `7` in both. NaN is a level of that name.
 */
export function asText(column: TableColumn): string {
  const name = identifier(column.name);
  if (column.sqlType === 'VARCHAR') return name;
  const fraction = column.sqlType.startsWith('DECIMAL') && !column.sqlType.endsWith(',0)');
  if (!fraction && !isFloating(column)) return `CAST(${name} AS VARCHAR)`;
  const number = fraction ? `CAST(${name} AS DOUBLE)` : name;
  return `CASE WHEN abs(${number}) < 1e15 AND ${number} = trunc(${number}) THEN CAST(CAST(${number} AS BIGINT) AS VARCHAR) ELSE CAST(${number} AS VARCHAR) END`;
}
