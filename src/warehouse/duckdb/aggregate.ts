import { type Field, fieldsOf } from '../fields.ts';
import { stagedRelations } from '../payload-outcomes.ts';
import type { Staged } from '../payload-stage.ts';
import type { BinsPlan } from '../plan.ts';
import type { BinsRequest } from '../warehouse.ts';
import { stagesCtes } from './payload-sql.ts';
import type { Session } from './session.ts';
import { type SliceSql, sliceSql } from './slice.ts';
import { type Parameters, parameters } from './sql.ts';

export interface BinsQuestion {
  readonly session: Session;
  readonly relation: string;
  readonly staged: Staged<BinsPlan>;
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
  const { expressions, maxRows, render } = statement;
  const bound = parameters();
  const fields = fieldsOf(expressions);
  const { ctes, rows } = binsSlice(question, fields.all, bound);
  const head = ctes.length === 0 ? '' : `WITH ${ctes.join(',\n')}\n`;
  const body = render(expressions.map(fields.nameOf), rows);
  return question.session.query(bound.statement(`${head}${body}`), {
    table: question.request.source.table,
    maxRows,
  });
}

/** The rows that bins are made of, with what they rest on. */
export function binsSlice(
  { staged, relation }: BinsQuestion,
  fields: readonly Field[],
  bound: Parameters,
): SliceSql {
  const { plan, stages } = staged;
  const relationOf = stagedRelations(stages, () => relation);
  const ctes = stagesCtes(stages, () => relation, bound);
  const slice = sliceSql({
    slice: plan.slice,
    relation: relationOf(plan.slice.table),
    fields,
    parameters: bound,
  });
  return { ...slice, ctes: [...ctes, ...slice.ctes] };
}
