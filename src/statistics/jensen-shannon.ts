import { sum } from 'simple-statistics';
import { divergenceBounds } from './divergence-bounds.ts';
import { type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, type Sides, sidesOf } from './sides.ts';
import { chiSquareQuantile } from './special/chi-square.ts';

/**
 * Jensen-Shannon distance of two sets of cell counts: the square root of the Jensen-Shannon divergence, to base 2, so that it lies
 * between 0 (equal shares) and 1 (no cell in common).
 *
 * `JSD = 1/2 KL(p, m) + 1/2 KL(q, m)` with m = (p + q) / 2. Shares are not smoothed: an empty cell is no trouble here. The variant
 * matters: to base e the distance ends at 0.83, and some packages report the divergence, which is the square.
 *
 * Computed as the sum of m h(d) with d = (p - q) / (p + q) and 2 h(d) = (1 + d) ln(1 + d) + (1 - d) ln(1 - d), which loses no digits
 * when the shares are nearly equal.
 *
 * `noiseFloor`: without drift 8 JSD (in nats) / (1/n + 1/m) follows chi-square, with one degree of freedom less than cells in use;
 * cells with few rows add more than that, up to 2 ln 2 times as much, see `sparseness`.
 * `lower`, `upper`: the delta method and the noncentral chi-square law for JSD, see {@link divergenceBounds}, then the square root.
 *
 * Misleads: a root, so noise looks large: 0.04 on average for ten cells, 1 000 rows and no drift at all. Few rows in many cells always give a distance.
 *
 * Sources: Lin 1991, IEEE Transactions on Information Theory 37(1); Endres and Schindelin 2003, the same 49(7) (a metric). O(B).
 *
 * @example jensenShannon([1012, 987, 1003, 995, 1010, 1001, 990, 998, 1007, 997], [71, 88, 95, 97, 110, 101, 109, 118, 104, 107]) // value 0.0563881387...
 */
export function jensenShannon(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window);
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, p, q, scale } = sides;
  const divergence = Math.min(Math.LN2, sum(p.map((share, cell) => term(share, at(q, cell)))));
  const used = sides.pooled.filter((share) => share > 0).length;
  const unit = (scale / 8) * sparseness(sides);
  const bounds = divergenceBounds({
    value: divergence,
    error: standardError(sides),
    unit,
    // A cell that is empty on both sides need not stay so.
    freedom: Math.min(p.length - 1, Math.max(1, used - 1)),
  });
  return {
    kind: 'measured',
    value: distance(divergence),
    lower: distance(bounds.lower),
    upper: distance(bounds.upper),
    noiseFloor: distance(chiSquareQuantile(NOISE_TAIL, used - 1) * unit),
    rows,
    baselineRows,
  };
}

/**
 * How much more than their chi-square the cells add on average when they have few rows: of `2 h(d) = d^2 + d^4/6 + ...` the second
 * term has the mean scale / (8 s) of the first for a cell with share s. Twice that is taken for all later terms, and never more than
 * 2 ln 2, since `h(d) <= d^2 ln 2`.
 */
function sparseness({ pooled, scale }: Sides): number {
  const used = pooled.filter((share) => share > 0);
  const excess = used.map((share) => Math.min(2 * Math.LN2 - 1, scale / (4 * share)));
  return 1 + sum(excess) / used.length;
}

/** The square root of a divergence in nats, to base 2. */
function distance(divergence: number): number {
  return Math.sqrt(Math.min(1, divergence / Math.LN2));
}

/** What one cell adds to the divergence, in nats. */
function term(p: number, q: number): number {
  const both = p + q;
  if (both === 0) return 0;
  const d = Math.abs(p - q) / both;
  const h = d < 0.05 ? series(d * d) : ((1 + d) * Math.log1p(d) + entropyTerm(1 - d)) / 2;
  return (both / 2) * h;
}

/** 1/2 ((1 + d) ln(1 + d) + (1 - d) ln(1 - d)) = d^2/2 + d^4/12 + d^6/30 + ..., terms d^2k / (2k (2k - 1)). */
function series(square: number): number {
  let power = square;
  let total = 0;
  for (let k = 1; k <= 8; k += 1) {
    total += power / (2 * k * (2 * k - 1));
    power *= square;
  }
  return total;
}

function entropyTerm(x: number): number {
  return x > 0 ? x * Math.log(x) : 0;
}

/** By the delta method: the derivative of JSD by a share of one side is 1/2 ln(share / mean of both). */
function standardError({ p, q, rows, baselineRows }: Sides): number {
  return Math.sqrt(variance(p, q) / rows + variance(q, p) / baselineRows);
}

function variance(of: readonly number[], other: readonly number[]): number {
  const slope = of.map((share, cell) =>
    share > 0 ? Math.log((2 * share) / (share + at(other, cell))) / 2 : 0,
  );
  const mean = sum(of.map((share, cell) => share * at(slope, cell)));
  return sum(of.map((share, cell) => share * (at(slope, cell) - mean) ** 2));
}
