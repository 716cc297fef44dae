import { describe, expect, test } from 'vitest';
import { limitAlarmsPerYear, limitChance } from '../../src/judge/limit-chance.ts';
import type { Check } from '../../src/judge/verdict.ts';
import { psi } from '../../src/statistics/psi.ts';
import { draw, uniforms } from './evidence/support.ts';

const limits = { warn: 0.1, breach: 0.25 };

describe('how often fixed limits speak without drift', () => {
  test('is the tail of chi-square for PSI: at 200 rows and ten cells often, at 2 000 never', () => {
    const few = limitChance('psi', limits, { rows: 200, baselineRows: 1e12, cells: 10 });
    // P(chi-square with 9 degrees of freedom > 20) and > 50, from a table.
    expect(few?.warn).toBeCloseTo(0.0179124, 6);
    expect(few?.breach).toBeCloseTo(1.07e-7, 8);
    expect(limitChance('psi', limits, { rows: 2000, baselineRows: 1e12, cells: 10 })?.warn).toBeLessThan(
      1e-30,
    );
  });

  test('is the tail of Kolmogorov for KS', () => {
    const found = limitChance(
      'ks',
      { warn: 0.136, breach: 0.163 },
      { rows: 100, baselineRows: 1e12, cells: 64 },
    );
    // The classical 5 % and 1 % points, 1.36 and 1.63 over the root of n.
    expect(found?.warn).toBeCloseTo(0.0494, 3);
    expect(found?.breach).toBeCloseTo(0.00984, 4);
  });

  test('is none with one cell, and not known for a method without limits', () => {
    const one = { rows: 100, baselineRows: 100, cells: 1 };
    expect(limitChance('psi', limits, one)).toEqual({ warn: 0, breach: 0 });
    expect(limitChance('tv', limits, { ...one, cells: 2 })).toBeNull();
  });

  test('comes true in a simulation', () => {
    const uniform = uniforms(11);
    const q = Array.from({ length: 10 }, () => 0.1);
    const baseline = q.map(() => 10_000);
    const chance = limitChance('psi', limits, { rows: 150, baselineRows: 100_000, cells: 10 })?.warn ?? 0;
    let over = 0;
    for (let window = 0; window < 2000; window += 1) {
      const found = psi(baseline, draw(150, q, uniform));
      if (found.kind === 'measured' && found.value > limits.warn) over += 1;
    }
    // 9 % expected: four standard deviations either way.
    expect(over / 2000).toBeGreaterThan(chance - 4 * Math.sqrt(chance / 2000));
    expect(over / 2000).toBeLessThan(chance + 4 * Math.sqrt(chance / 2000));
  });
});

describe('in a year', () => {
  const check = (chance: { warn: number; breach: number } | null) =>
    ({ rules: { limit: 'ok', evidence: null, chance } }) as unknown as Check;
  const week = { start: '2026-03-02T00:00:00.000Z', end: '2026-03-09T00:00:00.000Z' };

  test('the chances add up over checks and windows', () => {
    const alarms = limitAlarmsPerYear(
      [check({ warn: 0.02, breach: 0.001 }), check(null), check({ warn: 0.01, breach: 0 })],
      week,
    );
    expect(alarms?.warn).toBeCloseTo((365.25 / 7) * 0.03, 12);
    expect(alarms?.breach).toBeCloseTo((365.25 / 7) * 0.001, 12);
  });

  test('there is nothing to say without limits, or of evaluations written before', () => {
    expect(limitAlarmsPerYear([check(null), {} as Check, { rules: null } as Check], week)).toBeNull();
  });
});
