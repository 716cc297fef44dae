import { fieldsOf } from '../fields.ts';
import type { BinsPlan } from '../plan.ts';
import type { BinsRequest } from '../warehouse.ts';
import type { Session } from './session.ts';
import { type SliceSql, sliceSql } from './slice.ts';
import { parameters } from './sql.ts';

export interface BinsQuestion {
  readonly session: Session;
  readonly relation: string;
  readonly plan: BinsPlan;
  readonly request: BinsRequest;
}

/** Runs one statement over the rows of the slice; the names of the fields come in the order of their expressions. */
export async function aggregate(
  question: BinsQuestion,
  statement: {
    readonly expressions: readonly string[];
    readonly columns: readonly string[];
    readonly maxRows: number;
    readonly render: (
      names: readonly string[],
      slice: SliceSql,
    ) => { readonly ctes: readonly string[]; readonly select: string };
  },
): Promise<readonly (readonly unknown[])[]> {
  const { session, relation, plan } = question;
  const { expressions, columns, maxRows, render } = statement;
  const bound = parameters();
  const fields = fieldsOf(expressions);
  const slice = sliceSql({ slice: plan.slice, relation, fields: fields.all, parameters: bound });
  const { ctes, select } = render(expressions.map(fields.nameOf), slice);
  const all = [...slice.ctes, ...ctes];
  const head = all.length === 0 ? '' : `WITH ${all.join(',\n')}\n`;
  return session.query(bound.statement(`${head}${select}`), { table: plan.slice.table, columns, maxRows });
}
