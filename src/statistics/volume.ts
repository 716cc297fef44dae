import { median } from 'simple-statistics';
import { BOUND_TAIL, type Measurement, NOISE_TAIL } from './measurement.ts';
import { studentQuantile } from './special/student.ts';

/** Fewer comparable windows say nothing about what is usual. */
const FEWEST = 4;
/** Older ones say little about what is usual now. */
const MOST = 12;
const DAY = 86_400_000;
const WEEK = 7 * DAY;

/** Rows of one window, `[start, end)` in milliseconds since 1970. */
export interface WindowRows {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/**
 * How far the rows of a window are from the usual number at that hour and weekday: `1 - min(r, 1/r)`, r the rows over the usual
 * number. 0 is as usual, 0.5 half or double, 0.9 a tenth or tenfold, 1 nothing at all.
 *
 * Usual is the median of the newest 12 comparable windows before it: of the same length, and starting at the same time of the same
 * weekday (UTC) when that length divides a week, else of any. At least 4. Windows without rows are left out: they were told as such.
 * `noiseFloor`: the logarithms of the comparable numbers are taken as normal around a steady level, with their own standard deviation but
 * at least that of a Poisson count; the floor is what Student's law leaves to the next one in one of a thousand windows.
 * `lower`, `upper`: 95 % bounds of the distance from the level behind them; the rows of the window itself are counted, not estimated.
 * `details.usual` is the usual number, `details.ratio` is r.
 *
 * Misleads: holidays are no weekdays; a steady growth is seen as a distance; an outage among the comparable windows widens the floor.
 *
 * Source: prediction interval of the log-normal law, Hahn and Meeker 1991, Statistical Intervals. O(w log w), w windows.
 *
 * @example volume({ start: 24192e5, end: 3024e6, rows: 500 }, [{ start: 0, end: 6048e5, rows: 900 }, { start: 6048e5, end: 12096e5, rows: 1000 }, { start: 12096e5, end: 18144e5, rows: 1000 }, { start: 18144e5, end: 24192e5, rows: 1100 }]) // value 0.5, usual 1000, ratio 0.5
 */
export function volume(window: WindowRows, earlier: readonly WindowRows[]): Measurement {
  const comparable = comparableRows(window, earlier);
  const { rows } = window;
  const counts = { rows, baselineRows: comparable.reduce((total, each) => total + each, 0) };
  if (comparable.length < FEWEST) {
    const reason = `only ${comparable.length} earlier windows can be compared with, of ${FEWEST} needed`;
    return { kind: 'not_measured', reason, ...counts };
  }
  const usual = median([...comparable]);
  const spread = Math.sqrt(Math.max(1 / usual, variance(comparable.map(Math.log))));
  const freedom = comparable.length - 1;
  // The median of k normal values has pi/2 times the variance of their mean.
  const centre = Math.PI / 2 / comparable.length;
  const distance = Math.abs(Math.log(rows / usual));
  const radius = studentQuantile(BOUND_TAIL, freedom) * spread * Math.sqrt(centre);
  return {
    kind: 'measured',
    value: shortfall(distance),
    lower: shortfall(Math.max(0, distance - radius)),
    upper: shortfall(distance + radius),
    noiseFloor: shortfall(studentQuantile(NOISE_TAIL, freedom) * spread * Math.sqrt(1 + centre)),
    ...counts,
    details: { usual, ratio: rows / usual },
  };
}

/** Rows of the windows that are like this one, newest first. */
function comparableRows(window: WindowRows, earlier: readonly WindowRows[]): readonly number[] {
  const length = window.end - window.start;
  // Windows that fill a week evenly have a weekday and an hour; all others are like each other.
  const period = WEEK % length === 0 ? WEEK : 1;
  return earlier
    .filter(({ start, end, rows }) => rows > 0 && end <= window.start && sameLength(end - start, length))
    .filter(({ start }) => (window.start - start) % period === 0)
    .sort((a, b) => b.start - a.start)
    .slice(0, MOST)
    .map(({ rows }) => rows);
}

/** Calendar months and quarters differ by days, and are windows of one length all the same. */
function sameLength(a: number, b: number): boolean {
  return Math.abs(a - b) < (b >= 28 * DAY ? 4 * DAY : 1);
}

/** Of a distance between logarithms: the share by which the smaller number falls short of the larger. */
function shortfall(distance: number): number {
  return -Math.expm1(-distance);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
}
