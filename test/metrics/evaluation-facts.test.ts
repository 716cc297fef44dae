import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../src/judge/verdict.ts';
import { type SummaryQuestion, summariseEvaluation } from '../../src/metrics/evaluation-facts.ts';
import { check, evaluation, policy } from './fixtures.ts';

function summarise(over: Partial<Evaluation>, question: Partial<SummaryQuestion> = {}) {
  return summariseEvaluation({
    evaluation: evaluation(over),
    shares: {},
    topFeatures: 20,
    expected: [],
    ...question,
  });
}

describe('versions', () => {
  const byVersion = {
    policy: [
      policy({ check: 'prediction', kind: 'output_drift', version: '3', verdict: 'ok', worst: 'score' }),
      policy({ check: 'prediction', kind: 'output_drift', version: '7', verdict: 'breach', worst: 'score' }),
    ],
    checks: [
      check({ check: 'prediction', kind: 'output_drift', subject: 'score', version: '3', value: 0.01 }),
      check({
        check: 'prediction',
        kind: 'output_drift',
        subject: 'score',
        version: '7',
        value: 0.5,
        rows: 900,
      }),
    ],
  };

  test('the worst version with live traffic stands for the check', () => {
    const [facts] = summarise(byVersion, { shares: { '3': 0.9, '7': 0.1 } }).checks;
    expect(facts).toMatchObject({ verdict: 'breach', breachRatio: 2, rows: 900 });
  });

  test.each([
    ['has no share', { '3': 1 }],
    ['has a share of nothing', { '3': 1, '7': 0 }],
  ])('a version that %s does not count, whatever its verdict', (_, shares) => {
    const [facts] = summarise(byVersion, { shares }).checks;
    expect(facts).toMatchObject({ verdict: 'ok', breachRatio: 0.04 });
  });

  test('when nobody can tell the shares, every judged version counts', () => {
    expect(summarise(byVersion).checks[0]?.verdict).toBe('breach');
  });

  test('when no judged version takes traffic any more, nothing is known about the one that does', () => {
    const [facts] = summarise(byVersion, { shares: { '9': 1 } }).checks;
    expect(facts).toEqual({
      check: 'prediction',
      kind: 'output_drift',
      verdict: 'no_data',
      breachRatio: null,
      evidenceRatio: null,
      rows: null,
      scores: [],
    });
  });

  test.each([
    [4.8, 4.8, 1],
    [2.4, 4.8, 0.5],
    [-3, 4.8, 0],
    [null, null, null],
  ])('evidence %s of the %s needed is a ratio of %s', (evidence, evidenceNeeded, ratio) => {
    const facts = summarise({ policy: [policy()], checks: [check({ evidence, evidenceNeeded })] });
    expect(facts.checks[0]?.evidenceRatio).toBe(ratio);
  });

  test('a version named like a property of every object takes no traffic', () => {
    const verdicts = { policy: [policy({ version: 'constructor', verdict: 'breach' })], checks: [] };
    expect(summarise(verdicts, { shares: { '3': 1 } }).checks[0]?.verdict).toBe('no_data');
  });
});

describe('subjects and methods', () => {
  const checks = [
    check({ subject: 'income', value: 0.2 }),
    check({ subject: 'income', method: 'ks', value: 0.3, warn: null, breach: null }),
    check({ subject: 'age', value: 0.3, verdict: 'breach' }),
    check({ subject: 'age', method: 'ks', value: 0.1, warn: null, breach: null }),
    check({ subject: 'age', segment: 'north', value: 0.9 }),
  ];

  test('a check shows the scores of its worst subject, one per method, and the ratio of the judged ones', () => {
    const [facts] = summarise({ checks, policy: [policy({ verdict: 'breach', worst: 'age' })] }).checks;
    expect(facts?.scores.map((score) => [score.method, score.value])).toEqual([
      ['psi', 0.3],
      ['ks', 0.1],
    ]);
    expect(facts?.breachRatio).toBeCloseTo(1.2);
  });

  test('distances that are only shown are no series; with a limit they are', () => {
    const shown = check({ subject: 'age', method: 'js', value: 0.2, warn: null, breach: null });
    const judged = check({ subject: 'age', method: 'tv', value: 0.2, warn: 0.1, breach: 0.3 });
    const facts = summarise({
      checks: [...checks, shown, judged],
      policy: [policy({ verdict: 'breach', worst: 'age' })],
    });
    const methods = ['psi', 'ks', 'tv'];
    expect(facts.checks[0]?.scores.map((score) => score.method)).toEqual(methods);
    expect(facts.topFeatures[0]?.scores.map((score) => score.method)).toEqual(methods);
  });

  test('features are counted over all rows, a row that measured nothing is none', () => {
    const nothing = check({ subject: 'all', method: null, value: null, verdict: 'error' });
    const facts = summarise({ checks: [...checks, nothing] });
    expect(facts).toMatchObject({ featuresMonitored: 2, featuresDrifted: 1 });
  });

  test.each([
    [0, []],
    [1, ['age']],
    [2, ['age', 'income']],
  ])('the top %i features are those nearest to breach', (topFeatures, names) => {
    const facts = summarise({ checks }, { topFeatures });
    expect(facts.topFeatures.map((feature) => feature.feature)).toEqual(names);
  });

  test('features as near as each other are taken by name, so that the choice does not flicker', () => {
    const even = ['b', 'c', 'a'].map((subject) => check({ subject }));
    expect(summarise({ checks: even }, { topFeatures: 2 }).topFeatures.map((entry) => entry.feature)).toEqual(
      ['a', 'b'],
    );
  });

  test('features that are shown and not judged come last', () => {
    const shown = check({ subject: 'a', breach: null, value: 9 });
    const facts = summarise({ checks: [shown, check({ subject: 'z', value: 0 })] }, { topFeatures: 1 });
    expect(facts.topFeatures[0]?.feature).toBe('z');
  });
});

describe('evaluations that failed early', () => {
  const expected = [
    { check: 'drift', kind: 'input_drift' },
    { check: 'data', kind: 'data' },
  ] as const;

  test('every configured check is unknown when the evaluation is', () => {
    const facts = summarise({ verdict: 'error', policy: [], checks: [] }, { expected });
    expect(facts.checks.map((entry) => [entry.check, entry.verdict])).toEqual([
      ['drift', 'error'],
      ['data', 'error'],
    ]);
  });

  test('a check that was judged keeps its own verdict', () => {
    const facts = summarise({ verdict: 'error' }, { expected });
    expect(facts.checks.map((entry) => [entry.check, entry.verdict])).toEqual([
      ['drift', 'ok'],
      ['data', 'error'],
    ]);
  });

  test('a known evaluation adds no check that it does not have', () => {
    expect(summarise({}, { expected }).checks).toHaveLength(1);
  });
});
