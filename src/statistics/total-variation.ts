import { sum } from 'simple-statistics';
import { differenceLaw } from './difference-law.ts';
import { largestError, largestErrorBound } from './largest-error.ts';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { type Sides, sidesOf } from './sides.ts';
import { absoluteSumQuantile } from './special/absolute-sum.ts';
import { normalQuantile } from './special/normal.ts';

/**
 * Total variation distance of two sets of cell counts: half the sum of |p - q|, the share of rows that would have to change
 * their cell to make both sides equal. Between 0 and 1.
 *
 * `noiseFloor`: without drift each p - q is normal with variance s(1 - s)(1/n + 1/m), s the pooled share, and two of them vary
 * against each other as in a multinomial law; the quantile is that of a sum of absolute values, {@link absoluteSumQuantile},
 * but at least the largest error of a single cell, which a rare one has more often than a normal law knows.
 * `lower`: the estimate exceeds the truth by at most the total variation of the sampling errors, whose 97.5 % quantile is
 * subtracted. `upper`: the estimate is at least the difference of the two shares on any set of cells, so above all on those which really
 * grew, and that difference is normal: 1.96 of the largest standard error that any set has are added. Both conservative.
 *
 * Misleads: noise in every cell adds up, so that many cells and few rows are never near 0; it does not see how far values moved.
 *
 * Source: Levin and Peres 2017, Markov Chains and Mixing Times, chapter 4 (the distance). O(B^2) for the noise, B cells.
 *
 * @example totalVariation([10, 20, 30, 25, 15], [5, 15, 30, 30, 20]) // value 0.1
 */
export function totalVariation(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window);
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, differences } = sides;
  const value = Math.min(1, sum(differences.map(Math.abs)) / 2);
  return {
    kind: 'measured',
    value,
    lower: Math.max(0, value - sumOfErrors(BOUND_TAIL / 2, sides, 'own')),
    upper: Math.min(1, value + normalQuantile(BOUND_TAIL / 2) * widestError(sides, 'own')),
    noiseFloor: Math.min(1, noise(sides)),
    rows,
    baselineRows,
  };
}

/** The search for the largest error of a cell is made only where it may be the larger of the two. */
function noise(sides: Sides): number {
  const together = sumOfErrors(NOISE_TAIL, sides, 'pooled');
  return largestErrorBound(NOISE_TAIL, sides, 'pooled') <= together
    ? together
    : Math.max(together, largestError(NOISE_TAIL, sides, 'pooled'));
}

/** Half the sum of the absolute sampling errors: the value it exceeds with this probability. */
function sumOfErrors(tail: number, sides: Sides, shares: 'own' | 'pooled'): number {
  return absoluteSumQuantile(tail, {
    weights: sides.p.map(() => 0.5),
    ...differenceLaw(sides, shares),
    widest: widestError(sides, shares),
  });
}

/** The largest standard error that the difference of the two shares of any set of cells has. */
function widestError(
  { rows, baselineRows, pooled, smoothP, smoothQ }: Sides,
  shares: 'own' | 'pooled',
): number {
  const [p, q] = shares === 'own' ? [smoothP, smoothQ] : [pooled, pooled];
  return Math.sqrt(widest(p) / rows + widest(q) / baselineRows);
}

/** The largest s(1 - s) of any set of cells with share s, which is 1/4 unless one cell alone has more than half. */
function widest(shares: readonly number[]): number {
  const largest = Math.max(0.5, ...shares);
  return largest * (1 - largest);
}
