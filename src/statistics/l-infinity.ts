import { differenceLaw } from './difference-law.ts';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, type Sides, sidesOf } from './sides.ts';
import { logChiSquareTail } from './special/chi-square.ts';
import { normalQuantile } from './special/normal.ts';
import { findRoot } from './special/root.ts';

/**
 * L-infinity distance (Chebyshev distance) of two sets of cell counts: the largest |p - q| of any cell. Between 0 and 1. It answers
 * "by how many points did the share of one level change", which is what a table of levels is read for.
 *
 * `noiseFloor`: the probability that any cell is off by more than t is at most the sum over cells (Bonferroni); each p - q is
 * normal with variance s(1 - s)(1/n + 1/m), s the pooled share, corrected for the skewness of rare cells after Cornish and
 * Fisher. `lower`, `upper`: the distance is off by no more than the cell that is off most, by the same union at
 * 5 % with both sides' own shares. Conservative by the overlap of the cells: 6 % for two, 1 % for ten.
 *
 * Misleads: sees one cell only: a shift spread over many is small in each, and mass that moves between rare levels does not show.
 *
 * Sources: the union bound; Cornish and Fisher 1938, Revue de l'Institut International de Statistique 5. O(B).
 *
 * @example lInfinity([10, 20, 30, 25, 15], [5, 15, 30, 30, 20]) // value 0.05
 */
export function lInfinity(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window);
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, differences } = sides;
  const value = Math.max(...differences.map(Math.abs));
  const radius = largestError(BOUND_TAIL, sides, 'own');
  return {
    kind: 'measured',
    value,
    lower: Math.max(0, value - radius),
    upper: Math.min(1, value + radius),
    noiseFloor: Math.min(1, largestError(NOISE_TAIL, sides, 'pooled')),
    rows,
    baselineRows,
  };
}

/** The size that the sampling error of some cell exceeds with at most this probability. */
function largestError(tail: number, sides: Sides, shares: 'own' | 'pooled'): number {
  const { deviations } = differenceLaw(sides, shares);
  const cells = deviations.flatMap((deviation, cell) =>
    deviation > 0 ? [{ deviation, skewness: skewnessOf(sides, shares, cell) }] : [],
  );
  if (cells.length === 0) return 0;
  const excess = (size: number): number => {
    const beyond = cells.map((cell) => Math.exp(logChiSquareTail(normalScore(size, cell) ** 2, 1)));
    return Math.log(beyond.reduce((sum, each) => sum + each, 0) / tail);
  };
  const largest = (each: number): number => {
    const z = normalQuantile(each / 2);
    return Math.max(
      ...cells.map(({ deviation, skewness }) => deviation * (z + (skewness * (z * z - 1)) / 6)),
    );
  };
  return findRoot(excess, largest(tail), largest(tail / cells.length) * (1 + 1e-9));
}

interface Cell {
  readonly deviation: number;
  readonly skewness: number;
}

/** The size of the third moment of p - q over its deviation cubed: both tails are taken to be as long as the longer one. */
function skewnessOf(sides: Sides, shares: 'own' | 'pooled', cell: number): number {
  const { rows, baselineRows, pooled } = sides;
  const p = at(shares === 'own' ? sides.p : pooled, cell);
  const q = at(shares === 'own' ? sides.q : pooled, cell);
  const third =
    (p * (1 - p) * (1 - 2 * p)) / (rows * rows) - (q * (1 - q) * (1 - 2 * q)) / (baselineRows * baselineRows);
  const square = (p * (1 - p)) / rows + (q * (1 - q)) / baselineRows;
  return Math.abs(third) / square ** 1.5;
}

/** The z that Cornish and Fisher's z + skewness (z^2 - 1) / 6 takes to this many deviations: the rising root of a quadratic. */
function normalScore(size: number, { deviation, skewness }: Cell): number {
  const x = size / deviation + skewness / 6;
  return (2 * x) / (1 + Math.sqrt(1 + (2 / 3) * skewness * x));
}
