/** The minutes a cron line names: which values each of its five fields allows. */
export interface CronLine {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** As crontab(5) has it: where both kinds of day are limited, one of them suffices. */
  readonly eitherDay: boolean;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  // Both 0 and 7 are Sunday.
  { min: 0, max: 7, names: WEEKDAYS },
];

/** Reads the five fields: `*`, numbers, English three-letter names, ranges, steps, lists. Null when it is no cron line. */
export function parseCron(line: string): CronLine | null {
  const parts = line.trim().split(/ +/);
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    valuesOf(parts[index] ?? '', field),
  );
  if (parts.length !== FIELDS.length) return null;
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  return {
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map((day) => day % 7)),
    eitherDay: !parts[2]?.startsWith('*') && !parts[4]?.startsWith('*'),
  };
}

/** Ascending, each once; null when the text is no list of ranges within the field. */
function valuesOf(text: string, field: Field): readonly number[] | null {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const values = rangeOf(item, field);
    if (values === null) return null;
    for (const value of values) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(item: string, field: Field): readonly number[] | null {
  const match = /^(?<span>\*|\w+(?:-\w+)?)(?:\/(?<step>[1-9]\d{0,2}))?$/.exec(item);
  const { span = '', step } = match?.groups ?? {};
  const [from, to] = boundsOf(span, field, step !== undefined);
  if (from === null || to === null) return null;
  const values: number[] = [];
  for (let value = from; value <= to; value += Number(step ?? 1)) values.push(value);
  return values.length === 0 ? null : values;
}

/** First and last value of `*`, `5`, `5-9`; with a step `5` reaches to the end, as in `5-59`. */
function boundsOf(span: string, field: Field, stepped: boolean): readonly [number | null, number | null] {
  if (span === '*') return [field.min, topOf(field)];
  const [low = '', high] = span.split('-');
  const from = valueOf(low, field);
  if (high !== undefined) return [from, valueOf(high, field)];
  return [from, stepped ? topOf(field) : from];
}

/** A week ends with Saturday: `*` must not name Sunday twice. */
function topOf({ max, names }: Field): number {
  return names.length === 7 ? 6 : max;
}

function valueOf(text: string, { min, max, names }: Field): number | null {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + (names.length === 12 ? 1 : 0);
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/**
 * The last minute at or before `now` that the line names on a clock in the time zone, if it is later than `after`; else
 * null. Instants in milliseconds. An hour that a clock shows twice begins twice; a minute that it leaps over counts as
 * long after the leap as it would have come after it, so that no day loses its start.
 */
export function lastStart(
  line: CronLine,
  timezone: string,
  range: { readonly after: number; readonly now: number },
): number | null {
  const { after, now } = range;
  const wall = wallClock(timezone);
  const first = dayOf(wall(after)) - DAY;
  for (let day = dayOf(wall(now)) + DAY; day >= first; day -= DAY) {
    if (!namesDay(line, day)) continue;
    const starts = startsOf(line, day, wall).filter((start) => start <= now && start > after);
    if (starts.length > 0) return Math.max(...starts);
  }
  return null;
}

/** Days and wall clocks are written as the UTC instant that shows the same figures. */
function dayOf(local: number): number {
  return Math.floor(local / DAY) * DAY;
}

function namesDay(line: CronLine, day: number): boolean {
  const date = new Date(day);
  if (!line.months.has(date.getUTCMonth() + 1)) return false;
  const byDate = line.days.has(date.getUTCDate());
  const byWeekday = line.weekdays.has(date.getUTCDay());
  return line.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

function startsOf(line: CronLine, day: number, wall: (instant: number) => number): readonly number[] {
  const offsetNear = (local: number): number => wall(local) - local;
  // A clock is moved at most once around a day; zones reach from UTC-12 to UTC+14.
  const before = offsetNear(day - DAY);
  const offsets = [...new Set([before, offsetNear(day + 2 * DAY)])];
  const locals = line.hours.flatMap((hour) =>
    line.minutes.map((minute) => day + (hour * 60 + minute) * MINUTE),
  );
  if (offsets.length === 1) return locals.map((local) => local - before);
  return locals.flatMap((local) => {
    const shown = offsets.map((offset) => local - offset).filter((instant) => wall(instant) === local);
    return shown.length > 0 ? shown : [local - before];
  });
}

/** What a clock in the zone shows at an instant, to the minute. */
function wallClock(timezone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (instant) => {
    const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  };
}
