import type { BinsPlan } from '../plan.ts';
import type { BinsRequest } from '../warehouse.ts';
import type { Session } from './session.ts';
import { fieldsOf, sliceSql } from './slice.ts';
import { parameters } from './sql.ts';

export interface BinsQuestion {
  readonly session: Session;
  readonly relation: string;
  readonly plan: BinsPlan;
  readonly request: BinsRequest;
}

/** Runs one aggregate statement over the rows of the slice; field names come in the order of their expressions. */
export async function aggregate(
  question: BinsQuestion,
  expressions: readonly string[],
  render: (names: readonly string[], rows: string) => string,
): Promise<readonly unknown[]> {
  const { session, relation, plan } = question;
  const bound = parameters();
  const fields = fieldsOf(expressions);
  const slice = sliceSql({ slice: plan.slice, relation, fields: fields.all, parameters: bound });
  const rows = slice.rows(fields.all.map(({ name }) => name));
  const head = slice.ctes.length === 0 ? '' : `WITH ${slice.ctes.join(',\n')}\n`;
  const statement = bound.statement(`${head}${render(expressions.map(fields.nameOf), rows)}`);
  return session.query(statement, { table: plan.slice.table, maxRows: expressions.length + 1 });
}

/** Aggregates of many columns as one row per column: its place, then its aggregates. */
export function perColumn(columns: readonly (readonly string[])[], rows: string): string {
  const structs = columns.map((aggregates, place) => {
    const parts = aggregates.map((sql, part) => `'a${part}': ${sql}`);
    return `{'place': ${place}, ${parts.join(', ')}}`;
  });
  const names = (columns[0] ?? []).map((_, part) => `u.a${part}`);
  return `SELECT u.place, ${names.join(', ')} FROM (SELECT unnest([${structs.join(', ')}]) AS u FROM ${rows})`;
}
