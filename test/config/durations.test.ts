import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/durations.ts';

describe('parseDuration', () => {
  test.each([
    ['0s', 0],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['4w', 2_419_200_000],
    ['007m', 420_000],
    ['999999w', 999_999 * 604_800_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    '',
    '5',
    'm',
    '1.5h',
    '-1h',
    '1 h',
    '1H',
    '1h30m',
    ' 1h',
    '1h\n',
    '1y',
    '1ms',
    '1000000s',
    '١d',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [90_000, '90s'],
    [5_400_000, '90m'],
    [3_600_000, '1h'],
    [172_800_000, '2d'],
    [604_800_000, '1w'],
    [1_500, '1500ms'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test('is read back as the same duration', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.constantFrom('s', 'm', 'h', 'd', 'w'),
        (count, unit) => {
          const milliseconds = parseDuration(`${count}${unit}`) ?? Number.NaN;
          expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
        },
      ),
    );
  });
});
