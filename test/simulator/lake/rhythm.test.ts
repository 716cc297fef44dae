import { describe, expect, it } from 'vitest';
import { PORTFOLIO } from '../../../src/simulator/lake/portfolio.ts';
import { rowsInHour, wobble } from '../../../src/simulator/lake/rhythm.ts';
import { DAY, HOUR, START } from '../support.ts';

function rowsOnDay(rowsPerDay: number, day: number, key = '1/credit_pd'): number {
  return Array.from({ length: 24 }, (_, hour) =>
    rowsInHour(key, rowsPerDay, START + day * DAY + hour * HOUR),
  ).reduce((sum, rows) => sum + rows, 0);
}

describe('rhythm of the requests', () => {
  it('is 4 000 to 6 000 rows a day for each model, fewer on Sundays than on Mondays', () => {
    for (const { rowsPerDay } of PORTFOLIO) {
      for (let day = 0; day < 28; day += 1) {
        expect(rowsOnDay(rowsPerDay, day)).toBeGreaterThan(4000);
        expect(rowsOnDay(rowsPerDay, day)).toBeLessThan(6000);
      }
      // START is a Sunday.
      expect(rowsOnDay(rowsPerDay, 1) / rowsOnDay(rowsPerDay, 0)).toBeGreaterThan(1.2);
    }
  });

  it('has nights, and no two days alike', () => {
    expect(rowsInHour('k', 5000, START + 3 * HOUR)).toBeLessThan(
      rowsInHour('k', 5000, START + 11 * HOUR) / 5,
    );
    expect(rowsOnDay(5000, 0)).not.toBe(rowsOnDay(5000, 7));
    expect(rowsOnDay(5000, 0)).toBe(rowsOnDay(5000, 0));
  });

  it('wobbles between -1 and 1, by the day', () => {
    const days = Array.from({ length: 200 }, (_, day) => wobble('k', START + day * DAY));
    expect(Math.min(...days)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...days)).toBeLessThanOrEqual(1);
    expect(new Set(days).size).toBe(200);
    expect(wobble('k', START + 5 * HOUR)).toBe(wobble('k', START));
  });
});
