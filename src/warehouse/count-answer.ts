import type { CellCounts } from '../baseline/bins.ts';
import { type CellRow, foldCells } from './cell-rows.ts';
import { UNIT } from './payload.ts';
import { ACCOUNT, foldAccount } from './payload-account.ts';
import { type Staged } from './payload-stage.ts';
import { type CountPlan, isWeighted } from './plan.ts';
import type { CountAnswer, CountRequest, VersionCounts } from './warehouse.ts';

/** Folds the rows of an answer, whatever engine gave them. Throws `bad_answer` where something does not add up. */
export function countAnswer(question: {
  readonly request: CountRequest;
  readonly staged: Staged<CountPlan>;
  readonly rows: readonly CellRow[];
}): CountAnswer {
  const { request, staged, rows } = question;
  const { table, payload } = request.source;
  const cells = rows.filter(({ column }) => column !== ACCOUNT);
  const counted = foldCells(table, request.columns, cells);
  const groups = isWeighted(staged.plan.slice) ? counted.map(inRows) : counted;
  if (payload === undefined) return { groups };
  const account = rows.filter(({ column }) => column === ACCOUNT);
  return { groups, payload: foldAccount(table, account) };
}

/** Sums of units as rows: whole where every row weighs the same. */
function inRows({ version, rows, columns }: VersionCounts): VersionCounts {
  const counts = Object.entries(columns).map(([name, { cells, missing, nonFinite, other, unseen }]) => {
    const scaled: CellCounts = {
      cells: cells.map((units) => units / UNIT),
      missing: missing / UNIT,
      nonFinite: nonFinite / UNIT,
      other: other / UNIT,
      unseen: unseen / UNIT,
    };
    return [name, scaled] as const;
  });
  return { version, rows: rows / UNIT, columns: Object.fromEntries(counts) };
}
