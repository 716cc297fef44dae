import { describe, expect, test } from 'vitest';
import { JS_DIVERGENCE, PSI_DIVERGENCE } from '../../../src/judge/evidence/divergence.ts';
import {
  certifyDivergence,
  certifyRecomputed,
  projectDivergence,
} from '../../../src/judge/evidence/project-divergence.ts';
import { ksDistance } from '../../../src/judge/evidence/project-ks.ts';
import {
  certifyMeanLoss,
  projectLInfinity,
  projectMeanLoss,
  projectTotalVariation,
} from '../../../src/judge/evidence/project-linear.ts';
import type { Projection } from '../../../src/judge/evidence/projection.ts';

/** Projections that can be solved by hand, how fast the solver is, and what a certificate refuses. */
const Q = [0.5, 0.3, 0.2];
const P1 = [0.2, 0.3, 0.5];

function closeTo(actual: readonly number[] | undefined, expected: readonly number[]): void {
  for (const [cell, value] of expected.entries()) expect(actual?.[cell]).toBeCloseTo(value, 11);
}

function found(projection: Projection | null): Projection {
  if (projection === null) throw new Error('the alternative lies within the set');
  return projection;
}

describe('the certificate of a divergence', () => {
  const set = { divergence: PSI_DIVERGENCE, q: Q, limit: 0.1 };
  const x = [0.8, 1, 1.4];
  const slopes = x.map((value) => Math.log(value) + 1 - 1 / value);

  test('is infinite where a single ratio is negative, and finite where one is 0', () => {
    const zero = -(slopes[0] ?? 0);
    expect(certifyDivergence(set, { mu: zero, lambda: 1, x })).toMatchObject({
      ratio: [0, zero, expect.any(Number)],
    });
    expect(certifyDivergence(set, { mu: zero, lambda: 1, x }).dual).toBeLessThan(2);
    expect(certifyDivergence(set, { mu: zero - 1e-9, lambda: 1, x }).dual).toBe(Infinity);
  });

  test('is mu + lambda (limit + sum q (x - 1 + ln x)) for PSI', () => {
    const conjugate = Q.reduce(
      (sum, q, cell) => sum + q * ((x[cell] ?? 1) - 1 + Math.log(x[cell] ?? 1)),
      0.1,
    );
    expect(certifyDivergence(set, { mu: 1, lambda: 0.5, x }).dual).toBeCloseTo(1 + 0.5 * conjugate, 14);
  });

  test('of a finished table counts what its ratios have too much, and not what they have too little', () => {
    const { ratio, dual } = certifyDivergence(set, { mu: 1, lambda: 0.5, x });
    const table = { p0: Q, ratio, dual, multipliers: { mu: 1, lambda: 0.5 }, x };
    const dualWith = (change: readonly number[]) =>
      certifyRecomputed(set, { ...table, ratio: ratio.map((value, cell) => value + (change[cell] ?? 0)) });
    expect(dualWith([0, 0, 0])).toBe(dual);
    expect(dualWith([0, 0.003, 0.001])).toBeCloseTo(dual + 0.003, 14);
    expect(dualWith([-0.2, -0.1, -0.3])).toBe(dual);
    expect(dualWith([-0.2, 0.001, -0.3])).toBeCloseTo(dual + 0.001, 14);
  });

  test('needs x and a multiplier that is a number and not negative', () => {
    const table = { p0: Q, ratio: [1, 1, 1], dual: 1, multipliers: { mu: 1, lambda: 0 }, x };
    expect(certifyRecomputed(set, table)).toBe(1);
    expect(certifyRecomputed(set, { ...table, x: null })).toBe(Infinity);
    expect(certifyRecomputed(set, { ...table, multipliers: { mu: 1, lambda: -1e-9 } })).toBe(Infinity);
    expect(certifyRecomputed(set, { ...table, multipliers: { mu: 1 } })).toBe(Infinity);
  });
});

describe('the solver', () => {
  const RARE = { q: [0.6, 0.398, 0.002], p1: [0.5, 0.47, 0.03] };
  const MANY = {
    q: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1999999, 1e-7],
    p1: [0.02, 0.03, 0.05, 0.07, 0.08, 0.1, 0.12, 0.14, 0.389999, 1e-6],
  };

  test.each([
    ['PSI', PSI_DIVERGENCE, 0.1, { q: Q, p1: P1 }, 4],
    ['PSI, nearly at the limit', PSI_DIVERGENCE, 0.27, { q: Q, p1: P1 }, 4],
    ['PSI with a rare cell', PSI_DIVERGENCE, 0.1, RARE, 4],
    ['PSI of many cells', PSI_DIVERGENCE, 0.01, MANY, 4],
    ['Jensen-Shannon', JS_DIVERGENCE, 0.02, { q: Q, p1: P1 }, 6],
    ['Jensen-Shannon of many cells', JS_DIVERGENCE, 0.001, MANY, 8],
  ] as const)('is done with %s in a few steps, and then stops', (_, divergence, limit, { q, p1 }, few) => {
    const offAfter = (steps: number) =>
      Math.abs(found(projectDivergence({ divergence, limit, q, p1, steps })).dual - 1);
    const took = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].findIndex((steps) => offAfter(steps) < 1e-12);
    expect(took).toBe(few);
    expect(offAfter(0)).toBeGreaterThan(1e-6);
    expect(offAfter(100)).toBeLessThan(1e-12);
  });

  test('has nothing to project at the limit or within it', () => {
    const limit = P1.reduce((sum, share, cell) => {
      const base = Q[cell] ?? 1;
      return sum + base * ((share / base - 1) * Math.log(share / base));
    }, 0);
    const of = (bound: number) =>
      projectDivergence({ divergence: PSI_DIVERGENCE, q: Q, p1: P1, limit: bound });
    expect([of(limit), of(limit * (1 + 1e-9))]).toEqual([null, null]);
    expect(of(limit * (1 - 1e-9))).not.toBeNull();
  });
});

describe('by hand', () => {
  test('total variation within 0.1: a tenth moves from the last cell to the first', () => {
    const { p0, ratio, dual, multipliers } = found(projectTotalVariation({ q: Q, limit: 0.1, p1: P1 }));
    closeTo(p0, [0.4, 0.3, 0.3]);
    closeTo(ratio, [0.5, 1, 5 / 3]);
    closeTo([dual, multipliers['lower'] ?? 0, multipliers['upper'] ?? 0], [1, 0.5, 5 / 3]);
    expect(projectTotalVariation({ q: Q, limit: 0.31, p1: P1 })).toBeNull();
  });

  test('the largest difference within 0.1: no cell may be further off', () => {
    const { p0, ratio, dual, multipliers } = found(projectLInfinity({ q: Q, limit: 0.1, p1: P1 }));
    closeTo(p0, [0.4, 0.3, 0.3]);
    closeTo(ratio, [0.5, 1, 5 / 3]);
    closeTo([dual, multipliers['mu'] ?? 0], [1, 1]);
    expect(projectLInfinity({ q: Q, limit: 0.31, p1: P1 })).toBeNull();
  });

  test('a mean loss: an alternative without the least loss bets all it may', () => {
    const losses = [0, 1, 5];
    const { ratio, dual, multipliers } = found(projectMeanLoss({ losses, limit: 0.5, p1: [0, 0.5, 0.5] }));
    expect(multipliers['lambda']).toBeCloseTo(2, 9);
    for (const [cell, value] of [1e-12, 2, 10].entries()) expect(ratio[cell]).toBeCloseTo(value, 9);
    expect(dual).toBeCloseTo(1, 11);
    expect(projectMeanLoss({ losses, limit: 0.5, p1: [0.75, 0.1875, 0.0625] })).toBeNull();
  });

  test('a mean loss that nobody can meet is a mistake', () => {
    for (const least of [0.5, 0.6])
      expect(() => projectMeanLoss({ losses: [least, 1], limit: 0.5, p1: [0.5, 0.5] })).toThrow(
        'no distribution has a mean loss within 0.5: every loss is larger',
      );
  });

  test('its certificate is the largest ratio over what the multiplier pays for it', () => {
    const table = { losses: [0, 1, 5], limit: 0.5, ratio: [1, 1.2, 1.1] };
    expect(certifyMeanLoss({ ...table, lambda: 0 })).toBe(1.2);
    expect(certifyMeanLoss({ ...table, lambda: 0.2 })).toBeCloseTo(1.1, 14);
    expect(certifyMeanLoss({ ...table, lambda: -1e-9 })).toBe(Infinity);
    expect(certifyMeanLoss({ ...table, lambda: Number.NaN })).toBe(Infinity);
  });

  test('KS counts every inner edge', () => {
    expect(ksDistance([0.1, 0.6, 0.3], [0.3, 0.3, 0.4])).toBeCloseTo(0.2, 14);
    expect(ksDistance([0.3, 0.1, 0.6], [0.3, 0.4, 0.3])).toBeCloseTo(0.3, 14);
    expect(ksDistance([0.2, 0.3, 0.1, 0.4], [0.1, 0.1, 0.4, 0.4])).toBeCloseTo(0.3, 14);
  });
});
