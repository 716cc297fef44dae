import { largestError } from './largest-error.ts';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { sidesOf } from './sides.ts';

/**
 * L-infinity distance (Chebyshev distance) of two sets of cell counts: the largest |p - q| of any cell. Between 0 and 1. It answers
 * "by how many points did the share of one level change", which is what a table of levels is read for.
 *
 * `noiseFloor`: what the sampling error of no cell exceeds, see {@link largestError}. `lower`, `upper`: the distance is off by no more
 * than the cell that is off most, so the same at 5 % with both sides' own shares is added and subtracted. Conservative by
 * the overlap of the cells: 6 % for two, 1 % for ten.
 *
 * Misleads: sees one cell only: a shift spread over many is small in each, and mass that moves between rare levels does not show.
 *
 * Source: Tan, Steinbach and Kumar 2005, Introduction to Data Mining, chapter 2 (the distance). O(B).
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
