import { describe, expect, test } from 'vitest';
import type { CellCounts } from '../../src/baseline/bins.ts';
import {
  type DataQuestion,
  dataChecks,
  type RateQuestion,
  rateLimits,
  ratesOf,
} from '../../src/judge/data-checks.ts';
import { policyVerdicts } from '../../src/judge/policy.ts';
import { chanceRate } from '../../src/statistics/chance-rate.ts';

const WEEK = 604_800_000;
const DAY = 86_400_000;

const missing = (count: number, rest: Partial<RateQuestion> = {}): RateQuestion => ({
  subject: 'income',
  method: 'missing_rate',
  count,
  rows: 10_000,
  baselineCount: 0,
  baselineRows: 50_000,
  ...rest,
});
const question: DataQuestion = {
  rates: [missing(0)],
  columns: { expected: ['income'], found: ['income'], rows: 10_000, baselineRows: 50_000 },
  window: { start: 20 * WEEK, end: 20 * WEEK + DAY, rows: 10_000 },
  earlier: Array.from({ length: 6 }, (_, week) => ({
    start: week * WEEK,
    end: week * WEEK + DAY,
    rows: 10_000 + 100 * week,
  })),
  requests: null,
  minRows: 200,
  chance: 0.0003,
};
const checkOf = (method: string, changed: Partial<DataQuestion>) => {
  const found = dataChecks({ ...question, ...changed }).find((check) => check.method === method);
  if (found === undefined) throw new Error(`no check ${method}`);
  return found;
};

describe('rates', () => {
  test.each([
    [500, 'ok'],
    [501, 'warn'],
    [2000, 'warn'],
    [2001, 'breach'],
    [10_000, 'breach'],
  ])('%d of 10 000 rows without a value, none before: %s', (count, verdict) => {
    expect(checkOf('missing_rate', { rates: [missing(count)] }).verdict).toBe(verdict);
  });

  test.each([
    [0, 0.05, 0.2],
    [25_000, 0.55, 0.7],
    [40_000, 0.85, 0.9],
    [45_000, 0.925, 0.95],
    [50_000, 1, 1],
  ])('with %d of 50 000 before, the limits are %d and %d', (baselineCount, warn, breach) => {
    const limits = rateLimits(missing(0, { baselineCount, rows: 1e7 }), 1e-4);
    expect(limits.warn).toBeCloseTo(warn, 10);
    expect(limits.breach).toBeCloseTo(breach, 10);
  });

  test('few rows have wider limits: at least what chance reaches', () => {
    const counts = missing(0, { rows: 20, baselineCount: 5000 });
    const chance = chanceRate(1e-5, counts);
    expect(chance).toBeGreaterThan(0.3);
    expect(rateLimits(counts, 1e-5)).toEqual({ warn: chance, breach: chance });
    const { verdict } = checkOf('missing_rate', {
      rates: [{ ...counts, count: 20 * chance }],
      minRows: 1,
      chance: 1e-5,
    });
    expect(verdict).toBe('ok');
  });

  test('more rates are given less chance each', () => {
    const one = missing(1, { rows: 50, baselineCount: 500 });
    const many = Array.from({ length: 300 }, (_, index) => missing(0, { subject: `f${index}` }));
    const alone = checkOf('missing_rate', { rates: [one] });
    const among = checkOf('missing_rate', { rates: [one, ...many] });
    expect(among.warn).toBeGreaterThan(alone.warn ?? 1);
  });

  test('the check says how many, its limits, and what it was before', () => {
    const check = checkOf('missing_rate', { rates: [missing(3100, { baselineCount: 150 })] });
    expect(check).toMatchObject({
      check: 'data',
      kind: 'data',
      version: 'all',
      segment: 'all',
      value: 0.31,
      rows: 10_000,
      baselineRows: 50_000,
      cells: { edges: null, labels: ['missing', 'present'], baseline: [150, 49_850], window: [3100, 6900] },
      details: { baselineRate: 0.003 },
    });
    expect(check.reason).toBe(
      '31 % of 10 000 rows have no income, over the breach limit 20.3 %; in the baseline it was 0.3 %.',
    );
    const warned = checkOf('missing_rate', { rates: [missing(600)] });
    expect(warned.reason).toBe(
      '6 % of 10 000 rows have no income, over the warn limit 5 %, not over the breach limit 20 %; in the baseline it was 0 %.',
    );
  });

  test.each([
    ['unseen_rate', 'have a level of income that the baseline does not have', 'unseen'],
    ['non_finite_rate', 'have a value of income that is not a finite number', 'non_finite'],
  ] as const)('%s is told in its own words', (method, words, label) => {
    const check = checkOf(method, { rates: [missing(9000, { method })] });
    expect(check.reason).toContain(words);
    expect(check.cells?.labels[0]).toBe(label);
  });

  test.each([
    [199, 'insufficient'],
    [200, 'breach'],
    [201, 'breach'],
  ])('%d rows of the 200 asked: %s', (rows, verdict) => {
    const { verdict: found, reason } = checkOf('missing_rate', { rates: [missing(rows, { rows })] });
    expect(found).toBe(verdict);
    if (verdict === 'insufficient')
      expect(reason).toContain('at least 200 rows in a window, this one has 199');
  });

  test('what no row on either side has is tested, and not worth a line', () => {
    const methods = (rates: readonly RateQuestion[]) =>
      dataChecks({ ...question, rates }).map(({ method }) => method);
    expect(methods([missing(0)])).toEqual(['schema', 'volume']);
    expect(methods([missing(1)])).toContain('missing_rate');
    expect(methods([missing(0, { baselineCount: 1 })])).toContain('missing_rate');
  });

  test('a side without rows is no rate', () => {
    const check = checkOf('missing_rate', { rates: [missing(0, { rows: 0, baselineCount: 1 })] });
    expect(check).toMatchObject({ verdict: 'insufficient', value: null, warn: null });
    expect(check.reason).toContain('the window has no rows');
  });

  test('a column has the rates of its kind', () => {
    const counts = (cells: number[]): CellCounts => ({
      cells,
      missing: 1,
      nonFinite: 2,
      other: 3,
      unseen: 4,
    });
    const rows = { rows: 10, baselineRows: 20 };
    const numeric = { kind: 'numeric' as const, edges: [1], coarseEdges: [1] };
    const income = { name: 'income', bins: numeric, counts: counts([5, 5]) };
    expect(ratesOf(income, counts([3, 3]), rows)).toEqual([
      { subject: 'income', method: 'missing_rate', count: 1, baselineCount: 1, ...rows },
      { subject: 'income', method: 'non_finite_rate', count: 2, baselineCount: 2, ...rows },
    ]);
    const purpose = {
      name: 'purpose',
      bins: { kind: 'categorical' as const, levels: ['car'], other: true },
      counts: counts([5]),
    };
    expect(ratesOf(purpose, counts([3]), rows).map(({ method, count }) => [method, count])).toEqual([
      ['missing_rate', 1],
      ['unseen_rate', 4],
    ]);
  });
});

describe('volume', () => {
  const at = (rows: number) => checkOf('volume', { window: { ...question.window, rows } });

  test.each([
    [10_250, 'ok'],
    [5126, 'ok'],
    [5124, 'warn'],
    [1026, 'warn'],
    [1024, 'breach'],
    [20_499, 'ok'],
    [20_501, 'warn'],
    [102_499, 'warn'],
    [102_501, 'breach'],
  ])('%d rows where 10 250 are usual: %s', (rows, verdict) => {
    expect(at(rows).verdict).toBe(verdict);
  });

  test('in words', () => {
    expect(at(2050).reason).toBe(
      '2 050 rows are 0.2 of the usual 10 250, over the warn limit 0.5 or 2, not over the breach limit 0.1 or 10.',
    );
  });

  test('a model whose traffic is always wild is not alarmed about', () => {
    const earlier = question.earlier.map((window, index) => ({
      ...window,
      rows: index % 2 === 0 ? 200 : 40_000,
    }));
    const check = checkOf('volume', { earlier, window: { ...question.window, rows: 100 } });
    expect(check.value).toBeGreaterThan(0.9);
    expect(check.verdict).toBe('ok');
    expect(check.reason).toContain('not beyond the spread of the earlier windows');
  });

  test('without a history nothing is usual', () => {
    const check = checkOf('volume', { earlier: question.earlier.slice(0, 3) });
    expect(check).toMatchObject({ verdict: 'insufficient', value: null, breach: null });
    expect(check.reason).toContain('only 3 earlier windows can be compared with, of 4 needed');
  });
});

describe('schema', () => {
  test('a missing column is a breach, a new one is told', () => {
    const columns = { ...question.columns, expected: ['income', 'age'], found: ['income', 'region'] };
    const check = checkOf('schema', { columns });
    expect(check).toMatchObject({ verdict: 'breach', value: 1, breach: 0, details: { unexpected: 1 } });
    expect(check.reason).toBe('Missing: age. Not in the baseline: region.');
    expect(checkOf('schema', {})).toMatchObject({ verdict: 'ok', reason: 'The one column is there.' });
  });

  test('many names are cut short', () => {
    const expected = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const { reason } = checkOf('schema', { columns: { ...question.columns, expected, found: [] } });
    expect(reason).toContain('c9 and 2 more');
  });
});

describe('in words', () => {
  test('a rate within its limits, below the rows asked for, and without rows', () => {
    expect(checkOf('missing_rate', { rates: [missing(100)] }).reason).toBe(
      '1 % of 10 000 rows have no income, within the warn limit 5 %; in the baseline it was 0 %.',
    );
    expect(checkOf('missing_rate', { rates: [missing(9, { rows: 199 })] }).reason).toBe(
      'The missing_rate of income needs at least 200 rows in a window, this one has 199.',
    );
    expect(checkOf('missing_rate', { rates: [missing(0, { rows: 0, baselineCount: 1 })] }).reason).toBe(
      'The missing_rate of income cannot be told: the window has no rows.',
    );
  });

  test('bounds and noise floor stand beside a rate; without one, and without limits, everything is absent', () => {
    const { lower, upper, noiseFloor, value } = checkOf('missing_rate', { rates: [missing(500)] });
    expect(lower).toBeGreaterThan(0.04);
    expect(upper).toBeLessThan(0.06);
    expect(noiseFloor).toBeGreaterThan(0);
    expect(value).toBe(0.05);
    expect(checkOf('missing_rate', { rates: [missing(0, { rows: 0, baselineCount: 1 })] })).toMatchObject({
      ...{ lower: null, upper: null, noiseFloor: null, details: null },
    });
  });

  test('the volume', () => {
    expect(checkOf('volume', {})).toMatchObject({
      ...{ subject: 'rows', warn: 0.5, breach: 0.9, verdict: 'ok' },
      reason: '10 000 rows are 0.976 of the usual 10 250, within the warn limit 0.5 or 2.',
    });
    expect(checkOf('volume', { earlier: [] })).toMatchObject({
      reason:
        'How unusual the number of rows is cannot be told: only 0 earlier windows can be compared with, of 4 needed.',
    });
  });

  test('at half the usual rows, exactly, nothing is beyond its limit and no spread need excuse it', () => {
    const usual = question.earlier.map((window, index) => ({
      ...window,
      rows: index % 2 === 0 ? 1000 : 4000,
    }));
    const check = checkOf('volume', { earlier: usual, window: { ...question.window, rows: 1250 } });
    expect(check).toMatchObject({ value: 0.5, verdict: 'ok' });
    expect(check.noiseFloor).toBeGreaterThan(0.5);
    expect(check.reason).toBe('1 250 rows are 0.5 of the usual 2 500, within the warn limit 0.5 or 2.');
  });

  test('the columns', () => {
    const of = (names: readonly string[], found = names) =>
      checkOf('schema', { columns: { ...question.columns, expected: names, found } });
    expect(of(['a', 'b', 'c'])).toMatchObject({
      ...{ subject: 'columns', warn: 0, breach: 0, reason: 'All 3 columns are there.' },
    });
    expect(of(['a'], ['a', 'b']).reason).toBe('The one column is there. Not in the baseline: b.');
    const names = Array.from({ length: 11 }, (_, index) => `c${index}`);
    expect(of(names.slice(0, 10), []).reason).toBe('Missing: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9.');
    expect(of(names, []).reason).toBe('Missing: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 1 more.');
  });
});

test('the policy check data is ok while all it judges is, whatever is not known', () => {
  const quiet = dataChecks({ ...question, earlier: [] });
  expect(policyVerdicts(quiet)).toMatchObject([
    { check: 'data', kind: 'data', version: 'all', verdict: 'ok' },
  ]);
  const loud = dataChecks({ ...question, rates: [missing(600), missing(5000, { subject: 'age' })] });
  expect(policyVerdicts(loud)).toMatchObject([{ verdict: 'breach', worst: 'age' }]);
});
