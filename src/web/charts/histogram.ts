import { percent, shortNumber, wholeNumber } from '../../judge/words.ts';
import { type Html, html } from '../html.ts';
import { type Described, type Frame, figure, round, svgFrame, xAxis, yAxis } from './frame.ts';
import { linearScale, niceCeiling, niceTicks, type Scale } from './scale.ts';

/** The cells of one column, counts of both sides in one order; `edges` is null for categories. */
export interface HistogramData {
  readonly edges: readonly number[] | null;
  readonly labels: readonly string[];
  readonly baseline: readonly number[];
  readonly window: readonly number[];
}

interface Cell {
  readonly label: string;
  readonly before: number;
  readonly after: number;
  /** Whether the cell is an interval that touches its neighbour. */
  readonly interval: boolean;
}

interface Slot extends Cell {
  readonly from: number;
  readonly to: number;
}

const MOST_CELLS = 24;
const SPECIAL_WIDTH = 46;

/** Baseline as grey bars, window as a blue outline, both as shares of their rows, one slot per cell whatever its width in values. */
export function histogram(
  name: { readonly id: string; readonly subject: string },
  data: HistogramData,
): Html {
  const all = cellsOf(data);
  const cells = foldRare(all);
  const slanted = data.edges === null && needsSlant(cells);
  const frame: Frame = { width: 400, height: 210, left: 40, right: 8, top: 26, bottom: slanted ? 66 : 30 };
  const top = niceCeiling(Math.max(...cells.flatMap((cell) => [cell.before, cell.after]), 0.01));
  const y = linearScale([0, top], [frame.height - frame.bottom, frame.top]);
  const slots = layOut(cells, frame);
  const ticks = niceTicks(0, top, 4).map((tick) => ({ y: y(tick), text: percent(tick) }));
  const body = html`${yAxis(frame, ticks)}${bars(slots, y, frame)}${outline(slots, y, frame)}${
    data.edges === null ? categoryAxis(slots, frame, slanted) : edgeAxis(slots, data.edges, frame)
  }${legend(frame, data)}`;
  return figure(
    'Baseline against window, share of rows per cell',
    svgFrame(describe(name, all), frame, body),
    {
      head: ['cell', 'baseline rows', 'window rows', 'baseline', 'window'],
      rows: all.map((cell, index) => [
        cell.label,
        wholeNumber(data.baseline[index] ?? 0),
        wholeNumber(data.window[index] ?? 0),
        percent(cell.before),
        percent(cell.after),
      ]),
    },
  );
}

function cellsOf(data: HistogramData): readonly Cell[] {
  const before = sum(data.baseline);
  const after = sum(data.window);
  const intervals = data.edges === null ? 0 : data.edges.length + 1;
  return data.labels.map((label, index) => ({
    label,
    before: before > 0 ? (data.baseline[index] ?? 0) / before : 0,
    after: after > 0 ? (data.window[index] ?? 0) / after : 0,
    interval: index < intervals,
  }));
}

/** Too many categories for one drawing: the smallest on both sides are drawn as one; the table keeps them all. */
function foldRare(cells: readonly Cell[]): readonly Cell[] {
  const categories = cells.filter((cell) => !cell.interval);
  if (categories.length <= MOST_CELLS) return cells;
  const size = (cell: Cell): number => Math.max(cell.before, cell.after);
  const drawn = new Set([...categories].sort((a, b) => size(b) - size(a)).slice(0, MOST_CELLS - 1));
  const rest = categories.filter((cell) => !drawn.has(cell));
  const folded: Cell = {
    label: `${rest.length} more`,
    before: sum(rest.map((cell) => cell.before)),
    after: sum(rest.map((cell) => cell.after)),
    interval: false,
  };
  return [...cells.filter((cell) => cell.interval || drawn.has(cell)), folded];
}

function layOut(cells: readonly Cell[], frame: Frame): readonly Slot[] {
  const intervals = cells.filter((cell) => cell.interval).length;
  const special = cells.length - intervals;
  const room = frame.width - frame.left - frame.right;
  // Beside intervals the special cells stand apart, wide enough for their word.
  const gap = intervals > 0 && special > 0 ? 10 : 0;
  const specialWidth =
    intervals > 0 ? Math.min(SPECIAL_WIDTH, (room * 0.6) / Math.max(1, special)) : room / special;
  const width = intervals > 0 ? (room - gap - special * specialWidth) / intervals : 0;
  return cells.map((cell, index) => {
    const from = cell.interval
      ? frame.left + index * width
      : frame.left + intervals * width + gap + (index - intervals) * specialWidth;
    return { ...cell, from, to: from + (cell.interval ? width : specialWidth) };
  });
}

function bars(slots: readonly Slot[], y: Scale, frame: Frame): Html {
  const base = frame.height - frame.bottom;
  return html`<g>${slots.map((slot) => {
    const inset = slot.interval ? 0.5 : (slot.to - slot.from) * 0.12;
    const place = html`x="${round(slot.from + inset)}" width="${round(slot.to - slot.from - 2 * inset)}"`;
    return html`<g class="cell"><title>${slot.label}: baseline ${percent(slot.before)}, window ${percent(slot.after)}</title><rect class="baseline" ${place} y="${round(y(slot.before))}" height="${round(base - y(slot.before))}"/><rect class="hit" ${place} y="${frame.top}" height="${base - frame.top}"/></g>`;
  })}</g>`;
}

/** Intervals share one stepped line, every other cell has a frame of its own: a line between categories would say something that is not so. */
function outline(slots: readonly Slot[], y: Scale, frame: Frame): Html {
  const base = round(frame.height - frame.bottom);
  const intervals = slots.filter((slot) => slot.interval);
  const steps = intervals.map((slot) => `V${round(y(slot.after))}H${round(slot.to)}`).join('');
  const line = intervals.length > 0 ? `M${round(intervals[0]?.from ?? 0)},${base}${steps}V${base}` : '';
  const boxes = slots
    .filter((slot) => !slot.interval)
    .map((slot) => {
      const inset = (slot.to - slot.from) * 0.12;
      return `M${round(slot.from + inset)},${base}V${round(y(slot.after))}H${round(slot.to - inset)}V${base}`;
    });
  return html`<path class="window" d="${[line, ...boxes].join('')}"/>`;
}

/** Numbers stand where two cells meet; as many as there is room for. */
function edgeAxis(slots: readonly Slot[], edges: readonly number[], frame: Frame): Html {
  const widest = Math.max(...edges.map((edge) => shortNumber(edge).length), 1) * 6.8 + 8;
  const slot = slots[0];
  const every = slot === undefined ? 1 : Math.max(1, Math.ceil(widest / (slot.to - slot.from)));
  const ticks = edges
    .map((edge, index) => ({ x: slots[index]?.to ?? 0, text: shortNumber(edge) }))
    .filter((_, index) => index % every === 0);
  const special = slots.filter(({ interval }) => !interval);
  return html`${xAxis(frame, ticks)}<g class="axis">${special.map((cell) => word(cell, frame))}</g>`;
}

function categoryAxis(slots: readonly Slot[], frame: Frame, slanted: boolean): Html {
  const words = slanted
    ? slots.map((slot) => slantedWord(slot, frame))
    : slots.map((slot) => word(slot, frame));
  return html`${xAxis(frame, [])}<g class="axis">${words}</g>`;
}

function word(slot: Slot, frame: Frame): Html {
  const y = frame.height - frame.bottom + 16;
  return html`<text x="${round((slot.from + slot.to) / 2)}" y="${y}" text-anchor="middle">${spoken(slot.label)}</text>`;
}

function slantedWord(slot: Slot, frame: Frame): Html {
  const x = round((slot.from + slot.to) / 2 + 4);
  const y = frame.height - frame.bottom + 12;
  return html`<text x="${x}" y="${y}" text-anchor="end" transform="rotate(-38 ${x} ${y})">${shortened(spoken(slot.label))}</text>`;
}

function needsSlant(cells: readonly Cell[]): boolean {
  const room = 352 / Math.max(1, cells.length);
  return cells.some((cell) => cell.label.length * 6.8 > room);
}

function shortened(label: string): string {
  const letters = Array.from(label);
  return letters.length > 13 ? `${letters.slice(0, 12).join('')}…` : label;
}

function spoken(label: string): string {
  return label === 'non_finite' ? 'not finite' : label;
}

function legend(frame: Frame, data: HistogramData): Html {
  const middle = frame.left + (frame.width - frame.left) / 2;
  return html`<g class="legend"><rect class="baseline" x="${frame.left}" y="6" width="10" height="10"/><text x="${frame.left + 15}" y="15">baseline, ${wholeNumber(sum(data.baseline))} rows</text><path class="window" d="M${middle},16V7H${middle + 10}V16"/><text x="${middle + 15}" y="15">window, ${wholeNumber(sum(data.window))} rows</text></g>`;
}

function describe(name: { id: string; subject: string }, cells: readonly Cell[]): Described {
  const change = (cell: Cell): number => Math.abs(cell.after - cell.before);
  const largest = [...cells].sort((a, b) => change(b) - change(a))[0];
  const desc =
    largest === undefined
      ? 'There are no cells.'
      : `Shares of rows per cell. The largest change is in ${largest.label}: ${percent(largest.before)} in the baseline, ${percent(largest.after)} in the window.`;
  return { id: name.id, title: `${name.subject}: baseline against window`, desc };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
