import { describe, expect, test } from 'vitest';
import {
  alarm,
  DATA_SHARE,
  logThreshold,
  logWeights,
  splitBudget,
} from '../../../src/judge/evidence/family.ts';

describe('the budget', () => {
  test('is split half, quarter, quarter, and unused shares go to the rest', () => {
    expect([...splitBudget(1, ['drift', 'prediction', 'labelled'])]).toEqual([
      ['drift', 0.4],
      ['prediction', 0.25],
      ['labelled', 0.25],
    ]);
    const two = splitBudget(2, ['prediction', 'drift']);
    expect([...two.keys()]).toEqual(['drift', 'prediction']);
    expect(two.get('drift')).toBeCloseTo(4 / 3 - 0.2, 12);
    expect(two.get('prediction')).toBeCloseTo(2 / 3, 12);
    expect([...splitBudget(1, ['drift'])]).toEqual([['drift', 0.9]]);
    expect([...splitBudget(1, [])]).toEqual([]);
  });

  test.each([
    [['drift']],
    [['drift', 'prediction']],
    [['drift', 'prediction', 'labelled']],
    [['drift', 'labelled']],
  ] as const)('is one number with what the data checks may use up: %j', (present) => {
    const families = [...splitBudget(3, present).values()].reduce((sum, share) => sum + share, 0);
    expect(families + 3 * DATA_SHARE).toBeCloseTo(3, 12);
  });

  test('sets the threshold: windows per year over false alarms per year', () => {
    expect(Math.exp(logThreshold(365.25, 0.5))).toBeCloseTo(730.5, 9);
    expect(Math.exp(logThreshold(12, 0.25))).toBeCloseTo(48, 9);
    expect(() => logThreshold(365.25, 0)).toThrow('budget');
    expect(() => logThreshold(0, 1)).toThrow('windows');
  });
});

test('weights: the checks of a family share evenly, then the tests of a check', () => {
  const weights = logWeights([
    { key: 'a', check: 'drift' },
    { key: 'b', check: 'drift' },
    { key: 'c', check: 'data' },
  ]);
  const plain = [...weights].map(([key, value]) => [key, Math.exp(value)]);
  expect(plain).toEqual([
    ['a', 0.25],
    ['b', 0.25],
    ['c', 0.5],
  ]);
});

describe('who raises an alarm', () => {
  const logs = (values: { readonly [key: string]: number }): ReadonlyMap<string, number> =>
    new Map(Object.entries(values).map(([key, value]) => [key, Math.log(value)]));
  const NEEDED = Math.log(100);

  test('each test at the threshold: one below, one at, one above', () => {
    const totals = new Map([
      ...logs({ below: 99.9 - 1e-9 }),
      ['at', NEEDED] as const,
      ...logs({ above: 101 }),
    ]);
    expect(alarm(totals, NEEDED)).toEqual({ named: ['at', 'above'], together: [] });
  });

  test('the sum without a name: the smallest set that reaches it, largest first', () => {
    expect(alarm(logs({ a: 10, b: 60, c: 50, d: 1 }), NEEDED)).toEqual({ named: [], together: ['b', 'c'] });
    expect(alarm(logs({ a: 40, b: 40, c: 19.9 }), NEEDED)).toEqual({ named: [], together: [] });
    expect(alarm(logs({ a: 40, b: 40, c: 20.1 }), NEEDED).together).toEqual(['a', 'b', 'c']);
  });

  test('nobody without tests or without evidence', () => {
    expect(alarm(new Map(), NEEDED)).toEqual({ named: [], together: [] });
    expect(alarm(new Map([['a', -Infinity]]), NEEDED)).toEqual({ named: [], together: [] });
  });
});
