import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { Field } from '../fields.ts';
import { UNIT } from '../payload.ts';
import type { Slice } from '../plan.ts';
import type { TableColumn } from '../warehouse.ts';
import { identifier, type Parameters } from './sql.ts';
import { asText, isInteger } from './types.ts';

export interface SliceQuestion {
  readonly slice: Slice;
  readonly relation: string;
  readonly fields: readonly Field[];
  readonly parameters: Parameters;
}

export interface SliceSql {
  /** Common table expressions the rows rest on. */
  readonly ctes: readonly string[];
  /**
   * The rows, with the version as `v`, the weight as `w` where rows have one, and the named fields. May be written several times in
   * one statement.
   */
  readonly rows: (names: readonly string[]) => string;
  /** How many rows: an aggregate over {@link rows}. */
  readonly total: string;
}

/** Rows of a slice; where customers vote, each with its share of a vote. */
export function sliceSql(question: SliceQuestion): SliceSql {
  const { slice, fields, parameters } = question;
  const { cluster, weight, onlyVersion } = slice;
  if (cluster === null) return rowsSql(question);
  const base = rowsSql({
    ...question,
    slice: { ...slice, onlyVersion: null },
    fields: [...fields, { name: 'k', sql: asText(cluster) }],
  });
  const own = weight === null ? String(UNIT) : identifier(weight);
  const only = onlyVersion === null ? '' : ` WHERE v = ${parameters.bind(onlyVersion, VARCHAR)}`;
  // All rows of a customer vote, whatever their version: a share is the same whichever version is asked for.
  const votes = `votes AS MATERIALIZED (SELECT k, CAST(sum(${own}) AS BIGINT) AS m FROM ${base.rows(['k'])} WHERE k IS NOT NULL GROUP BY k)`;
  return {
    ctes: [...base.ctes, votes],
    total: 'sum(w)',
    rows: (names) => {
      const shared = ['v', ...names].map((name) => `b.${name}`).join(', ');
      const share = `greatest(1, CAST(${UNIT} AS BIGINT) * ${own} // coalesce(m, CAST(${UNIT} AS BIGINT))) AS w`;
      return `(SELECT * FROM (SELECT ${shared}, ${share} FROM ${base.rows([...names, 'k'])} AS b LEFT JOIN votes ON votes.k = b.k)${only})`;
    },
  };
}

/**
 * Request ids seen twice are looked up first; only their rows are sorted, all others pass by. Sorting every row by request id
 * took twice the time and three times the memory. Rows of one id at one time are told apart by what is counted in them:
 * where even that is equal, it does not matter which one stays.
 */
function rowsSql(question: SliceQuestion): SliceSql {
  const { slice, relation, fields, parameters } = question;
  const weight = slice.weight === null ? [] : [identifier(slice.weight)];
  const total = slice.weight === null ? 'count(*)' : `sum(${identifier(slice.weight)})`;
  const filter = conditions(slice, parameters);
  const version = slice.version === null ? 'CAST(NULL AS VARCHAR)' : asText(slice.version);
  const only = slice.onlyVersion === null ? '' : ` WHERE v = ${parameters.bind(slice.onlyVersion, VARCHAR)}`;
  const from = `FROM ${relation}${filter.length === 0 ? '' : ` WHERE ${filter.join(' AND ')}`}`;
  const named = new Map(fields.map((field) => [field.name, `${field.sql} AS ${field.name}`]));
  const select = (names: readonly string[], more: readonly string[]): string =>
    `SELECT ${[`${version} AS v`, ...weight, ...names.map((name) => named.get(name) ?? name), ...more].join(', ')} ${from}`;
  const keep = (names: readonly string[], rows: string): string =>
    `SELECT ${['v', ...weight, ...names].join(', ')} FROM ${rows}${only}`;
  if (slice.requestId === null)
    return { ctes: [], total, rows: (names) => `(${keep(names, `(${select(names, [])})`)})` };

  const id = identifier(slice.requestId.name);
  const time = slice.event === null ? 'NULL' : identifier(slice.event.name);
  const all = fields.map((field) => field.name);
  const order = ['t', 'v', ...all].map((name) => `${name} NULLS LAST`).join(', ');
  return {
    total,
    ctes: [
      `repeated AS MATERIALIZED (SELECT ${id} AS r ${from} GROUP BY ${id} HAVING count(*) > 1 AND ${id} IS NOT NULL)`,
      `firsts AS MATERIALIZED (SELECT * FROM (${select(all, [`${id} AS r`, `${time} AS t`])}) WHERE r IN (SELECT r FROM repeated) QUALIFY row_number() OVER (PARTITION BY r ORDER BY ${order}) = 1)`,
    ],
    rows: (names) => {
      const single = `(SELECT * FROM (${select(names, [`${id} AS r`])}) WHERE r IS NULL OR r NOT IN (SELECT r FROM repeated))`;
      return `(${keep(names, single)} UNION ALL ${keep(names, 'firsts')})`;
    },
  };
}

/** What rows of the table have to fulfil. */
export function conditions(
  { event, window, where }: Pick<Slice, 'event' | 'window' | 'where'>,
  parameters: Parameters,
): readonly string[] {
  const found: string[] = [];
  if (event !== null && window !== null) {
    const column = identifier(event.name);
    const bound = (milliseconds: number): string => {
      const { value, type } = eventBound(event.sqlType, milliseconds);
      return parameters.bind(value, type);
    };
    found.push(`${column} >= ${bound(window.start)}`, `${column} < ${bound(window.end)}`);
  }
  if (where !== null) found.push(equals(where.column, where.equals, parameters));
  return found;
}

function equals(column: TableColumn, value: string | number | boolean, parameters: Parameters): string {
  const name = identifier(column.name);
  if (typeof value === 'string') return `${asText(column)} = ${parameters.bind(value, VARCHAR)}`;
  if (typeof value === 'boolean') return `${name} = ${parameters.bind(value, BOOLEAN)}`;
  if (isInteger(column) && Number.isSafeInteger(value))
    return `${name} = ${parameters.bind(BigInt(value), BIGINT)}`;
  const number = parameters.bind(value, DOUBLE);
  if (column.sqlType === 'FLOAT') return `${name} = CAST(${number} AS FLOAT)`;
  return `CAST(${name} AS DOUBLE) = ${number}`;
}

/**
 * An instant in the column's own type, so that the engine can skip row groups by their statistics. In a coarser unit the
 * next whole one: `x >= ceil(b)` and `x < ceil(b)` say the same of whole x as `x >= b` and `x < b`. A DATE is its midnight, UTC.
 */
function eventBound(sqlType: string, milliseconds: number): { value: DuckDBValue; type: DuckDBType } {
  const whole = (unit: number): number => Math.ceil(milliseconds / unit);
  const micros = BigInt(milliseconds) * 1000n;
  switch (sqlType) {
    case 'DATE':
      return { value: new DuckDBDateValue(whole(86_400_000)), type: DATE };
    case 'TIMESTAMP_S':
      return { value: new DuckDBTimestampSecondsValue(BigInt(whole(1000))), type: TIMESTAMP_S };
    case 'TIMESTAMP_MS':
      return { value: new DuckDBTimestampMillisecondsValue(BigInt(milliseconds)), type: TIMESTAMP_MS };
    case 'TIMESTAMP_NS':
      return { value: new DuckDBTimestampNanosecondsValue(micros * 1000n), type: TIMESTAMP_NS };
    case 'TIMESTAMPTZ':
      return { value: new DuckDBTimestampTZValue(micros), type: TIMESTAMPTZ };
    default:
      return { value: new DuckDBTimestampValue(micros), type: TIMESTAMP };
  }
}
