import { describe, expect, test } from 'vitest';
import type { CellCounts } from '../../src/baseline/bins.ts';
import { checkColumn, unknownCheck } from '../../src/judge/checks.ts';
import { type DecisionQuestion, decide } from '../../src/judge/decide.ts';
import { completes, countBreaches } from '../../src/judge/history.ts';
import { judgeLimit } from '../../src/judge/limit.ts';
import { policyVerdicts, worstVerdict } from '../../src/judge/policy.ts';
import {
  type Check,
  isUnknown,
  type PolicyVerdict,
  VERDICTS,
  type Verdict,
} from '../../src/judge/verdict.ts';
import { percent, shortNumber, wholeNumber } from '../../src/judge/words.ts';

const title = { title: 'PSI', name: 'income' };
const measurement = (value: number, noiseFloor = 0.004) => ({
  kind: 'measured' as const,
  value,
  lower: value,
  upper: value,
  noiseFloor,
  rows: 4812,
  baselineRows: 51955,
});
const limits = { warn: 0.1, breach: 0.25 };

describe('rule limit', () => {
  test.each([
    [0.0999, 'ok'],
    [0.1, 'ok'],
    [0.1001, 'warn'],
    [0.2499, 'warn'],
    [0.25, 'warn'],
    [0.2501, 'breach'],
  ])('PSI %d is %s', (value, verdict) => {
    expect(judgeLimit(title, measurement(value), limits).verdict).toBe(verdict);
  });

  test('the reason says value, rows and limit, and warns where noise alone reaches the limit', () => {
    expect(judgeLimit(title, measurement(0.31), limits).reason).toBe(
      'PSI of income is 0.31 on 4 812 rows, over the breach limit 0.25.',
    );
    expect(judgeLimit(title, measurement(0.31, 0.12), limits).reason).toContain('noise alone reaches 0.12');
  });

  test('numbers in sentences', () => {
    expect([
      wholeNumber(999),
      wholeNumber(1234567),
      shortNumber(0.123456),
      shortNumber(0),
      shortNumber(1e9),
      percent(0.0321),
    ]).toEqual(['999', '1 234 567', '0.123', '0', '1.00e+9', '3.21 %']);
  });
});

const counts = (cells: number[]): CellCounts => ({ cells, missing: 0, nonFinite: 0, other: 0, unseen: 0 });
const column = {
  name: 'income',
  bins: { kind: 'numeric' as const, edges: [1], coarseEdges: [1] },
  counts: counts([500, 500]),
};
const question = {
  check: 'drift' as const,
  kind: 'input_drift' as const,
  version: 'all',
  column,
  counts: counts([100, 100]),
  rows: 200,
  baselineRows: 1000,
  limits: () => limits,
  minRows: 200,
};

describe('checks of a column', () => {
  test('one per statistic that accepts numbers; the first on each set of cells carries them', () => {
    const cells = checkColumn(question).map(({ method, verdict, cells }) => [
      method,
      verdict,
      cells !== null,
    ]);
    expect(cells).toEqual([
      ['psi', 'ok', true],
      ['ks', 'ok', true],
      ['js', 'ok', false],
      ['tv', 'ok', false],
      ['linf', 'ok', false],
      ['w1', 'insufficient', false],
    ]);
  });

  test.each([
    [199, 'insufficient'],
    [200, 'ok'],
    [201, 'ok'],
  ])('with %d rows of the 200 asked: %s', (rows, verdict) => {
    expect(checkColumn({ ...question, rows, counts: counts([100, rows - 100]) })[0]?.verdict).toBe(verdict);
  });

  test.each([
    [99, 'insufficient'],
    [100, 'ok'],
  ])('a baseline of %d rows: %s', (baselineRows, verdict) => {
    expect(checkColumn({ ...question, baselineRows })[0]?.verdict).toBe(verdict);
  });

  test('without a limit a method is shown, not judged', () => {
    const check = checkColumn({ ...question, limits: (method) => (method === 'psi' ? limits : null) })[1];
    expect(check).toMatchObject({ method: 'ks', verdict: 'ok', breach: null });
    expect(check?.reason).toContain('not judged');
    expect(check?.reason).toContain('PSI 0.1 corresponds to 0.126');
  });

  test.each([
    [null, 'not judged'],
    [{ warn: 101, breach: 200 }, 'no limit is configured for it.'],
  ])('with the limit %j of PSI nothing corresponds to it', (psi, words) => {
    const limitsOf = (method: string) => (method === 'psi' ? psi : null);
    const { reason } = checkColumn({ ...question, limits: limitsOf })[1] ?? { reason: '' };
    expect(reason).toContain(words);
    expect(reason).not.toContain('corresponds');
  });

  test('an empty window is insufficient, with null for every number', () => {
    expect(checkColumn({ ...question, rows: 0, counts: counts([0, 0]) })[0]).toMatchObject({
      verdict: 'insufficient',
      value: null,
      lower: null,
    });
  });
});

const check = (verdict: Verdict, value: number | null = 0.1, version = 'all'): Check => ({
  ...unknownCheck({
    check: 'drift',
    kind: 'input_drift',
    version,
    verdict,
    reason: `it is ${verdict}`,
    rows: 10,
  }),
  value,
  breach: 0.25,
  subject: `f${value}`,
});

describe('policy verdicts', () => {
  test.each([
    [['ok', 'breach', 'error'], 'breach'],
    [['ok', 'warn', 'error'], 'error'],
    [['stale', 'warn'], 'warn'],
    [['no_data', 'stale'], 'stale'],
    [['insufficient', 'no_data', 'ok'], 'no_data'],
    [['ok', 'insufficient'], 'insufficient'],
    [['ok'], 'ok'],
    [[], 'insufficient'],
  ] as [Verdict[], Verdict][])('of %j the evaluation is %s', (verdicts, expected) => {
    expect(worstVerdict(verdicts)).toBe(expected);
  });

  test('insufficient features are ignored unless all are', () => {
    expect(policyVerdicts([check('insufficient'), check('ok')])[0]?.verdict).toBe('ok');
    expect(policyVerdicts([check('insufficient'), check('insufficient')])[0]?.verdict).toBe('insufficient');
  });

  test('the worst subject is the one nearest to or furthest beyond its limit; versions are apart', () => {
    const verdicts = policyVerdicts([check('breach', 0.3), check('breach', 0.9), check('ok', 0.01, '7')]);
    expect(verdicts.map(({ version, worst }) => [version, worst])).toEqual([
      ['all', 'f0.9'],
      ['7', 'f0.01'],
    ]);
  });
});

describe('m of n', () => {
  test('unknown windows take no place and clear nothing', () => {
    expect(
      countBreaches(['breach', 'error', 'stale', 'breach', 'no_data', 'insufficient', 'breach', 'breach'], 3),
    ).toBe(3);
    expect(completes(['breach', 'ok', 'breach', 'error', 'breach'], { m: 3, n: 4 })).toBe(true);
    expect(completes(['breach', 'ok', 'ok', 'breach', 'breach'], { m: 3, n: 4 })).toBe(false);
    expect(completes(['warn', 'breach', 'breach', 'breach'], { m: 3, n: 4 })).toBe(false);
  });
});

const verdictOf = (verdict: Verdict, rest: Partial<PolicyVerdict> = {}): PolicyVerdict => ({
  check: 'prediction',
  kind: 'output_drift',
  version: '7',
  verdict,
  reason: `prediction is ${verdict}`,
  worst: 'score',
  ...rest,
});
const decision: DecisionQuestion = {
  verdicts: [verdictOf('breach')],
  earlier: () => [],
  breaches: { m: 1, n: 1 },
  on: ['prediction'],
  servingVersion: '7',
  mayAct: true,
  verdict: 'breach',
  unknownFor: 0,
  unknownAfter: 100,
  owner: { problem: null, unread: false },
};

describe('decisions', () => {
  test('only breach leads to a rollback', () => {
    for (const verdict of VERDICTS) {
      const { rollback } = decide({
        ...decision,
        verdicts: [verdictOf(verdict)],
        verdict,
        earlier: () => ['breach', 'breach', 'breach'],
      });
      expect(rollback !== null, verdict).toBe(verdict === 'breach');
    }
  });

  test('no unknown verdict opens or clears a case of its check', () => {
    for (const verdict of VERDICTS.filter(isUnknown)) {
      const finding = decide({ ...decision, verdicts: [verdictOf(verdict)], verdict }).findings.find(
        ({ cause }) => cause === 'prediction',
      );
      expect(finding?.signal, verdict).toBeNull();
    }
  });

  test('a rollback asks for the newest window, a listed cause, m of n and the serving version', () => {
    expect(decide(decision).rollback).toMatchObject({ cause: 'prediction', from: '7' });
    expect(decide({ ...decision, mayAct: false }).rollback).toBeNull();
    expect(decide({ ...decision, on: ['performance'] }).rollback).toBeNull();
    expect(decide({ ...decision, breaches: { m: 2, n: 3 } }).rollback).toBeNull();
    expect(
      decide({ ...decision, breaches: { m: 2, n: 3 }, earlier: () => ['ok', 'breach'] }).rollback,
    ).not.toBeNull();
    expect(decide({ ...decision, servingVersion: '6' }).rollback).toBeNull();
    const drift = {
      ...decision,
      on: ['drift'],
      verdicts: [verdictOf('breach', { check: 'drift', version: 'all' })],
    };
    expect(decide(drift).rollback).toMatchObject({ cause: 'drift', from: '7' });
    expect(decide({ ...drift, servingVersion: null }).rollback).toMatchObject({ from: null });
  });

  test('the calm of the serving version closes, whatever an old version still says', () => {
    const verdicts = [verdictOf('ok', { version: '6' }), verdictOf('warn', { version: '7' })];
    expect(decide({ ...decision, verdicts, servingVersion: '6' }).findings[0]).toMatchObject({
      cause: 'prediction',
      signal: 'quiet',
      version: '6',
    });
  });

  test.each([
    [99, null],
    [100, null],
    [101, 'breach'],
  ])('unknown for %d of the 100 allowed: %s', (unknownFor, signal) => {
    const finding = decide({
      ...decision,
      verdicts: [verdictOf('stale')],
      verdict: 'stale',
      unknownFor,
    }).findings.find(({ cause }) => cause === 'unknown');
    expect(finding?.signal).toBe(signal);
  });

  test('a model without an owner is a finding of its own', () => {
    const found = (problem: string | null, unread: boolean) =>
      decide({ ...decision, owner: { problem, unread } }).findings.find(({ cause }) => cause === 'owner');
    expect(found('nobody', false)).toMatchObject({ signal: 'breach', reason: 'nobody' });
    expect(found(null, false)).toMatchObject({ signal: 'quiet' });
    expect(found(null, true)).toMatchObject({ signal: null });
  });
});
