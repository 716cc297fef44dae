import { fieldsOf } from '../fields.ts';
import { stagedRelations } from '../payload-outcomes.ts';
import type { Staged } from '../payload-stage.ts';
import type { BinsPlan } from '../plan.ts';
import type { BinsRequest } from '../warehouse.ts';
import { stagesCtes } from './payload-sql.ts';
import type { Session } from './session.ts';
import { type SliceSql, sliceSql } from './slice.ts';
import { parameters } from './sql.ts';

export interface BinsQuestion {
  readonly session: Session;
  readonly relation: string;
  readonly staged: Staged<BinsPlan>;
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
  const { session, relation, staged } = question;
  const { plan, stages } = staged;
  const { expressions, columns, maxRows, render } = statement;
  const bound = parameters();
  const fields = fieldsOf(expressions);
  const relationOf = stagedRelations(stages, () => relation);
  const before = stagesCtes(stages, () => relation, bound);
  const slice = sliceSql({
    slice: plan.slice,
    relation: relationOf(plan.slice.table),
    fields: fields.all,
    parameters: bound,
  });
  const { ctes, select } = render(expressions.map(fields.nameOf), slice);
  const all = [...before, ...slice.ctes, ...ctes];
  const head = all.length === 0 ? '' : `WITH ${all.join(',\n')}\n`;
  return session.query(bound.statement(`${head}${select}`), {
    table: question.request.source.table,
    columns,
    maxRows,
  });
}
