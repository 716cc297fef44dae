import { expect } from 'vitest';
import type { Value } from './parquet.ts';

/**
 * The numbers of the program once more, from raw rows and from the formulas as a textbook writes them; nothing of the
 * program's own code is used.
 */

/** Linear interpolation between order statistics: rank q at (n - 1) q. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** Rows per right-closed cell, the outer ones open, of what is a finite number. */
export function countNumbers(values: readonly Value[], edges: readonly number[]): number[] {
  const cells = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    let cell = 0;
    while (cell < edges.length && value > (edges[cell] ?? 0)) cell += 1;
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return cells;
}

export const missing = (values: readonly Value[]): number => values.filter((value) => value === null).length;

export const nonFinite = (values: readonly Value[]): number =>
  values.filter((value) => typeof value === 'number' && !Number.isFinite(value)).length;

/** Sum of (p - q) ln(p / q), each share (c + 1/2) / (n + B/2). */
export function psiOf(baseline: readonly number[], window: readonly number[]): number {
  const share = (counts: readonly number[], cell: number): number => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return ((counts[cell] ?? 0) + 0.5) / (rows + counts.length / 2);
  };
  let psi = 0;
  for (let cell = 0; cell < baseline.length; cell += 1) {
    const p = share(window, cell);
    const q = share(baseline, cell);
    psi += (p - q) * Math.log(p / q);
  }
  return psi;
}

/** Largest distance of the two cumulative shares at the edges. */
export function ksOf(baseline: readonly number[], window: readonly number[]): number {
  const cumulative = (counts: readonly number[]): number[] => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    return counts.map((count) => {
      sum += count;
      return sum / rows;
    });
  };
  const [f, g] = [cumulative(window), cumulative(baseline)];
  return Math.max(...f.map((value, cell) => Math.abs(value - (g[cell] ?? 0))));
}

export function expectClose(actual: number | null, expected: number): void {
  expect(actual).not.toBeNull();
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThan(1e-12 + Math.abs(expected) * 1e-10);
}
