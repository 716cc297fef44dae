import { differenceLaw } from './difference-law.ts';
import { at, type Sides } from './sides.ts';
import { logChiSquareTail } from './special/chi-square.ts';
import { normalQuantile } from './special/normal.ts';
import { findRoot } from './special/root.ts';

/**
 * The size that the sampling error of any cell's p - q exceeds with at most this probability.
 *
 * The probability that some cell is off by more is at most the sum over the cells (Bonferroni). Each error is normal with the variance of
 * {@link differenceLaw}, corrected for the skewness of rare cells after Cornish and Fisher: their z is taken to
 * z + skewness (z^2 - 1) / 6.
 *
 * Source: Cornish and Fisher 1938, Revue de l'Institut International de Statistique 5. About 10 tails per cell.
 *
 * @example largestError(0.05, sidesOf([500, 500], [50, 50]), 'pooled') // 0.11755...
 */
export function largestError(tail: number, sides: Sides, shares: 'own' | 'pooled'): number {
  const cells = errorsOf(sides, shares);
  if (cells.length === 0) return 0;
  const excess = (size: number): number => {
    const beyond = cells.map((cell) => Math.exp(logChiSquareTail(normalScore(size, cell) ** 2, 1)));
    return Math.log(beyond.reduce((sum, each) => sum + each, 0) / tail);
  };
  return findRoot(excess, sizeAt(tail, cells), sizeAt(tail / cells.length, cells) * (1 + 1e-9));
}

/**
 * A bound of {@link largestError} without a search: the size that no cell exceeds with more than its equal part of the probability.
 *
 * Source: the same. O(B).
 *
 * @example largestErrorBound(0.05, sidesOf([500, 500], [50, 50]), 'pooled') // 0.11755...
 */
export function largestErrorBound(tail: number, sides: Sides, shares: 'own' | 'pooled'): number {
  const cells = errorsOf(sides, shares);
  return cells.length === 0 ? 0 : sizeAt(tail / cells.length, cells);
}

function errorsOf(sides: Sides, shares: 'own' | 'pooled'): readonly Cell[] {
  const { deviations } = differenceLaw(sides, shares);
  return deviations.flatMap((deviation, cell) =>
    deviation > 0 ? [{ deviation, skewness: skewnessOf(sides, shares, cell) }] : [],
  );
}

/** The largest of the sizes that the cells, each for itself, exceed with this probability. */
function sizeAt(tail: number, cells: readonly Cell[]): number {
  const z = normalQuantile(tail / 2);
  return Math.max(...cells.map(({ deviation, skewness }) => deviation * (z + (skewness * (z * z - 1)) / 6)));
}

interface Cell {
  readonly deviation: number;
  readonly skewness: number;
}

/** The size of the third moment of p - q over its deviation cubed: both tails are taken to be as long as the longer one. */
function skewnessOf(sides: Sides, shares: 'own' | 'pooled', cell: number): number {
  const { rows, baselineRows, pooled } = sides;
  const p = at(shares === 'own' ? sides.smoothP : pooled, cell);
  const q = at(shares === 'own' ? sides.smoothQ : pooled, cell);
  const third =
    (p * (1 - p) * (1 - 2 * p)) / (rows * rows) - (q * (1 - q) * (1 - 2 * q)) / (baselineRows * baselineRows);
  const square = (p * (1 - p)) / rows + (q * (1 - q)) / baselineRows;
  return Math.abs(third) / square ** 1.5;
}

/** The z that the correction takes to this many deviations: the rising root of a quadratic. */
function normalScore(size: number, { deviation, skewness }: Cell): number {
  const x = size / deviation + skewness / 6;
  return (2 * x) / (1 + Math.sqrt(1 + (2 / 3) * skewness * x));
}
