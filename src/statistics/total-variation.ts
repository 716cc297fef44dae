import { sum } from 'simple-statistics';
import { differenceLaw } from './difference-law.ts';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, type Sides, sidesOf } from './sides.ts';
import { absoluteSumQuantile } from './special/absolute-sum.ts';
import { normalQuantile } from './special/normal.ts';

/**
 * Total variation distance of two sets of cell counts: half the sum of |p - q|, the share of rows that would have to change
 * their cell to make both sides equal. Between 0 and 1.
 *
 * `noiseFloor`: without drift each p - q is normal with variance s(1 - s)(1/n + 1/m), s the pooled share, and two of them vary
 * against each other as in a multinomial law; the quantile of the sum of their absolute values comes from its first two moments.
 * `lower`: the estimate exceeds the truth by at most the total variation of the sampling errors, whose 97.5 % quantile is
 * subtracted. `upper`: the estimate is at least the difference of the two shares on any set of cells, so above all on those where p > q,
 * and that difference is normal: 1.96 of its standard errors are added. Both conservative.
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
    upper: Math.min(1, value + normalQuantile(BOUND_TAIL / 2) * errorOnRise(sides)),
    noiseFloor: Math.min(1, sumOfErrors(NOISE_TAIL, sides, 'pooled')),
    rows,
    baselineRows,
  };
}

/** Half the sum of the absolute sampling errors: the value it exceeds with this probability. */
function sumOfErrors(tail: number, sides: Sides, shares: 'own' | 'pooled'): number {
  return absoluteSumQuantile(tail, { weights: sides.p.map(() => 0.5), ...differenceLaw(sides, shares) });
}

/** Standard error of the difference of the shares of all cells that grew. */
function errorOnRise({ p, q, rows, baselineRows }: Sides): number {
  const grown = (shares: readonly number[]): number =>
    Math.min(1, sum(shares.filter((_, cell) => at(p, cell) > at(q, cell))));
  const of = grown(p);
  const before = grown(q);
  return Math.sqrt((of * (1 - of)) / rows + (before * (1 - before)) / baselineRows);
}
