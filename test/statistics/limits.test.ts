import { describe, expect, test } from 'vitest';
import { STATISTICS } from '../../src/statistics/catalogue.ts';
import { chanceRate, upperRate } from '../../src/statistics/chance-rate.ts';
import { chiSquare } from '../../src/statistics/chi-square.ts';
import { differenceLaw } from '../../src/statistics/difference-law.ts';
import { effectSizes, LARGEST_PSI } from '../../src/statistics/effect-size.ts';
import { jensenShannon } from '../../src/statistics/jensen-shannon.ts';
import { ks } from '../../src/statistics/ks.ts';
import { lInfinity } from '../../src/statistics/l-infinity.ts';
import { psi } from '../../src/statistics/psi.ts';
import { rate } from '../../src/statistics/rate.ts';
import { sidesOf } from '../../src/statistics/sides.ts';
import { absoluteSumQuantile } from '../../src/statistics/special/absolute-sum.ts';
import { betaLowerQuantile, betaUpperQuantile, logBetaTails } from '../../src/statistics/special/beta.ts';
import { chiSquareQuantile, logChiSquareTail } from '../../src/statistics/special/chi-square.ts';
import { kolmogorovQuantile, kolmogorovTail } from '../../src/statistics/special/kolmogorov.ts';
import { logNormalTail, normalQuantile } from '../../src/statistics/special/normal.ts';
import { findRoot } from '../../src/statistics/special/root.ts';
import { studentQuantile } from '../../src/statistics/special/student.ts';
import { totalVariation } from '../../src/statistics/total-variation.ts';
import { wasserstein } from '../../src/statistics/wasserstein.ts';

/** What a function does at, below and above the ends of what it accepts. */
describe('a probability must lie between 0 and 1, both left out', () => {
  const inverses = [
    ['chiSquareQuantile', (tail: number) => chiSquareQuantile(tail, 3)],
    ['kolmogorovQuantile', kolmogorovQuantile],
    ['normalQuantile', normalQuantile],
    ['studentQuantile', (tail: number) => studentQuantile(tail, 3)],
  ] as const;
  test.each(inverses)('%s', (name, quantile) => {
    for (const tail of [-0.1, 0, 1, 1.1, Number.NaN])
      expect(() => quantile(tail)).toThrow(`${name} requires a tail between 0 and 1, got ${tail}`);
    expect(quantile(1e-9)).toBeGreaterThan(quantile(0.5));
  });
});

test('degrees of freedom must be positive', () => {
  for (const freedom of [-1, 0, Number.NaN]) {
    expect(() => logChiSquareTail(1, freedom)).toThrow(
      `logChiSquareTail requires positive degrees of freedom, got ${freedom}`,
    );
    expect(() => studentQuantile(0.1, freedom)).toThrow(
      `studentQuantile requires positive degrees of freedom, got ${freedom}`,
    );
  }
  expect(chiSquareQuantile(0.01, 0)).toBe(0);
});

test('tails at and beyond the end of their range', () => {
  for (const x of [-1, 0, Number.NaN]) {
    expect(logChiSquareTail(x, 2)).toBe(0);
    expect(kolmogorovTail(x)).toBe(1);
  }
  expect(logChiSquareTail(2, 2)).toBeCloseTo(-1, 14);
  expect(logChiSquareTail(8, 2)).toBeCloseTo(-4, 14);
  // Either series of Kolmogorov's law where they meet.
  expect(kolmogorovTail(1)).toBeCloseTo(0.2699996716773546, 13);
  expect(kolmogorovTail(1 - 1e-9)).toBeCloseTo(kolmogorovTail(1), 8);
  expect(kolmogorovTail(0.2)).toBeCloseTo(1, 8);
  expect(kolmogorovTail(0.4)).toBeCloseTo(0.9971923267772983, 12);
  expect(logNormalTail(0)).toBeCloseTo(-Math.LN2, 14);
  expect(Math.exp(logNormalTail(-1)) + Math.exp(logNormalTail(1))).toBeCloseTo(1, 14);
  expect(normalQuantile(0.9)).toBeCloseTo(-1.2815515655446004, 12);
});

test('the beta law outside (0, 1) and without parameters', () => {
  for (const [a, b] of [
    [0, 1],
    [1, 0],
    [-1, 2],
    [2, -1],
  ] as const)
    expect(() => logBetaTails(0.5, a, b)).toThrow(
      `logBetaTails requires positive parameters, got ${a} and ${b}`,
    );
  for (const x of [-0.5, 0]) expect(logBetaTails(x, 2, 3)).toEqual({ lower: -Infinity, upper: 0 });
  for (const x of [1, 1.5]) expect(logBetaTails(x, 2, 3)).toEqual({ lower: 0, upper: -Infinity });
  // I(x; a, 1) = x^a and 1 - I(x; 1, b) = (1 - x)^b, on either side of the mean, for small and for large parameters.
  for (const x of [1e-9, 0.1, 0.5, 0.9, 1 - 1e-9]) {
    for (const a of [0.5, 1, 3, 39, 41, 5000]) {
      expect(logBetaTails(x, a, 1).lower / (a * Math.log(x))).toBeCloseTo(1, 10);
      expect(logBetaTails(x, 1, a).upper / (a * Math.log1p(-x))).toBeCloseTo(1, 10);
    }
  }
  for (const tail of [1e-12, 0.3, 0.9]) {
    expect(betaLowerQuantile(tail, 7, 1)).toBeCloseTo(tail ** (1 / 7), 12);
    expect(betaUpperQuantile(tail, 1, 7)).toBeCloseTo(1 - tail ** (1 / 7), 12);
  }
});

describe('a root', () => {
  test('needs different signs at the ends', () => {
    expect(() => findRoot((x) => x * x + 1, -1, 2)).toThrow(
      'findRoot requires different signs at -1 and 2, got 2 and 5',
    );
  });

  test('may lie at an end', () => {
    expect(findRoot((x) => x - 1, 1, 2)).toBe(1);
    expect(findRoot((x) => x - 2, 1, 2)).toBe(2);
  });

  test('is found to the last bit in a few evaluations, also of functions that jump or are flat', () => {
    const counted = (f: (x: number) => number) => {
      const seen = { evaluations: 0 };
      return { seen, f: (x: number) => ((seen.evaluations += 1), f(x)) };
    };
    const smooth = counted((x) => Math.exp(x) - 2);
    expect(findRoot(smooth.f, 0, 10)).toBeCloseTo(Math.LN2, 15);
    expect(smooth.seen.evaluations).toBeLessThan(20);
    const jump = counted((x) => (x < 1 / 3 ? -Infinity : Infinity));
    expect(findRoot(jump.f, 0, 1)).toBeCloseTo(1 / 3, 15);
    expect(jump.seen.evaluations).toBeLessThan(80);
    const flat = counted((x) => (x - 0.7) ** 9);
    expect(findRoot(flat.f, 0, 1)).toBeCloseTo(0.7, 2);
    expect(flat.seen.evaluations).toBeLessThan(200);
  });
});

describe('rates', () => {
  test('without rows on a side', () => {
    expect(rate({ count: 0, rows: 0, baselineCount: 1, baselineRows: 2 })).toEqual({
      kind: 'not_measured',
      reason: 'the window has no rows',
      rows: 0,
      baselineRows: 2,
    });
    expect(rate({ count: 1, rows: 2, baselineCount: 0, baselineRows: 0 })).toEqual({
      kind: 'not_measured',
      reason: 'the baseline has no rows',
      rows: 2,
      baselineRows: 0,
    });
  });

  test('of none and of all rows', () => {
    const none = rate({ count: 0, rows: 10, baselineCount: 0, baselineRows: 10 });
    const all = rate({ count: 10, rows: 10, baselineCount: 10, baselineRows: 10 });
    expect(none).toMatchObject({ value: 0, lower: 0, upper: expect.closeTo(1 - 0.025 ** 0.1, 12) });
    expect(all).toMatchObject({ value: 1, lower: expect.closeTo(0.025 ** 0.1, 12), upper: 1, noiseFloor: 1 });
    expect(upperRate(0.1, 3, 3)).toBe(1);
    expect(upperRate(0.1, 2, 3)).toBeLessThan(1);
  });

  test('what chance exceeds is the smallest such count', () => {
    // Nobody in 10^9 rows of the baseline: the rate behind is at most 7e-9, and one row of ten is already beyond chance.
    expect(chanceRate(0.001, { count: 0, rows: 10, baselineCount: 0, baselineRows: 1e9 })).toBe(0);
    expect(chanceRate(0.001, { count: 0, rows: 10, baselineCount: 5, baselineRows: 5 })).toBe(1);
  });
});

test('sides without rows are not measured, and say which', () => {
  const some = [3, 4, 5];
  const none = [0, 0, 0];
  for (const [distance, unit] of [
    [psi, 'rows'],
    [chiSquare, 'rows'],
    [jensenShannon, 'rows'],
    [totalVariation, 'rows'],
    [lInfinity, 'rows'],
    [ks, 'finite values'],
    [(a: readonly number[], b: readonly number[]) => wasserstein(a, b, [1, 2]), 'finite values'],
  ] as const) {
    expect(distance(some, none)).toMatchObject({ kind: 'not_measured', reason: `the window has no ${unit}` });
    expect(distance(none, some)).toMatchObject({
      kind: 'not_measured',
      reason: `the baseline has no ${unit}`,
    });
  }
});

test('the middle half of a baseline that has no width, or lies beyond the last edge', () => {
  const reason = 'the middle half of the baseline has no width';
  expect(wasserstein([0, 9, 0], [3, 3, 3], [1, 2])).toMatchObject({ kind: 'not_measured', reason });
  expect(wasserstein([4, 4, 9], [3, 3, 3], [1, 2])).toMatchObject({ kind: 'not_measured', reason });
  expect(wasserstein([4, 3, 5], [3, 3, 3], [-Infinity, 2])).toMatchObject({ kind: 'not_measured', reason });
  expect(wasserstein([4, 9, 2], [3, 3, 3], [1, 2])).toMatchObject({ kind: 'measured' });
  // The middle half is 1 wide, and the grid around it wider than any number.
  const wide = [-1.7e308, 0, 1, 1.7e308];
  expect(wasserstein([10, 40, 40, 10, 0], [1, 1, 1, 1, 1], wide)).toMatchObject({
    kind: 'not_measured',
    reason,
  });
});

test('one cell cannot drift: no distance, no noise, no width', () => {
  const still = { value: 0, lower: 0, upper: 0, noiseFloor: 0 };
  for (const distance of [psi, jensenShannon]) expect(distance([500], [90])).toMatchObject(still);
});

test('chi-square has no bounds and says why', () => {
  expect(chiSquare([30, 40], [10, 20])).toMatchObject({
    lower: null,
    upper: null,
    withoutBounds: 'it grows with the rows and estimates nothing',
  });
});

describe('the law of differences', () => {
  const sides = sidesOf([50, 50, 100], [25, 75, 0]);
  if (sides.kind !== 'sides') throw new Error(sides.reason);

  test('has the correlations of two multinomial samples', () => {
    for (const which of ['own', 'pooled'] as const) {
      const p = which === 'own' ? sides.smoothP : sides.pooled;
      const q = which === 'own' ? sides.smoothQ : sides.pooled;
      const { deviations, correlation } = differenceLaw(sides, which);
      const variance = (i: number): number =>
        ((p[i] ?? 0) * (1 - (p[i] ?? 0))) / 100 + ((q[i] ?? 0) * (1 - (q[i] ?? 0))) / 200;
      for (const [i, deviation] of deviations.entries()) expect(deviation ** 2).toBeCloseTo(variance(i), 14);
      const covariance = -(((p[0] ?? 0) * (p[1] ?? 0)) / 100 + ((q[0] ?? 0) * (q[1] ?? 0)) / 200);
      expect(correlation(0, 1)).toBeCloseTo(covariance / Math.sqrt(variance(0) * variance(1)), 12);
    }
  });

  test('two that mirror each other add up to twice one of them', () => {
    const one = { weights: [1], deviations: [2], correlation: () => 0, widest: 2 };
    const mirrored = { weights: [0.5, 0.5], deviations: [2, 2], correlation: () => -1, widest: 2 };
    expect(absoluteSumQuantile(0.01, mirrored)).toBeCloseTo(absoluteSumQuantile(0.01, one), 12);
    expect(absoluteSumQuantile(0.01, one)).toBeCloseTo(2 * normalQuantile(0.005), 10);
    expect(absoluteSumQuantile(0.01, { ...one, widest: 0 })).toBe(0);
  });
});

test('effect sizes end where the functions do', () => {
  expect(effectSizes(LARGEST_PSI).psi).toBe(LARGEST_PSI);
  expect(() => effectSizes(LARGEST_PSI * 1.01)).toThrow();
  expect(() => effectSizes(-0.1)).toThrow();
  // Ten standard deviations apart: nothing in common, for any of those that end at 1.
  const { ks: most, js, hellinger, auc } = effectSizes(LARGEST_PSI);
  for (const end of [most, js, hellinger, auc]) expect(end).toBeCloseTo(1, 5);
});

test('the catalogue: what each statistic is called, accepts, is measured on and what it is among the effect sizes', () => {
  const rows = STATISTICS.map(({ method, title, accepts, cells, effect }) => [
    method,
    title,
    accepts.join(' '),
    cells,
    effect,
  ]);
  expect(rows).toEqual([
    ['psi', 'PSI', 'numeric categorical', 'coarse', 'psi'],
    ['ks', 'KS', 'numeric', 'fine', 'ks'],
    ['js', 'Jensen-Shannon distance', 'numeric categorical', 'coarse', 'js'],
    ['tv', 'Total variation', 'numeric categorical', 'coarse', 'tv'],
    ['linf', 'L-infinity distance', 'numeric categorical', 'coarse', 'linf'],
    ['w1', 'Wasserstein-1 distance', 'numeric', 'fine', 'w1'],
    ['chi_square', 'Chi-square', 'categorical', 'coarse', null],
  ]);
  const cells = { labels: ['a', 'b', 'c'], edges: [1, 2], baseline: [4, 9, 2], window: [3, 3, 3] };
  for (const { measure, method } of STATISTICS)
    expect(measure(cells), method).toMatchObject({ kind: 'measured', rows: 9 });
  expect(STATISTICS.find(({ method }) => method === 'w1')?.measure(cells)).toEqual(
    wasserstein(cells.baseline, cells.window, cells.edges),
  );
});

test('Wasserstein-1 of cells without edges is a mistake of the caller', () => {
  const w1 = STATISTICS.find(({ method }) => method === 'w1');
  const cells = { labels: ['a', 'b'], edges: null, baseline: [4, 9], window: [3, 3] };
  expect(() => w1?.measure(cells)).toThrow('one edge less than cells, got 0 and 2');
});
