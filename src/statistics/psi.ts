import { sum } from 'simple-statistics';
import { divergenceBounds } from './divergence-bounds.ts';
import { type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, sidesOf } from './sides.ts';
import { chiSquareQuantile } from './special/chi-square.ts';

/**
 * Population stability index of two sets of cell counts, natural logarithm, smoothed after Jeffreys.
 *
 * `PSI = sum over cells (p - q) ln(p / q)` with `p = (c + 0.5) / (n + 0.5 B)` on both sides (c the count of a cell, n the
 * rows, B the number of cells): no cell is ever empty, so the value is finite for any counts. It is symmetric and 0 for equal shares.
 *
 * `noiseFloor`: without drift PSI / (1/n + 1/m) follows chi-square with B - 1 degrees of freedom; this is its 99.9 % quantile.
 * `lower`, `upper`: by the delta method with both samples counted as random, and near zero drift by the noncentral
 * chi-square law, see {@link divergenceBounds}.
 * `details.raw`: the same sum over unsmoothed shares; null when a cell is empty on one side only, since it is infinite then.
 * `details.corrected`: the value less what noise alone adds on average, (B - 1)(1/n + 1/m); it may be below 0.
 *
 * Misleads: its noise grows with B / n, so few rows in many cells reach 0.1 without any drift; it depends on the cells, so values on
 * different cells must not be compared; a cell that was empty weighs much, however few rows it gets.
 *
 * Sources: Siddiqi 2017, Intelligent Credit Scoring (the index); Yurdakul and Naranjo 2020, Journal of Risk Model
 * Validation 14(4) (its law). O(B).
 *
 * @example psi([17318, 17319, 17318, 0], [900, 1500, 2400, 12]) // value 0.16702..., lower 0.14097..., upper 0.19307..., noiseFloor 0.00369...
 */
export function psi(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window);
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, scale, smoothP: p, smoothQ: q } = sides;
  const value = index(p, q);
  const freedom = Math.max(0, baseline.length - 1);
  const error = Math.sqrt(variance(p, q) / rows + variance(q, p) / baselineRows);
  return {
    kind: 'measured',
    value,
    ...divergenceBounds({ value, error, unit: scale, freedom }),
    noiseFloor: chiSquareQuantile(NOISE_TAIL, freedom) * scale,
    rows,
    baselineRows,
    details: { raw: rawIndex(sides.p, sides.q), corrected: value - freedom * scale },
  };
}

function index(p: readonly number[], q: readonly number[]): number {
  return sum(p.map((share, cell) => (share - at(q, cell)) * Math.log(share / at(q, cell))));
}

/** PSI of shares as they are: a cell without rows on both sides adds nothing, one without rows on one side makes it infinite. */
function rawIndex(p: readonly number[], q: readonly number[]): number | null {
  const cells = p.flatMap((share, cell) =>
    share > 0 || at(q, cell) > 0 ? [[share, at(q, cell)] as const] : [],
  );
  if (cells.some(([a, b]) => a === 0 || b === 0)) return null;
  return index(
    cells.map(([share]) => share),
    cells.map(([, share]) => share),
  );
}

/** Variance, over one row drawn from `of`, of the derivative of PSI by that side's shares, ln(of/other) - other/of but for a constant. */
function variance(of: readonly number[], other: readonly number[]): number {
  const slope = of.map((share, cell) => Math.log(share / at(other, cell)) - at(other, cell) / share);
  const mean = sum(of.map((share, cell) => share * at(slope, cell)));
  return sum(of.map((share, cell) => share * (at(slope, cell) - mean) ** 2));
}
