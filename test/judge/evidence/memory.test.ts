import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookBacks, type Memory, remember } from '../../../src/judge/evidence/memory.ts';

function after(windows: readonly (readonly number[])[]): Memory {
  return windows.reduce<Memory>((memory, counts) => remember(memory, counts), []);
}

describe('the memory of past windows', () => {
  test('keeps the newest five one by one, then pairs, fours, eights', () => {
    const memory = after(Array.from({ length: 40 }, (_, index) => [index + 1]));
    const windows = memory.map((block) => block.windows);
    expect(windows.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect([...windows].sort((a, b) => a - b)).toEqual(windows);
    expect(
      lookBacks(memory)
        .map((block) => block.windows)
        .slice(0, 4),
    ).toEqual([1, 2, 3, 4]);
    expect(windows.length).toBeLessThan(14);
    expect(windows.reduce((sum, size) => sum + size, 0)).toBe(40);
  });

  test('looks back on the sums of the newest windows, exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 })), { minLength: 1, maxLength: 80 }),
        (windows) => {
          const newestFirst = [...windows].reverse();
          for (const block of lookBacks(after(windows))) {
            const pooled = newestFirst.slice(0, block.windows);
            expect(block.counts).toEqual([
              pooled.reduce((sum, [left]) => sum + left, 0),
              pooled.reduce((sum, [, right]) => sum + right, 0),
            ]);
          }
        },
      ),
    );
  });

  test('forgets what lies more than 32 000 rows back, but never the newest window', () => {
    expect(after([[1], [31_999], [10]]).length).toBe(2);
    expect(after([[1], [31_999], [1]]).length).toBe(2);
    expect(after([[1], [31_998], [1]]).length).toBe(3);
    expect(after([[5], [200_000]])).toEqual([{ windows: 1, counts: [200_000] }]);
  });

  test('stays small for windows of a single row', () => {
    const memory = after(Array.from({ length: 5000 }, () => [1]));
    expect(memory.length).toBeLessThan(40);
    expect(lookBacks(memory).at(-1)?.windows).toBe(5000);
  });
});
