import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linearScale, niceCeiling, niceTicks, timeTicks } from '../../../src/web/charts/scale.ts';

describe('linear scale', () => {
  test('maps ends to ends and the middle to the middle', () => {
    const scale = linearScale([10, 20], [100, 0]);
    expect([scale(10), scale(15), scale(20)]).toEqual([100, 50, 0]);
  });

  test('a domain of no width is the middle', () => {
    expect(linearScale([3, 3], [0, 100])(3)).toBe(50);
  });
});

describe('nice ticks', () => {
  test.each([
    [0, 0.3, [0, 0.1, 0.2, 0.3]],
    [0, 1, [0, 0.5, 1]],
    [0, 40, [0, 10, 20, 30, 40]],
    [7, 7, [7]],
  ])('about four from %d to %d', (min, max, expected) => {
    expect(niceTicks(min, max, 4)).toEqual(expected);
  });

  test('lie inside, rise evenly, and are not many more than asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 2, max: 8 }),
        (max, count) => {
          const ticks = niceTicks(0, max, count);
          expect(ticks[0]).toBe(0);
          expect(ticks.at(-1)).toBeLessThanOrEqual(max * (1 + 1e-8));
          expect(ticks.length).toBeLessThanOrEqual(count + 1);
          const steps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0));
          for (const step of steps) expect(step).toBeCloseTo(steps[0] ?? 0, 6);
        },
      ),
    );
  });
});

describe('nice ceiling', () => {
  test('is not below the value and less than twice as high', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (value) => {
        const top = niceCeiling(value);
        expect(top).toBeGreaterThanOrEqual(value * (1 - 1e-9));
        expect(top).toBeLessThan(value * 2);
      }),
    );
  });

  test.each([0, -1, Number.NaN])('%d has the ceiling 1', (value) => {
    expect(niceCeiling(value)).toBe(1);
  });
});

describe('time ticks', () => {
  const at = (iso: string): number => Date.parse(iso);

  test('weeks begin on Mondays', () => {
    const ticks = timeTicks([at('2026-10-01T00:00:00Z'), at('2026-11-01T00:00:00Z')], 5);
    expect(ticks.map(({ text }) => text)).toEqual(['5 Oct', '12 Oct', '19 Oct', '26 Oct']);
    expect(ticks.every((tick) => new Date(tick.at).getUTCDay() === 1)).toBe(true);
  });

  test('hours name the day at midnight', () => {
    const ticks = timeTicks([at('2026-10-01T20:00:00Z'), at('2026-10-02T05:00:00Z')], 5);
    expect(ticks.map(({ text }) => text)).toEqual(['21:00', '2 Oct', '03:00']);
  });

  test('long spans count months, then years', () => {
    const months = timeTicks([at('2026-01-15T00:00:00Z'), at('2026-12-31T00:00:00Z')], 5);
    expect(months.map(({ text }) => text)).toEqual(['Apr 2026', 'Jul 2026', 'Oct 2026']);
    const years = timeTicks([at('2020-01-01T00:00:00Z'), at('2025-02-01T00:00:00Z')], 6);
    expect(years.map(({ text }) => text)).toEqual(['2020', '2021', '2022', '2023', '2024', '2025']);
  });

  test('lie inside the span and are few, whatever the span', () => {
    const hour = 3_600_000;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 2, max: 200_000 }), (from, hours) => {
        const to = from + hours * hour;
        const ticks = timeTicks([from, to], 5);
        expect(ticks.length).toBeLessThanOrEqual(7);
        for (const tick of ticks) {
          expect(tick.at).toBeGreaterThanOrEqual(from);
          expect(tick.at).toBeLessThanOrEqual(to);
        }
      }),
    );
  });
});
