import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chanceRate } from '../../src/statistics/chance-rate.ts';
import { chiSquare } from '../../src/statistics/chi-square.ts';
import { effectSizes } from '../../src/statistics/effect-size.ts';
import { jensenShannon } from '../../src/statistics/jensen-shannon.ts';
import { ks } from '../../src/statistics/ks.ts';
import { lInfinity } from '../../src/statistics/l-infinity.ts';
import type { Measured, Measurement } from '../../src/statistics/measurement.ts';
import { psi } from '../../src/statistics/psi.ts';
import { rate } from '../../src/statistics/rate.ts';
import { logBetaTails } from '../../src/statistics/special/beta.ts';
import { chiSquareQuantile, logChiSquareTail } from '../../src/statistics/special/chi-square.ts';
import { kolmogorovTail } from '../../src/statistics/special/kolmogorov.ts';
import { logNormalTail, normalQuantile } from '../../src/statistics/special/normal.ts';
import { studentQuantile } from '../../src/statistics/special/student.ts';
import { totalVariation } from '../../src/statistics/total-variation.ts';
import { volume } from '../../src/statistics/volume.ts';
import { wasserstein } from '../../src/statistics/wasserstein.ts';

/** Every case that test/fixtures/reference/make.py computed elsewhere. */
const reference = read('statistics.json');
const vectors = read('first-vectors.json');

interface DistanceCase {
  readonly name: string;
  readonly baseline: readonly number[];
  readonly window: readonly number[];
  readonly edges?: readonly number[];
  readonly iqr?: number | null;
  readonly [number: string]: unknown;
}

function read(file: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/reference/${file}`, import.meta.url), 'utf8'));
}

function measured(result: Measurement): Measured {
  if (result.kind !== 'measured') throw new Error(result.reason);
  return result;
}

/** To a relative 1e-10, and to 1e-18 where nothing but rounding is left of a difference of shares. */
function close(actual: number | null | undefined, expected: unknown, what = ''): void {
  const target = Number(expected);
  const error = Math.abs((actual ?? Number.NaN) - target);
  expect(error, `${what}: ${actual} for ${target}`).toBeLessThanOrEqual(1e-10 * Math.abs(target) + 1e-18);
}

describe('distances', () => {
  test('there are two hundred cases at least, beside the vectors', () => {
    const { made_with: _, ...tables } = reference as Record<string, readonly unknown[]>;
    expect(Object.values(tables).reduce((sum, cases) => sum + cases.length, 0)).toBeGreaterThan(300);
  });

  test.each(reference.distances as DistanceCase[])('$name', (each) => {
    const { baseline, window, edges } = each;
    const p = measured(psi(baseline, window));
    close(p.value, each['psi'], 'PSI');
    close(p.noiseFloor, each['psi_noise'], 'noise of PSI');
    close(p.details?.['corrected'], each['corrected'], 'corrected PSI');
    // The delta method's bounds are the least: near zero drift they are wider.
    const radius = normalQuantile(0.025) * Number(each['psi_error']);
    expect(p.upper).toBeGreaterThanOrEqual((p.value + radius) * (1 - 1e-10));
    expect(p.lower).toBeLessThanOrEqual(Math.max(0, p.value - radius) * (1 + 1e-10));
    if (each['raw'] === null) expect(p.details?.['raw']).toBeNull();
    else close(p.details?.['raw'], each['raw'], 'raw PSI');
    const k = measured(ks(baseline, window));
    close(k.value, each['ks'], 'KS');
    close(k.details?.['resolution'], each['resolution'], 'resolution of KS');
    close(measured(jensenShannon(baseline, window)).value, each['js'], 'JS');
    close(measured(totalVariation(baseline, window)).value, each['tv'], 'TV');
    close(measured(lInfinity(baseline, window)).value, each['linf'], 'L-infinity');
    const c = measured(chiSquare(baseline, window));
    close(c.value, each['chi_square'], 'chi-square');
    expect(c.details?.['freedom']).toBe(each['freedom']);
    close(c.details?.['logP'], each['log_p'], 'log p of chi-square');
    if (edges !== undefined) expectWasserstein(each, wasserstein(baseline, window, edges));
  });

  function expectWasserstein(each: DistanceCase, result: Measurement): void {
    const { iqr = null } = each;
    if (iqr === null) {
      expect(result.kind).toBe('not_measured');
      return;
    }
    const { value, details } = measured(result);
    close(details?.['iqr'], iqr, 'interquartile range');
    close(value, Number(each['w1']) / iqr, 'W1');
    close(details?.['gridLower'], Number(each['grid_lower']) / iqr, 'least W1');
    close(details?.['gridUpper'], Number(each['grid_upper']) / iqr, 'most W1');
  }

  test('the vector of ten cells', () => {
    const { baseline, current } = vectors.psi;
    const p = measured(psi(baseline, current));
    close(p.value, vectors.psi.jeffreys);
    close(p.details?.['raw'], vectors.psi.raw);
    close(p.details?.['corrected'], vectors.psi.bias_corrected);
    expect(p.lower).toBe(vectors.psi.lcb95);
    close(measured(jensenShannon(baseline, current)).value, vectors.psi.js_dist_base2);
    close(measured(totalVariation(baseline, current)).value, vectors.psi.tv);
    close(measured(lInfinity(baseline, current)).value, vectors.psi.linf);
    const c = measured(chiSquare(baseline, current));
    close(c.value, vectors.psi.chi2_contingency);
    close(Math.exp(c.details?.['logP'] ?? 0), vectors.psi.chi2_p);
  });

  test('W1 of whole values lies within the bounds of its cells', () => {
    const { values, wa, wb, w1 } = vectors.binned;
    const { details } = measured(wasserstein([...wa, 0], [...wb, 0], values));
    const iqr = details?.['iqr'] ?? 0;
    expect((details?.['gridLower'] ?? 1) * iqr).toBeLessThanOrEqual(w1);
    expect((details?.['gridUpper'] ?? 0) * iqr).toBeGreaterThanOrEqual(w1);
  });
});

describe('rates', () => {
  test.each(reference.rates as number[][])('%d of %d, %d of %d before', (...numbers) => {
    const [count = 0, rows = 0, baselineCount = 0, baselineRows = 0, lower, upper, chance = 0] = numbers;
    const counts = { count, rows, baselineCount, baselineRows };
    const result = measured(rate(counts));
    close(result.lower, lower, 'lower');
    close(result.upper, upper, 'upper');
    expect(result.noiseFloor).toBe(chance / rows);
    expect(chanceRate(0.001, counts)).toBe(result.noiseFloor);
  });
});

describe('volume', () => {
  const week = 604_800_000;
  interface VolumeCase {
    readonly earlier: readonly number[];
    readonly rows: number;
    readonly usual: number;
    readonly numbers: readonly number[];
  }
  test.each(reference.volumes as VolumeCase[])('$rows rows after $earlier', ({ earlier, rows, ...each }) => {
    const history = earlier.map((count, index) => ({
      start: index * week,
      end: (index + 1) * week,
      rows: count,
    }));
    const at = earlier.length * week;
    const { value, lower, upper, noiseFloor, details } = measured(
      volume({ start: at, end: at + week, rows }, history),
    );
    expect(details?.['usual']).toBe(each.usual);
    for (const [index, found] of [value, lower, upper, noiseFloor].entries())
      close(found, each.numbers[index]);
  });
});

describe('effect sizes', () => {
  interface EffectCase extends Record<string, number> {
    psi: number;
  }
  test.each(reference.effects as EffectCase[])('PSI $psi', ({ psi: size, ...expected }) => {
    const found = effectSizes(size);
    for (const [name, value] of Object.entries(expected))
      close(found[name as keyof typeof found], value, name);
    expect(found.tv).toBe(found.ks);
  });

  test.each(vectors.rosetta.rows as number[][])('the table row of a shift by %d', (...row) => {
    const [shift = 0, continuous, deciles, ksOrTv, w1, jsNats, jsBase2, auc, hellinger] = row;
    const found = effectSizes(shift * shift);
    close(found.psi, continuous);
    close(found.psiDeciles, deciles);
    close(found.ks, ksOrTv);
    close(found.w1PerDeviation, w1);
    close(found.js * Math.sqrt(Math.LN2), jsNats);
    close(found.js, jsBase2);
    close(found.auc, auc);
    close(found.hellinger, hellinger);
  });

  test('no drift is no drift, and nonsense is refused', () => {
    expect(Object.values(effectSizes(0))).toEqual([
      0,
      0,
      expect.closeTo(0, 15),
      0,
      0,
      0,
      expect.closeTo(0, 15),
      0,
      0,
      0,
      0.5,
    ]);
    expect(() => effectSizes(-0.1)).toThrow('between 0 and 100');
    expect(() => effectSizes(Number.NaN)).toThrow('between 0 and 100');
  });
});

describe('laws', () => {
  test.each(reference.chi_square_log_tail as number[][])(
    'chi-square beyond %d, %d degrees',
    (x = 0, f = 0, log) => {
      close(logChiSquareTail(x, f), log);
    },
  );

  test.each(reference.chi_square_quantile as number[][])(
    'chi-square at %d, %d degrees',
    (tail = 0, f = 0, x) => {
      close(chiSquareQuantile(tail, f), x);
    },
  );

  test.each(reference.student_quantile as number[][])('Student at %d, %d degrees', (tail = 0, f = 0, t) => {
    close(studentQuantile(tail, f), t);
  });

  test.each(reference.kolmogorov_tail as number[][])('Kolmogorov beyond %d', (z = 0, tail) => {
    close(kolmogorovTail(z), tail);
  });

  test.each([
    ...reference.normal_log_tail,
    ...vectors.norm_sf.map((row: number[]) => [row[0], row[2]]),
  ] as number[][])('normal beyond %d', (x = 0, log) => {
    close(logNormalTail(x), log);
  });

  test.each(reference.beta_log_tails as number[][])('beta at %d with %d and %d', (...numbers) => {
    const [x = 0, a = 0, b = 0, lower, upper] = numbers;
    const tails = logBetaTails(x, a, b);
    close(tails.lower, lower, 'lower');
    close(tails.upper, upper, 'upper');
  });
});
