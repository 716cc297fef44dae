import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ks } from '../../src/statistics/ks.ts';
import { psi } from '../../src/statistics/psi.ts';
import { chiSquareQuantile, logChiSquareTail } from '../../src/statistics/special/chi-square.ts';
import { kolmogorovQuantile, kolmogorovTail } from '../../src/statistics/special/kolmogorov.ts';

const reference = JSON.parse(
  readFileSync(new URL('../fixtures/reference/first-vectors.json', import.meta.url), 'utf8'),
);

function measured(result: ReturnType<typeof psi>) {
  if (result.kind !== 'measured') throw new Error(result.reason);
  const { lower, upper } = result;
  if (lower === null || upper === null) throw new Error('no bounds');
  return { ...result, lower, upper };
}

function close(actual: number, expected: number, relative = 1e-10): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1e-12, Math.abs(expected)));
}

describe('special functions against reference values', () => {
  test.each(reference.chi2_sf as number[][])('chi-square tail at %d with %d degrees', (...numbers) => {
    const [x = 0, freedom = 0, , log = 0] = numbers;
    close(logChiSquareTail(x, freedom), log);
  });

  test.each(reference.kolmogorov_sf as number[][])('Kolmogorov tail at %d', (z, tail) => {
    close(kolmogorovTail(z ?? 0), tail ?? 0);
  });

  test('quantiles invert the tails', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-8, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 80 }),
        (tail, freedom) => {
          close(Math.exp(logChiSquareTail(chiSquareQuantile(tail, freedom), freedom)), tail, 1e-9);
          close(kolmogorovTail(kolmogorovQuantile(tail)), tail, 1e-9);
        },
      ),
    );
    expect(chiSquareQuantile(0.05, 9)).toBeCloseTo(16.918977604620448, 10);
    expect(chiSquareQuantile(0.001, 0)).toBe(0);
  });
});

describe('PSI', () => {
  test('smoothed after Jeffreys, with its standard error', () => {
    const result = measured(psi(reference.psi.baseline, reference.psi.current));
    close(result.value, reference.psi.jeffreys);
    close((result.upper - result.value) / 1.959963984540054, reference.psi.delta_se, 1e-9);
  });

  test('a cell that was empty in the baseline', () => {
    close(
      measured(psi(reference.psi_zero_cell.baseline, reference.psi_zero_cell.current)).value,
      reference.psi_zero_cell.jeffreys,
    );
  });

  test('four cells with a new missing one, worked by hand', () => {
    const result = measured(psi([17318, 17319, 17318, 0], [900, 1500, 2400, 12]));
    expect(result.value).toBeCloseTo(0.167, 4);
    expect(result.lower).toBeCloseTo(0.141, 4);
    expect(result.upper).toBeCloseTo(0.1931, 4);
    expect(result.noiseFloor).toBeCloseTo(0.0037, 4);
    expect(result.rows).toBe(4812);
    expect(result.baselineRows).toBe(51955);
  });

  test('no number comes out as NaN or infinite, whatever the counts', () => {
    const counts = fc.array(fc.tuple(fc.nat({ max: 1e12 }), fc.nat({ max: 1e12 })), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(counts, (pairs) => {
        for (const statistic of [psi, ks]) {
          const counted = statistic(
            pairs.map(([a]) => a),
            pairs.map(([, b]) => b),
          );
          if (counted.kind === 'not_measured') continue;
          const result = measured(counted);
          for (const number of [result.value, result.lower, result.upper, result.noiseFloor])
            expect(Number.isFinite(number) && number >= 0).toBe(true);
          expect(result.lower <= result.value && result.value <= result.upper).toBe(true);
        }
      }),
    );
  });

  test('relabelling the cells changes nothing, swapping the sides changes nothing', () => {
    const a = measured(psi([5, 80, 300, 2], [9, 70, 310, 0]));
    close(measured(psi([2, 300, 80, 5], [0, 310, 70, 9])).value, a.value);
    close(measured(psi([9, 70, 310, 0], [5, 80, 300, 2])).value, a.value);
  });

  test('absence is told, not computed', () => {
    expect(psi([1, 2], [0, 0])).toEqual({
      kind: 'not_measured',
      reason: 'the window has no rows',
      rows: 0,
      baselineRows: 3,
    });
    expect(psi([0, 0], [1, 2])).toEqual({
      kind: 'not_measured',
      reason: 'the baseline has no rows',
      rows: 3,
      baselineRows: 0,
    });
    expect(() => psi([1], [1, 2])).toThrow('same cells');
  });

  test('a constant column has one cell and no drift', () => {
    expect(measured(psi([500], [90]))).toMatchObject({ value: 0, lower: 0, upper: 0, noiseFloor: 0 });
  });
});

describe('KS on a frozen grid', () => {
  test('worked values', () => {
    close(measured(ks(reference.binned.wa, reference.binned.wb)).value, reference.binned.D);
    expect(measured(ks([10, 10], [10, 10])).value).toBe(0);
    expect(measured(ks([10, 0], [0, 10])).value).toBe(1);
  });

  test('the grid never overstates the distance and its bound covers what it misses', () => {
    let state = 20260101;
    const draw = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const x = Array.from({ length: 200 }, () => draw() * 10);
    const y = Array.from({ length: 150 }, () => draw() * 9.5 + 0.9);
    const edges = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const count = (values: number[]): number[] =>
      [...edges, Infinity].map(
        (edge, cell) =>
          values.filter((value) => value <= edge && value > (edges[cell - 1] ?? -Infinity)).length,
      );
    const result = measured(ks(count(x), count(y)));
    expect(result.value).toBeLessThanOrEqual(reference.ks.D + 1e-12);
    expect(result.upper).toBeGreaterThanOrEqual(reference.ks.D);
  });
});
