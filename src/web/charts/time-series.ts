import { shortNumber } from '../../judge/words.ts';
import { type Html, html } from '../html.ts';
import { type EndLabel, endLabels } from './end-labels.ts';
import { type Frame, figure, round, svgFrame, type Table, xAxis, yAxis } from './frame.ts';
import { linearScale, niceCeiling, niceTicks, type Span, timeTicks } from './scale.ts';
import { lastKnown, linePath, marks, runs, type Scales, type SeriesPoint } from './series-path.ts';
import { shape } from './shapes.ts';

export interface SeriesData {
  /** What is drawn, e.g. `PSI`. */
  readonly measure: string;
  /** Oldest first. */
  readonly points: readonly SeriesPoint[];
  /** The same measure of others, e.g. of earlier versions, drawn thinner and named at their last window. */
  readonly others: readonly { readonly label: string; readonly points: readonly SeriesPoint[] }[];
  readonly warn: number | null;
  readonly breach: number | null;
  /** Moments worth a line, e.g. a rollback. */
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const FRAME: Frame = { width: 400, height: 210, left: 40, right: 82, top: 26, bottom: 30 };
const BASE = FRAME.height - FRAME.bottom;
const RIGHT = FRAME.width - FRAME.right;

/**
 * A statistic over its windows: line broken where windows are missing, grey band up to the noise floor, limits named at
 * their right end, hatching where a window gave no number, a shape on each window in warn or breach.
 */
export function timeSeries(name: { readonly id: string; readonly subject: string }, data: SeriesData): Html {
  const { points } = data;
  const all = [points, ...data.others.map((other) => other.points)].flat();
  const span: Span =
    all.length === 0
      ? [0, 1]
      : [Math.min(...all.map(({ start }) => start)), Math.max(...all.map(({ end }) => end))];
  const values = all.flatMap((point) => [point.value ?? 0, point.noiseFloor ?? 0]);
  const top = niceCeiling(Math.max(...values, (data.breach ?? 0) * 1.2, (data.warn ?? 0) * 1.2, 1e-6) * 1.02);
  const scales: Scales = {
    x: linearScale(span, [FRAME.left, RIGHT]),
    y: linearScale([0, top], [BASE, FRAME.top]),
  };
  const yTicks = niceTicks(0, top, 4).map((tick) => ({ y: scales.y(tick), text: shortNumber(tick) }));
  const xTicks = timeTicks(span, 5).map(({ at, text }) => ({ x: scales.x(at), text }));
  const body = html`${hatching(name.id, points, scales)}${yAxis(FRAME, yTicks)}${noiseBand(points, scales)}${xAxis(FRAME, xTicks)}${eventLines(data, span, scales)}${limits(data, scales)}${others(data, scales)}<path class="value" d="${linePath(points, scales)}"/>${marks(points, scales)}${lastDot(points, scales)}${names(data, scales)}`;
  const title = `${data.measure} of ${name.subject} over time`;
  const drawing = svgFrame({ id: name.id, title, desc: describe(data) }, FRAME, body);
  return figure(`${data.measure} per window`, drawing, tableOf(data));
}

/** The newest window first; the lines of others have their label in a column of their own. */
function tableOf(data: SeriesData): Table {
  const rows = [
    ...data.points.map((point) => ({ point, label: '' })),
    ...data.others.flatMap(({ label, points }) => points.map((point) => ({ point, label }))),
  ];
  const many = data.others.length > 0;
  return {
    head: ['window end', data.measure, 'noise floor', 'verdict', ...(many ? ['line'] : [])],
    rows: rows
      .toSorted((a, b) => b.point.end - a.point.end)
      .map(({ point, label }) => [
        new Date(point.end).toISOString().slice(0, 16).replace('T', ' '),
        point.value === null ? '–' : shortNumber(point.value),
        point.noiseFloor === null ? '–' : shortNumber(point.noiseFloor),
        point.verdict.replace('_', ' '),
        ...(many ? [label] : []),
      ]),
  };
}

/** Their name stands beside their highest point: that is what they are shown for. */
function others(data: SeriesData, scales: Scales): Html {
  return html`${data.others.map(({ label, points }) => {
    const top = highestOf(points);
    const at = points.find((point) => point.value === top);
    const name =
      at !== undefined &&
      html`<text class="other-name" x="${round(scales.x(at.end) - 6)}" y="${round(Math.max(FRAME.top + 4, scales.y(top) - 6))}" text-anchor="end">${label}</text>`;
    return html`<path class="other" d="${linePath(points, scales)}"/>${marks(points, scales)}${name}`;
  })}`;
}

function noiseBand(points: readonly SeriesPoint[], { x, y }: Scales): Html {
  const bands = runs(points, (point) => point.noiseFloor).map((run) => {
    const steps = run.map(({ point, value }) => `V${round(y(value))}H${round(x(point.end))}`).join('');
    return `M${round(x(run[0]?.point.start ?? 0))},${BASE}${steps}V${BASE}Z`;
  });
  return html`<path class="noise" d="${bands.join('')}"/>`;
}

function hatching(id: string, points: readonly SeriesPoint[], { x }: Scales): Html | null {
  const unknown = points.filter((point) => point.value === null);
  if (unknown.length === 0) return null;
  const pattern = html`<defs><pattern id="${id}-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>`;
  return html`${pattern}${unknown.map(
    (point) =>
      html`<rect class="unknown" fill="url(#${id}-h)" x="${round(x(point.start))}" y="${FRAME.top}" width="${round(x(point.end) - x(point.start))}" height="${BASE - FRAME.top}"><title>${point.verdict.replace('_', ' ')}</title></rect>`,
  )}`;
}

/** The two limits as lines across the drawing; their names stand at the end. */
function limits(data: SeriesData, { y }: Scales): Html {
  const line = (kind: 'warn' | 'breach', limit: number | null): Html | null => {
    if (limit === null) return null;
    const at = round(y(limit));
    return html`<line class="limit ${kind}" x1="${FRAME.left}" x2="${RIGHT}" y1="${at}" y2="${at}"/>`;
  };
  return html`${line('warn', data.warn)}${line('breach', data.breach)}`;
}

/** Everything that ends at the right edge has its name and number there. */
function names(data: SeriesData, { y }: Scales): Html {
  const last = lastKnown(data.points);
  const floor = data.points.findLast((point) => point.noiseFloor !== null)?.noiseFloor;
  const labels: EndLabel[] = [];
  if (last !== undefined) labels.push({ y: y(last.value), text: shortNumber(last.value), kind: 'value' });
  if (data.warn !== null)
    labels.push({ y: y(data.warn), text: `warn ${shortNumber(data.warn)}`, kind: 'warn' });
  if (data.breach !== null)
    labels.push({ y: y(data.breach), text: `breach ${shortNumber(data.breach)}`, kind: 'breach' });
  if (floor !== undefined && floor !== null)
    labels.push({ y: y(floor / 2), text: `noise ${shortNumber(floor)}`, kind: 'noise' });
  return endLabels(labels, { x: RIGHT + 10, top: FRAME.top, bottom: BASE });
}

function eventLines(data: SeriesData, span: readonly [number, number], { x }: Scales): Html {
  const inside = data.marks.filter(({ at }) => at >= span[0] && at <= span[1]);
  return html`${inside.map(({ at, text }) => {
    const place = round(x(at));
    const late = place > (FRAME.left + RIGHT) / 2;
    return html`<g class="event"><line x1="${place}" x2="${place}" y1="${FRAME.top - 6}" y2="${BASE}"/><text x="${late ? place - 4 : place + 4}" y="${FRAME.top - 8}" text-anchor="${late ? 'end' : 'start'}">${text}</text></g>`;
  })}`;
}

function lastDot(points: readonly SeriesPoint[], { x, y }: Scales): Html | null {
  const last = lastKnown(points);
  return last === undefined ? null : shape(last.verdict, { x: x(last.end), y: y(last.value), size: 5 });
}

function describe(data: SeriesData): string {
  const last = lastKnown(data.points);
  if (last === undefined) return `No window has a value of ${data.measure}.`;
  const known = data.points.filter((point) => point.value !== null);
  const parts = [
    `${known.length} of ${data.points.length} windows have a value.`,
    `The latest is ${shortNumber(last.value)} (${last.verdict.replace('_', ' ')}), the highest ${shortNumber(highestOf(data.points))}.`,
    data.warn !== null && `Warn beyond ${shortNumber(data.warn)}.`,
    data.breach !== null && `Breach beyond ${shortNumber(data.breach)}.`,
    last.noiseFloor !== null && `Noise floor ${shortNumber(last.noiseFloor)}.`,
    ...data.others.map(({ label, points }) => `${label}: highest ${shortNumber(highestOf(points))}.`),
  ];
  return parts.filter((part) => part !== false).join(' ');
}

function highestOf(points: readonly SeriesPoint[]): number {
  return Math.max(0, ...points.map((point) => point.value ?? 0));
}
