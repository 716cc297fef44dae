import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logAdd, logSum, stepDetector } from '../../../src/judge/evidence/detector.ts';

describe('sums of logarithms', () => {
  test('zero is minus infinity', () => {
    expect(logAdd(-Infinity, -Infinity)).toBe(-Infinity);
    expect(logAdd(-Infinity, 1.5)).toBe(1.5);
    expect(logSum([])).toBe(-Infinity);
    expect(logSum([-Infinity, -Infinity])).toBe(-Infinity);
    expect(logSum([-Infinity, 2])).toBe(2);
  });

  test('are those of the numbers, whatever their size', () => {
    expect(logAdd(Math.log(3), Math.log(4))).toBeCloseTo(Math.log(7), 14);
    expect(logAdd(5000, 5000)).toBeCloseTo(5000 + Math.log(2), 10);
    expect(logSum([-5000, -5000, -5000])).toBeCloseTo(-5000 + Math.log(3), 10);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (logs) => {
          const plain = Math.log(logs.reduce((sum, value) => sum + Math.exp(value), 0));
          const one = logs.reduce((sum, value) => logAdd(sum, value), -Infinity);
          expect(Math.abs(logSum(logs) - plain)).toBeLessThan(1e-12);
          expect(Math.abs(one - plain)).toBeLessThan(1e-12);
        },
      ),
    );
  });
});

describe('a step', () => {
  test('starts a product and multiplies all that have begun', () => {
    // M = 0, w = 1, e = 2: 2. Then (1 + 2) 3 = 9. Then without a start 9 / 2.
    const first = stepDetector(-Infinity, 0, Math.log(2));
    const second = stepDetector(first, 0, Math.log(3));
    expect(Math.exp(first)).toBeCloseTo(2, 12);
    expect(Math.exp(second)).toBeCloseTo(9, 12);
    expect(Math.exp(stepDetector(second, -Infinity, Math.log(0.5)))).toBeCloseTo(4.5, 12);
  });

  test('impossible rows end it, and no input makes a number that is none', () => {
    expect(stepDetector(3, 0, -Infinity)).toBe(-Infinity);
    expect(stepDetector(-Infinity, -Infinity, 5)).toBe(-Infinity);
    const log = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(-Infinity));
    fc.assert(
      fc.property(log, log, log, (logM, logWeight, logE) => {
        expect(stepDetector(logM, logWeight, logE)).not.toBeNaN();
      }),
    );
  });

  test('is the sum over starts of the products since', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: 0.01, max: 1, noNaN: true }),
            fc.double({ min: 0.1, max: 5, noNaN: true }),
          ),
          { minLength: 1, maxLength: 12 },
        ),
        (windows) => {
          let logM = -Infinity;
          for (const [weight, e] of windows) logM = stepDetector(logM, Math.log(weight), Math.log(e));
          let sum = 0;
          for (const [start, [weight]] of windows.entries())
            sum += windows.slice(start).reduce((product, [, e]) => product * e, weight);
          expect(Math.abs(Math.exp(logM) / sum - 1)).toBeLessThan(1e-12);
        },
      ),
    );
  });
});
