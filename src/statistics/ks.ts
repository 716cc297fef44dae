import { sum } from 'simple-statistics';
import type { Measurement } from './measurement.ts';
import { kolmogorovQuantile } from './special/kolmogorov.ts';

const BOUND_TAIL = 0.05;
const NOISE_TAIL = 0.001;

/**
 * Two-sample Kolmogorov-Smirnov distance on a frozen grid: the largest difference of the two cumulative shares, taken
 * at the inner edges of the cells. Counts are of ordered numeric cells, missing and non-finite values left out.
 *
 * Inside a cell the true distance can be larger by at most min(p, q) of that cell: F(x) - G(x) is at most the difference at the
 * left edge plus p, and at most the difference at the right edge plus q. The upper bound adds the largest of these.
 * `noiseFloor` and the bounds use Kolmogorov's limit law K: K / sqrt(nm/(n+m)); on a grid, with ties, they are conservative.
 *
 * Sources: Kolmogorov 1933, Smirnov 1939; Feller 1948 for the series. O(B).
 *
 * @example ks([10, 20, 30, 25, 15], [5, 15, 30, 30, 20]) // value 0.1
 */
export function ks(baseline: readonly number[], window: readonly number[]): Measurement {
  const baselineRows = sum([...baseline]);
  const rows = sum([...window]);
  const counts = { rows, baselineRows };
  if (baseline.length !== window.length) throw new Error('ks requires the same cells on both sides');
  if (rows === 0) return { kind: 'not_measured', reason: 'the window has no finite values', ...counts };
  if (baselineRows === 0)
    return { kind: 'not_measured', reason: 'the baseline has no finite values', ...counts };
  let below = 0;
  let baselineBelow = 0;
  let value = 0;
  let resolution = 0;
  for (const [cell, count] of window.entries()) {
    const baselineCount = baseline[cell] ?? 0;
    below += count;
    baselineBelow += baselineCount;
    value = Math.max(value, Math.abs(below / rows - baselineBelow / baselineRows));
    resolution = Math.max(resolution, Math.min(count / rows, baselineCount / baselineRows));
  }
  const scale = Math.sqrt(1 / rows + 1 / baselineRows);
  const radius = kolmogorovQuantile(BOUND_TAIL) * scale;
  return {
    kind: 'measured',
    value,
    lower: Math.max(0, value - radius),
    upper: Math.min(1, value + resolution + radius),
    noiseFloor: Math.min(1, kolmogorovQuantile(NOISE_TAIL) * scale),
    ...counts,
  };
}
