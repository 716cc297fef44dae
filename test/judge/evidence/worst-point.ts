import { type ConvexSet, distance } from '../../../src/judge/evidence/set.ts';

/**
 * Looks for the distribution within a set under which ratios have the largest mean: rays from the baseline towards every kind of target, cut at
 * the border of the set, and then a climb. A lower bound of the maximum, so a test of a certificate and never one itself.
 */
export function worstMean(
  set: ConvexSet,
  search: {
    readonly ratio: readonly number[];
    readonly targets: readonly (readonly number[])[];
    readonly uniform: () => number;
    readonly steps: number;
  },
): number {
  const { ratio, uniform } = search;
  const mean = (p: readonly number[]): number =>
    p.reduce((sum, share, cell) => sum + share * (ratio[cell] ?? 0), 0);
  const corners = set.q.map((_, corner) => set.q.map((_, cell) => (cell === corner ? 1 : 0)));
  const graded = [0.5, 1, 2, 4].map((power) =>
    normal(set.q.map((share, cell) => share * (ratio[cell] ?? 0) ** power)),
  );
  let best = atBorder(set, set.q);
  for (const target of [...(set.q.length > 12 ? [] : corners), ...graded, ...search.targets.map(normal)]) {
    const point = atBorder(set, target);
    if (mean(point) > mean(best)) best = point;
  }
  let size = 1;
  for (let step = 0; step < search.steps; step += 1) {
    const moved = atBorder(set, normal(best.map((share) => share * Math.exp(size * (uniform() - 0.5)))));
    if (mean(moved) > mean(best)) best = moved;
    else size = Math.max(1e-4, size * 0.9);
  }
  return mean(best);
}

/** The point of the set farthest from its middle on the way to the target, or the target itself. */
function atBorder(set: ConvexSet, target: readonly number[]): readonly number[] {
  const middle = middleOf(set);
  const at = (t: number): readonly number[] =>
    middle.map((share, cell) => share + t * ((target[cell] ?? 0) * (1 - 1e-9) + 1e-9 * share - share));
  let low = 0;
  let high = 1;
  if (distance(set, at(1)) <= set.limit) return at(1);
  for (let step = 0; step < 32; step += 1) {
    const half = (low + high) / 2;
    if (distance(set, at(half)) <= set.limit) low = half;
    else high = half;
  }
  return at(low);
}

/** A distribution within the set: the baseline, or, where that may be outside, all rows at the least loss. */
function middleOf({ kind, q, losses }: ConvexSet): readonly number[] {
  if (kind !== 'rate' && kind !== 'mean_loss') return q;
  const costs = losses ?? [0, 1];
  return costs.map((_, cell) => (cell === costs.indexOf(Math.min(...costs)) ? 1 : 0));
}

function normal(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
