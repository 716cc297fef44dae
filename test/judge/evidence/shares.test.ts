import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SET_KINDS } from '../../../src/judge/evidence/set.ts';
import { estimate, excess, smoothed } from '../../../src/judge/evidence/shares.ts';
import { DECILES, draw, RISING, setOf, uniforms } from './support.ts';

const q = [0.5, 0.3, 0.2];

describe('shares of counts', () => {
  test('are drawn towards the baseline and sum to one', () => {
    for (const [cell, share] of smoothed([0, 0, 0], q).entries()) expect(share).toBeCloseTo(q[cell] ?? 0, 15);
    const p = smoothed([10, 0, 0], q);
    expect(p[0]).toBeCloseTo((10 + 0.75) / 11.5, 12);
    expect(p[1]).toBeCloseTo(0.45 / 11.5, 12);
    expect(p.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe('the estimate', () => {
  test('takes off what noise puts there: near zero without drift, near the truth with it', () => {
    const uniform = uniforms(4);
    const mean = (rows: number, p: readonly number[]): number => {
      let sum = 0;
      for (let run = 0; run < 300; run += 1) sum += estimate(DECILES, draw(rows, p, uniform));
      return sum / 300;
    };
    // PSI without drift on 200 rows is 9/200 = 0.045 on average before it is taken off; cut at 0 it leaves some of its spread.
    expect(mean(200, DECILES.q)).toBeLessThan(0.015);
    expect(Math.abs(mean(500, RISING) - 0.1411)).toBeLessThan(0.012);
  });

  test('of a rare cell does not start at the noise of a whole cell', () => {
    const rare = setOf('psi', [0.5, 0.5 - 1e-6, 1e-6], 0.1);
    expect(estimate(rare, [100, 100, 0])).toBe(0);
    expect(estimate(rare, [100, 100, 0])).toBeLessThan(1 / 200);
  });

  test('of the plain distances is the distance', () => {
    expect(estimate(setOf('ks', q, 0.1), [20, 40, 40])).toBeCloseTo(0.3, 12);
    expect(estimate(setOf('tv', q, 0.1), [20, 40, 40])).toBeCloseTo(0.3, 12);
    expect(estimate(setOf('linf', q, 0.1), [20, 40, 40])).toBeCloseTo(0.3, 12);
    expect(estimate(setOf('rate', [0.9, 0.1], 0.1), [80, 20])).toBeCloseTo(0.2, 12);
    expect(estimate({ kind: 'mean_loss', q, limit: 1, losses: [0, 1, 5] }, [1, 1, 2])).toBeCloseTo(2.75, 12);
  });
});

describe('the excess over the limit, in squared standard deviations', () => {
  test('is zero up to the limit and grows with distance and rows', () => {
    expect(excess(setOf('tv', q, 0.3 + 1e-12), [20, 40, 40])).toBe(0);
    expect(excess(setOf('tv', q, 0.29), [20, 40, 40])).toBeGreaterThan(0);
    expect(excess(setOf('tv', q, 0.2), [40, 80, 80])).toBeCloseTo(
      2 * excess(setOf('tv', q, 0.2), [20, 40, 40]),
      12,
    );
  });

  test('no counts make a number that is none', () => {
    const counts = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 1000 }), fc.constant(1e12)), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(counts, fc.constantFrom(...SET_KINDS), (rows, kind) => {
        const set =
          kind === 'rate'
            ? setOf(kind, [0.9, 0.1], 0.1)
            : {
                ...setOf(kind, [0.6, 0.4 - 1e-8, 1e-8], 0.1),
                losses: kind === 'mean_loss' ? [0, 1, 5] : null,
              };
        const used = kind === 'rate' ? rows.slice(0, 2) : rows;
        for (const value of [estimate(set, used), excess(set, used)]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
