import { chanceRate } from '../statistics/chance-rate.ts';
import { UNMEASURED } from './checks.ts';
import type { Check } from './verdict.ts';
import { percent, wholeNumber } from './words.ts';

/** Fewer rows than this say nothing about a release. */
export const BAKE_ROWS = 50;
/** Fewer rows than this before a release are nothing to compare it with. */
export const REFERENCE_ROWS = 200;
/** How often, at most, a rule may speak by chance in one window of one version: once in a million million. */
export const BAKE_CHANCE = 1e-12;
/** Gross: at least every second row. */
const GROSS = 0.5;
/** Inputs vary when the fullest cell of some feature holds no more than this share of the rows. */
const MOST_ALIKE = 0.9;

/** How many rows had something, of how many. */
export interface Share {
  readonly count: number;
  readonly rows: number;
}

/** What was usual before the release, over all versions; null where it was not counted. */
export interface BakeReference {
  /** Predictions that are null or not finite. */
  readonly nulls: Share;
  /** The fullest cell of the prediction: no single value was more frequent than this. */
  readonly fullest: Share;
  readonly errors: Share | null;
  /** Answers above `over`, and that limit, in the unit of the column: eight times what 95 of 100 answers took. */
  readonly slow: (Share & { readonly over: number }) | null;
}

/** What one version did in one window. */
export interface BakeRows {
  readonly version: string;
  readonly rows: number;
  readonly nulls: number;
  /** Whether every prediction there is has one and the same value; null where it was not asked. */
  readonly constant: boolean | null;
  readonly errors: number | null;
  /** Of how many answers the errors are, where error answers are no rows; absent: they are among the rows. */
  readonly answers?: number;
  readonly slow: number | null;
  /** Share of the rows in the fullest cell of the feature that varies most; null without features. */
  readonly alike: number | null;
}

/** A feature of the window over all versions. */
export interface FeatureNulls extends Share {
  readonly name: string;
  readonly baselineCount: number;
  readonly baselineRows: number;
}

/**
 * Gross failure of a version: nothing but one value, no value, error answers, answers that take many times as long. Each rule
 * asks for at least half of the rows, and for more than chance makes of what was usual with probability {@link BAKE_CHANCE}:
 * one breach is enough because none comes by chance. Rows are taken as independent of each other.
 */
export function bakeChecks(rows: BakeRows, reference: BakeReference, prediction: string): readonly Check[] {
  const about = { version: rows.version, rows: rows.rows };
  const few = tooFew(rows.rows, reference.nulls.rows);
  const rates: readonly (RateRule | null)[] = [
    {
      ...{ subject: prediction, method: 'null_rate', count: rows.nulls, before: reference.nulls },
      said: `have no ${prediction}, or one that is no finite number`,
    },
    rows.errors === null || reference.errors === null
      ? null
      : {
          ...{ subject: 'status', method: 'error_rate', count: rows.errors, before: reference.errors },
          said: 'are error answers',
          ...(rows.answers === undefined ? {} : { of: rows.answers }),
        },
    rows.slow === null || reference.slow === null
      ? null
      : {
          ...{ subject: 'latency', method: 'slow_rate', count: rows.slow, before: reference.slow },
          said: `took longer than ${reference.slow.over}, eight times what 95 of 100 answers took before`,
        },
  ];
  return [
    ...(rows.constant === null ? [] : [constantCheck(rows, reference, { prediction, few })]),
    ...rates.flatMap((rule) => {
      if (rule === null) return [];
      const { of = rows.rows } = rule;
      return [rateCheck(rule, { ...about, rows: of }, of === rows.rows ? few : tooFew(of, rule.before.rows))];
    }),
  ];
}

/** A feed that has lost its features is not the release's doing: judged on the rows of all versions. */
export function bakeFeedChecks(features: readonly FeatureNulls[]): readonly Check[] {
  return features.map(({ name, count, rows, baselineCount, baselineRows }) => ({
    ...rateCheck(
      {
        ...{ subject: name, method: 'missing_rate', count, said: `have no ${name}` },
        before: { count: baselineCount, rows: baselineRows },
      },
      { version: 'all', rows },
      tooFew(rows, baselineRows),
    ),
    check: 'data',
    kind: 'data',
  }));
}

interface RateRule {
  readonly subject: string;
  readonly method: string;
  readonly count: number;
  readonly before: Share;
  readonly said: string;
  /** Of how many, where it is not the rows. */
  readonly of?: number;
}

interface About {
  readonly version: string;
  readonly rows: number;
}

function rateCheck(rule: RateRule, { version, rows }: About, few: string | null): Check {
  const { subject, method, count, before, said } = rule;
  const base = { ...PREDICTION, subject, method, version, rows, baselineRows: before.rows };
  if (few !== null) return { ...base, verdict: 'insufficient', reason: few };
  const breach = Math.max(GROSS, chanceOf(rows, before));
  const value = count / rows;
  const found = `${percent(value)} of ${wholeNumber(rows)} rows ${said}; before it was ${percent(before.count / before.rows)}`;
  if (breach >= 1)
    return { ...base, value, verdict: 'insufficient', reason: `${found}: that was too usual to tell.` };
  return value > breach
    ? {
        ...base,
        value,
        breach,
        verdict: 'breach',
        reason: `${found}. More than ${percent(breach)} is gross failure.`,
      }
    : { ...base, value, breach, verdict: 'ok', reason: `${found}.` };
}

/** All rows alike is a rate of one: it is beyond chance where chance does not fill every row with one value. */
function constantCheck(
  rows: BakeRows,
  { fullest }: BakeReference,
  { prediction, few }: { readonly prediction: string; readonly few: string | null },
): Check {
  const told = rows.rows - rows.nulls;
  const base = {
    ...PREDICTION,
    subject: prediction,
    method: 'constant_rate',
    version: rows.version,
    rows: rows.rows,
    baselineRows: fullest.rows,
  };
  const none = few ?? (told < BAKE_ROWS ? tooFew(told, fullest.rows) : null);
  if (none !== null) return { ...base, verdict: 'insufficient', reason: none };
  if (rows.constant !== true)
    return { ...base, value: 0, breach: 1, verdict: 'ok', reason: `${prediction} has more than one value.` };
  const found = `All ${wholeNumber(told)} rows with a ${prediction} have the same one`;
  if (chanceOf(told, fullest) >= 1)
    return {
      ...base,
      value: 1,
      verdict: 'insufficient',
      reason: `${found}: a value was too frequent before (up to ${percent(fullest.count / fullest.rows)}) to tell that from chance on so few rows.`,
    };
  if (rows.alike === null || rows.alike > MOST_ALIKE)
    return {
      ...base,
      value: 1,
      verdict: 'insufficient',
      reason: `${found}, and so are the features: the same question has the same answer.`,
    };
  return {
    ...base,
    value: 1,
    breach: 1,
    verdict: 'breach',
    reason: `${found}, though the features vary; before, no value was in more than ${percent(fullest.count / fullest.rows)} of the rows.`,
  };
}

function chanceOf(rows: number, before: Share): number {
  return chanceRate(BAKE_CHANCE, { count: 0, rows, baselineCount: before.count, baselineRows: before.rows });
}

function tooFew(rows: number, before: number): string | null {
  if (before < REFERENCE_ROWS)
    return `There were ${wholeNumber(before)} rows before to compare with; it takes ${REFERENCE_ROWS}.`;
  return rows < BAKE_ROWS ? `${wholeNumber(rows)} rows; it takes ${BAKE_ROWS}.` : null;
}

const PREDICTION = { ...UNMEASURED, check: 'prediction', kind: 'output_drift' } as const;
