import { describe, expect, test } from 'vitest';
import { betaLowerQuantile, betaUpperQuantile, logBetaTails } from '../../src/statistics/special/beta.ts';
import { chiSquareQuantile, logChiSquareTail } from '../../src/statistics/special/chi-square.ts';
import { kolmogorovTail } from '../../src/statistics/special/kolmogorov.ts';
import { findRoot } from '../../src/statistics/special/root.ts';

/** Special functions where one formula takes over from another, and near the end of their digits. */
function close(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual / expected - 1), `${actual} for ${expected}`).toBeLessThan(relative);
}

describe('beta tails', () => {
  // ln P(X < x) and ln P(X > x), by mpmath 1.3 with 40 digits, on either side of mode, mean and of 40 for either parameter.
  test.each([
    [0.02495, 41, 1600, -0.660891210080251, -0.726478377472137],
    [0.0245, 41, 1600, -0.755982845592178, -0.634027490692903],
    [0.5, 45, 46, -0.612608174842312, -0.780745409337454],
    [0.49, 41, 41, -0.84781280412653, -0.559229754072168],
    [0.3, 400, 900, -1.28877990089477, -0.322421003181875],
    [0.1, 40, 500, -0.0163070812195536, -4.12429829545655],
    [0.08, 50, 500, -1.66841176728336, -0.208927927958357],
  ])('at %d with %d and %d', (x, a, b, lower, upper) => {
    const tails = logBetaTails(x, a, b);
    close(tails.lower, lower, 1e-12);
    close(tails.upper, upper, 1e-12);
    const mirrored = logBetaTails(1 - x, b, a);
    close(mirrored.upper, lower, 1e-11);
    close(mirrored.lower, upper, 1e-11);
  });

  // The same by quadrature of the density with 50 digits: a continued fraction would need a hundred thousand terms here.
  test.each([
    [0.499995, 1e10, 1e10, -2.54275269051417],
    [0.3, 3e11 + 4e5, 7e11 - 4e5, -1.65356403692557],
    [0.001, 1.00003e9, 9.99e11, -1.76308186640876],
  ])('of as many rows as nobody has, near the mean: at %d with %d and %d', (x, a, b, lower) => {
    close(logBetaTails(x, a, b).lower, lower, 1e-9);
  });

  test('are powers when one parameter is 1, to twelve digits where Stirling takes over', () => {
    for (const a of [15, 16, 17, 20, 39]) {
      close(logBetaTails(0.5, a, 1).lower, a * Math.log(0.5), 1e-13);
      close(logBetaTails(0.5, 1, a).upper, a * Math.log(0.5), 1e-13);
    }
  });

  test('quantiles lie in (0, 1) and invert the tails, from next to nothing to nearly all', () => {
    for (const [a, b] of [
      [0.5, 3],
      [1, 1e6],
      [3, 2],
      [2000, 5],
    ] as const) {
      for (const tail of [1e-9, 0.3, 0.5, 0.999]) {
        close(logBetaTails(betaLowerQuantile(tail, a, b), a, b).lower, Math.log(tail), 1e-9);
        close(logBetaTails(betaUpperQuantile(tail, a, b), a, b).upper, Math.log(tail), 1e-9);
      }
    }
    expect(betaLowerQuantile(0.5, 4, 4)).toBe(0.5);
  });
});

describe('the tail of chi-square', () => {
  test('with two degrees of freedom is a straight line, on either side of where the fraction takes over', () => {
    for (const x of [1e-9, 0.1, 3.9, 4, 4.1, 30, 1400]) close(logChiSquareTail(x, 2), -x / 2, 1e-14);
  });

  test('with four has a factor more', () => {
    for (const x of [5.9, 6, 6.1, 80]) close(logChiSquareTail(x, 4), -x / 2 + Math.log1p(x / 2), 1e-14);
  });

  test('its quantile is found from far below and far above the mean', () => {
    for (const freedom of [0.2, 1, 60, 900]) {
      for (const tail of [1e-12, 0.5, 0.999])
        close(logChiSquareTail(chiSquareQuantile(tail, freedom), freedom), Math.log(tail), 1e-9);
    }
  });
});

describe("Kolmogorov's law", () => {
  /** Either series written out with thirty terms: it holds for every z, so where the program uses one the other is the test. */
  const terms = Array.from({ length: 30 }, (_, index) => index + 1);
  const alternating = (z: number): number =>
    2 * terms.reduce((sum, k) => sum - (-1) ** k * Math.exp(-2 * k * k * z * z), 0);
  const theta = (z: number): number =>
    1 -
    (Math.sqrt(2 * Math.PI) / z) *
      terms.reduce((sum, k) => sum + Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * z * z)), 0);

  test('is that of the other series, on either side of 1', () => {
    for (const z of [0.6, 0.8, 0.95, 0.9999]) expect(kolmogorovTail(z)).toBeCloseTo(alternating(z), 14);
    for (const z of [1, 1.0001, 1.3, 2]) expect(kolmogorovTail(z)).toBeCloseTo(theta(z), 14);
  });

  test('is 1 near zero, where the alternating series would take thousands of terms', () => {
    for (const z of [0.001, 0.01, 0.1]) expect(kolmogorovTail(z)).toBe(1);
  });
});

describe('a root', () => {
  const counted = (f: (x: number) => number) => {
    const seen = { evaluations: 0 };
    return { seen, f: (x: number) => ((seen.evaluations += 1), f(x)) };
  };

  test.each([
    [-1, 100],
    [-100, 1],
    [100, -1],
    [1, -100],
  ])('of a function that jumps from %d to %d is the end whose value is nearer to zero', (left, right) => {
    const jump = (x: number): number => (x < 1 / 3 ? left : right);
    const root = findRoot(jump, 0, 1);
    expect(root).toBeCloseTo(1 / 3, 15);
    expect(Math.abs(jump(root))).toBe(1);
  });

  test.each([
    ['an end', (x: number) => x - 2, 1, 2, 2],
    ['a straight line', (x: number) => 3 * x - 1, 0, 1, 4],
    ['a line that leads through zero', (x: number) => x, -1, 3, 4],
    ['a cubic', (x: number) => x ** 3 - 2, 0, 10, 12],
    ['a logarithm', (x: number) => Math.log(x), 1e-8, 50, 14],
    ['an exponential', (x: number) => Math.exp(x) - 2, 0, 10, 12],
    ['a tail', (x: number) => logChiSquareTail(x, 9) - Math.log(0.001), 0, 32, 9],
    ['a ninth power', (x: number) => (x - 0.7) ** 9, 0, 1, 60],
    ['a jump', (x: number) => (x < 1 / 3 ? -Infinity : Infinity), 0, 1, 56],
  ])('of %s takes no more evaluations than it should', (_, f, low, high, most) => {
    const { seen, f: watched } = counted(f);
    findRoot(watched, low, high);
    expect(seen.evaluations).toBeLessThanOrEqual(most);
  });

  test('that would take thousands of halvings is given up after five hundred', () => {
    const { seen, f } = counted((x) => (x <= 0 ? -1 : 0.5));
    expect(findRoot(f, -1e-300, 1e300)).toBeLessThan(1e150);
    expect(seen.evaluations).toBe(502);
  });
});
