import { INTEGER, VARCHAR } from '@duckdb/node-api';
import { ALL_ROWS, CELL } from '../cell-rows.ts';
import { treeSql } from '../cell-tree.ts';
import { roundedToSingle } from '../edges.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import { stagedRelations } from '../payload-outcomes.ts';
import type { Stage } from '../payload-stage.ts';
import { type CountPlan, isWeighted, type LevelCount, type NumericCount } from '../plan.ts';
import { accountSql, stagesCtes } from './payload-sql.ts';
import { type SliceSql, sliceSql } from './slice.ts';
import { doubleList, doubleLiteral, type Parameters, parameters, type Statement } from './sql.ts';
import { asDouble, asText, isFloating } from './types.ts';

/** `grouping()` takes 64 arguments and its bits have to fit a BIGINT. */
const MAX_GROUPING = 50;

/** The table (or file list) behind a full name, as something to select from. */
export type RelationOf = (table: string) => string;

/** A plan with the stages it rests on; `account`: tell what became of every request of the first of them. */
export interface CountStatement {
  readonly plan: CountPlan;
  readonly stages: readonly Stage[];
  readonly account: boolean;
}

/**
 * Says a count plan in DuckDB's words: one statement of rows (version, column, cell, count).
 *
 * Numeric columns are counted by `histogram()` in one pass; values that are not finite have to be taken out by CASE, since NaN falls
 * into the first cell and a FILTER costs far more. Categorical columns are first counted per value (GROUPING SETS keep
 * dictionaries as they are), and only the values found, not the rows, are compared with names and with the baseline's values.
 */
export function countStatement({ plan, stages, account }: CountStatement, relations: RelationOf): Statement {
  const bound = parameters();
  const { numeric, categorical } = plan;
  const relationOf = stagedRelations(stages, relations);
  const fields = fieldsOf([
    ...numeric.map(({ column }) => asDouble(column)),
    ...categorical.map(({ column }) => asText(column)),
  ]);
  const relation = relationOf(plan.slice.table);
  const slice = sliceSql({ slice: plan.slice, relation, fields: fields.all, parameters: bound });
  const ctes = [...stagesCtes(stages, relations, bound), ...slice.ctes];
  const parts = [
    `SELECT v, ${ALL_ROWS} AS col, 0 AS cell, ${slice.total} AS n FROM ${slice.rows([])} GROUP BY v`,
  ];
  const [first] = stages;
  if (account && first !== undefined) parts.push(accountSql(first));
  if (numeric.length > 0)
    parts.push(
      isWeighted(plan.slice) ? weightedSql(numeric, fields, slice) : numericSql(numeric, fields, slice),
    );
  if (categorical.length > 0) {
    ctes.push(
      ...levelCtes(categorical, fields, { slice, bound }),
      ...knownCtes(categorical, relationOf, bound),
    );
    parts.push(
      `SELECT named.v, named.col, CASE WHEN named.value IS NULL THEN ${CELL.missing} WHEN named.cell IS NOT NULL THEN named.cell ` +
        `WHEN known.col IS NOT NULL THEN ${CELL.other} ELSE ${CELL.unseen} END AS cell, sum(named.n) AS n ` +
        'FROM named LEFT JOIN known ON known.col = named.col AND known.value = named.value GROUP BY ALL',
    );
  }
  const head = ctes.length === 0 ? '' : `WITH ${ctes.join(',\n')}\n`;
  return bound.statement(
    `${head}SELECT v, CAST(col AS INTEGER) AS col, CAST(cell AS INTEGER) AS cell, CAST(n AS BIGINT) AS n FROM (\n${parts.join('\nUNION ALL\n')})`,
  );
}

function numericSql(numeric: readonly NumericCount[], fields: Fields, slice: SliceSql): string {
  const aggregates = numeric.map(({ column, edges }, place) => {
    const x = fields.nameOf(asDouble(column));
    const floating = isFloating(column);
    const finite = floating ? `CASE WHEN isfinite(${x}) THEN ${x} END` : x;
    const rounded = column.sqlType === 'FLOAT' ? roundedToSingle(edges) : null;
    const histogram = `map_values(histogram(${finite}, ${doubleList(rounded ?? edges)})) AS h${place}`;
    const nonFinite = floating ? `count(CASE WHEN NOT isfinite(${x}) THEN 1 END)` : '0';
    return `${histogram}, count(${x}) AS f${place}, ${nonFinite} AS x${place}`;
  });
  // The two special cells come first, so that a list without its overflow cell does not move them.
  const cells = numeric.map(
    ({ index }, place) =>
      `{'col': ${index}, 'cells': CAST(list_concat([x${place}, c - f${place}], coalesce(h${place}, [])) AS BIGINT[])}`,
  );
  const names = [...new Set(numeric.map(({ column }) => fields.nameOf(asDouble(column))))];
  return (
    `SELECT v, u.col AS col, unnest(range(len(u.cells))) + (${CELL.nonFinite}) AS cell, unnest(u.cells) AS n FROM (` +
    `SELECT v, unnest([${cells.join(', ')}]) AS u FROM (` +
    `SELECT v, count(*) AS c, ${aggregates.join(', ')} FROM ${slice.rows(names)} GROUP BY v))`
  );
}

/** Weighted rows, which `histogram()` cannot count: every number becomes the number of its cell, and those are counted. */
function weightedSql(numeric: readonly NumericCount[], fields: Fields, slice: SliceSql): string {
  const cells = numeric.map(({ index, column, edges }) => {
    const x = fields.nameOf(asDouble(column));
    const rounded = column.sqlType === 'FLOAT' ? roundedToSingle(edges) : null;
    const tree = treeSql(x, rounded ?? edges, { literal: doubleLiteral });
    const special = isFloating(column) ? `WHEN NOT isfinite(${x}) THEN ${CELL.nonFinite} ` : '';
    return `{'col': ${index}, 'cell': CASE WHEN ${x} IS NULL THEN ${CELL.missing} ${special}ELSE ${tree} END}`;
  });
  const names = [...new Set(numeric.map(({ column }) => fields.nameOf(asDouble(column))))];
  return (
    `SELECT v, u.col AS col, u.cell AS cell, ${slice.total} AS n FROM (` +
    `SELECT v, w, unnest([${cells.join(', ')}]) AS u FROM ${slice.rows(names)}) GROUP BY ALL`
  );
}

/** Values with their rows, then each asked column with the cells of its named levels. */
function levelCtes(
  asked: readonly LevelCount[],
  fields: Fields,
  { slice, bound }: { readonly slice: SliceSql; readonly bound: Parameters },
): readonly string[] {
  const nameOf = ({ column }: LevelCount): string => fields.nameOf(asText(column));
  const names = [...new Set(asked.map(nameOf))];
  const levels = asked.flatMap(({ index, levels }) => levels.map((level, cell) => ({ index, cell, level })));
  const integers = (values: readonly number[]): string => `unnest(${bound.bindList(values, INTEGER)})`;
  const columns = integers(asked.map(({ index }) => index));
  const places = integers(asked.map((column) => names.indexOf(nameOf(column))));
  const levelColumns = integers(levels.map(({ index }) => index));
  const cells = integers(levels.map(({ cell }) => cell));
  const texts = `unnest(${bound.bindList(
    levels.map(({ level }) => level),
    VARCHAR,
  )})`;
  return [
    `found AS MATERIALIZED (${valuesSql(names, slice)})`,
    `asked AS (SELECT ${columns} AS col, ${places} AS p)`,
    `levels AS (SELECT ${levelColumns} AS col, ${cells} AS cell, ${texts} AS level)`,
    'named AS MATERIALIZED (SELECT found.v, asked.col, found.value, levels.cell, found.n FROM found ' +
      'JOIN asked ON asked.p = found.p LEFT JOIN levels ON levels.col = asked.col AND levels.level = found.value)',
  ];
}

/** Rows (version `v`, place of the column `p`, `value`, count `n`) of text fields. */
export function valuesSql(names: readonly string[], slice: SliceSql): string {
  const parts: string[] = [];
  for (let start = 0; start < names.length; start += MAX_GROUPING) {
    const chunk = names.slice(start, start + MAX_GROUPING);
    const list = chunk.join(', ');
    const all = (1n << BigInt(chunk.length)) - 1n;
    // In the set of one column every other column is grouped away: its bit is set in grouping(), and it is NULL.
    const places = chunk.map(
      (_, place) => `WHEN ${all ^ (1n << BigInt(chunk.length - 1 - place))} THEN ${start + place}`,
    );
    const sets = chunk.map((name) => `(v, ${name})`);
    parts.push(
      `SELECT v, CASE grouping(${list}) ${places.join(' ')} END AS p, coalesce(${list}) AS value, ${slice.total} AS n ` +
        `FROM ${slice.rows(chunk)} GROUP BY GROUPING SETS (${sets.join(', ')})`,
    );
  }
  return parts.join(' UNION ALL ');
}

/** Those of the values without a name that the baseline's table has. */
function knownCtes(
  asked: readonly LevelCount[],
  relationOf: RelationOf,
  bound: Parameters,
): readonly string[] {
  const lookups = asked.flatMap(({ index, known }) => {
    if (known === null) return [];
    const { rows } = sliceSql({
      slice: { ...known.slice, requestId: null, cluster: null },
      relation: relationOf(known.slice.table),
      fields: [{ name: 'value', sql: asText(known.column) }],
      parameters: bound,
    });
    return [`SELECT ${index} AS col, value FROM ${rows(['value'])}`];
  });
  const nothing = "SELECT 0 AS col, '' AS value WHERE false";
  const levels = lookups.length === 0 ? nothing : lookups.join(' UNION ALL ');
  return [
    'nameless AS MATERIALIZED (SELECT DISTINCT col, value FROM named WHERE cell IS NULL AND value IS NOT NULL)',
    `known AS (SELECT DISTINCT col, value FROM (${levels}) SEMI JOIN nameless USING (col, value))`,
  ];
}
