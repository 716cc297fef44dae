import { BOUND_TAIL } from './measurement.ts';
import { normalQuantile } from './special/normal.ts';

/** A divergence that is quadratic in small differences, and what is known about its spread. */
export interface DivergenceEstimate {
  readonly value: number;
  /** Standard error by the delta method. */
  readonly error: number;
  /** What one unit of chi-square is worth: without drift value / unit follows chi-square with `freedom` degrees of freedom. */
  readonly unit: number;
  readonly freedom: number;
}

/**
 * Two-sided 95 % bounds of a divergence (PSI, Jensen-Shannon) that is 0 without drift and quadratic near it.
 *
 * Far from zero the estimate is normal around the truth: value plus or minus 1.96 standard errors. Near zero it is not: noise alone
 * adds freedom x unit, and value / unit follows a noncentral chi-square law. There `sqrt(X - (f - 1)/2)` is normal
 * with variance 1 around `sqrt(l + (f - 1)/2)` to a good approximation, l the noncentrality, which gives a second pair of bounds. The
 * wider is taken on either side, so that the lower bound is 0 where no drift is not excluded, no excess of noise is
 * mistaken for drift when there are many cells and few rows, and an estimate that is 0 by chance is not trusted.
 *
 * Source: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 29 (the root). O(1).
 *
 * @example divergenceBounds({ value: 0.0175, error: 0.0088, unit: 0.0011, freedom: 9 }) // lower 0, upper 0.0347...
 */
export function divergenceBounds(estimate: DivergenceEstimate): {
  readonly lower: number;
  readonly upper: number;
} {
  const { value, error, unit, freedom } = estimate;
  const z = normalQuantile(BOUND_TAIL / 2);
  const radius = z * error;
  const shift = Math.max(0, (freedom - 1) / 2);
  // One cell cannot drift.
  if (freedom === 0) return { lower: Math.max(0, value - radius), upper: value + radius };
  const root = Math.sqrt(Math.max(0, value / unit - shift));
  const least = unit * (Math.max(0, root - z) ** 2 - shift);
  const most = unit * ((root + z) ** 2 - shift);
  return { lower: Math.max(0, Math.min(value - radius, least)), upper: Math.max(value + radius, most) };
}
