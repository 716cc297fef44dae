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

  const told = (fields: Partial<BakeRows>, method: string, reference: Partial<BakeReference> = {}) =>
    bakeChecks(rowsOf(fields), { ...REFERENCE, ...reference }, 'score').find(
      (check) => check.method === method,
    );

  test('each rule has its subject, its numbers and its words', () => {
    expect(told({ nulls: 150, constant: null }, 'null_rate')).toMatchObject({
      ...{ check: 'prediction', kind: 'output_drift', subject: 'score', version: '8', segment: 'all' },
      ...{ value: 0.75, breach: 0.5, rows: 200, baselineRows: 5000, verdict: 'breach' },
      reason:
        '75 % of 200 rows have no score, or one that is no finite number; before it was 0.2 %. More than 50 % is gross failure.',
    });
    expect(told({ errors: 20 }, 'error_rate')).toMatchObject({
      ...{ subject: 'status', value: 0.1, breach: 0.5, verdict: 'ok' },
      reason: '10 % of 200 rows are error answers; before it was 0.1 %.',
    });
    expect(told({ slow: 200 }, 'slow_rate')).toMatchObject({
      subject: 'latency',
      reason:
        '100 % of 200 rows took longer than 800, eight times what 95 of 100 answers took before; before it was 0 %. More than 50 % is gross failure.',
    });
  });

  test('a rate that was nearly all before cannot be told from chance, and says so', () => {
    const reference = { nulls: { count: 4990, rows: 5000 } };
    expect(told({ nulls: 200, constant: null }, 'null_rate', reference)).toMatchObject({
      ...{ verdict: 'insufficient', value: 1, breach: null },
      reason:
        '100 % of 200 rows have no score, or one that is no finite number; before it was 99.8 %: that was too usual to tell.',
    });
  });

  test('what one value for everybody comes to, in words', () => {
    expect(told({}, 'constant_rate')).toMatchObject({
      ...{ value: 0, breach: 1, subject: 'score', baselineRows: 5000 },
      reason: 'score has more than one value.',
    });
    expect(told({ constant: true, nulls: 20 }, 'constant_rate')).toMatchObject({
      ...{ value: 1, breach: 1, verdict: 'breach' },
      reason:
        'All 180 rows with a score have the same one, though the features vary; before, no value was in more than 6 % of the rows.',
    });
    expect(told({ constant: true, alike: 1 }, 'constant_rate')?.reason).toBe(
      'All 200 rows with a score have the same one, and so are the features: the same question has the same answer.',
    );
    const rare = { fullest: { count: 4500, rows: 5000 } };
    expect(told({ constant: true }, 'constant_rate', rare)).toMatchObject({
      ...{ verdict: 'insufficient', value: 1 },
      reason:
        'All 200 rows with a score have the same one: a value was too frequent before (up to 90 %) to tell that from chance on so few rows.',
    });
  });

  test('rows without a value do not count for one value: one below, at, one above', () => {
    for (const [some, verdict] of [
      [BAKE_ROWS - 1, 'insufficient'],
      [BAKE_ROWS, 'breach'],
      [BAKE_ROWS + 1, 'breach'],
    ] as const)
      expect(told({ constant: true, rows: 200, nulls: 200 - some }, 'constant_rate')?.verdict).toBe(verdict);
    expect(told({ constant: true, rows: 200, nulls: 151 }, 'constant_rate')?.reason).toBe(
      '49 rows; it takes 50.',
    );
  });

  test('too few rows on a side are told with their number', () => {
    expect(told({ rows: 12, constant: null }, 'null_rate')?.reason).toBe('12 rows; it takes 50.');
    const few = { nulls: { count: 0, rows: 150 } };
    for (const method of ['null_rate', 'constant_rate'])
      expect(told({}, method, few)?.reason).toBe('There were 150 rows before to compare with; it takes 200.');
  });

  test('checks stand in one order, and only those that were asked', () => {
    const methods = bakeChecks(rowsOf(), REFERENCE, 'score').map(({ method }) => method);
    expect(methods).toEqual(['constant_rate', 'null_rate', 'error_rate', 'slow_rate']);
    const few = bakeChecks(rowsOf({ constant: null, errors: null }), { ...REFERENCE, slow: null }, 'score');
    expect(few.map(({ method }) => method)).toEqual(['null_rate']);
  });

  test('a feature that is missing is told by its name', () => {
    const feature = { name: 'income', count: 150, rows: 200, baselineCount: 3, baselineRows: 1000 };
    expect(bakeFeedChecks([feature])[0]).toMatchObject({
      ...{ subject: 'income', method: 'missing_rate', value: 0.75, breach: 0.5, baselineRows: 1000 },
      reason: '75 % of 200 rows have no income; before it was 0.3 %. More than 50 % is gross failure.',
    });
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
