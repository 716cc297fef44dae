import { chunks } from '../batches.ts';
import { ALL_ROWS, CELL } from '../cell-rows.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import { stagedRelations } from '../payload-outcomes.ts';
import type { Stage } from '../payload-stage.ts';
import type { CountPlan, LevelCount, NumericCount } from '../plan.ts';
import { cellSql } from './cell-sql.ts';
import { accountSql, stagesCtes } from './payload-sql.ts';
import { type SliceSql, sliceSql } from './slice.ts';
import { type Parameters, parameters, type Statement } from './sql.ts';
import { asDouble, asText } from './types.ts';

/**
 * Numeric columns in one branch of a statement. The cell expressions of a branch are compiled into one function, and beyond 64 KB
 * of it the engine gives up compiling and interprets; forty columns of twenty cells stay below.
 */
const MAX_BRANCH = 40;

/** The table behind a full name, as something to select from. */
export type RelationOf = (table: string) => string;

/** A plan with the stages it rests on; `account`: tell what became of every request of the first of them. */
export interface CountStatement {
  readonly plan: CountPlan;
  readonly stages: readonly Stage[];
  readonly account: boolean;
}

/**
 * Says a count plan in the words of Databricks SQL: one statement of rows (version, column, cell, count).
 *
 * Every number becomes the number of its cell, every row as many rows as it has columns, and those are counted: three times
 * faster here than hundreds of conditional counts. Categories are first counted per value, and only the values found, not the
 * rows, are compared with names and with the baseline's values.
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
  // The first branch counts the rows as well, and is there even without a numeric column.
  const [first = [], ...rest] = chunks(numeric, MAX_BRANCH);
  const parts = [first, ...rest].map((branch, place) =>
    numericSql(branch, fields, { slice, all: place === 0 }),
  );
  const [stage] = stages;
  if (account && stage !== undefined) parts.push(accountSql(stage));
  if (categorical.length > 0) {
    ctes.push(
      ...levelCtes(categorical, fields, { slice, bound }),
      ...knownCtes(categorical, relationOf, bound),
    );
    parts.push(
      `SELECT named.v, named.col, CASE WHEN named.value IS NULL THEN ${CELL.missing} WHEN named.cell IS NOT NULL THEN named.cell ` +
        `WHEN known.col IS NOT NULL THEN ${CELL.other} ELSE ${CELL.unseen} END AS cell, named.n ` +
        'FROM named LEFT JOIN known ON known.col = named.col AND known.value = named.value',
    );
  }
  const head = ctes.length === 0 ? '' : `WITH ${ctes.join(',\n')}\n`;
  return bound.statement(
    `${head}SELECT v, col, cell, CAST(sum(n) AS BIGINT) AS n FROM (\n${parts.join('\nUNION ALL\n')}) AS counted GROUP BY v, col, cell`,
  );
}

function numericSql(
  branch: readonly NumericCount[],
  fields: Fields,
  { slice, all }: { readonly slice: SliceSql; readonly all: boolean },
): string {
  const cells = branch.map(({ column, edges, index }) => ({
    alias: String(index),
    sql: cellSql(fields.nameOf(asDouble(column)), column, edges),
  }));
  const counted = all ? [{ alias: String(ALL_ROWS), sql: '0' }, ...cells] : cells;
  const names = [...new Set(branch.map(({ column }) => fields.nameOf(asDouble(column))))];
  return unpivoted(
    counted,
    (columns) => `SELECT ${['v', ...slice.weight, columns].join(', ')} FROM ${slice.rows(names)} AS picked`,
    `SELECT v, CAST(name AS INT) AS col, value AS cell, ${slice.total} AS n`,
  ).concat(' GROUP BY v, name, value');
}

/** Turns the columns of `from` into rows (`name`, `value`), NULL too, and selects `head` of them. */
export function unpivoted(
  columns: readonly { readonly alias: string; readonly sql: string }[],
  from: (columns: string) => string,
  head: string,
): string {
  const list = columns.map(({ sql }, place) => `${sql} AS k${place}`).join(', ');
  const names = columns.map(({ alias }, place) => `k${place} AS \`${alias}\``).join(', ');
  return `${head} FROM (${from(list)}) AS wide UNPIVOT INCLUDE NULLS (value FOR name IN (${names})) AS tall`;
}

/** Values with their rows, then each asked column with the cells of its named levels. */
function levelCtes(
  asked: readonly LevelCount[],
  fields: Fields,
  { slice, bound }: { readonly slice: SliceSql; readonly bound: Parameters },
): readonly string[] {
  const nameOf = ({ column }: LevelCount): string => fields.nameOf(asText(column));
  const names = [...new Set(asked.map(nameOf))];
  const levels = asked.flatMap(({ index, levels }) => levels.map((l, i) => ({ c: index, i, l })));
  const places = asked.map((column) => `(${column.index}, ${names.indexOf(nameOf(column))})`);
  // However many there are, names of levels travel as one bound text.
  const texts = bound.bind(JSON.stringify(levels));
  return [
    `found AS (${valuesSql(names, slice)})`,
    `asked AS (SELECT col, p FROM VALUES ${places.join(', ')} AS asked(col, p))`,
    `levels AS (SELECT e.c AS col, e.i AS cell, e.l AS level FROM (SELECT explode(from_json(${texts}, 'ARRAY<STRUCT<c: INT, i: INT, l: STRING>>')) AS e))`,
    'named AS (SELECT found.v, asked.col, found.value, levels.cell, found.n FROM found ' +
      'JOIN asked ON asked.p = found.p LEFT JOIN levels ON levels.col = asked.col AND levels.level = found.value)',
  ];
}

/** Rows (version `v`, place of the column `p`, `value`, count `n`) of text fields. */
export function valuesSql(names: readonly string[], slice: SliceSql): string {
  return unpivoted(
    names.map((name, place) => ({ alias: String(place), sql: name })),
    (columns) => `SELECT ${['v', ...slice.weight, columns].join(', ')} FROM ${slice.rows(names)} AS picked`,
    `SELECT v, CAST(name AS INT) AS p, value, ${slice.total} AS n`,
  ).concat(' GROUP BY v, name, value');
}

/** The values that the baseline's table has. */
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
    return [`SELECT DISTINCT ${index} AS col, value FROM ${rows(['value'])} AS picked`];
  });
  const nothing = "SELECT 0 AS col, '' AS value WHERE false";
  return [`known AS (${lookups.length === 0 ? nothing : lookups.join(' UNION ALL ')})`];
}
