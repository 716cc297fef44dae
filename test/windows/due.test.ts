import { describe, expect, test } from 'vitest';
import { dueWindows, newestClosed } from '../../src/windows/due.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);
const daily = {
  length: { kind: 'fixed', milliseconds: DAY } as const,
  lateness: HOUR,
  catchUp: 30 * DAY,
  since: null,
  lastEnd: null,
};

describe('due windows', () => {
  test.each([
    ['just before the lateness has passed', '2026-11-24T00:59:59.999Z', '2026-11-23T00:00:00Z'],
    ['exactly when it has passed', '2026-11-24T01:00:00.000Z', '2026-11-24T00:00:00Z'],
    ['just after', '2026-11-24T01:00:00.001Z', '2026-11-24T00:00:00Z'],
  ])('a window closes when end plus lateness is reached: %s', (_name, now, end) => {
    expect(newestClosed({ ...daily, now: at(now) }).end).toBe(at(end));
  });

  test('without since and without history only the newest closed window is due', () => {
    const due = dueWindows({ ...daily, now: at('2026-11-24T02:00:00Z') });
    expect(due).toEqual({
      skipped: null,
      windows: [{ start: at('2026-11-23T00:00:00Z'), end: at('2026-11-24T00:00:00Z') }],
    });
  });

  test('since begins with the first window that starts at or after it', () => {
    const now = at('2026-11-24T02:00:00Z');
    expect(
      dueWindows({ ...daily, now, since: at('2026-11-21T00:00:00Z') }).windows.map((window) => window.start),
    ).toEqual([at('2026-11-21T00:00:00Z'), at('2026-11-22T00:00:00Z'), at('2026-11-23T00:00:00Z')]);
    expect(dueWindows({ ...daily, now, since: at('2026-11-21T00:00:00.001Z') }).windows).toHaveLength(2);
  });

  test('after downtime every missed window is due, oldest first', () => {
    const due = dueWindows({
      ...daily,
      lastEnd: at('2026-11-20T00:00:00Z'),
      now: at('2026-11-24T02:00:00Z'),
    });
    expect(due.windows.map((window) => window.end)).toEqual([
      at('2026-11-21T00:00:00Z'),
      at('2026-11-22T00:00:00Z'),
      at('2026-11-23T00:00:00Z'),
      at('2026-11-24T00:00:00Z'),
    ]);
  });

  test('nothing is due twice', () => {
    expect(
      dueWindows({ ...daily, lastEnd: at('2026-11-24T00:00:00Z'), now: at('2026-11-24T23:00:00Z') }),
    ).toEqual({ skipped: null, windows: [] });
  });

  test('what is older than catch-up is skipped as one stretch, the newest never', () => {
    const due = dueWindows({
      ...daily,
      catchUp: 2 * DAY,
      lastEnd: at('2026-11-01T00:00:00Z'),
      now: at('2026-11-24T02:00:00Z'),
    });
    expect(due.skipped).toEqual({
      from: at('2026-11-01T00:00:00Z'),
      to: at('2026-11-22T00:00:00Z'),
      windows: 21,
    });
    expect(due.windows.map((window) => window.end)).toEqual([
      at('2026-11-23T00:00:00Z'),
      at('2026-11-24T00:00:00Z'),
    ]);
    const short = dueWindows({
      ...daily,
      catchUp: 1,
      lastEnd: at('2026-11-01T00:00:00Z'),
      now: at('2026-11-24T02:00:00Z'),
    });
    expect(short.windows).toHaveLength(1);
  });
});
