import { chanceRate, type RateCounts, upperRate } from './chance-rate.ts';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { betaLowerQuantile } from './special/beta.ts';

/**
 * The share of rows with a property: without a value, with a level that the baseline does not have, with a number that is not finite.
 *
 * `lower`, `upper`: Clopper and Pearson's exact bounds, which cover the rate behind the window with at least 95 % whatever it is; with
 * no such row at all the upper bound is 1 - 0.025^(1/n), about 3.7/n. `noiseFloor`: {@link chanceRate} at one in a
 * thousand, with the sampling of the baseline counted. `details.baselineRate` is the rate before.
 *
 * Misleads: rows are taken as independent. One batch that arrives without a column is one event, however many rows it has.
 *
 * Source: Clopper and Pearson 1934, Biometrika 26(4). About 50 evaluations of the incomplete beta function.
 *
 * @example rate({ count: 31, rows: 1000, baselineCount: 20, baselineRows: 10000 }) // value 0.031, lower 0.02116..., upper 0.04371..., noiseFloor 0.012, baselineRate 0.002
 */
export function rate(counts: RateCounts): Measurement {
  const { count, rows, baselineCount, baselineRows } = counts;
  if (rows === 0) return { kind: 'not_measured', reason: 'the window has no rows', rows, baselineRows };
  if (baselineRows === 0)
    return { kind: 'not_measured', reason: 'the baseline has no rows', rows, baselineRows };
  const half = BOUND_TAIL / 2;
  return {
    kind: 'measured',
    value: count / rows,
    lower: lowerRate(half, count, rows),
    upper: upperRate(half, count, rows),
    noiseFloor: chanceRate(NOISE_TAIL, counts),
    rows,
    baselineRows,
    details: { baselineRate: baselineCount / baselineRows },
  };
}

/** Clopper and Pearson's lower bound: the smallest rate at which so many are still as likely as `tail`. */
function lowerRate(tail: number, count: number, rows: number): number {
  return count === 0 ? 0 : betaLowerQuantile(tail, count, rows - count + 1);
}
