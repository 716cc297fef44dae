import { z } from 'zod';
import { fieldsOf } from '../fields.ts';
import { type LevelsAnswer, MAX_LEVEL_LENGTH } from '../levels.ts';
import type { BinsPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import { type BinsQuestion, binsSlice } from './aggregate.ts';
import { valuesSql } from './count-sql.ts';
import { parameters, type Statement } from './sql.ts';
import { asText } from './types.ts';

const LevelRow = z.tuple([
  z.int(),
  z.bigint(),
  z.bigint(),
  z.object({ items: z.array(z.string()) }).nullable(),
]);

/** Names of the frequent levels, most frequent first, ties by name, whether there are further ones, and how many are seen once. */
export async function readLevels(
  question: BinsQuestion,
  columns: BinsPlan['categorical'],
): Promise<readonly [string, LevelsAnswer][]> {
  const limits = { table: question.request.source.table, maxRows: columns.length };
  const answer = await question.session.query(levelsStatement(question, columns), limits);
  const found = new Map(
    decodeRows(z.array(LevelRow), answer, limits.table).map(
      ([place, total, singles, names]) =>
        [place, { total: Number(total), singles: Number(singles), levels: names?.items ?? [] }] as const,
    ),
  );
  return columns.map(({ name }, place) => {
    const { total, singles, levels } = found.get(place) ?? { total: 0, singles: 0, levels: [] };
    return [name, { bins: { kind: 'categorical', levels, other: total > levels.length }, singles }];
  });
}

/** Per column: its place, how many levels it has, how many of one row, and the names. Rare names do not leave the engine. */
function levelsStatement(question: BinsQuestion, columns: BinsPlan['categorical']): Statement {
  const { request } = question;
  const bound = parameters();
  const fields = fieldsOf(columns.map(({ column }) => asText(column)));
  const slice = binsSlice(question, fields.all, bound);
  const names = fields.all.map(({ name }) => name);
  const places = columns.map(({ column }) => names.indexOf(fields.nameOf(asText(column))));
  const ctes = [
    ...slice.ctes,
    `found AS MATERIALIZED (SELECT p, value, sum(n) AS n FROM (${valuesSql(names, slice)}) WHERE value IS NOT NULL GROUP BY p, value)`,
    'ranked AS (SELECT p, value, n, row_number() OVER (PARTITION BY p ORDER BY n DESC, value) AS rank FROM found)',
    `asked AS (SELECT unnest(range(${places.length})) AS col, unnest([${places.join(', ')}]) AS p)`,
  ];
  const named = `rank <= ${request.maxLevels} AND n >= ${request.minLevelRows} AND length(value) <= ${MAX_LEVEL_LENGTH}`;
  return bound.statement(
    `WITH ${ctes.join(',\n')}\nSELECT CAST(col AS INTEGER), count(*), count(*) FILTER (WHERE n = 1), list(value ORDER BY rank) FILTER (WHERE ${named}) ` +
      'FROM asked JOIN ranked USING (p) GROUP BY col ORDER BY col',
  );
}
