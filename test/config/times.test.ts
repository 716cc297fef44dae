import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { parseTime } from '../../src/config/times.ts';

describe('parseTime', () => {
  test.each([
    ['1970-01-01', 0],
    ['1970-01-01T00:00Z', 0],
    ['1970-01-01T00:00:01.5Z', 1_500],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1969-12-31T19:00-05:00', 0],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['2026-01-01T05:45:00+05:45', Date.UTC(2026, 0, 1)],
  ])('%s', (text, milliseconds) => {
    expect(parseTime(text)).toBe(milliseconds);
  });

  test.each([
    ['a time without an offset', '2026-01-01T00:00:00'],
    ['a day that does not exist', '2026-02-29'],
    ['month 13', '2026-13-01'],
    ['month 0', '2026-00-01'],
    ['hour 24', '2026-01-01T24:00Z'],
    ['minute 60', '2026-01-01T00:60Z'],
    ['second 60', '2026-06-30T23:59:60Z'],
    ['an offset beyond 14 hours', '2026-01-01T00:00+15:00'],
    ['an offset of 60 minutes', '2026-01-01T00:00+01:60'],
    ['a space for T', '2026-01-01 00:00Z'],
    ['a short year', '26-01-01'],
    ['white space', ' 2026-01-01'],
    ['seconds since 1970', '1767225600'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(parseTime(text)).toBeNull();
  });

  test('reads back what isoTime writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (milliseconds) => {
        expect(parseTime(isoTime(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
