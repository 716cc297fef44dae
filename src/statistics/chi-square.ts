import { sum } from 'simple-statistics';
import { type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, type Sides, sidesOf } from './sides.ts';
import { chiSquareQuantile, logChiSquareTail } from './special/chi-square.ts';

/**
 * Pearson's chi-square statistic of homogeneity for two sets of cell counts: both sides are samples, neither is taken as exact.
 *
 * `X = sum over cells (p - q)^2 / (s (1/n + 1/m))`, s the pooled share: the textbook sum of (observed - expected)^2 / expected over
 * both rows of the table, without Yates's correction. Cells without rows on both sides are no cells.
 *
 * `noiseFloor`: without drift X follows chi-square with one degree of freedom less than cells (`details.freedom`), stretched to the variance
 * that cells with few rows give it: the fourth moment of a binomial count of t rows adds `((n + m)^2 / (n m) - 6) / t`.
 * `details.logP`: natural logarithm of the probability of an X as large as this or larger without drift; in logarithms, since it is soon
 * below the smallest double. No confidence bounds: X grows with the rows, so it estimates nothing.
 *
 * Misleads: it answers whether anything at all has changed, never how much. With enough rows everything has, so it is shown and
 * no limit belongs on it. Where most expected counts are below 5 `logP` is too small.
 *
 * Source: Pearson 1900, Philosophical Magazine 50; Cochran 1954, Biometrics 10 (its limits). O(B).
 *
 * @example chiSquare([1012, 987, 1003, 995, 1010, 1001, 990, 998, 1007, 997], [71, 88, 95, 97, 110, 101, 109, 118, 104, 107]) // value 14.98881054..., freedom 9, logP -2.39422...
 */
export function chiSquare(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window);
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, differences, pooled, scale } = sides;
  const value = sum(
    differences.map((difference, cell) =>
      difference === 0 ? 0 : (difference * difference) / (scale * at(pooled, cell)),
    ),
  );
  const freedom = pooled.filter((share) => share > 0).length - 1;
  return {
    kind: 'measured',
    value,
    lower: null,
    upper: null,
    withoutBounds: 'it grows with the rows and estimates nothing',
    noiseFloor: freedom === 0 ? 0 : noise(sides, freedom),
    rows,
    baselineRows,
    details: { freedom, logP: freedom === 0 ? 0 : logChiSquareTail(value, freedom) },
  };
}

/** The 99.9 % quantile of the gamma law with mean `freedom` and the variance of X. */
function noise({ rows, baselineRows, pooled }: Sides, freedom: number): number {
  const all = rows + baselineRows;
  const rest = sum(pooled.map((share) => (share > 0 ? 1 / (share * all) : 0)));
  const variance = 2 * freedom + ((all / rows) * (all / baselineRows) - 6) * rest;
  const stretch = Math.max(1, variance / (2 * freedom));
  return stretch * chiSquareQuantile(NOISE_TAIL, freedom / stretch);
}
