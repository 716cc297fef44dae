import { describe, expect, test } from 'vitest';
import type { BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import { type ColumnQuestion, checkColumn, unknownCheck } from '../../src/judge/checks.ts';
import { withDecisions } from '../../src/judge/decisions.ts';
import { judgeLimit } from '../../src/judge/limit.ts';
import { breachRatio, policyVerdicts } from '../../src/judge/policy.ts';
import type { Check } from '../../src/judge/verdict.ts';
import { percent, shortNumber } from '../../src/judge/words.ts';

const limits = { warn: 0.1, breach: 0.25 };

function counts(cells: readonly number[], special: Partial<CellCounts> = {}): CellCounts {
  return { cells, missing: 0, nonFinite: 0, other: 0, unseen: 0, ...special };
}

function numeric(edges: readonly number[], cells: readonly number[]): BaselineColumn {
  return { name: 'income', bins: { kind: 'numeric', edges, coarseEdges: edges }, counts: counts(cells) };
}

const purpose: BaselineColumn = {
  name: 'purpose',
  bins: { kind: 'categorical', levels: ['car', 'house'], other: false },
  counts: counts([500, 500]),
};

function checkOf(method: string, fields: Partial<ColumnQuestion>): Check {
  const found = checkColumn({
    ...{ check: 'drift', kind: 'input_drift', version: 'all', rows: 200, baselineRows: 1000, minRows: 200 },
    column: numeric([1], [500, 500]),
    counts: counts([90, 110]),
    limits: () => limits,
    ...fields,
  }).find((check) => check.method === method);
  if (found === undefined) throw new Error(`no check ${method}`);
  return found;
}

describe('the reason of a check', () => {
  test('names statistic, column, value, rows and limit', () => {
    expect(checkOf('psi', {}).reason).toBe(
      'PSI of income is 0.00993 on 200 rows, within the warn limit 0.1.',
    );
    expect(checkOf('psi', {}).rules).toMatchObject({ limit: 'ok', evidence: null });
  });

  test('says what cannot be computed, and why', () => {
    const { reason, verdict, warn, breach } = checkOf('psi', { rows: 200, counts: counts([0, 0]) });
    expect(reason).toBe('PSI of income cannot be computed: the window has no rows.');
    expect([verdict, warn, breach]).toEqual(['insufficient', 0.1, 0.25]);
  });

  test('says how many rows it takes, on either side', () => {
    expect(checkOf('psi', { rows: 199 }).reason).toBe(
      'PSI of income needs at least 200 rows in a window, this one has 199.',
    );
    expect(checkOf('psi', { baselineRows: 99 }).reason).toBe(
      'PSI of income cannot be told from noise of the baseline: it has 99 rows, the limit 0.1 needs 100.',
    );
  });

  test('the noise of the baseline concerns coarse cells, and only where there are several', () => {
    expect(checkOf('ks', { baselineRows: 99 }).verdict).toBe('ok');
    const one: BaselineColumn = {
      name: 'region',
      bins: { kind: 'categorical', levels: ['north'], other: false },
      counts: counts([50]),
    };
    expect(checkOf('psi', { column: one, counts: counts([200]), baselineRows: 50 }).verdict).toBe('ok');
  });

  test('a number that was never another is not measured by what it cannot show; one missing value and it can', () => {
    const constant = numeric([], [1000]);
    expect(checkOf('psi', { column: constant, counts: counts([200]) })).toMatchObject({
      verdict: 'insufficient',
      reason:
        'PSI of income shows no change: the column has one value in the baseline, and so one cell. Leave it out with drift.features.income.ignore, or freeze a baseline in which it varies.',
    });
    const missing = checkOf('psi', { column: constant, counts: counts([180], { missing: 20 }) });
    expect(missing.verdict).not.toBe('insufficient');
    // Two cells of which one is empty are two cells.
    expect(checkOf('psi', { column: numeric([1], [1000, 0]), counts: counts([200, 0]) }).verdict).toBe('ok');
  });

  test('without a limit a distance is told in units of the limit of PSI, for numbers', () => {
    const only = { limits: (method: string) => (method === 'psi' ? limits : null) };
    expect(checkOf('js', only)).toMatchObject({
      ...{ verdict: 'ok', warn: null, breach: null },
      reason:
        'Jensen-Shannon distance of income is 0.0425 on 200 rows; shown, not judged: no limit is configured for it. For a shifted normal variable PSI 0.1 corresponds to 0.133.',
    });
    expect(checkOf('js', { ...only, column: purpose }).reason).toMatch(/no limit is configured for it\.$/);
  });

  test('a limit of PSI as large as there is has an effect size, a larger one has none', () => {
    const at = (warn: number) =>
      checkOf('js', { limits: (method) => (method === 'psi' ? { warn, breach: 200 } : null) }).reason;
    expect(at(100)).toContain('PSI 100 corresponds to 1.');
    expect(at(100.1)).not.toContain('corresponds');
  });

  test('what has no bounds says why', () => {
    const only = { limits: (method: string) => (method === 'psi' ? limits : null), column: purpose };
    expect(checkOf('chi_square', only).reason).toBe(
      'Chi-square of purpose is 1.67 on 200 rows; shown, not judged: no limit is configured for it. It has no confidence bounds: it grows with the rows and estimates nothing.',
    );
  });
});

test('a check of what could not be measured is about all subjects', () => {
  const fields = { check: 'drift', kind: 'input_drift', version: '7', verdict: 'error' } as const;
  expect(unknownCheck({ ...fields, reason: 'No table.', rows: 3 })).toMatchObject({
    ...{ ...fields, subject: 'all', segment: 'all', method: null, value: null, breach: null, rows: 3 },
    reason: 'No table.',
  });
});

describe('rule limit in words', () => {
  const measurement = (value: number, noiseFloor: number) => ({
    ...{ kind: 'measured' as const, value, lower: value, upper: value, noiseFloor },
    ...{ rows: 4812, baselineRows: 51955 },
  });
  const judged = (value: number, noiseFloor = 0.01) =>
    judgeLimit({ title: 'PSI', name: 'age' }, measurement(value, noiseFloor), limits).reason;

  test('each of its verdicts', () => {
    expect(judged(0.05)).toBe('PSI of age is 0.05 on 4 812 rows, within the warn limit 0.1.');
    expect(judged(0.15)).toBe(
      'PSI of age is 0.15 on 4 812 rows, over the warn limit 0.1, not over the breach limit 0.25.',
    );
    expect(judged(0.3)).toBe('PSI of age is 0.3 on 4 812 rows, over the breach limit 0.25.');
  });

  test('noise that reaches the warn limit is told: below, at, above', () => {
    const words = 'At this many rows noise alone reaches';
    expect(judged(0.15, 0.0999)).not.toContain(words);
    expect(judged(0.15, 0.1)).toContain(`${words} 0.1.`);
    expect(judged(0.3, 0.11)).toContain(`${words} 0.11.`);
    expect(judged(0.05, 0.11)).not.toContain(words);
  });
});

describe('the verdict of a policy check', () => {
  const check = (fields: Partial<Check>): Check => ({
    ...unknownCheck({
      ...{ check: 'drift', kind: 'input_drift', version: 'all' },
      ...{ verdict: 'ok', reason: 'r', rows: 1 },
    }),
    ...{ value: 0.1, breach: 0.25, subject: 'a' },
    ...fields,
  });

  test.each([
    [0.1, 0.25, 0.4],
    [0.5, 0.25, 2],
    [0, 0.25, 0],
    [-0.1, 0.25, 0],
    [null, 0.25, null],
    [0.1, null, null],
    [null, null, null],
    [0.1, 0, null],
    [0.1, -1, null],
  ])('how far %s has come to the limit %s is %s', (value, breach, ratio) => {
    expect(breachRatio(check({ value, breach }))).toBe(ratio);
  });

  test('names the subject furthest on, among those that have that verdict', () => {
    const verdicts = policyVerdicts([
      check({ subject: 'near', value: 0.3, verdict: 'breach', reason: 'near' }),
      check({ subject: 'loud', value: 9, verdict: 'warn', reason: 'loud' }),
      check({ subject: 'worst', value: 0.9, verdict: 'breach', reason: 'worst' }),
      check({ subject: 'blind', value: null, verdict: 'breach', reason: 'blind' }),
    ]);
    expect(verdicts).toEqual([
      {
        ...{ check: 'drift', kind: 'input_drift', version: 'all' },
        ...{ verdict: 'breach', reason: 'worst', worst: 'worst' },
      },
    ]);
  });

  test('of checks that are only shown is that nothing was measured', () => {
    expect(policyVerdicts([check({ breach: null })])[0]).toMatchObject({
      ...{ verdict: 'insufficient', reason: 'Nothing was measured.', worst: null },
    });
    expect(policyVerdicts([])).toEqual([]);
  });
});

describe('numbers in sentences', () => {
  test.each([
    [999_999, '1000000'],
    [1_000_000, '1.00e+6'],
    [1e-6, '0.000001'],
    [9.99e-7, '9.99e-7'],
    [-0.12345, '-0.123'],
    [-2e6, '-2.00e+6'],
    [0, '0'],
  ])('%d is "%s"', (value, words) => {
    expect(shortNumber(value)).toBe(words);
  });

  test('shares are per cent', () => {
    expect([0, 0.5, 1, 0.00012].map(percent)).toEqual(['0 %', '50 %', '100 %', '0.012 %']);
  });
});

describe('what predictions mean for those they are about', () => {
  const score = (edges: readonly number[], window: readonly number[], baseline: readonly number[]) =>
    checkOf('psi', {
      ...{ check: 'prediction', kind: 'output_drift', rows: 200, minRows: 1 },
      column: numeric(edges, baseline),
      counts: counts(window),
    });

  test('at the first edge, with three cells', () => {
    const check = score([0.2, 0.5], [10, 30, 60], [400, 500, 100]);
    const told = withDecisions(check, { threshold: 0.2, favourable: 'below' }).reason;
    expect(told).toMatch(
      /Decisions: 10 % of the predictions are at or below 0\.2, the favourable side; 40 % in the baseline\.$/,
    );
    expect(withDecisions(check, { threshold: 0.2, favourable: null }).reason).toContain(
      'Decisions: 90 % of the predictions are above 0.2; 60 % in the baseline.',
    );
  });

  test('nothing where there are no cells, no edges, or a side without rows', () => {
    const decision = { threshold: 0.5, favourable: null };
    const check = score([0.5], [50, 50], [500, 500]);
    const without = { ...check, cells: null };
    expect(withDecisions(without, decision)).toBe(without);
    const cells = check.cells === null ? null : { ...check.cells, edges: null };
    const unordered = { ...check, cells };
    expect(withDecisions(unordered, decision)).toBe(unordered);
    for (const side of ['window', 'baseline'] as const) {
      const empty = { ...check, cells: check.cells === null ? null : { ...check.cells, [side]: [0, 0, 5] } };
      expect(withDecisions(empty, decision)).toBe(empty);
    }
  });
});
