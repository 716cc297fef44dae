import { describe, expect, test } from 'vitest';
import type { Measurement } from '../../src/statistics/measurement.ts';
import { rate } from '../../src/statistics/rate.ts';
import { volume } from '../../src/statistics/volume.ts';
import {
  binomial,
  DISTANCES,
  generator,
  measured,
  multinomial,
  normal,
  normalise,
  SHAPES,
} from './support.ts';

interface Setting {
  readonly cells: number;
  readonly shape: keyof typeof SHAPES;
  readonly rows: number;
  readonly baselineRows: number;
}

const SETTINGS: readonly Setting[] = [
  { cells: 2, shape: 'even', rows: 1000, baselineRows: 50_000 },
  { cells: 5, shape: 'rare', rows: 200, baselineRows: 200 },
  { cells: 10, shape: 'even', rows: 200, baselineRows: 2000 },
  { cells: 20, shape: 'skewed', rows: 5000, baselineRows: 5000 },
  { cells: 50, shape: 'skewed', rows: 1000, baselineRows: 50_000 },
];
const WINDOWS = 1000;
/** Enough to notice a floor or a bound that is wrong by a factor; the tighter runs behind the headers were made by hand. */
const FEW = 300;

/** Share of simulated windows in which something is so. */
function shareOf(count: number): number {
  return count / WINDOWS;
}

describe('the noise floor is exceeded once in a thousand windows without drift', () => {
  test.each(SETTINGS)('$cells $shape cells, $rows rows', ({ cells, shape, rows, baselineRows }) => {
    const random = generator(20260101 + cells);
    const shares = SHAPES[shape](cells);
    const ratios = new Map<string, number[]>();
    for (let window = 0; window < FEW; window += 1) {
      const before = multinomial(random, baselineRows, shares);
      const after = multinomial(random, rows, shares);
      for (const [name, distance] of Object.entries(DISTANCES)) {
        const result = distance(before, after);
        if (result.kind === 'not_measured' || result.noiseFloor === 0) continue;
        ratios.set(name, [...(ratios.get(name) ?? []), result.value / result.noiseFloor]);
      }
    }
    expect(ratios.size).toBeGreaterThanOrEqual(6);
    for (const [name, found] of ratios) {
      // Four of 300 would happen once in 4 000 times if it were one of a thousand.
      expect(found.filter((ratio) => ratio > 1).length, name).toBeLessThan(4);
      // And it is no empty promise: noise comes near it. KS pays for its grid with two cells.
      const high = found.sort((a, b) => a - b)[Math.floor(0.99 * found.length)] ?? 0;
      expect(high, name).toBeGreaterThan(shape === 'rare' ? 0.3 : 0.5);
    }
  });

  test('of a rate', () => {
    const random = generator(7);
    let over = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const rows = 500;
      const baselineRows = 4000;
      const count = binomial(random, rows, 0.03);
      const baselineCount = binomial(random, baselineRows, 0.03);
      const { value, noiseFloor } = measured(rate({ count, rows, baselineCount, baselineRows }));
      over += Number(value > noiseFloor);
    }
    expect(over).toBeLessThan(4);
  });

  test('of the volume', () => {
    const random = generator(11);
    const week = 604_800_000;
    let over = 0;
    let covered = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const history = Array.from({ length: 13 }, (_, index) => ({
        start: index * week,
        end: (index + 1) * week,
        rows: Math.round(8000 * Math.exp(0.1 * normal(random))),
      }));
      const { value, noiseFloor, lower, details } = measured(
        volume(history[12] ?? raise(), history.slice(0, 12)),
      );
      over += Number(value > noiseFloor);
      const truth =
        1 - Math.exp(-Math.abs(Math.log(((details?.['ratio'] ?? 1) * (details?.['usual'] ?? 1)) / 8000)));
      covered += Number((lower ?? 1) <= truth);
    }
    expect(over).toBeLessThan(7);
    expect(shareOf(covered)).toBeGreaterThan(0.93);
  });
});

function raise(): never {
  throw new Error('no such window');
}

/** The distances themselves, of two sets of shares. */
const TRUTHS: { readonly [name: string]: (p: readonly number[], q: readonly number[]) => number } = {
  psi: (p, q) => total(p, q, (a, b) => (a - b) * Math.log(a / b)),
  js: (p, q) =>
    Math.sqrt(
      total(p, q, (a, b) => a * Math.log((2 * a) / (a + b)) + b * Math.log((2 * b) / (a + b))) /
        (2 * Math.LN2),
    ),
  tv: (p, q) => total(p, q, (a, b) => Math.abs(a - b) / 2),
  linf: (p, q) => Math.max(...p.map((a, cell) => Math.abs(a - (q[cell] ?? 0)))),
  ks: (p, q) => {
    let below = 0;
    return Math.max(...p.map((a, cell) => Math.abs((below += a - (q[cell] ?? 0)))));
  },
  // Rows at the middle of their cell: what the counts alone leave open is part of the bounds.
  w1: (p, q) => {
    let below = 0;
    const inner = p.slice(0, -1).map((a, cell) => Math.abs((below += a - (q[cell] ?? 0))));
    const steps = inner.slice(1).map((_, edge) => 1 + (2 * edge + 1) / 10);
    return steps.reduce(
      (sum, step, edge) => sum + (step * ((inner[edge] ?? 0) + (inner[edge + 1] ?? 0))) / 2,
      0,
    );
  },
};

function total(p: readonly number[], q: readonly number[], term: (a: number, b: number) => number): number {
  return p.reduce((sum, a, cell) => sum + term(a, q[cell] ?? 0), 0);
}

/** Wasserstein-1 is in interquartile ranges of the baseline at hand; what could not be measured promised nothing. */
function covers(result: Measurement, truth: number): boolean {
  if (result.kind === 'not_measured') return true;
  const { lower, upper, details } = result;
  const scaled = truth / (details?.['iqr'] ?? 1);
  return (lower ?? 1) <= scaled + 1e-12 && scaled <= (upper ?? 0) + 1e-12;
}

describe('the bounds cover the true distance 95 times of 100', () => {
  const drifts = [0, 0.1, 0.6];
  const cases = SETTINGS.filter(({ cells }) => cells <= 20).flatMap((setting) =>
    drifts.map((drift) => ({ ...setting, drift })),
  );
  test.each(cases)(
    '$cells $shape cells, $rows rows, drift $drift',
    ({ cells, shape, rows, baselineRows, drift }) => {
      const random = generator(31 + cells + Math.round(100 * drift));
      const q = SHAPES[shape](cells);
      const p = normalise(q.map((share, cell) => share * Math.exp(drift * Math.sin(1 + 2.1 * cell))));
      const missed = new Map(Object.keys(TRUTHS).map((name) => [name, 0]));
      for (let window = 0; window < FEW; window += 1) {
        const before = multinomial(random, baselineRows, q);
        const after = multinomial(random, rows, p);
        for (const [name, truthOf] of Object.entries(TRUTHS)) {
          const result = DISTANCES[name]?.(before, after) ?? raise();
          if (!covers(result, truthOf(p, q))) missed.set(name, (missed.get(name) ?? 0) + 1);
        }
      }
      // 5 of 100, and three standard errors of 300 trials.
      for (const [name, count] of missed) expect(count / FEW, name).toBeLessThan(0.088);
    },
  );

  test.each([0.001, 0.02, 0.4])('of a rate of %d', (share) => {
    const random = generator(97);
    let missed = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const count = binomial(random, 300, share);
      const { lower, upper } = measured(rate({ count, rows: 300, baselineCount: 0, baselineRows: 10 }));
      missed += Number((lower ?? 1) > share || (upper ?? 0) < share);
    }
    expect(shareOf(missed)).toBeLessThan(0.05);
  });
});
