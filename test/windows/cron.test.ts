import { assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastStart, parseCron } from '../../src/windows/cron.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

function lineOf(text: string) {
  const line = parseCron(text);
  if (line === null) throw new Error(`"${text}" is no cron line`);
  return line;
}

const YEAR = 366;

function last(text: string, timezone: string, now: string): string | null {
  const at = Date.parse(now);
  const start = lastStart(lineOf(text), timezone, { after: at - YEAR * DAY, now: at });
  return start === null ? null : new Date(start).toISOString();
}

describe('a cron line', () => {
  test.each([
    ['0 0 24 12 *', [0], [0], 1, 1, 7],
    ['*/20 8-10 1,15 jan-mar mon', [0, 20, 40], [8, 9, 10], 2, 3, 1],
    ['5/25 0 * * 7', [5, 30, 55], [0], 31, 12, 1],
    ['7-7 23 31 DEC sun,0,7', [7], [23], 1, 1, 1],
    ['1,1,1 2 3 4 5-7', [1], [2], 1, 1, 3],
  ])('%s names what it says', (...[text, minutes, hours, days, months, weekdays]) => {
    const line = lineOf(text);
    expect(line.minutes).toEqual(minutes);
    expect(line.hours).toEqual(hours);
    expect([line.days.size, line.months.size, line.weekdays.size]).toEqual([days, months, weekdays]);
  });

  test.each([
    '60 0 * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 32 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '5-1 0 * * *',
    '*/0 0 * * *',
    '0 0 L * *',
    '0 0 * * mon#1',
    '0 0 * foo *',
    '0 0 * *',
    '0 0 * * * *',
    '1, 0 * * *',
    '-1 0 * * *',
    '',
  ])('refuses "%s"', (text) => {
    expect(parseCron(text)).toBeNull();
  });
});

describe('the last start', () => {
  test.each([
    ['one minute before', '2026-12-24T04:59:00Z', '2025-12-24T05:00:00.000Z'],
    ['at the minute', '2026-12-24T05:00:00Z', '2026-12-24T05:00:00.000Z'],
    ['a moment after', '2026-12-24T05:00:00.001Z', '2026-12-24T05:00:00.000Z'],
  ])('%s', (_when, now, expected) => {
    expect(last('0 0 24 12 *', 'America/New_York', now)).toBe(expected);
  });

  test('is later than `after`, not at it', () => {
    const now = Date.parse('2026-03-02T00:00:00Z');
    const midnight = lineOf('0 0 2 3 *');
    expect(lastStart(midnight, 'UTC', { after: now - 1, now })).toBe(now);
    expect(lastStart(midnight, 'UTC', { after: now, now: now + 1 })).toBeNull();
  });

  test('needs one of both kinds of day where both are limited, else the limited one', () => {
    // 2026-11-13 is a Friday.
    expect(last('0 0 13 * fri', 'UTC', '2026-11-12T12:00:00Z')).toBe('2026-11-06T00:00:00.000Z');
    expect(last('0 0 13 * fri', 'UTC', '2026-10-14T12:00:00Z')).toBe('2026-10-13T00:00:00.000Z');
    expect(last('0 0 13 * *', 'UTC', '2026-11-12T12:00:00Z')).toBe('2026-10-13T00:00:00.000Z');
    expect(last('0 0 */1 * fri', 'UTC', '2026-11-12T12:00:00Z')).toBe('2026-11-06T00:00:00.000Z');
  });

  test('of a day that never comes is none', () => {
    expect(last('0 0 31 2 *', 'UTC', '2026-11-24T00:00:00Z')).toBeNull();
    expect(last('0 0 29 2 *', 'UTC', '2026-11-24T00:00:00Z')).toBeNull();
    expect(last('0 0 29 2 *', 'UTC', '2024-03-01T00:00:00Z')).toBe('2024-02-29T00:00:00.000Z');
  });

  test('in an hour that the clock leaps over comes as long after the leap', () => {
    // New York, 2026-03-08: 02:00 EST becomes 03:00 EDT.
    expect(last('30 2 8 3 *', 'America/New_York', '2026-03-08T20:00:00Z')).toBe('2026-03-08T07:30:00.000Z');
    // Havana leaps over midnight itself: 2026-03-08 00:00 becomes 01:00.
    expect(last('0 0 8 3 *', 'America/Havana', '2026-03-08T20:00:00Z')).toBe('2026-03-08T05:00:00.000Z');
  });

  test('in an hour that the clock shows twice comes twice', () => {
    // New York, 2026-11-01: 02:00 EDT becomes 01:00 EST.
    expect(last('30 1 1 11 *', 'America/New_York', '2026-11-01T06:00:00Z')).toBe('2026-11-01T05:30:00.000Z');
    expect(last('30 1 1 11 *', 'America/New_York', '2026-11-01T07:00:00Z')).toBe('2026-11-01T06:30:00.000Z');
  });

  test('is what reading the clock minute by minute finds, wherever the clock shows it', () => {
    const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    const near = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'];
    const day = constantFrom('*', '*/2', '1-7', '25-31', '8');
    assert(
      property(
        record({
          minute: constantFrom('*/30', '0', '17', '45-59'),
          hour: constantFrom('*', '0', '1-3', '2', '23'),
          day,
          weekday: constantFrom('*', '0', 'mon-fri', '6,7'),
          zone: constantFrom(...zones),
          around: constantFrom(...near),
          shift: integer({ min: -36 * 60, max: 36 * 60 }),
        }),
        ({ minute, hour, day: date, weekday, zone, around, shift }) => {
          const line = lineOf(`${minute} ${hour} ${date} * ${weekday}`);
          const now = Date.parse(around) + shift * MINUTE;
          const after = now - 6 * 60 * MINUTE;
          const found = lastStart(line, zone, { after, now });
          const read = byReading(line, zone, { after, now });
          if (found !== read.start) expect([found, read.leaps]).toEqual([read.start, true]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** The slow way. `leaps`: the clock leaps in between, where the minutes it skips have a rule of their own. */
function byReading(
  line: ReturnType<typeof lineOf>,
  zone: string,
  range: { readonly after: number; readonly now: number },
): { readonly start: number | null; readonly leaps: boolean } {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const shown = (at: number): number => Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
  let start: number | null = null;
  for (let at = range.now; at > range.after; at -= MINUTE) {
    const local = new Date(shown(at));
    const dates = [line.days.has(local.getUTCDate()), line.weekdays.has(local.getUTCDay())];
    const today = line.eitherDay ? dates.some(Boolean) : dates.every(Boolean);
    const named = line.hours.includes(local.getUTCHours()) && line.minutes.includes(local.getUTCMinutes());
    if (today && named && line.months.has(local.getUTCMonth() + 1)) {
      start = at;
      break;
    }
  }
  return {
    start,
    leaps: shown(range.now) - shown(range.after - 120 * MINUTE) > range.now - range.after + 120 * MINUTE,
  };
}
