import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextWindow, previousWindow, windowAt, windowsPerYear } from '../../src/windows/calendar.ts';
import type { WindowLength } from '../../src/windows/window.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);
const fixed = (milliseconds: number): WindowLength => ({ kind: 'fixed', milliseconds });

describe('windows', () => {
  test.each([
    ['a day', fixed(DAY), '2026-03-08T23:59:59.999Z', '2026-03-08T00:00:00Z', '2026-03-09T00:00:00Z'],
    [
      'the first instant of a day belongs to that day',
      fixed(DAY),
      '2026-03-09T00:00:00Z',
      '2026-03-09T00:00:00Z',
      '2026-03-10T00:00:00Z',
    ],
    [
      'a week begins on Monday',
      fixed(7 * DAY),
      '2026-11-24T10:00:00Z',
      '2026-11-23T00:00:00Z',
      '2026-11-30T00:00:00Z',
    ],
    ['six hours', fixed(6 * HOUR), '2026-11-24T13:00:00Z', '2026-11-24T12:00:00Z', '2026-11-24T18:00:00Z'],
    [
      'a month',
      { kind: 'calendar', unit: 'month' } as const,
      '2024-02-29T12:00:00Z',
      '2024-02-01T00:00:00Z',
      '2024-03-01T00:00:00Z',
    ],
    [
      'December ends with the year',
      { kind: 'calendar', unit: 'month' } as const,
      '2026-12-31T23:59:59Z',
      '2026-12-01T00:00:00Z',
      '2027-01-01T00:00:00Z',
    ],
    [
      'a quarter',
      { kind: 'calendar', unit: 'quarter' } as const,
      '2026-05-31T00:00:00Z',
      '2026-04-01T00:00:00Z',
      '2026-07-01T00:00:00Z',
    ],
  ])('%s', (_name, length, instant, start, end) => {
    expect(windowAt(length, at(instant))).toEqual({ start: at(start), end: at(end) });
  });

  test('windows tile time without gap or overlap', () => {
    const length = fc.oneof(
      fc.integer({ min: 1, max: 60 * 24 * 40 }).map((minutes) => fixed(minutes * 60_000)),
      fc.constantFrom<WindowLength>(
        { kind: 'calendar', unit: 'month' },
        { kind: 'calendar', unit: 'quarter' },
      ),
    );
    fc.assert(
      fc.property(length, fc.integer({ min: 0, max: at('2100-01-01') }), (each, instant) => {
        const window = windowAt(each, instant);
        expect(window.start <= instant && instant < window.end).toBe(true);
        expect(nextWindow(each, window).start).toBe(window.end);
        expect(previousWindow(each, window).end).toBe(window.start);
      }),
    );
  });

  test('windows per year', () => {
    expect(windowsPerYear(fixed(DAY))).toBe(365.25);
    expect(windowsPerYear({ kind: 'calendar', unit: 'month' })).toBe(12);
    expect(windowsPerYear({ kind: 'calendar', unit: 'quarter' })).toBe(4);
  });
});
