import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { at, shareDifference, sidesOf } from './sides.ts';
import { kolmogorovQuantile } from './special/kolmogorov.ts';

/**
 * Two-sample Kolmogorov-Smirnov distance on a frozen grid: the largest difference of the two cumulative shares, taken
 * at the inner edges of the cells. Counts are of ordered numeric cells, missing and non-finite values left out.
 *
 * `details.resolution`: inside a cell the true distance can be larger by at most min(p, q) of that cell: F(x) - G(x) is at most
 * the difference at the left edge plus p, and at most the difference at the right edge plus q. The upper bound adds the largest of these.
 * `noiseFloor` and the bounds use Kolmogorov's limit law K: K / sqrt(nm/(n+m)); on a grid, with ties, they are conservative.
 *
 * Misleads: blind in the tails, where the cumulative shares are pinned to 0 and 1; a sum of small shifts in many places may be larger
 * than its largest; over its noise floor with millions of rows for a shift that matters to nobody.
 *
 * Sources: Kolmogorov 1933, Smirnov 1939; Massart 1990 for what the limit law leaves out at small n. O(B).
 *
 * @example ks([10, 20, 30, 25, 15], [5, 15, 30, 30, 20]) // value 0.1, resolution 0.3
 */
export function ks(baseline: readonly number[], window: readonly number[]): Measurement {
  const sides = sidesOf(baseline, window, 'finite values');
  if (sides.kind === 'not_measured') return sides;
  const { rows, baselineRows, p, q } = sides;
  let below = 0;
  let baselineBelow = 0;
  let value = 0;
  let resolution = 0;
  for (const [cell, count] of window.entries()) {
    below += count;
    baselineBelow += at(baseline, cell);
    const difference = shareDifference({ count: below, rows }, { count: baselineBelow, rows: baselineRows });
    value = Math.max(value, Math.abs(difference));
    resolution = Math.max(resolution, Math.min(at(p, cell), at(q, cell)));
  }
  const scale = Math.sqrt(sides.scale);
  const radius = kolmogorovQuantile(BOUND_TAIL) * scale;
  return {
    kind: 'measured',
    value,
    lower: Math.max(0, value - radius),
    upper: Math.min(1, value + resolution + radius),
    noiseFloor: Math.min(1, kolmogorovQuantile(NOISE_TAIL) * scale),
    rows,
    baselineRows,
    details: { resolution },
  };
}
