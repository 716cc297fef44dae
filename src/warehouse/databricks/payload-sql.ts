import { UNIT, unmappedVersion } from '../payload.ts';
import { ACCEPTED, ACCOUNT, ANSWERED, RECORDS, REQUESTS, WRONG_TYPE } from '../payload-account.ts';
import { EARLY_SQL, filterSql, lateSql, SAMPLED } from '../payload-outcomes.ts';
import { type Stage, stageRelation, WEIGHT } from '../payload-stage.ts';
import type { TableColumn } from '../warehouse.ts';
import { longSql, shapedSql, typedSql } from './payload-records.ts';
import { conditions } from './slice.ts';
import { identifier, type Parameters } from './sql.ts';
import { asDouble } from './types.ts';

/**
 * The stage as common table expressions, in which each row of the table has exactly one outcome. JSON that cannot be read is NULL, and
 * whatever a row could fail the statement with (a name twice in a map, a division by zero) is asked for before. Duplicates are found
 * before anything is parsed.
 */
function stageCtes(stage: Stage, relation: string, parameters: Parameters): readonly string[] {
  const { name: p } = stage;
  const filter = filterSql(stage, {
    conditions: (asked) => conditions(asked, parameters),
    identifier,
  });
  const order = ['t', 's', 'e', 'q', 'p', 'f'].map((column) => `a.${column} ASC NULLS LAST`).join(', ');
  const accepted = `code = ${ACCEPTED}`;
  return [
    `${p}_raw AS (SELECT ${rawColumns(stage)} FROM ${relation}${filter})`,
    `${p}_repeated AS (SELECT r FROM ${p}_raw WHERE r IS NOT NULL GROUP BY r HAVING count(*) > 1)`,
    `${p}_requests AS (SELECT a.*, 1 AS nth FROM ${p}_raw AS a LEFT ANTI JOIN ${p}_repeated AS b ON a.r = b.r UNION ALL ` +
      `SELECT a.*, row_number() OVER (PARTITION BY a.r ORDER BY ${order}) AS nth FROM ${p}_raw AS a LEFT SEMI JOIN ${p}_repeated AS b ON a.r = b.r)`,
    `${p}_seen AS (SELECT ${versionSql(stage, parameters)} AS v, CASE WHEN ${SAMPLED} THEN f ELSE 1E0 END AS f, ${EARLY_SQL} AS early, q, p FROM ${p}_requests)`,
    `${p}_shaped AS (${shapedSql(stage)})`,
    `${p}_judged AS (SELECT v, f, recs, preds, coalesce(early, ${lateSql('size')}) AS code FROM ${p}_shaped)`,
    `${p}_long AS (${longSql(stage)})`,
    `${p} AS (${typedSql(stage, parameters)})`,
    `${p}_least AS (SELECT coalesce(min(f), 1E0) AS least FROM ${p}_raw WHERE s = 200 AND ${SAMPLED})`,
    `${stageRelation(stage)} AS (SELECT *, CAST(greatest(1E0, round(${UNIT} * least / f)) AS BIGINT) AS ${WEIGHT} FROM ${p} CROSS JOIN ${p}_least WHERE ${accepted})`,
    `${p}_all AS (SELECT count(*) AS n FROM ${relation}${filter})`,
  ];
}

/** Rows (version, {@link ACCOUNT}, code, count): what became of every request. One pass: each reference to records parses them anew. */
export function accountSql({ name: p }: Stage): string {
  const told = (code: string | number, count: string): string =>
    `named_struct('cell', ${code}, 'n', CAST(${count} AS BIGINT))`;
  const rows = [
    told('code', 'requests'),
    told(RECORDS, `CASE WHEN code = ${ACCEPTED} THEN records ELSE 0 END`),
    told(WRONG_TYPE, 'bad'),
    told(ANSWERED, `CASE WHEN code = ${ACCEPTED} THEN answered ELSE 0 END`),
  ];
  const counted =
    'SELECT version, code, count_if(place = 0) AS requests, count(*) AS records, count_if(bad) AS bad, ' +
    `sum(CAST(round(${UNIT} / f) AS BIGINT)) AS answered FROM ${p} GROUP BY version, code`;
  return (
    `SELECT version AS v, ${ACCOUNT} AS col, a.cell, a.n FROM (${counted}) LATERAL VIEW explode(array(${rows.join(', ')})) AS a\n` +
    `UNION ALL\nSELECT CAST(NULL AS STRING) AS v, ${ACCOUNT} AS col, ${REQUESTS} AS cell, n FROM ${p}_all`
  );
}

function rawColumns({ columns, layout }: Stage): string {
  const { id, time, status, request, response, entity, fraction, errors } = columns;
  const text = (column: TableColumn): string => `CAST(${identifier(column.name)} AS STRING)`;
  const answeredBy =
    layout === 'legacy' ? `try_element_at(${identifier(entity.name)}, 'model_version')` : text(entity);
  return [
    `${text(id)} AS r`,
    `${identifier(time.name)} AS t`,
    `${identifier(status.name)} AS s`,
    `nullif(${answeredBy}, '') AS e`,
    `${text(request)} AS q`,
    `${text(response)} AS p`,
    `coalesce(${fraction === null ? '1E0' : asDouble(fraction)}, 1E0) AS f`,
    `${errors === null ? '0' : `coalesce(size(${identifier(errors.name)}), 0)`} AS x`,
  ].join(', ');
}

/** The version of the served entity; one that is not known any more is named. */
function versionSql({ layout, entities }: Stage, parameters: Parameters): string {
  if (layout === 'legacy') return 'e';
  const unmapped = `concat('${unmappedVersion('')}', e)`;
  if (Object.keys(entities).length === 0) return unmapped;
  const map = `from_json(${parameters.bind(JSON.stringify(entities))}, 'MAP<STRING, STRING>')`;
  return `coalesce(try_element_at(${map}, e), ${unmapped})`;
}

/** The expressions of all stages, to stand before those that rest on them. */
export function stagesCtes(
  stages: readonly Stage[],
  relations: (table: string) => string,
  parameters: Parameters,
): readonly string[] {
  return stages.flatMap((stage) => stageCtes(stage, relations(stage.table), parameters));
}
