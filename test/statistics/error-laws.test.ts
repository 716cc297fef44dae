import { describe, expect, test } from 'vitest';
import { chiSquare } from '../../src/statistics/chi-square.ts';
import { divergenceBounds } from '../../src/statistics/divergence-bounds.ts';
import { jensenShannon } from '../../src/statistics/jensen-shannon.ts';
import { ks } from '../../src/statistics/ks.ts';
import { lInfinity } from '../../src/statistics/l-infinity.ts';
import { largestError, largestErrorBound } from '../../src/statistics/largest-error.ts';
import type { Sides } from '../../src/statistics/sides.ts';
import { sidesOf } from '../../src/statistics/sides.ts';
import { chiSquareQuantile } from '../../src/statistics/special/chi-square.ts';
import { kolmogorovQuantile } from '../../src/statistics/special/kolmogorov.ts';
import { logNormalTail, normalQuantile } from '../../src/statistics/special/normal.ts';
import { totalVariation } from '../../src/statistics/total-variation.ts';
import { wasserstein } from '../../src/statistics/wasserstein.ts';
import { measured } from './support.ts';

/** Bounds and noise floors, worked out a second time from the laws of the docs: whole matrices, nothing shared but the quantiles. */
type Matrix = readonly (readonly number[])[];
interface Pair {
  readonly name: string;
  readonly baseline: readonly number[];
  readonly window: readonly number[];
}

const PAIRS: readonly Pair[] = [
  { name: 'even', baseline: [100, 120, 90, 110], window: [30, 22, 28, 40] },
  { name: 'one large cell', baseline: [900, 40, 60], window: [150, 30, 20] },
  { name: 'a larger cell', baseline: [400, 1600], window: [10, 90] },
  { name: 'an empty cell', baseline: [50, 0, 30, 20], window: [20, 3, 0, 17] },
  { name: 'a cell nobody is in', baseline: [50, 0, 50], window: [120, 0, 40] },
  { name: 'a rare cell', baseline: [9990, 10, 5000], window: [650, 4, 346] },
];

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const entry = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] ?? Number.NaN;

function sides({ baseline, window }: Pair): Sides {
  const found = sidesOf(baseline, window);
  if (found.kind !== 'sides') throw new Error(found.reason);
  return found;
}

/** Shares of both sides: pooled, or each its own with half a row per cell. */
function sharesOf({ baseline, window }: Pair, which: 'own' | 'pooled') {
  const [m, n] = [total(baseline), total(window)];
  const half = (counts: readonly number[], rows: number): readonly number[] =>
    counts.map((count) => (count + 0.5) / (rows + counts.length / 2));
  const pooled = window.map((count, cell) => (count + (baseline[cell] ?? 0)) / (n + m));
  return which === 'pooled'
    ? { p: pooled, q: pooled, n, m }
    : { p: half(window, n), q: half(baseline, m), n, m };
}

/** The covariance matrix of p - q, both multinomial. */
function covariances(pair: Pair, which: 'own' | 'pooled'): Matrix {
  const { p, q, n, m } = sharesOf(pair, which);
  const one = (s: readonly number[], rows: number, i: number, j: number): number =>
    ((i === j ? (s[i] ?? 0) : 0) - (s[i] ?? 0) * (s[j] ?? 0)) / rows;
  return p.map((_, i) => p.map((__, j) => one(p, n, i, j) + one(q, m, i, j)));
}

/** The quantile of sum w |Z| for Z with this covariance: widest sqrt(chi-square) with E[S^2] right. */
function absoluteSum(
  matrix: Matrix,
  weights: readonly number[],
  { tail, widest }: { tail: number; widest: number },
): number {
  let square = 0;
  for (const [i, w] of weights.entries()) {
    for (const [j, v] of weights.entries()) {
      const size = Math.sqrt(entry(matrix, i, i) * entry(matrix, j, j));
      if (size === 0) continue;
      const r = Math.max(-1, Math.min(1, entry(matrix, i, j) / size));
      square += w * v * size * (i === j ? 1 : (2 / Math.PI) * (Math.sqrt(1 - r * r) + r * Math.asin(r)));
    }
  }
  return widest * Math.sqrt(chiSquareQuantile(tail, Math.max(1, square / widest ** 2)));
}

/** The largest deviation that the difference of the shares of any set of cells could have, 1/4 where a set of one half is conceivable. */
function widestSet(pair: Pair, which: 'own' | 'pooled'): number {
  const { p, q, n, m } = sharesOf(pair, which);
  const spread = (s: readonly number[]): number => {
    const large = Math.max(...s);
    return large > 0.5 ? large * (1 - large) : 0.25;
  };
  return Math.sqrt(spread(p) / n + spread(q) / m);
}

function skewnesses(pair: Pair, which: 'own' | 'pooled'): readonly number[] {
  const { p, q, n, m } = sharesOf(pair, which);
  return p.map((a, cell) => {
    const b = q[cell] ?? 0;
    const third = (a - 3 * a ** 2 + 2 * a ** 3) / n ** 2 - (b - 3 * b ** 2 + 2 * b ** 3) / m ** 2;
    return Math.abs(third) / ((a - a * a) / n + (b - b * b) / m) ** 1.5;
  });
}

/** Sum over the cells of the probability to be off by more, each normal after Cornish and Fisher. */
function anyBeyond(pair: Pair, which: 'own' | 'pooled', size: number): number {
  const matrix = covariances(pair, which);
  return total(
    skewnesses(pair, which).map((skewness, cell) => {
      const deviation = Math.sqrt(entry(matrix, cell, cell));
      if (!(deviation > 0)) return 0;
      const short = (z: number): boolean => z + (skewness * (z * z - 1)) / 6 < size / deviation;
      let [low, high] = [0, 100];
      for (let step = 0; step < 100; step += 1) {
        const middle = (low + high) / 2;
        if (short(middle)) low = middle;
        else high = middle;
      }
      return 2 * Math.exp(logNormalTail(low));
    }),
  );
}

describe.each(PAIRS)('$name', (pair) => {
  const { baseline, window } = pair;
  const own = covariances(pair, 'own');
  const pooled = covariances(pair, 'pooled');
  const halves = window.map(() => 0.5);

  test('total variation: bounds and noise floor', () => {
    const found = measured(totalVariation(baseline, window));
    const [widest, quiet] = [widestSet(pair, 'own'), widestSet(pair, 'pooled')];
    expect(found.upper).toBeCloseTo(Math.min(1, found.value + normalQuantile(0.025) * widest), 10);
    expect(found.lower).toBeCloseTo(
      Math.max(0, found.value - absoluteSum(own, halves, { tail: 0.025, widest })),
      10,
    );
    const noise = absoluteSum(pooled, halves, { tail: 0.001, widest: quiet });
    expect(found.noiseFloor).toBeCloseTo(Math.max(noise, largestError(0.001, sides(pair), 'pooled')), 10);
  });

  test.each(['own', 'pooled'] as const)('the largest error of a cell with %s shares', (which) => {
    for (const tail of [0.05, 0.001]) {
      const size = largestError(tail, sides(pair), which);
      expect(anyBeyond(pair, which, size) / tail).toBeCloseTo(1, 6);
      const bound = largestErrorBound(tail, sides(pair), which);
      expect(bound).toBeGreaterThanOrEqual(size * (1 - 1e-9));
    }
    const matrix = covariances(pair, which);
    const cells = skewnesses(pair, which).flatMap((skewness, cell) =>
      entry(matrix, cell, cell) > 0 ? [{ skewness, deviation: Math.sqrt(entry(matrix, cell, cell)) }] : [],
    );
    const z = normalQuantile(0.001 / cells.length / 2);
    const each = cells.map(({ skewness, deviation }) => deviation * (z + (skewness * (z * z - 1)) / 6));
    expect(largestErrorBound(0.001, sides(pair), which)).toBeCloseTo(Math.max(...each), 10);
  });

  test('L-infinity: value plus and minus the largest error', () => {
    const found = measured(lInfinity(baseline, window));
    const radius = largestError(0.05, sides(pair), 'own');
    expect(found.lower).toBeCloseTo(Math.max(0, found.value - radius), 12);
    expect(found.upper).toBeCloseTo(Math.min(1, found.value + radius), 12);
    expect(found.noiseFloor).toBeCloseTo(largestError(0.001, sides(pair), 'pooled'), 12);
  });

  test('KS: value plus and minus the quantile of its law', () => {
    const found = measured(ks(baseline, window));
    const radius = kolmogorovQuantile(0.05) * Math.sqrt(1 / total(baseline) + 1 / total(window));
    expect(found.lower).toBeCloseTo(Math.max(0, found.value - radius), 12);
    expect(found.upper).toBeCloseTo(
      Math.min(1, found.value + (found.details?.['resolution'] ?? 0) + radius),
      12,
    );
  });

  test('chi-square: the noise floor has the variance of few rows', () => {
    const { n, m, p } = sharesOf(pair, 'pooled');
    const used = p.filter((share) => share > 0);
    const freedom = used.length - 1;
    const rest = total(used.map((share) => 1 / (share * (n + m))));
    const variance = 2 * freedom + ((n + m) ** 2 / (n * m) - 6) * rest;
    const stretch = Math.max(1, variance / 2 / freedom);
    expect(measured(chiSquare(baseline, window)).noiseFloor).toBeCloseTo(
      stretch * chiSquareQuantile(0.001, freedom / stretch),
      9,
    );
  });

  test('Jensen-Shannon: bounds and noise floor', () => {
    const found = measured(jensenShannon(baseline, window));
    const [m, n] = [total(baseline), total(window)];
    const [p, q] = [window.map((count) => count / n), baseline.map((count) => count / m)];
    const mean = p.map((share, cell) => (share + (q[cell] ?? 0)) / 2);
    const side = (s: readonly number[]): number => {
      const slope = s.map((share, cell) => (share > 0 ? Math.log(share / (mean[cell] ?? 1)) / 2 : 0));
      const first = total(s.map((share, cell) => share * (slope[cell] ?? 0)));
      return total(s.map((share, cell) => share * (slope[cell] ?? 0) ** 2)) - first ** 2;
    };
    const error = Math.sqrt(side(p) / n + side(q) / m);
    const scale = 1 / n + 1 / m;
    const used = sharesOf(pair, 'pooled').p.filter((share) => share > 0);
    const sparse =
      1 + total(used.map((share) => Math.min(2 * Math.LN2 - 1, scale / 4 / share))) / used.length;
    const unit = (scale / 8) * sparse;
    const nats = total(
      [p, q].flatMap((s) =>
        s.map((share, cell) => (share > 0 ? (share / 2) * Math.log(share / (mean[cell] ?? 1)) : 0)),
      ),
    );
    const bounds = divergenceBounds({ value: nats, error, unit, freedom: Math.max(1, used.length - 1) });
    const distance = (divergence: number): number => Math.sqrt(Math.min(1, divergence / Math.LN2));
    expect(found.value).toBeCloseTo(distance(nats), 9);
    expect(found.lower).toBeCloseTo(distance(bounds.lower), 9);
    expect(found.upper).toBeCloseTo(distance(bounds.upper), 9);
    expect(found.noiseFloor).toBeCloseTo(distance(chiSquareQuantile(0.001, used.length - 1) * unit), 9);
  });
});

describe.each([
  { name: 'even', baseline: [40, 50, 60, 50, 40], window: [10, 30, 20, 20, 40], edges: [1, 2, 4, 7] },
  { name: 'few rows', baseline: [400, 300, 200, 100, 50], window: [3, 9, 4, 0, 2], edges: [-3, 0, 1, 9] },
])('Wasserstein-1 of $name', ({ baseline, window, edges }) => {
  test('bounds and noise floor from the covariances of the cumulative shares', () => {
    const found = measured(wasserstein(baseline, window, edges));
    const [m, n] = [total(baseline), total(window)];
    const iqr = found.details?.['iqr'] ?? Number.NaN;
    const weights = edges.map((edge, k) => ((edges[k + 1] ?? edge) - (edges[k - 1] ?? edge)) / 2 / iqr);
    const upTo = (counts: readonly number[], rows: number): readonly number[] =>
      edges.map((_, k) => total(counts.slice(0, k + 1)) / rows);
    const matrixOf = (f: readonly number[], g: readonly number[]): Matrix =>
      edges.map((_, i) =>
        edges.map((__, j) => {
          const [low, high] = [Math.min(i, j), Math.max(i, j)];
          return ((f[low] ?? 0) * (1 - (f[high] ?? 0))) / n + ((g[low] ?? 0) * (1 - (g[high] ?? 0))) / m;
        }),
      );
    const quantile = (matrix: Matrix, tail: number): number => {
      const square = total(weights.flatMap((w, i) => weights.map((v, j) => w * v * entry(matrix, i, j))));
      return absoluteSum(matrix, weights, { tail, widest: Math.sqrt(square) });
    };
    const errors = quantile(matrixOf(upTo(window, n), upTo(baseline, m)), 0.025);
    expect(found.lower).toBeCloseTo(Math.max(0, (found.details?.['gridLower'] ?? 0) - errors), 10);
    expect(found.upper).toBeCloseTo((found.details?.['gridUpper'] ?? 0) + errors, 10);
    const both = upTo(
      window.map((count, cell) => count + (baseline[cell] ?? 0)),
      n + m,
    );
    expect(found.noiseFloor).toBeCloseTo(quantile(matrixOf(both, both), 0.001), 10);
  });
});

describe('bounds of a divergence', () => {
  const z = normalQuantile(0.025);

  test('far from zero are those of the delta method, on the wider side', () => {
    const { lower, upper } = divergenceBounds({ value: 0.5, error: 0.05, unit: 1e-6, freedom: 9 });
    expect(lower).toBeCloseTo(0.5 - z * 0.05, 12);
    expect(upper).toBeCloseTo(0.5 + z * 0.05, 12);
  });

  test('near zero are those of the noncentral law', () => {
    const { lower, upper } = divergenceBounds({ value: 0.05, error: 1e-9, unit: 0.001, freedom: 9 });
    const root = Math.sqrt(50 - 4);
    expect(lower).toBeCloseTo(0.001 * ((root - z) ** 2 - 4), 12);
    expect(upper).toBeCloseTo(0.001 * ((root + z) ** 2 - 4), 12);
  });

  test('of one cell are the value', () => {
    expect(divergenceBounds({ value: 0.5, error: 0.1, unit: 1, freedom: 0 })).toEqual({
      lower: 0.5 - z * 0.1,
      upper: 0.5 + z * 0.1,
    });
  });
});
