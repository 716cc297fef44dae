import { sum } from 'simple-statistics';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, sidesOf } from './sides.ts';
import { absoluteSumQuantile } from './special/absolute-sum.ts';

/**
 * Wasserstein-1 distance (earth mover's distance) between the outermost frozen edges, in interquartile ranges of the baseline: how
 * far a row has to move on average to make both sides equal.
 *
 * `W1 = integral of |F(x) - G(x)| dx`. The outer cells have no end, so the integral runs from the first edge to the last: it is
 * exactly the distance of the values pulled in to these edges, and at most that of the values as they are. Counts do not say
 * where in a cell its rows lie: the value takes F - G as straight inside each, `details.gridLower` and `gridUpper` are what
 * the counts allow at least and at most. Divided by the interquartile range as the grid knows it (`details.iqr`, from
 * the first edge with a quarter of the baseline at or below it to the first with three quarters), and not by the standard
 * deviation, which a heavy tail makes as large as it likes.
 *
 * `noiseFloor`: without drift F - G at the edges is normal with covariance F_i(1 - F_j)(1/n + 1/m), pooled; the quantile is that of a
 * sum of absolute values, {@link absoluteSumQuantile}. `lower`, `upper`: the grid's own bounds, each widened by
 * the 97.5 % quantile of the same sum with both sides' own shares.
 *
 * Misleads: far values count for more the farther they are, up to the last edge and no more; a tail beyond it does not show.
 *
 * Sources: Vallender 1974, Theory of Probability and its Applications 18(4) (the integral). O(B^2) for the noise, B cells.
 *
 * @example wasserstein([10, 20, 30, 25, 15, 0], [5, 15, 30, 30, 20, 0], [0, 1, 2, 3, 4]) // value 0.1375, gridLower 0, gridUpper 0.6, iqr 2
 */
export function wasserstein(
  baseline: readonly number[],
  window: readonly number[],
  edges: readonly number[],
): Measurement {
  const sides = sidesOf(baseline, window, 'finite values');
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows } = sides;
  const counts = { rows, baselineRows };
  if (edges.length + 1 !== window.length)
    throw new Error(
      `wasserstein requires one edge less than cells, got ${edges.length} and ${window.length}`,
    );
  const below = cumulate(window, rows);
  const baselineBelow = cumulate(baseline, baselineRows);
  const iqr = interquartileRange(baselineBelow, edges);
  const steps = stepsOf(edges, iqr);
  if (!(iqr > 0 && iqr < Infinity && sum([...steps]) < Infinity))
    return { kind: 'not_measured', reason: 'the middle half of the baseline has no width', ...counts };
  const grid = integrate(below, baselineBelow, steps);
  const pooled = cumulate(
    window.map((count, cell) => count + at(baseline, cell)),
    rows + baselineRows,
  );
  const errors = sumOfErrors(BOUND_TAIL / 2, { below, baselineBelow, steps, ...counts });
  return {
    kind: 'measured',
    value: grid.value,
    lower: Math.max(0, grid.lower - errors),
    upper: grid.upper + errors,
    noiseFloor: sumOfErrors(NOISE_TAIL, { below: pooled, baselineBelow: pooled, steps, ...counts }),
    ...counts,
    details: { gridLower: grid.lower, gridUpper: grid.upper, iqr },
  };
}

/** Shares at or below each edge, and at last of all, which has no error and no width to be integrated over. */
function cumulate(counts: readonly number[], rows: number): readonly number[] {
  let below = 0;
  return counts.map((count) => {
    below += count;
    return below / rows;
  });
}

/** NaN when a quartile lies beyond the last edge. */
function interquartileRange(below: readonly number[], edges: readonly number[]): number {
  const quartile = (share: number): number => edges[below.findIndex((value) => value >= share)] ?? Number.NaN;
  return quartile(0.75) - quartile(0.25);
}

/** Widths of the inner cells, in interquartile ranges. */
function stepsOf(edges: readonly number[], iqr: number): readonly number[] {
  return edges.slice(1).map((edge, cell) => (edge - at(edges, cell)) / iqr);
}

/** The integral of |F - G|: with F - G straight in each cell, and the least and the most that monotone F and G allow. */
function integrate(
  f: readonly number[],
  g: readonly number[],
  steps: readonly number[],
): { readonly value: number; readonly lower: number; readonly upper: number } {
  let value = 0;
  let lower = 0;
  let upper = 0;
  for (const [cell, step] of steps.entries()) {
    const left = at(f, cell) - at(g, cell);
    const right = at(f, cell + 1) - at(g, cell + 1);
    const size = Math.abs(left) + Math.abs(right);
    value += step * (left * right < 0 ? (left * left + right * right) / (2 * size) : size / 2);
    lower += step * Math.max(0, at(f, cell) - at(g, cell + 1), at(g, cell) - at(f, cell + 1));
    upper += step * Math.max(at(f, cell + 1) - at(g, cell), at(g, cell + 1) - at(f, cell));
  }
  return { value, lower, upper };
}

interface Cumulated {
  readonly below: readonly number[];
  readonly baselineBelow: readonly number[];
  readonly steps: readonly number[];
  readonly rows: number;
  readonly baselineRows: number;
}

/** The integral of the absolute sampling error of F - G by the trapezoid rule: the value it exceeds with this probability. */
function sumOfErrors(
  tail: number,
  { below: f, baselineBelow: g, steps, rows, baselineRows }: Cumulated,
): number {
  const covariance = (i: number, j: number): number =>
    (at(f, i) * (1 - at(f, j))) / rows + (at(g, i) * (1 - at(g, j))) / baselineRows;
  const deviations = f.map((_, edge) => Math.sqrt(Math.max(0, covariance(edge, edge))));
  const weights = f.map((_, edge) => (at(steps, edge - 1) + at(steps, edge)) / 2);
  // All covariances are positive: the sum without signs is the widest.
  const square = sum(
    weights.map((weight, j) => {
      const before = sum(weights.slice(0, j).map((other, i) => other * covariance(i, j)));
      return weight * (2 * before + weight * covariance(j, j));
    }),
  );
  return absoluteSumQuantile(tail, {
    weights,
    deviations,
    correlation: (i, j) => covariance(i, j) / (at(deviations, i) * at(deviations, j)),
    widest: Math.sqrt(Math.max(0, square)),
  });
}
