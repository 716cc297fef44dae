import { VARCHAR } from '@duckdb/node-api';
import { UNIT, unmappedVersion } from '../payload.ts';
import { ACCEPTED, ACCOUNT, ANSWERED, RECORDS, REQUESTS, WRONG_TYPE } from '../payload-account.ts';
import { EARLY_SQL, filterSql, lateSql, SAMPLED } from '../payload-outcomes.ts';
import { type Stage, stageRelation, WEIGHT } from '../payload-stage.ts';
import type { TableColumn } from '../warehouse.ts';
import { shapedSql, typedSql } from './payload-records.ts';
import { conditions } from './slice.ts';
import { identifier, type Parameters } from './sql.ts';
import { asDouble } from './types.ts';

/**
 * The stage as common table expressions, in which each row of the table has exactly one outcome. JSON that cannot be read is NULL and
 * fails no statement. Duplicates are found before anything is parsed. Records are written down once, no wider than what is counted,
 * and rejected requests with them, a row each: the account is of the very pass that counts.
 */
function stageCtes(stage: Stage, relation: string, parameters: Parameters): readonly string[] {
  const { name: p } = stage;
  const filter = filterSql(stage, {
    conditions: (asked) => conditions(asked, parameters),
    identifier,
  });
  const order = ['t', 's', 'e', 'q', 'p', 'f'].map((column) => `${column} NULLS LAST`).join(', ');
  const accepted = `code = ${ACCEPTED}`;
  return [
    `${p}_raw AS NOT MATERIALIZED (SELECT ${rawColumns(stage)} FROM ${relation}${filter})`,
    `${p}_repeated AS MATERIALIZED (SELECT r FROM ${p}_raw WHERE r IS NOT NULL GROUP BY r HAVING count(*) > 1)`,
    `${p}_requests AS NOT MATERIALIZED (SELECT *, 1 AS nth FROM ${p}_raw WHERE r IS NULL OR r NOT IN (SELECT r FROM ${p}_repeated) UNION ALL ` +
      `SELECT *, row_number() OVER (PARTITION BY r ORDER BY ${order}) AS nth FROM ${p}_raw WHERE r IN (SELECT r FROM ${p}_repeated))`,
    `${p}_seen AS NOT MATERIALIZED (SELECT ${versionSql(stage, parameters)} AS v, CASE WHEN ${SAMPLED} THEN f ELSE 1 END AS f, ${EARLY_SQL} AS early, q, p FROM ${p}_requests)`,
    `${p}_shaped AS NOT MATERIALIZED (${shapedSql(stage)})`,
    `${p}_judged AS NOT MATERIALIZED (SELECT v, f, recs, preds, coalesce(early, ${lateSql('len')}) AS code FROM ${p}_shaped)`,
    `${p}_long AS NOT MATERIALIZED (SELECT v, f, code, unnest(CASE WHEN ${accepted} THEN recs ELSE [NULL] END) AS z, ` +
      `unnest(CASE WHEN ${accepted} THEN preds ELSE [NULL] END) AS y, ` +
      `unnest(CASE WHEN ${accepted} THEN range(len(recs)) ELSE [0] END) AS place FROM ${p}_judged)`,
    `${p} AS MATERIALIZED (${typedSql(stage)})`,
    `${p}_least AS MATERIALIZED (SELECT coalesce(min(f), 1) AS least FROM ${p}_raw WHERE s = 200 AND ${SAMPLED})`,
    `${stageRelation(stage)} AS NOT MATERIALIZED (SELECT *, CAST(greatest(1, round(${UNIT} * least / f)) AS BIGINT) AS ${WEIGHT} FROM ${p}, ${p}_least WHERE ${accepted})`,
    `${p}_all AS NOT MATERIALIZED (SELECT count(*) AS n FROM ${relation}${filter})`,
  ];
}

/** Rows (version, {@link ACCOUNT}, code, count): what became of every request. */
export function accountSql({ name: p }: Stage): string {
  const told = (code: string | number, count: string): string =>
    `{'cell': ${code}, 'n': CAST(${count} AS HUGEINT)}`;
  const rows = [
    told('code', 'count(CASE WHEN place = 0 THEN 1 END)'),
    told(RECORDS, `count(CASE WHEN code = ${ACCEPTED} THEN 1 END)`),
    told(WRONG_TYPE, 'count(CASE WHEN bad THEN 1 END)'),
    told(
      ANSWERED,
      `coalesce(sum(CASE WHEN code = ${ACCEPTED} THEN CAST(round(${UNIT} / f) AS BIGINT) END), 0)`,
    ),
  ];
  return (
    `SELECT v, ${ACCOUNT} AS col, a.cell AS cell, a.n AS n FROM (SELECT version AS v, unnest([${rows.join(', ')}]) AS a FROM ${p} GROUP BY version, code)\n` +
    `UNION ALL\nSELECT CAST(NULL AS VARCHAR), ${ACCOUNT}, ${REQUESTS}, n FROM ${p}_all`
  );
}

function rawColumns({ columns, layout }: Stage): string {
  const { id, time, status, request, response, entity, fraction, errors } = columns;
  const text = (column: TableColumn): string => `CAST(${identifier(column.name)} AS VARCHAR)`;
  const answeredBy =
    layout === 'legacy' ? `map_extract_value(${identifier(entity.name)}, 'model_version')` : text(entity);
  return [
    `${text(id)} AS r`,
    `${identifier(time.name)} AS t`,
    `${identifier(status.name)} AS s`,
    `nullif(${answeredBy}, '') AS e`,
    `${text(request)} AS q`,
    `${text(response)} AS p`,
    `coalesce(${fraction === null ? '1' : asDouble(fraction)}, 1) AS f`,
    `${errors === null ? '0' : `coalesce(len(${identifier(errors.name)}), 0)`} AS x`,
  ].join(', ');
}

/** The version of the served entity; one that is not known any more is named. */
function versionSql({ layout, entities }: Stage, parameters: Parameters): string {
  if (layout === 'legacy') return 'e';
  const names = Object.keys(entities);
  const unmapped = `concat('${unmappedVersion('')}', e)`;
  if (names.length === 0) return `CASE WHEN e IS NOT NULL THEN ${unmapped} END`;
  const versions = names.map((name) => entities[name] ?? '');
  const map = `MAP(${parameters.bindList(names, VARCHAR)}, ${parameters.bindList(versions, VARCHAR)})`;
  return `CASE WHEN e IS NOT NULL THEN coalesce(map_extract_value(${map}, e), ${unmapped}) END`;
}

/** The expressions of all stages, to stand before those that rest on them. */
export function stagesCtes(
  stages: readonly Stage[],
  relations: (table: string) => string,
  parameters: Parameters,
): readonly string[] {
  return stages.flatMap((stage) => stageCtes(stage, relations(stage.table), parameters));
}
