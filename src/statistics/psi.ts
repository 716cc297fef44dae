import { sum } from 'simple-statistics';
import type { Measurement } from './measurement.ts';
import { chiSquareQuantile } from './special/chi-square.ts';

const SMOOTHING = 0.5;
/** Two-sided 95 % of the normal law. */
const NORMAL_95 = 1.959963984540054;
const NOISE_TAIL = 0.001;

/**
 * Population stability index of two sets of cell counts, natural logarithm, smoothed after Jeffreys.
 *
 * `PSI = sum over cells (p - q) ln(p / q)` with `p = (c + 0.5) / (n + 0.5 B)` on both sides (c the count of a cell, n the
 * rows, B the number of cells): no cell is ever empty, so the value is finite for any counts. It is symmetric, 0 for equal shares, and
 * depends on B, so values on different cells must not be compared.
 *
 * `noiseFloor`: without drift PSI / (1/n + 1/m) follows chi-square with B - 1 degrees of freedom; this is its 99.9 % quantile.
 * `lower`, `upper`: value plus or minus 1.96 standard errors by the delta method, both samples counted as random;
 * near zero drift the law is not normal and the lower bound is cut at 0.
 *
 * Sources: Siddiqi 2017, Intelligent Credit Scoring (the index); Yurdakul and Naranjo 2020, Journal of Risk Model
 * Validation 14(4) (its law). O(B).
 *
 * @example psi([17318, 17319, 17318, 0], [900, 1500, 2400, 12]) // value 0.16702..., noiseFloor 0.0037, lower 0.1410, upper 0.1931
 */
export function psi(baseline: readonly number[], window: readonly number[]): Measurement {
  const baselineRows = sum([...baseline]);
  const rows = sum([...window]);
  const counts = { rows, baselineRows };
  if (baseline.length !== window.length) throw new Error('psi requires the same cells on both sides');
  if (rows === 0) return { kind: 'not_measured', reason: 'the window has no rows', ...counts };
  if (baselineRows === 0) return { kind: 'not_measured', reason: 'the baseline has no rows', ...counts };
  const q = jeffreys(baseline, baselineRows);
  const p = jeffreys(window, rows);
  const value = sum(p.map((share, cell) => term(share, at(q, cell))));
  const error = NORMAL_95 * Math.sqrt(variance(p, q) / rows + variance(q, p) / baselineRows);
  return {
    kind: 'measured',
    value,
    lower: Math.max(0, value - error),
    upper: value + error,
    noiseFloor:
      chiSquareQuantile(NOISE_TAIL, Math.max(0, baseline.length - 1)) * (1 / rows + 1 / baselineRows),
    ...counts,
  };
}

/** Shares of smoothed counts: (c + 0.5) / (n + 0.5 B). They sum to 1. */
export function jeffreys(counts: readonly number[], rows: number): readonly number[] {
  return counts.map((count) => (count + SMOOTHING) / (rows + SMOOTHING * counts.length));
}

function term(p: number, q: number): number {
  return (p - q) * Math.log(p / q);
}

/** Variance, over one row drawn from `of`, of the derivative of PSI by that side's shares: ln(of/other) + 1 - other/of. */
function variance(of: readonly number[], other: readonly number[]): number {
  const slope = of.map((share, cell) => Math.log(share / at(other, cell)) + 1 - at(other, cell) / share);
  const mean = sum(of.map((share, cell) => share * at(slope, cell)));
  return sum(of.map((share, cell) => share * (at(slope, cell) - mean) ** 2));
}

function at(values: readonly number[], cell: number): number {
  return values[cell] ?? 0;
}
