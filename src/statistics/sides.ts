import { sum } from 'simple-statistics';
import type { NotMeasured } from './measurement.ts';

const SMOOTHING = 0.5;

/** Both sides of a comparison as shares of their rows, cell by cell. */
export interface Sides {
  readonly kind: 'sides';
  readonly rows: number;
  readonly baselineRows: number;
  /** Shares of the window. */
  readonly p: readonly number[];
  /** Shares of the baseline. */
  readonly q: readonly number[];
  /** The same two with half a row added to each cell, after Jeffreys: no cell is empty, and a share of 0 has an error. */
  readonly smoothP: readonly number[];
  readonly smoothQ: readonly number[];
  /** p - q, to the last digit also where both are nearly 1. */
  readonly differences: readonly number[];
  /** Shares of all rows together: the best estimate of both when nothing has drifted. */
  readonly pooled: readonly number[];
  /** 1/n + 1/m: the variance of p - q per unit of share, when nothing has drifted. */
  readonly scale: number;
}

/**
 * Checks and normalises the counts of two sides. `unit` says in the reason what a side without rows is without: `rows` or, where
 * missing values have no place, `finite values`. Throws when the sides have not the same cells.
 */
export function sidesOf(
  baseline: readonly number[],
  window: readonly number[],
  unit: 'rows' | 'finite values' = 'rows',
): Sides | NotMeasured {
  if (baseline.length !== window.length)
    throw new Error(`a comparison requires the same cells, got ${baseline.length} and ${window.length}`);
  const baselineRows = sum([...baseline]);
  const rows = sum([...window]);
  const counts = { rows, baselineRows };
  if (rows === 0) return { kind: 'not_measured', reason: `the window has no ${unit}`, ...counts };
  if (baselineRows === 0) return { kind: 'not_measured', reason: `the baseline has no ${unit}`, ...counts };
  return {
    kind: 'sides',
    ...counts,
    p: window.map((count) => count / rows),
    q: baseline.map((count) => count / baselineRows),
    smoothP: jeffreys(window, rows),
    smoothQ: jeffreys(baseline, baselineRows),
    differences: window.map((count, cell) =>
      shareDifference({ count, rows }, { count: at(baseline, cell), rows: baselineRows }),
    ),
    pooled: window.map((count, cell) => (count + at(baseline, cell)) / (rows + baselineRows)),
    scale: 1 / rows + 1 / baselineRows,
  };
}

/**
 * Shares of smoothed counts: (c + 0.5) / (n + 0.5 B), B the number of cells. They sum to 1.
 *
 * @example jeffreys([0, 9], 9) // 0.05, 0.95
 */
export function jeffreys(counts: readonly number[], rows: number): readonly number[] {
  return counts.map((count) => (count + SMOOTHING) / (rows + SMOOTHING * counts.length));
}

interface Part {
  readonly count: number;
  readonly rows: number;
}

/**
 * The difference of two shares. Of two that are nearly 1 the rests are compared: their difference is the same and keeps its digits.
 *
 * @example shareDifference({ count: 999999, rows: 1000000 }, { count: 9, rows: 10 }) // 0.099999
 */
export function shareDifference(a: Part, b: Part): number {
  return 2 * a.count > a.rows
    ? (b.rows - b.count) / b.rows - (a.rows - a.count) / a.rows
    : a.count / a.rows - b.count / b.rows;
}

/** The value at a place that is known to exist. */
export function at(values: readonly number[], place: number): number {
  return values[place] ?? 0;
}
