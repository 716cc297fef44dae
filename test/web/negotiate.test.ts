import { expect, test } from 'vitest';
import { wantsGzip } from '../../src/web/negotiate.ts';

test.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['gzip', true],
  ['GZIP;q=0.1', true],
  ['deflate, gzip;q=1.0, br', true],
  ['gzip;q=0', false],
  ['gzip; q=0.0', false],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=0, *', false],
  ['gzip;q=x', false],
  ['x-gzip', false],
])('Accept-Encoding %j: %s', (header, expected) => {
  expect(wantsGzip(header)).toBe(expected);
});
