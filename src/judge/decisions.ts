import type { Check } from './verdict.ts';
import { percent } from './words.ts';

export interface Decision {
  /** The score at which the decision changes; an edge of the cells. */
  readonly threshold: number;
  /** Side of the threshold that is good for the customer; null: nobody said. */
  readonly favourable: 'above' | 'below' | null;
}

/** The PSI check of a prediction, with what its cells say of the decisions: the share of predictions on one side, now and in the baseline. */
export function withDecisions(check: Check, decision: Decision): Check {
  const { cells, method, kind } = check;
  if (cells === null || method !== 'psi' || kind !== 'output_drift') return check;
  const now = shareOn(decision, cells.edges, cells.window);
  const before = shareOn(decision, cells.edges, cells.baseline);
  if (now === null || before === null) return check;
  const { favourable, threshold } = decision;
  const side = favourable === 'below' ? `at or below ${threshold}` : `above ${threshold}`;
  const good = favourable === null ? '' : ', the favourable side';
  const decisions = `Decisions: ${percent(now)} of the predictions are ${side}${good}; ${percent(before)} in the baseline.`;
  return { ...check, reason: `${check.reason} ${decisions}` };
}

/** Rows on the told side of the threshold over rows with a number; null where no edge is the threshold, or there are no such rows. */
function shareOn(
  { threshold, favourable }: Decision,
  edges: readonly number[] | null,
  counts: readonly number[],
): number | null {
  const last = edges?.indexOf(threshold) ?? -1;
  if (edges === null || last < 0) return null;
  const numbers = counts.slice(0, edges.length + 1);
  const all = sum(numbers);
  const below = sum(numbers.slice(0, last + 1));
  if (all === 0) return null;
  return (favourable === 'below' ? below : all - below) / all;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
