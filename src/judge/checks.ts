import type { BaselineColumn, CellCounts } from '../baseline/bins.ts';
import { mostCells, rowsNeeded } from '../baseline/merge.ts';
import { type EffectSizes, effectSizes, LARGEST_PSI } from '../statistics/effect-size.ts';
import { type ColumnMeasurement, measureColumn } from '../statistics/measure.ts';
import type { Measured, Method } from '../statistics/measurement.ts';
import { type Judgement, judgeLimit, type Limits } from './limit.ts';
import { limitChance } from './limit-chance.ts';
import type { Check, CheckKind, PolicyCheck, Verdict } from './verdict.ts';
import { shortNumber, wholeNumber } from './words.ts';

/** What of a window is to be judged: one column against its baseline, under the policy's limits. */
export interface ColumnQuestion {
  readonly check: PolicyCheck;
  readonly kind: CheckKind;
  readonly version: string;
  readonly column: BaselineColumn;
  readonly counts: CellCounts;
  /** Rows of the window; the baseline's rows stand in its counts. */
  readonly rows: number;
  readonly baselineRows: number;
  /** Null: the method is measured and shown, not judged. */
  readonly limits: (method: Method) => Limits | null;
  readonly minRows: number;
}

/** All checks of one column, one per statistic that accepts it. */
export function checkColumn(question: ColumnQuestion): readonly Check[] {
  const known = { ...question, sizes: sizesOf(question) };
  return measureColumn(question.column, question.counts).map((measured) => checkMeasured(known, measured));
}

interface SizedQuestion extends ColumnQuestion {
  /** What the limit of PSI is for the other distances; null for categories, and where it is none to speak of. */
  readonly sizes: EffectSizes | null;
}

function sizesOf({ limits, column }: ColumnQuestion): EffectSizes | null {
  const materiality = limits('psi')?.warn ?? Infinity;
  return column.bins.kind === 'numeric' && materiality <= LARGEST_PSI ? effectSizes(materiality) : null;
}

/** A check that has no measurement because there was nothing to measure, or no way to. */
export function unknownCheck(fields: {
  check: PolicyCheck;
  kind: CheckKind;
  version: string;
  verdict: Verdict;
  reason: string;
  rows: number;
}): Check {
  return { ...UNMEASURED, ...fields, subject: 'all', method: null };
}

/** What a check has before anything was measured or judged: every number absent. */
export const UNMEASURED = {
  segment: 'all',
  value: null,
  lower: null,
  upper: null,
  noiseFloor: null,
  warn: null,
  breach: null,
  evidence: null,
  evidenceNeeded: null,
  clusters: null,
  window: null,
  baselineRows: 0,
  cells: null,
  details: null,
} as const;

function checkMeasured(question: SizedQuestion, measured: ColumnMeasurement): Check {
  const { check, kind, version, column, rows } = question;
  const { statistic, measurement, cells } = measured;
  const limits = question.limits(statistic.method);
  const base = {
    ...UNMEASURED,
    check,
    kind,
    version,
    subject: column.name,
    method: statistic.method,
    warn: limits?.warn ?? null,
    breach: limits?.breach ?? null,
    rows,
    baselineRows: question.baselineRows,
    // Once per set of cells: the statistics after the first were measured on the same ones.
    cells: measured.first ? cells : null,
  };
  const title = { title: statistic.title, name: column.name };
  if (measurement.kind === 'not_measured') {
    return {
      ...base,
      verdict: 'insufficient',
      reason: `${title.title} of ${title.name} cannot be computed: ${measurement.reason}.`,
    };
  }
  const { value, lower, upper, noiseFloor, details = null } = measurement;
  const numbers = { value, lower, upper, noiseFloor, details };
  if (limits === null)
    return { ...base, ...numbers, verdict: 'ok', reason: shownReason(question, measured, measurement) };
  const judged = tooFew(question, measured, limits) ?? judgeLimit(title, measurement, limits);
  const sampled = {
    rows: measurement.rows,
    baselineRows: measurement.baselineRows,
    cells: cells.labels.length,
  };
  const chance = limitChance(statistic.method, limits, sampled);
  return { ...base, ...numbers, ...judged, rules: { limit: judged.verdict, evidence: null, chance } };
}

/** What is said of a distance that has no limit: its size, and for numbers what size the limit of PSI would be in its units. */
function shownReason(question: SizedQuestion, { statistic }: ColumnMeasurement, measured: Measured): string {
  const { column, rows, sizes } = question;
  const found = `${statistic.title} of ${column.name} is ${shortNumber(measured.value)} on ${wholeNumber(rows)} rows; shown, not judged: no limit is configured for it.`;
  if (measured.withoutBounds !== undefined)
    return `${found} It has no confidence bounds: ${measured.withoutBounds}.`;
  if (sizes === null || statistic.effect === null) return found;
  return `${found} For a shifted normal variable PSI ${shortNumber(sizes.psi)} corresponds to ${shortNumber(sizes[statistic.effect])}.`;
}

/** Why no verdict can be given on these row counts, or null when one can. */
function tooFew(question: ColumnQuestion, measured: ColumnMeasurement, limits: Limits): Judgement | null {
  const { rows, minRows, baselineRows, column } = question;
  const title = `${measured.statistic.title} of ${column.name}`;
  if (rows < minRows) {
    const reason = `${title} needs at least ${wholeNumber(minRows)} rows in a window, this one has ${wholeNumber(rows)}.`;
    return { verdict: 'insufficient', reason };
  }
  if (isConstant(column) && measured.cells.labels.length === 1) {
    const reason = `${title} shows no change: the column has one value in the baseline, and so one cell. Leave it out with drift.features.${column.name}.ignore, or freeze a baseline in which it varies.`;
    return { verdict: 'insufficient', reason };
  }
  if (
    measured.statistic.cells === 'coarse' &&
    measured.cells.labels.length > 1 &&
    mostCells(baselineRows, limits.warn) < 2
  ) {
    const needed = wholeNumber(rowsNeeded(limits.warn));
    const reason = `${title} cannot be told from noise of the baseline: it has ${wholeNumber(baselineRows)} rows, the limit ${shortNumber(limits.warn)} needs ${needed}.`;
    return { verdict: 'insufficient', reason };
  }
  return null;
}

/** A number that was never another has no edge to cross. A category has: any other name is `unseen`. */
function isConstant({ bins }: BaselineColumn): boolean {
  return bins.kind === 'numeric' && bins.edges.length === 0;
}
