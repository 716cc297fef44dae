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
  /** The weight, to be selected with other columns; nothing where rows have none. */
  readonly weight: readonly string[];
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
  const own = weight === null ? `${UNIT}L` : identifier(weight);
  const only = onlyVersion === null ? '' : ` WHERE v = ${parameters.bind(onlyVersion)}`;
  // All rows of a customer vote, whatever their version: a share is the same whichever version is asked for.
  const votes = `votes AS (SELECT k, sum(${own}) AS m FROM ${base.rows(['k'])} AS picked WHERE k IS NOT NULL GROUP BY k)`;
  return {
    ctes: [...base.ctes, votes],
    total: 'sum(w)',
    weight: ['w'],
    rows: (names) => {
      const shared = ['v', ...names].map((name) => `b.${name}`).join(', ');
      const share = `greatest(1L, ${UNIT}L * ${own} DIV coalesce(m, ${UNIT}L)) AS w`;
      return `(SELECT * FROM (SELECT ${shared}, ${share} FROM ${base.rows([...names, 'k'])} AS b LEFT JOIN votes ON votes.k = b.k) AS shared${only})`;
    },
  };
}

/**
 * Request ids seen twice are looked up first; only their rows are sorted, all others pass by: a table without repeated requests
 * costs one aggregation of ids and no sort. Rows of one id at one time are told apart by what is counted in them: where even that
 * is equal, it does not matter which one stays.
 */
function rowsSql(question: SliceQuestion): SliceSql {
  const { slice, relation, fields, parameters } = question;
  const weight = slice.weight === null ? [] : [identifier(slice.weight)];
  const total = slice.weight === null ? 'count(*)' : `sum(${identifier(slice.weight)})`;
  const filter = conditions(slice, parameters);
  const version = slice.version === null ? 'CAST(NULL AS STRING)' : asText(slice.version);
  const only = slice.onlyVersion === null ? '' : ` WHERE v = ${parameters.bind(slice.onlyVersion)}`;
  const from = `FROM ${relation}${filter.length === 0 ? '' : ` WHERE ${filter.join(' AND ')}`}`;
  const named = new Map(fields.map((field) => [field.name, `${field.sql} AS ${field.name}`]));
  const select = (names: readonly string[], more: readonly string[]): string =>
    `SELECT ${[`${version} AS v`, ...weight, ...names.map((name) => named.get(name) ?? name), ...more].join(', ')} ${from}`;
  const keep = (names: readonly string[], rows: string): string =>
    `SELECT ${['v', ...weight, ...names].join(', ')} FROM ${rows}${only}`;
  if (slice.requestId === null)
    return { ctes: [], total, weight, rows: (names) => `(${keep(names, `(${select(names, [])})`)})` };

  const id = identifier(slice.requestId.name);
  const time = slice.event === null ? 'CAST(NULL AS TIMESTAMP)' : identifier(slice.event.name);
  const all = fields.map((field) => field.name);
  const order = ['t', 'v', ...all].map((name) => `${name} ASC NULLS LAST`).join(', ');
  const candidates = `(${select(all, [`${id} AS r`, `${time} AS t`])}) AS c LEFT SEMI JOIN repeated ON c.r = repeated.r`;
  return {
    total,
    weight,
    ctes: [
      `repeated AS (SELECT ${id} AS r ${from} GROUP BY ${id} HAVING count(*) > 1 AND ${id} IS NOT NULL)`,
      `firsts AS (SELECT ${['v', ...all].join(', ')} FROM (SELECT ${['v', ...all].join(', ')}, row_number() OVER (PARTITION BY r ORDER BY ${order}) AS place FROM ${candidates}) WHERE place = 1)`,
    ],
    rows: (names) => {
      const single = `(${select(names, [`${id} AS r`])}) AS c LEFT ANTI JOIN repeated ON c.r = repeated.r`;
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
    const bound = (milliseconds: number): string => eventBound(event.sqlType, milliseconds, parameters);
    found.push(`${column} >= ${bound(window.start)}`, `${column} < ${bound(window.end)}`);
  }
  if (where !== null) found.push(equals(where.column, where.equals, parameters));
  return found;
}

function equals(column: TableColumn, value: string | number | boolean, parameters: Parameters): string {
  const name = identifier(column.name);
  const bound = parameters.bind(String(value));
  if (typeof value === 'string') return `${asText(column)} = ${bound}`;
  if (typeof value === 'boolean') return `${name} = CAST(${bound} AS BOOLEAN)`;
  if (isInteger(column) && Number.isSafeInteger(value)) return `${name} = CAST(${bound} AS BIGINT)`;
  if (column.sqlType === 'FLOAT') return `${name} = CAST(CAST(${bound} AS DOUBLE) AS FLOAT)`;
  return `CAST(${name} AS DOUBLE) = CAST(${bound} AS DOUBLE)`;
}

const DAY = 86_400_000;

/**
 * An instant in the column's own type, so that files can be skipped by their statistics. TIMESTAMP_NTZ and DATE are UTC. A date
 * is its midnight: `d >= ceil(b)` and `d < ceil(b)` say the same of whole days as `d >= b` and `d < b`.
 */
function eventBound(sqlType: string, milliseconds: number, parameters: Parameters): string {
  if (sqlType === 'DATE') {
    const day = new Date(Math.ceil(milliseconds / DAY) * DAY).toISOString().slice(0, 10);
    return `CAST(${parameters.bind(day)} AS DATE)`;
  }
  const iso = new Date(milliseconds).toISOString();
  if (sqlType === 'TIMESTAMP_NTZ')
    return `CAST(${parameters.bind(iso.replace('T', ' ').replace('Z', ''))} AS TIMESTAMP_NTZ)`;
  return `CAST(${parameters.bind(iso)} AS TIMESTAMP)`;
}
