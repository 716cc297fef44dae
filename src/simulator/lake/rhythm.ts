import { uniform } from '../files.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Sunday first. */
const WEEKDAY = [0.84, 1.1, 1.08, 1.05, 1.03, 1.0, 0.88];
/** Relative traffic of the hours of a day, UTC. */
const HOURS = [1, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 10, 10, 11, 11, 10, 9, 8, 7, 6, 4, 3, 2];
const HOURS_SUM = HOURS.reduce((sum, weight) => sum + weight, 0);

/** Requests in the hour that starts at `hour` (milliseconds): the week's and the day's rhythm, and a little chance. */
export function rowsInHour(key: string, rowsPerDay: number, hour: number): number {
  const at = new Date(hour);
  const weekday = WEEKDAY[at.getUTCDay()] ?? 1;
  const share = (HOURS[at.getUTCHours()] ?? 0) / HOURS_SUM;
  const chance = 1 + 0.06 * (uniform(`${key} rows ${hour}`) - 0.5);
  return Math.round(rowsPerDay * weekday * share * chance);
}

/**
 * The benign wobble of a day, in [-1, 1]: no two days are alike, but the applicants stay the same people. What is made of
 * it stays below what sampling alone does to a day's PSI.
 */
export function wobble(key: string, hour: number): number {
  return 2 * uniform(`${key} wobble ${Math.floor(hour / DAY)}`) - 1;
}
