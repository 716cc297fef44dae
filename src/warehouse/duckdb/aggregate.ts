import { fieldsOf } from '../fields.ts';
import type { BinsPlan } from '../plan.ts';
import type { BinsRequest } from '../warehouse.ts';
import type { Session } from './session.ts';
import { sliceSql } from './slice.ts';
import { parameters } from './sql.ts';

export interface BinsQuestion {
  readonly session: Session;
  readonly relation: string;
  readonly plan: BinsPlan;
  readonly request: BinsRequest;
}

export type RowsOf = (names: readonly string[]) => string;

/** Runs one statement over the rows of the slice; the names of the fields come in the order of their expressions. */
export async function aggregate(
  question: BinsQuestion,
  statement: {
    readonly expressions: readonly string[];
    readonly maxRows: number;
    readonly render: (names: readonly string[], rowsOf: RowsOf) => string;
  },
): Promise<readonly unknown[]> {
  const { session, relation, plan } = question;
  const { expressions, maxRows, render } = statement;
  const bound = parameters();
  const fields = fieldsOf(expressions);
  const slice = sliceSql({ slice: plan.slice, relation, fields: fields.all, parameters: bound });
  const head = slice.ctes.length === 0 ? '' : `WITH ${slice.ctes.join(',\n')}\n`;
  const body = render(expressions.map(fields.nameOf), slice.rows);
  return session.query(bound.statement(`${head}${body}`), { table: plan.slice.table, maxRows });
}
