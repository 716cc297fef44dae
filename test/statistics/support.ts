import { chiSquare } from '../../src/statistics/chi-square.ts';
import { jensenShannon } from '../../src/statistics/jensen-shannon.ts';
import { ks } from '../../src/statistics/ks.ts';
import { lInfinity } from '../../src/statistics/l-infinity.ts';
import type { Measured, Measurement } from '../../src/statistics/measurement.ts';
import { psi } from '../../src/statistics/psi.ts';
import { totalVariation } from '../../src/statistics/total-variation.ts';
import { wasserstein } from '../../src/statistics/wasserstein.ts';

export type Distance = (baseline: readonly number[], window: readonly number[]) => Measurement;

/** Every distance on counts alone; Wasserstein-1 on edges that lie ever farther apart. */
export const DISTANCES: { readonly [name: string]: Distance } = {
  psi,
  ks,
  js: jensenShannon,
  tv: totalVariation,
  linf: lInfinity,
  chi_square: chiSquare,
  w1: (baseline, window) =>
    wasserstein(
      baseline,
      window,
      baseline.slice(1).map((_, edge) => edge + (edge * edge) / 10),
    ),
};

export function measured(result: Measurement): Measured {
  if (result.kind !== 'measured') throw new Error(result.reason);
  return result;
}

/** Park and Miller's generator: numbers in (0, 1), the same for the same seed on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Counts of so many rows in cells with these shares: each row is drawn from the tree of the cells. */
export function multinomial(random: () => number, rows: number, shares: readonly number[]): number[] {
  let left = rows;
  let rest = 1;
  return shares.map((share, cell) => {
    const count = cell === shares.length - 1 ? left : binomial(random, left, Math.min(1, share / rest));
    left -= count;
    rest -= share;
    return count;
  });
}

/** By inversion where few are expected, else by the normal law, which is as good at more than 200. */
export function binomial(random: () => number, rows: number, share: number): number {
  if (rows <= 0 || share <= 0) return 0;
  if (share >= 1) return rows;
  if (share > 0.5) return rows - binomial(random, rows, 1 - share);
  const variance = rows * share * (1 - share);
  if (variance > 200)
    return Math.min(rows, Math.max(0, Math.round(rows * share + normal(random) * Math.sqrt(variance))));
  let probability = (1 - share) ** rows;
  let below = probability;
  const drawn = random();
  let count = 0;
  while (drawn > below && count < rows) {
    count += 1;
    probability *= (((rows - count + 1) / count) * share) / (1 - share);
    below += probability;
  }
  return count;
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

export function normalise(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Shapes of a baseline: equal cells, long-tailed ones, and ones that end in cells of a ten-thousandth. */
export const SHAPES = {
  even: (cells: number) => normalise(Array.from({ length: cells }, () => 1)),
  skewed: (cells: number) => normalise(Array.from({ length: cells }, (_, cell) => 1 / (cell + 1))),
  rare: (cells: number) =>
    normalise(Array.from({ length: cells }, (_, cell) => 10 ** ((-4 * cell) / (cells - 1)))),
} as const;
