import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BAKE_CHANCE,
  BAKE_ROWS,
  type BakeReference,
  type BakeRows,
  bakeChecks,
  bakeFeedChecks,
  REFERENCE_ROWS,
} from '../../src/judge/bake.ts';
import { logBetaTails } from '../../src/statistics/special/beta.ts';

const REFERENCE: BakeReference = {
  nulls: { count: 10, rows: 5000 },
  fullest: { count: 300, rows: 5000 },
  errors: { count: 5, rows: 5000 },
  slow: { count: 0, rows: 5000, over: 800 },
};

function rowsOf(fields: Partial<BakeRows> = {}): BakeRows {
  return { version: '8', rows: 200, nulls: 0, constant: false, errors: 0, slow: 0, alike: 0.3, ...fields };
}

function verdicts(fields: Partial<BakeRows>, reference: Partial<BakeReference> = {}) {
  const checks = bakeChecks(rowsOf(fields), { ...REFERENCE, ...reference }, 'score');
  return Object.fromEntries(checks.map(({ method, verdict }) => [method, verdict]));
}

describe('gross failure', () => {
  test('a release that answers as others do breaks no rule', () => {
    expect(verdicts({})).toEqual({ constant_rate: 'ok', null_rate: 'ok', error_rate: 'ok', slow_rate: 'ok' });
  });

  test.each([
    ['nulls', 'null_rate'],
    ['errors', 'error_rate'],
    ['slow', 'slow_rate'],
  ] as const)('half of the rows with %s are not yet one, one more is', (field, method) => {
    expect(verdicts({ [field]: 99 })[method]).toBe('ok');
    expect(verdicts({ [field]: 100 })[method]).toBe('ok');
    expect(verdicts({ [field]: 101 })[method]).toBe('breach');
  });

  test('one value for everybody, though the features vary', () => {
    expect(verdicts({ constant: true })['constant_rate']).toBe('breach');
    expect(verdicts({ constant: true, alike: 0.9 })['constant_rate']).toBe('breach');
    expect(verdicts({ constant: true, alike: 0.91 })['constant_rate']).toBe('insufficient');
    expect(verdicts({ constant: true, alike: null })['constant_rate']).toBe('insufficient');
  });

  test('a value that was frequent before is told from chance only on more rows', () => {
    const rare = { fullest: { count: 4500, rows: 5000 } };
    expect(verdicts({ constant: true, rows: 200 }, rare)['constant_rate']).toBe('insufficient');
    expect(verdicts({ constant: true, rows: 2000 }, rare)['constant_rate']).toBe('breach');
    const always = { fullest: { count: 5000, rows: 5000 } };
    expect(verdicts({ constant: true, rows: 100_000 }, always)['constant_rate']).toBe('insufficient');
  });

  test.each([
    [BAKE_ROWS - 1, 'insufficient'],
    [BAKE_ROWS, 'breach'],
    [BAKE_ROWS + 1, 'breach'],
  ] as const)('%i rows', (rows, expected) => {
    expect(verdicts({ rows, nulls: rows, constant: null })).toMatchObject({ null_rate: expected });
    expect(verdicts({ rows, constant: true })).toMatchObject({ constant_rate: expected });
  });

  test.each([
    [REFERENCE_ROWS - 1, 'insufficient'],
    [REFERENCE_ROWS, 'breach'],
    [REFERENCE_ROWS + 1, 'breach'],
  ] as const)('%i rows before', (rows, expected) => {
    const reference = { nulls: { count: 0, rows }, fullest: { count: 5, rows } };
    expect(verdicts({ nulls: 200, constant: null }, reference)['null_rate']).toBe(expected);
  });

  test('what is not counted is not judged', () => {
    expect(verdicts({ errors: null, slow: null, constant: null })).toEqual({ null_rate: 'ok' });
    expect(verdicts({}, { errors: null, slow: null })).toEqual({ constant_rate: 'ok', null_rate: 'ok' });
  });

  test('a feed without its features is in breach as data, whatever the version', () => {
    const [check] = bakeFeedChecks([
      { name: 'income', count: 150, rows: 200, baselineCount: 3, baselineRows: 1000 },
    ]);
    expect(check).toMatchObject({ check: 'data', kind: 'data', version: 'all', verdict: 'breach' });
  });

  /** P(Binomial(rows, rate) > count), exactly. */
  const tail = (rows: number, rate: number, count: number): number =>
    count >= rows ? 0 : Math.exp(logBetaTails(rate, count + 1, rows - count).lower);

  test('no rate rule speaks by chance more often than it says, whatever was usual', () => {
    const cases = fc.record({
      rows: fc.integer({ min: BAKE_ROWS, max: 3000 }),
      before: fc.integer({ min: REFERENCE_ROWS, max: 50_000 }),
      share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ rows, before, share }) => {
        const nulls = { count: Math.floor(before * share), rows: before };
        const reference = { ...REFERENCE, nulls };
        const breach = bakeChecks(rowsOf({ rows, constant: null }), reference, 'score').find(
          ({ method }) => method === 'null_rate',
        )?.breach;
        if (breach === null || breach === undefined) return;
        // The rate behind what was counted is the counted one at best: chance beyond the limit is within the bound.
        expect(tail(rows, nulls.count / before, Math.floor(breach * rows + 1e-9))).toBeLessThanOrEqual(
          BAKE_CHANCE,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('no value fills a window by chance where the rule speaks', () => {
    for (const [count, rows] of [
      [300, 200],
      [2500, 60],
      [4000, 300],
      [4900, 5000],
    ] as const) {
      const reference = { fullest: { count, rows: 5000 } };
      if (verdicts({ constant: true, rows }, reference)['constant_rate'] !== 'breach') continue;
      expect(rows * Math.log10(count / 5000)).toBeLessThanOrEqual(Math.log10(BAKE_CHANCE));
    }
  });
});
