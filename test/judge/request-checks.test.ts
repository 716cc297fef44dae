import { describe, expect, test } from 'vitest';
import { type RequestsQuestion, reasonsOf, requestChecks } from '../../src/judge/request-checks.ts';
import { requestsTold } from '../../src/judge/requests-told.ts';

function question(fields: Partial<RequestsQuestion>): RequestsQuestion {
  return { requests: 1000, rejected: {}, records: 1000, wrongType: 0, ...fields };
}

const verdicts = (fields: Partial<RequestsQuestion>) =>
  requestChecks(question(fields)).map(({ subject, verdict }) => `${subject} ${verdict}`);

describe('rejected requests', () => {
  test('that never happened are not listed', () => {
    expect(verdicts({})).toEqual([]);
  });

  test.each([
    [10, 'ok'],
    [11, 'breach'],
  ])('%i of a thousand: %s, since over 1 % is a finding', (count, verdict) => {
    expect(verdicts({ rejected: { request_shape: count } })).toEqual([`requests ${verdict}`]);
    expect(verdicts({ wrongType: count })).toEqual([`values ${verdict}`]);
  });

  test.each([
    [1, 'ok', 100],
    [2, 'warn', 100],
    [4, 'warn', 100],
    [5, 'breach', 100],
  ])('a handful is no case yet: %i of few: %s', (count, verdict, requests) => {
    expect(verdicts({ requests, rejected: { too_large: count } })).toEqual([`requests ${verdict}`]);
  });

  test('of several reasons count together, and are named with the most frequent first', () => {
    const [check] = requestChecks(question({ rejected: { empty: 4, length_mismatch: 8 } }));
    expect(check).toMatchObject({ check: 'data', method: 'rejected_rate', verdict: 'breach', value: 0.012 });
    expect(check?.reason).toContain(
      '8 with another number of predictions than of records, 4 without a record',
    );
    expect(check?.cells?.window).toEqual([12, 988]);
  });

  test('error answers warn and are never bad data: a failing release is judged elsewhere', () => {
    expect(verdicts({ rejected: { error_answer: 900 } })).toEqual(['answers warn']);
    expect(verdicts({ rejected: { error_answer: 10 } })).toEqual(['answers ok']);
  });

  test('repetitions are taken off, and callers are left alone', () => {
    expect(verdicts({ rejected: { duplicate: 500, client_error: 300 } })).toEqual([]);
    const [check] = requestChecks(question({ rejected: { duplicate: 500, empty: 5 } }));
    expect(check).toMatchObject({ value: 0.01, verdict: 'ok', rows: 500 });
  });

  test('without any request nothing is measured and nothing divides by zero', () => {
    expect(requestChecks(question({ requests: 0, records: 0 }))).toEqual([]);
  });
});

describe('in sentences', () => {
  const told = (fields: Partial<RequestsQuestion>) => requestChecks(question(fields))[0];

  test('each of the three subjects, within and over its limit', () => {
    expect(told({ rejected: { too_large: 5 } })).toMatchObject({
      ...{ subject: 'requests', warn: 0.01, breach: 0.01, noiseFloor: null, baselineRows: 0 },
      cells: { edges: null, labels: ['rejected', 'counted'], baseline: [0, 0], window: [5, 995] },
      reason: '0.5 % of 1 000 logged requests could not be counted: 5 too large to be logged; within 1 %.',
    });
    expect(told({ requests: 100, rejected: { empty: 3 } })?.reason).toBe(
      '3 % of 100 logged requests could not be counted: 3 without a record; over 1 %.',
    );
    expect(told({ requests: 100, rejected: { empty: 5 } })?.reason).toBe(
      '5 % of 100 logged requests could not be counted: 5 without a record; over 4 %.',
    );
    expect(told({ rejected: { error_answer: 900 } })?.reason).toBe(
      '90 % of 1 000 logged requests have error answers; over 1 %.',
    );
    expect(told({ records: 50, wrongType: 20 })?.reason).toBe(
      '40 % of 50 records have a value that is not of its type, and counts as missing; over 8 %.',
    );
  });

  test.each([
    ['error_answer', 'error answers'],
    ['too_large', 'too large to be logged'],
    ['not_logged', 'without a logged body'],
    ['sampling_fraction', 'without a sensible sampling fraction'],
    ['request_shape', 'with a request that cannot be read'],
    ['response_shape', 'with a response that cannot be read'],
  ])('%s is "%s"', (reason, words) => {
    expect(reasonsOf({ [reason]: 3 })).toBe(`3 ${words}`);
  });

  test('reasons alike in number stand in the order of their names, whichever came first', () => {
    expect(reasonsOf({ b: 1, a: 1, c: 1 })).toBe('1 a, 1 b, 1 c');
    expect(reasonsOf({ a: 1, c: 1, b: 1 })).toBe('1 a, 1 b, 1 c');
  });
});

test('the reasons there are, in words', () => {
  expect(reasonsOf({ empty: 0 })).toBe('');
  expect(reasonsOf({ duplicate: 2, client_error: 1200, another: 2 })).toBe(
    '1 200 refused by the endpoint (status 4xx), 2 another, 2 logged twice',
  );
});

describe('what is told of a window', () => {
  const payload = {
    ...{ requests: 10, accepted: 8, rejected: { duplicate: 2 }, records: 9, wrongType: 0, answered: 9 },
    unmapped: [],
  };

  test('begins with the account', () => {
    expect(requestsTold(payload)).toEqual(['10 requests logged: 8 counted with 9 records, 2 logged twice.']);
  });

  test('names sampling, wrong types and entities where there are any, and no endless list of them', () => {
    const unmapped = Array.from({ length: 12 }, (_, place) => ({ entity: `e${place}`, rows: 1 }));
    const told = requestsTold({ ...payload, answered: 90, wrongType: 3, unmapped });
    expect(told[1]).toContain('stand for 90');
    expect(told[2]).toContain('3 records have a value that is not of its type');
    expect(told[3]).toContain('served entity e0');
    expect(told).toHaveLength(3 + 10 + 1);
    expect(told.at(-1)).toBe('So were those of 2 more entities.');
    expect(requestsTold({ ...payload, unmapped: unmapped.slice(0, 10) })).toHaveLength(1 + 10);
  });

  test('says nothing of reasons there are none of', () => {
    expect(requestsTold({ ...payload, rejected: {} })).toEqual([
      '10 requests logged: 8 counted with 9 records.',
    ]);
  });
});
