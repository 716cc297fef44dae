import { describe, expect, test } from 'vitest';
import { causeFamily, type DecisionQuestion, decide, unknownFinding } from '../../src/judge/decide.ts';
import type { PolicyCheck, PolicyVerdict, Verdict } from '../../src/judge/verdict.ts';

const HOUR = 3_600_000;

function verdictOf(check: string, verdict: Verdict, version = 'all'): PolicyVerdict {
  const reason = `${check} of ${version} is ${verdict}.`;
  return { check: check as PolicyCheck, kind: 'quality', version, verdict, reason, worst: null };
}

function question(fields: Partial<DecisionQuestion>): DecisionQuestion {
  return {
    verdicts: [],
    earlier: () => [],
    breaches: { m: 1, n: 1 },
    on: [],
    servingVersion: '7',
    mayAct: true,
    verdict: 'ok',
    unknownFor: 0,
    unknownAfter: 48 * HOUR,
    owner: { problem: null, unread: false },
    ...fields,
  };
}

function findingOf(cause: string, fields: Partial<DecisionQuestion>) {
  return decide(question(fields)).findings.find((finding) => finding.cause === cause);
}

describe('the order of causes', () => {
  /** Most serious first: what a ticket is titled with when several speak in one window. */
  const ORDER = [
    'performance:auc',
    'prediction',
    'challenger:brier',
    'fairness',
    'data',
    'drift',
    'labels',
    'unknown',
    'conformance',
    'owner',
    'rollback',
    'something else',
  ];

  test('is that of their weight, whatever order they come in; what has no place comes last', () => {
    const own = ORDER.filter((cause) => cause !== 'unknown' && cause !== 'owner');
    for (const causes of [own, own.toReversed(), [...own.slice(4), ...own.slice(0, 4)]]) {
      const { findings } = decide(question({ verdicts: causes.map((cause) => verdictOf(cause, 'breach')) }));
      expect(findings.map(({ cause }) => cause)).toEqual(ORDER);
    }
  });

  test('decides which of several breaches a rollback is for', () => {
    const on = ['performance', 'prediction', 'drift'];
    const verdicts = ['drift', 'performance:auc', 'prediction'].map((check) => verdictOf(check, 'breach'));
    expect(decide(question({ on, verdicts })).rollback?.cause).toBe('performance:auc');
    expect(decide(question({ on, verdicts: verdicts.toReversed() })).rollback?.cause).toBe('performance:auc');
    expect(decide(question({ on: ['drift', 'prediction'], verdicts })).rollback?.cause).toBe('prediction');
  });

  test('a metric belongs to the family before the colon', () => {
    expect(['performance:auc', 'drift', ''].map(causeFamily)).toEqual(['performance', 'drift', '']);
  });
});

describe('what a window says about a cause', () => {
  test('a breach of any version speaks for it, with its version and reason', () => {
    const verdicts = [
      verdictOf('prediction', 'ok', '7'),
      verdictOf('drift', 'ok'),
      verdictOf('prediction', 'breach', '8'),
    ];
    expect(findingOf('prediction', { verdicts })).toEqual({
      cause: 'prediction',
      version: '8',
      signal: 'breach',
      reason: 'prediction of 8 is breach.',
    });
    expect(findingOf('drift', { verdicts })).toEqual({
      cause: 'drift',
      version: 'all',
      signal: 'quiet',
      reason: 'drift of all is ok.',
    });
  });

  test('a breach that does not yet make m of n neither opens nor closes', () => {
    const verdicts = [verdictOf('prediction', 'breach', '7')];
    const breaches = { m: 2, n: 3 };
    const earlier = (check: string, version: string): readonly Verdict[] =>
      check === 'prediction' && version === '7' ? ['ok', 'breach'] : [];
    expect(findingOf('prediction', { verdicts, breaches })).toEqual({
      cause: 'prediction',
      version: '7',
      signal: null,
      reason: 'prediction of 7 is breach.',
    });
    expect(findingOf('prediction', { verdicts, breaches, earlier })?.signal).toBe('breach');
  });

  test.each([
    ['ok', 'quiet'],
    ['warn', 'quiet'],
    ['insufficient', null],
    ['stale', null],
  ] as const)('of the serving version %s is %s', (verdict, signal) => {
    const verdicts = [verdictOf('prediction', 'ok', '6'), verdictOf('prediction', verdict, '7')];
    expect(findingOf('prediction', { verdicts })).toEqual({
      cause: 'prediction',
      version: '7',
      signal,
      reason: `prediction of 7 is ${verdict}.`,
    });
  });

  test('of versions that do not serve is nothing', () => {
    const verdicts = [verdictOf('prediction', 'ok', '5'), verdictOf('prediction', 'ok', '6')];
    const nothing = { version: 'all', signal: null, reason: 'No version has a verdict.' };
    expect(findingOf('prediction', { verdicts })).toEqual({ cause: 'prediction', ...nothing });
    expect(findingOf('prediction', { verdicts, servingVersion: null })).toMatchObject(nothing);
    expect(findingOf('prediction', { verdicts: verdicts.slice(1) })).toMatchObject(nothing);
  });

  test('of a single version is that one, when nobody can tell which serves', () => {
    const verdicts = [verdictOf('prediction', 'ok', '6')];
    expect(findingOf('prediction', { verdicts, servingVersion: null })).toMatchObject({
      version: '6',
      signal: 'quiet',
    });
  });
});

describe('a rollback', () => {
  const breached = [verdictOf('prediction', 'breach', '8')];

  test('takes back any version with live traffic, and no other', () => {
    const asked = { on: ['prediction'], verdicts: breached };
    expect(decide(question(asked)).rollback).toBeNull();
    expect(decide(question({ ...asked, liveVersions: ['7'] })).rollback).toBeNull();
    expect(decide(question({ ...asked, liveVersions: ['7', '8'] })).rollback).toMatchObject({ from: '8' });
    expect(decide(question({ ...asked, servingVersion: '8' })).rollback).toMatchObject({ from: '8' });
    expect(decide(question({ ...asked, servingVersion: null })).rollback).toMatchObject({ from: '8' });
  });

  test('on all rows is from the version that serves', () => {
    const verdicts = [verdictOf('drift', 'breach')];
    expect(decide(question({ on: ['drift'], verdicts, liveVersions: [] })).rollback).toEqual({
      cause: 'drift',
      from: '7',
      reason: 'drift of all is breach.',
    });
  });

  test('says how many windows it took, where one is not enough', () => {
    const asked = { on: ['prediction'], verdicts: breached, servingVersion: '8' };
    const earlier = (): readonly Verdict[] => ['breach', 'stale', 'ok', 'breach'];
    expect(decide(question({ ...asked, earlier })).rollback?.reason).toBe('prediction of 8 is breach.');
    expect(decide(question({ ...asked, earlier, breaches: { m: 2, n: 3 } })).rollback?.reason).toBe(
      'prediction of 8 is breach. 2 of the last 3 known windows are in breach.',
    );
  });

  test('is never for a cause that is not listed, nor for one that is not reached', () => {
    const verdicts = [...breached, verdictOf('drift', 'warn')];
    const asked = { verdicts, servingVersion: '8' };
    expect(decide(question({ ...asked, on: ['drift'] })).rollback).toBeNull();
    expect(decide(question({ ...asked, on: ['prediction'], mayAct: false })).rollback).toBeNull();
  });
});

describe('a model without a verdict', () => {
  const unknown = (unknownFor: number, verdicts: readonly PolicyVerdict[] = [verdictOf('drift', 'stale')]) =>
    unknownFinding({ verdict: 'stale', verdicts, unknownFor, unknownAfter: 2 * HOUR });

  test('says for how long, what it is now and why', () => {
    expect(unknown(3 * HOUR, [verdictOf('data', 'ok'), verdictOf('drift', 'stale')])).toEqual({
      cause: 'unknown',
      version: 'all',
      signal: 'breach',
      reason:
        'There has been no verdict for 3 hours, longer than unknownAfter allows; now it is stale. drift of all is stale.',
    });
    expect(unknown(1.2 * HOUR, []).reason).toBe(
      'There has been no verdict for 1 hour, longer than unknownAfter allows; now it is stale.',
    );
  });

  test('is neither one nor the other until it has lasted too long: one below, at, one above', () => {
    expect([2 * HOUR - 1, 2 * HOUR, 2 * HOUR + 1].map((time) => unknown(time).signal)).toEqual([
      null,
      null,
      'breach',
    ]);
  });

  test('is known again with any known verdict', () => {
    expect(findingOf('unknown', { verdict: 'breach' })).toEqual({
      cause: 'unknown',
      version: 'all',
      signal: 'quiet',
      reason: 'The verdict is known again.',
    });
  });
});

test('an owner is known, lacking or not told', () => {
  const about = { cause: 'owner', version: 'all' };
  expect(findingOf('owner', {})).toEqual({ ...about, signal: 'quiet', reason: 'The owner is known.' });
  expect(findingOf('owner', { owner: { problem: 'Nobody owns it.', unread: true } })).toEqual({
    ...about,
    signal: 'breach',
    reason: 'Nobody owns it.',
  });
  expect(findingOf('owner', { owner: { problem: null, unread: true } })).toEqual({
    ...about,
    signal: null,
    reason: 'The registry did not say who the owner is.',
  });
});
