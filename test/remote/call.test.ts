import { describe, expect, it } from 'vitest';
import { dictionary, segment } from '../../src/remote/call.ts';
import { RemoteError, saysMissing } from '../../src/remote/error.ts';

describe('a path segment', () => {
  it.each([
    ['main.risk.credit_pd', 'main.risk.credit_pd'],
    ['a/b?c#d', 'a%2Fb%3Fc%23d'],
    ['...a', '...a'],
    ['ünï', '%C3%BCn%C3%AF'],
  ])('of %s is %s', (value, escaped) => {
    expect(segment(value)).toBe(escaped);
  });

  it.each(['', '.', '..', '...'])('is refused for "%s"', (value) => {
    expect(() => segment(value)).toThrow(RemoteError);
  });
});

describe('a dictionary', () => {
  it('holds what it was given, a dangerous name included, and nothing else', () => {
    const map = dictionary([
      ['a', 1],
      ['__proto__', 2],
    ]);
    expect(Object.entries(map)).toEqual([
      ['a', 1],
      ['__proto__', 2],
    ]);
    expect(map['toString']).toBeUndefined();
  });
});

describe('a missing thing', () => {
  const error = (reason: 'not_found' | 'rejected', code: string | null): RemoteError =>
    new RemoteError({ reason, place: 'x', message: 'x', remedy: 'x', code });

  it.each([
    [error('not_found', 'RESOURCE_DOES_NOT_EXIST'), true],
    [error('not_found', 'NOT_FOUND'), true],
    [error('not_found', 'ENDPOINT_NOT_FOUND'), false],
    [error('not_found', 'FEATURE_DISABLED'), false],
    [error('not_found', null), false],
    [error('rejected', 'RESOURCE_DOES_NOT_EXIST'), false],
    [new Error('RESOURCE_DOES_NOT_EXIST'), false],
  ])('is told by the code, not by the status alone', (failure, missing) => {
    expect(saysMissing(failure)).toBe(missing);
  });
});
