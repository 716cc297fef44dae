import { isUnknown, type Verdict } from '../../judge/verdict.ts';
import { type Html, html } from '../html.ts';
import { type Frame, round, svgFrame } from './frame.ts';
import { linearScale, type Scale, type Span, timeTicks } from './scale.ts';

/** One model's past: what each window was found to be, and what happened. Times are milliseconds. */
export interface Lane {
  readonly name: string;
  readonly windows: readonly { readonly start: number; readonly end: number; readonly verdict: Verdict }[];
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

export interface TimelineData {
  readonly lanes: readonly Lane[];
  readonly span: Span;
}

const LANE = 34;
/** The height of a bar says the verdict as much as its colour does. */
const HEIGHTS: { readonly [verdict in Verdict]: number } = {
  ok: 6,
  warn: 12,
  breach: 20,
  error: 12,
  insufficient: 12,
  no_data: 12,
  stale: 12,
};

/** One lane per model, name above its bars; drawn for the given width, so that words keep their size. */
export function timeline(id: string, width: number, data: TimelineData): Html {
  const [from, to] = data.span;
  const visible = data.lanes.map((lane) => ({
    ...lane,
    marks: lane.marks.filter(({ at }) => at >= from && at <= to),
  }));
  const frame: Frame = {
    width,
    height: 26 + data.lanes.length * (LANE + 16),
    left: 8,
    right: 8,
    top: 4,
    bottom: 22,
  };
  const x = linearScale(data.span, [frame.left, width - frame.right]);
  const base = frame.height - frame.bottom;
  const ticks = timeTicks(data.span, width > 700 ? 12 : 5);
  const axis = html`<g class="axis"><line class="base" x1="${frame.left}" x2="${width - frame.right}" y1="${base}" y2="${base}"/>${ticks.map(
    ({ at, text }, index) =>
      html`<line class="base" x1="${round(x(at))}" x2="${round(x(at))}" y1="${base}" y2="${base + 4}"/><text x="${round(x(at))}" y="${base + 16}" text-anchor="${anchorOf(index, x(at), frame)}">${text}</text>`,
  )}</g>`;
  const pattern = html`<defs><pattern id="${id}-h" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs>`;
  const lanes = visible.map((lane, index) =>
    laneBars(lane, { id, x, floor: frame.top + 12 + index * (LANE + 16) + LANE, frame }),
  );
  return svgFrame(
    { id, title: 'Verdicts of the newest windows, one lane per model', desc: describe(visible) },
    frame,
    html`${pattern}${axis}${lanes}`,
  );
}

interface Place {
  readonly id: string;
  readonly x: Scale;
  readonly floor: number;
  readonly frame: Frame;
}

function laneBars(lane: Lane, { id, x, floor, frame }: Place): Html {
  const bars = lane.windows.map(({ start, end, verdict }) => {
    const height = HEIGHTS[verdict];
    const left = Math.max(x(start), frame.left);
    const width = Math.max(1, x(end) - left - 1);
    const fill = isUnknown(verdict) ? html` fill="url(#${id}-h)"` : '';
    return html`<rect class="b-${verdict}"${fill} x="${round(left)}" y="${floor - height}" width="${round(width)}" height="${height}"><title>${verdict.replace('_', ' ')}, window until ${new Date(end).toISOString().slice(0, 16).replace('T', ' ')}</title></rect>`;
  });
  const marks = lane.marks.map(({ at, text }) => {
    const place = round(x(at));
    const late = place > frame.width / 2;
    return html`<g class="event"><path d="M${place},${floor - 22}l-4,-6h8Z"/><line x1="${place}" x2="${place}" y1="${floor - 22}" y2="${floor}"/><text x="${late ? place - 7 : place + 7}" y="${floor - 23}" text-anchor="${late ? 'end' : 'start'}">${text}</text></g>`;
  });
  return html`<g class="lane"><text class="lane-name" x="${frame.left}" y="${floor - 26}">${lane.name}</text><line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${floor}" y2="${floor}"/>${bars}${marks}</g>`;
}

function anchorOf(index: number, x: number, frame: Frame): string {
  if (x > frame.width - frame.right - 24) return 'end';
  return index === 0 && x < frame.left + 24 ? 'start' : 'middle';
}

function describe(lanes: readonly Lane[]): string {
  return lanes
    .map(({ name, windows, marks }) => {
      const count = (verdict: Verdict): number =>
        windows.filter((window) => window.verdict === verdict).length;
      const unknown = windows.filter((window) => isUnknown(window.verdict)).length;
      const events = marks.length > 0 ? `; ${marks.map(({ text }) => text).join(', ')}` : '';
      return `${name}: ${windows.length} windows, ${count('breach')} breach, ${count('warn')} warn, ${unknown} unknown${events}.`;
    })
    .join(' ');
}
