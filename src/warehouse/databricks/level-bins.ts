import { z } from 'zod';
import { fieldsOf } from '../fields.ts';
import { type LevelsAnswer, MAX_LEVEL_LENGTH } from '../levels.ts';
import type { BinsPlan } from '../plan.ts';
import { decodeRows } from '../rows.ts';
import { aggregate, type BinsQuestion } from './aggregate.ts';
import { valuesSql } from './count-sql.ts';
import { asText } from './types.ts';

/** Rows (place of the column, its levels, those of one row, rank of this one, its name; both null where it has no name). */
const Row = z.tuple([z.int(), z.int(), z.int(), z.int().nullable(), z.string().nullable()]);

/** Names of the frequent levels, most frequent first, ties by name, whether there are further ones, and how many are seen once. */
export async function readLevels(
  question: BinsQuestion,
  columns: BinsPlan['categorical'],
): Promise<readonly [string, LevelsAnswer][]> {
  const { request } = question;
  const expressions = [...new Set(columns.map(({ column }) => asText(column)))];
  const named = `nth <= ${request.maxLevels} AND n >= ${request.minLevelRows} AND length(value) <= ${MAX_LEVEL_LENGTH}`;
  const answer = await aggregate(question, {
    expressions,
    columns: ['place', 'total', 'singles', 'nth', 'value'],
    maxRows: expressions.length * (request.maxLevels + 1),
    render: (names, slice) => ({
      ctes: [
        `found AS (SELECT p, value, sum(n) AS n FROM (${valuesSql(names, slice)}) AS counted WHERE value IS NOT NULL GROUP BY p, value)`,
        'ranked AS (SELECT p, value, n, row_number() OVER (PARTITION BY p ORDER BY n DESC, value) AS nth, count(*) OVER (PARTITION BY p) AS total, sum(CASE WHEN n = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY p) AS singles FROM found)',
      ],
      // Rare names do not leave the warehouse; the first row of a column is there for its total.
      select: `SELECT p AS place, CAST(total AS BIGINT) AS total, CAST(singles AS BIGINT) AS singles, CASE WHEN ${named} THEN nth END AS nth, CASE WHEN ${named} THEN value END AS value FROM ranked WHERE nth = 1 OR (${named})`,
    }),
  });
  const rows = decodeRows(z.array(Row), answer, request.source.table);
  const fields = fieldsOf(expressions);
  const names = fields.all.map(({ name }) => name);
  return columns.map(({ name, column }) => {
    const own = rows.filter(([place]) => place === names.indexOf(fields.nameOf(asText(column))));
    const levels = own
      .filter(([, , , nth]) => nth !== null)
      .sort((a, b) => Number(a[3]) - Number(b[3]))
      .map(([, , , , value]) => value ?? '');
    const [, total, singles] = own[0] ?? [0, 0, 0];
    return [name, { bins: { kind: 'categorical', levels, other: total > levels.length }, singles }];
  });
}
