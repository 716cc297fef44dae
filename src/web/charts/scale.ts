/** Maps a number of the domain to a place on the drawing. */
export type Scale = (value: number) => number;

export type Span = readonly [number, number];

/** A straight line from domain to range; a domain of no width maps everything to the middle of the range. */
export function linearScale(domain: Span, range: Span): Scale {
  const [from, to] = domain;
  const [start, end] = range;
  if (from === to) return () => (start + end) / 2;
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

/**
 * About `count` round numbers between the two ends, both ends included where they are round: multiples of 1, 2 or 5
 * times a power of ten, the step nearest to (max - min) / count.
 */
export function niceTicks(min: number, max: number, count: number): readonly number[] {
  if (!(max > min)) return [min];
  const rough = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step));
}

/** The smallest round number that is not below the value: the upper end of an axis. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return rounded(([1, 1.5, 2, 3, 4, 5, 7.5].find((factor) => factor * power >= value) ?? 10) * power);
}

/** Takes away what binary fractions add: 0.30000000000000004 is 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEPS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY] as const;
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120] as const;

/** Round instants (UTC) inside the span, at most `count` of them, and what to write under each. */
export function timeTicks(
  span: Span,
  count: number,
): readonly { readonly at: number; readonly text: string }[] {
  const [from, to] = span;
  const step = STEPS.find((candidate) => (to - from) / candidate <= count);
  if (step === undefined) return monthTicks(span, count);
  // Weeks begin on Monday; 1970-01-05 was the first one.
  const origin = step >= 7 * DAY ? 4 * DAY : 0;
  const ticks = [];
  for (let at = origin + Math.ceil((from - origin) / step) * step; at <= to; at += step) {
    ticks.push({ at, text: step < DAY ? hourText(at) : dayText(at) });
  }
  return ticks;
}

function monthTicks(span: Span, count: number): readonly { readonly at: number; readonly text: string }[] {
  const [from, to] = span;
  const start = new Date(from);
  const months = (to - from) / (30.44 * DAY);
  const step = MONTHS.find((candidate) => months / candidate <= count) ?? 240;
  const first = start.getUTCFullYear() * 12 + start.getUTCMonth();
  const ticks = [];
  for (let month = Math.ceil(first / step) * step; ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (at > to) return ticks;
    if (at >= from) ticks.push({ at, text: step >= 12 ? String(Math.floor(month / 12)) : monthText(at) });
  }
}

const NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export function dayText(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${NAMES[date.getUTCMonth()] ?? ''}`;
}

function monthText(at: number): string {
  const date = new Date(at);
  return `${NAMES[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`;
}

function hourText(at: number): string {
  const hour = new Date(at).getUTCHours();
  return hour === 0 ? dayText(at) : `${String(hour).padStart(2, '0')}:00`;
}
