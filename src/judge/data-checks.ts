import type { BaselineColumn, CellCounts } from '../baseline/bins.ts';
import { chanceRate, type RateCounts } from '../statistics/chance-rate.ts';
import type { DataMethod } from '../statistics/measurement.ts';
import { rate } from '../statistics/rate.ts';
import { type Columns, missingColumns, schema } from '../statistics/schema.ts';
import { volume, type WindowRows } from '../statistics/volume.ts';
import { checkOf, unmeasured } from './data-check.ts';
import type { Judgement, Limits } from './limit.ts';
import { type RequestsQuestion, requestChecks } from './request-checks.ts';
import type { Check } from './verdict.ts';
import { percent, shortNumber, wholeNumber } from './words.ts';

export type RateMethod = Exclude<Extract<DataMethod, `${string}_rate`>, 'rejected_rate'>;

/** One rate of one column, in rows of both sides. */
export interface RateQuestion extends RateCounts {
  readonly subject: string;
  readonly method: RateMethod;
}

/** What of a window is asked about the data themselves, whatever their distribution. Judged on the rows of all versions. */
export interface DataQuestion {
  readonly rates: readonly RateQuestion[];
  readonly columns: Columns;
  readonly window: WindowRows;
  /** Earlier windows of the model, as they were counted. */
  readonly earlier: readonly WindowRows[];
  /** Of payload tables, what became of every logged request; null for the others. */
  readonly requests: RequestsQuestion | null;
  readonly minRows: number;
  /** How often, per window, any of the rates may be over its limit by chance alone. */
  readonly chance: number;
}

/**
 * Limits on the rise of a rate over that of the baseline: five points warn, twenty are a breach; where less than that is left, a
 * quarter and a half of what is left. A feed that loses one value in twenty is worth a look, one in five is broken.
 */
const RISE = { warn: { points: 0.05, share: 0.25 }, breach: { points: 0.2, share: 0.5 } } as const;

/** Limits of `volume`: half or double the usual number of rows warns, a tenth or tenfold is a breach. */
const VOLUME: Limits = { warn: 0.5, breach: 0.9 };

/** A single missing column is a breach. */
const SCHEMA: Limits = { warn: 0, breach: 0 };

/** How a rate is told: what its cells are called, and what is said of its rows. */
const RATES: {
  readonly [method in RateMethod]: {
    readonly labels: readonly [string, string];
    readonly said: (subject: string) => string;
  };
} = {
  missing_rate: { labels: ['missing', 'present'], said: (subject) => `have no ${subject}` },
  unseen_rate: {
    labels: ['unseen', 'known'],
    said: (subject) => `have a level of ${subject} that the baseline does not have`,
  },
  non_finite_rate: {
    labels: ['non_finite', 'finite'],
    said: (subject) => `have a value of ${subject} that is not a finite number`,
  },
};

/** The rates that a column has: missing values always, unseen levels for categories, non-finite numbers for numbers. */
export function ratesOf(
  column: BaselineColumn,
  counts: CellCounts,
  { rows, baselineRows }: { readonly rows: number; readonly baselineRows: number },
): readonly RateQuestion[] {
  const baseline = column.counts;
  const about = { subject: column.name, rows, baselineRows };
  const missing = {
    ...about,
    method: 'missing_rate',
    count: counts.missing,
    baselineCount: baseline.missing,
  } as const;
  return column.bins.kind === 'numeric'
    ? [
        missing,
        {
          ...about,
          method: 'non_finite_rate',
          count: counts.nonFinite,
          baselineCount: baseline.nonFinite,
        },
      ]
    : [missing, { ...about, method: 'unseen_rate', count: counts.unseen, baselineCount: baseline.unseen }];
}

/** All checks of the policy check `data`. A rate without such a row on either side is tested, but not worth a line. */
export function dataChecks(question: DataQuestion): readonly Check[] {
  const { rates, columns, window, earlier } = question;
  const told = rates.filter(({ count, baselineCount }) => count + baselineCount > 0);
  return [
    schemaCheck(columns),
    volumeCheck(window, earlier),
    ...(question.requests === null ? [] : requestChecks(question.requests)),
    ...told.map((each) =>
      rateCheck(each, { chance: question.chance / rates.length, minRows: question.minRows }),
    ),
  ];
}

/**
 * Limits of a rate. They never lie within what sampling does: they are at least the rate that a window of so many rows
 * exceeds with probability `chance` when nothing has changed.
 */
export function rateLimits(counts: RateCounts, chance: number): Limits {
  const before = counts.baselineCount / counts.baselineRows;
  const least = chanceRate(chance, counts);
  const limit = ({ points, share }: { points: number; share: number }): number =>
    Math.max(least, before + Math.min(points, share * (1 - before)));
  return { warn: limit(RISE.warn), breach: limit(RISE.breach) };
}

function rateCheck(
  question: RateQuestion,
  { chance, minRows }: { readonly chance: number; readonly minRows: number },
): Check {
  const { subject, method, count, rows, baselineCount, baselineRows } = question;
  const measurement = rate(question);
  const { labels, said } = RATES[method];
  const cells = {
    edges: null,
    labels,
    baseline: [baselineCount, baselineRows - baselineCount],
    window: [count, rows - count],
  };
  const base = { ...checkOf(subject, method, measurement), cells };
  if (measurement.kind === 'not_measured')
    return unmeasured(base, `The ${method} of ${subject}`, measurement.reason);
  const limits = rateLimits(question, chance);
  const found = `${percent(measurement.value)} of ${wholeNumber(rows)} rows ${said(subject)}`;
  const before = `in the baseline it was ${percent(baselineCount / baselineRows)}`;
  const judged =
    rows < minRows
      ? few(`The ${method} of ${subject}`, rows, minRows)
      : judge(measurement.value, limits, { found, before, written: percent });
  return { ...base, ...limits, ...judged };
}

function volumeCheck(window: WindowRows, earlier: readonly WindowRows[]): Check {
  const measurement = volume(window, earlier);
  const base = checkOf('rows', 'volume', measurement);
  if (measurement.kind === 'not_measured')
    return unmeasured(base, 'How unusual the number of rows is', measurement.reason);
  const { usual = null, ratio = null } = measurement.details ?? {};
  const found = `${wholeNumber(window.rows)} rows are ${shortNumber(ratio ?? 0)} of the usual ${wholeNumber(usual ?? 0)}`;
  const written = (limit: number): string => `${shortNumber(1 - limit)} or ${shortNumber(1 / (1 - limit))}`;
  const { value, noiseFloor } = measurement;
  // Constant limits, and chance as an excuse: limits that moved with the history would make equal counts look unequal.
  if (value > VOLUME.warn && value <= noiseFloor) {
    const reason = `${found}, which is not beyond the spread of the earlier windows.`;
    return { ...base, ...VOLUME, verdict: 'ok', reason };
  }
  return { ...base, ...VOLUME, ...judge(value, VOLUME, { found, before: null, written }) };
}

function schemaCheck(columns: Columns): Check {
  const measurement = schema(columns);
  const base = checkOf('columns', 'schema', measurement);
  const lacking = missingColumns(columns.expected, columns.found);
  const beyond = missingColumns(columns.found, columns.expected);
  const news = beyond.length === 0 ? '' : ` Not in the baseline: ${named(beyond)}.`;
  return lacking.length === 0
    ? {
        ...base,
        ...SCHEMA,
        verdict: 'ok',
        reason: `${columns.expected.length === 1 ? 'The one column is' : `All ${columns.expected.length} columns are`} there.${news}`,
      }
    : { ...base, ...SCHEMA, verdict: 'breach', reason: `Missing: ${named(lacking)}.${news}` };
}

/** The first ten names, and how many there are more. */
function named(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return `${names.slice(0, 10).join(', ')}${more}`;
}

/** Value over limit, in words. */
function judge(
  value: number,
  limits: Limits,
  words: {
    readonly found: string;
    readonly before: string | null;
    readonly written: (limit: number) => string;
  },
): Judgement {
  const { found, before, written } = words;
  const end = before === null ? '.' : `; ${before}.`;
  if (value > limits.breach)
    return { verdict: 'breach', reason: `${found}, over the breach limit ${written(limits.breach)}${end}` };
  if (value > limits.warn)
    return {
      verdict: 'warn',
      reason: `${found}, over the warn limit ${written(limits.warn)}, not over the breach limit ${written(limits.breach)}${end}`,
    };
  return { verdict: 'ok', reason: `${found}, within the warn limit ${written(limits.warn)}${end}` };
}

function few(what: string, rows: number, minRows: number): Judgement {
  const reason = `${what} needs at least ${wholeNumber(minRows)} rows in a window, this one has ${wholeNumber(rows)}.`;
  return { verdict: 'insufficient', reason };
}
