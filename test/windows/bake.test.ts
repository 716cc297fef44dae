import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BakeQuestion, bakeDue } from '../../src/windows/bake.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T0 = Date.UTC(2026, 2, 10);

function ask(fields: Partial<BakeQuestion>) {
  return bakeDue({ since: T0, for: DAY, window: HOUR, lateness: 0, lastEnd: null, now: T0, ...fields });
}
const starts = (fields: Partial<BakeQuestion>): number[] =>
  ask(fields).windows.map(({ start }) => (start - T0) / HOUR);

describe('windows after a release', () => {
  test.each([
    ['a moment before the first closes', HOUR - 1, []],
    ['when it closes', HOUR, [0]],
    ['a moment after', HOUR + 1, [0]],
    ['when the second closes', 2 * HOUR, [0, 1]],
  ] as const)('%s', (_what, after, expected) => {
    expect(starts({ now: T0 + after })).toEqual(expected);
  });

  test('the first holds the release, the last begins within the watch', () => {
    const late = { since: T0 + HOUR / 2, now: T0 + 40 * HOUR };
    expect(starts(late)[0]).toBe(0);
    expect(starts(late).at(-1)).toBe(24);
    expect(starts({ now: T0 + 40 * HOUR }).at(-1)).toBe(23);
    expect(starts({ now: T0 + 40 * HOUR })).toHaveLength(24);
  });

  test('lateness is waited for', () => {
    expect(starts({ lateness: HOUR, now: T0 + 2 * HOUR - 1 })).toEqual([]);
    expect(starts({ lateness: HOUR, now: T0 + 2 * HOUR })).toEqual([0]);
  });

  test('only the newest closed window may act, and missed ones come before it', () => {
    const { windows } = ask({ lastEnd: T0 + HOUR, now: T0 + 4 * HOUR });
    expect(windows.map(({ newest }) => newest)).toEqual([false, false, true]);
    const afterwards = ask({ lastEnd: T0 + 20 * HOUR, now: T0 + 30 * HOUR });
    expect(afterwards.windows.every(({ newest }) => !newest)).toBe(true);
  });

  test.each([
    ['a moment before the last closes', DAY - 1, false],
    ['when it closes', DAY, true],
    ['a moment after', DAY + 1, true],
  ] as const)('is over: %s', (_what, after, over) => {
    expect(ask({ now: T0 + after }).over).toBe(over);
  });

  test('however often it is asked, each window comes once and none is left out', () => {
    const wakes = fc.array(fc.integer({ min: 1, max: 10 * HOUR }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(wakes, fc.integer({ min: 0, max: HOUR }), (steps, offset) => {
        let [now, lastEnd] = [T0 + offset, null as number | null];
        const seen: number[] = [];
        for (const step of [...steps, 40 * HOUR]) {
          now += step;
          for (const { start, end } of ask({ since: T0 + offset, lastEnd, now }).windows) {
            seen.push(start);
            lastEnd = end;
          }
        }
        const count = offset === 0 || offset === HOUR ? 24 : 25;
        const first = offset === HOUR ? T0 + HOUR : T0;
        expect(seen).toEqual(Array.from({ length: count }, (_, index) => first + index * HOUR));
      }),
      { numRuns: 200 },
    );
  });
});
