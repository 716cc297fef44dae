import type { Verdict } from '../../judge/verdict.ts';
import { type Html, html } from '../html.ts';
import { round } from './frame.ts';
import type { Scale } from './scale.ts';
import { shape } from './shapes.ts';

/** One window of the series. Times are milliseconds. `value` is null where there was none. */
export interface SeriesPoint {
  readonly start: number;
  readonly end: number;
  readonly value: number | null;
  readonly noiseFloor: number | null;
  readonly verdict: Verdict;
}

export interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

/** The windows in unbroken runs: each begins where the one before ends, and each has the asked number. */
export function runs(
  points: readonly SeriesPoint[],
  number: (point: SeriesPoint) => number | null,
): readonly (readonly { readonly point: SeriesPoint; readonly value: number }[])[] {
  const found: { point: SeriesPoint; value: number }[][] = [];
  let before: SeriesPoint | null = null;
  for (const point of points) {
    const value = number(point);
    if (value === null) {
      before = null;
      continue;
    }
    if (before === null || before.end !== point.start) found.push([]);
    found.at(-1)?.push({ point, value });
    before = point;
  }
  return found;
}

/** The path through the windows, lifted where one is missing or has no number. */
export function linePath(points: readonly SeriesPoint[], { x, y }: Scales): string {
  return runs(points, (point) => point.value)
    .map((run) => `M${run.map(({ point, value }) => `${round(x(point.end))},${round(y(value))}`).join('L')}`)
    .join('');
}

/** A shape on every window in warn or breach, a dot on a window that has no neighbours to be joined with. */
export function marks(points: readonly SeriesPoint[], { x, y }: Scales): Html {
  const lone = new Set(
    runs(points, (point) => point.value).flatMap((run) =>
      run.length === 1 ? run.map((entry) => entry.point) : [],
    ),
  );
  const marked = points.filter(
    (point) => point.verdict === 'warn' || point.verdict === 'breach' || lone.has(point),
  );
  return html`${marked.map(
    (point) => point.value !== null && shape(point.verdict, { x: x(point.end), y: y(point.value), size: 4 }),
  )}`;
}

export function lastKnown(
  points: readonly SeriesPoint[],
): (SeriesPoint & { readonly value: number }) | undefined {
  return points.findLast((point): point is SeriesPoint & { readonly value: number } => point.value !== null);
}
