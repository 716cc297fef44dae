import { shortNumber, wholeNumber } from '../words.ts';
import { RECOVERY_ODDS, type RecoveryWord, recoveryEvidence } from './recovery.ts';
import type { ConvexSet } from './set.ts';
import type { OpenCase } from './state.ts';

/** What a sentence about a test needs to know of it. */
export interface Told {
  /** `PSI`, `income`. */
  readonly title: string;
  readonly subject: string;
  readonly labels: readonly string[];
  readonly set: ConvexSet;
  readonly breach: number;
  /** The statistic of this window; null when it could not be measured. */
  readonly value: number | null;
  readonly rows: number;
  /** Whether rows are votes of customers; absent: they are rows. */
  readonly clustered?: boolean;
}

/** What evidence rests on. With one vote per customer, rows of one customer may depend on each other as they like. */
function independent({ clustered = false }: Told): string {
  return clustered
    ? 'Each customer has one vote; customers are taken as independent of each other.'
    : 'Rows are taken as independent of each other.';
}

/** A case that this window opened. `estimate`: over the windows that carry the evidence, less noise. */
export function alarmReason(told: Told, open: OpenCase, estimate: number): string {
  const where = carriersInWords(told, open.pool);
  return sentences(
    headline(told),
    proof(told, open),
    size(told, open, estimate),
    where,
    withdrawn(open),
    independent(told),
  );
}

/** A case that an earlier window opened. */
export function stillOpenReason(
  told: Told,
  open: OpenCase,
  now: { readonly estimate: number; readonly word: RecoveryWord },
): string {
  const { recovery } = open;
  const odds = `${oddsInWords(recoveryEvidence(recovery))} that it has ended, ${RECOVERY_ODDS} to 1 asked`;
  const state =
    now.word === 'undecided'
      ? `Undecided: for ${windowsInWords(recovery.silent)} neither that it goes on nor that it has ended is proven (${odds}); a person decides.`
      : `Still out: ${odds}.`;
  return sentences(
    headline(told),
    proof(told, open),
    size(told, open, now.estimate),
    state,
    withdrawn(open),
    independent(told),
  );
}

/** A test that is out only together with others. */
export function memberReason(told: Told, members: number): string {
  return sentences(
    headline(told),
    `By itself it is not proven to be beyond ${shortNumber(told.set.limit)}; it is one of ${wholeNumber(members)} tests that together are.`,
  );
}

/** Over the breach limit as far as can be told, but not proven. */
export function notYetReason(
  told: Told,
  carried: {
    readonly windows: number;
    readonly estimate: number;
    readonly odds: string;
    readonly rows: number;
  },
): string {
  return sentences(
    headline(told),
    `Over ${windowsInWords(carried.windows)} it is ${shortNumber(carried.estimate)} with what noise adds taken off, over the breach limit ${shortNumber(told.breach)}, but that it is beyond ${shortNumber(told.set.limit)} is not proven yet, it may be chance: ${carried.odds}.`,
    `At this rate it takes about ${wholeNumber(carried.rows)} more rows.`,
    independent(told),
  );
}

export function withinReason(told: Told): string {
  return sentences(headline(told), `It is within the warn limit ${shortNumber(told.set.limit)}.`);
}

export function overButNotProvenReason(told: Told, odds: string): string {
  const limit = shortNumber(told.set.limit);
  return sentences(
    headline(told),
    `That is over the warn limit ${limit}, but that it is beyond it is not proven: ${odds}.`,
  );
}

export function recoveredReason(told: Told, logOdds: number): string {
  return sentences(
    headline(told),
    `It has recovered: the drift that was proven no longer holds, ${oddsInWords(logOdds)}, ${RECOVERY_ODDS} to 1 asked.`,
  );
}

export function tooFewRowsReason({ title, subject, rows }: Told, minRows: number): string {
  return `${title} of ${subject} needs at least ${wholeNumber(minRows)} rows in a window, this one has ${wholeNumber(rows)}.`;
}

export function poorBaselineReason(
  told: Told,
  baseline: { readonly rows: number; readonly needed: number },
): string {
  return `${told.title} of ${told.subject} cannot be told from noise of the baseline: it has ${wholeNumber(baseline.rows)} rows, the limit ${shortNumber(told.set.limit)} needs ${wholeNumber(baseline.needed)} for its cells.`;
}

function headline({ title, subject, value, rows }: Told): string {
  const measured = value === null ? 'was not measured' : `is ${shortNumber(value)}`;
  return `${title} of ${subject} ${measured} on ${wholeNumber(rows)} rows.`;
}

function proof({ set }: Told, { evidence, needed, windows }: OpenCase): string {
  return `That it is beyond ${shortNumber(set.limit)} is proven: ${oddsInWords(evidence)} over ${windowsInWords(windows)}, ${oddsInWords(needed)} asked.`;
}

function size({ breach }: Told, { verdict }: OpenCase, estimate: number): string {
  const there = `Its size there, with what noise adds taken off, is ${shortNumber(estimate)}`;
  if (estimate > breach) return `${there}, over the breach limit ${shortNumber(breach)}.`;
  const later = verdict === 'breach' ? '; since then it has gone over it' : '';
  return `${there}, not over the breach limit ${shortNumber(breach)}${later}.`;
}

function withdrawn(open: OpenCase): string {
  if (open.withdrawn === null) return '';
  return `Late or corrected rows have withdrawn evidence: it is now ${oddsInWords(open.withdrawn)}; the alarm stands.`;
}

/** The one or two cells that carry most of a difference. */
function carriersInWords({ labels, set: { q } }: Told, counts: readonly number[]): string {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const moved = q
    .map((base, cell) => {
      const share = (counts[cell] ?? 0) / rows;
      const term = (share - base) * Math.log((share + base / 100) / base);
      return {
        text: `${cellInWords(labels[cell] ?? '')} (${share100(base)} of the baseline, ${share100(share)} now)`,
        term,
      };
    })
    .sort((a, b) => b.term - a.term);
  const all = moved.reduce((sum, { term }) => sum + Math.max(0, term), 0);
  if (!(all > 0)) return '';
  const enough = (moved[0]?.term ?? 0) > all / 2 ? 1 : 2;
  const cells = moved.slice(0, enough).map(({ text }) => text);
  return `Most of it is in ${cells.join(' and ')}.`;
}

/** An interval with edges of at most six digits: what tells cells apart in a sentence. The edges themselves stand in the evaluation. */
function cellInWords(label: string): string {
  if (!/^\(.*, .*[\])]$/.test(label)) return label;
  return label.replace(/-?\d+\.\d+(e[+-]?\d+)?/g, (edge) => String(Number(Number(edge).toPrecision(6))));
}

function share100(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

const COUNTED = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
] as const;

/** `three windows`, `40 windows`. */
export function windowsInWords(windows: number): string {
  return `${COUNTED[windows] ?? wholeNumber(windows)} window${windows === 1 ? '' : 's'}`;
}

/** `61 000 to 1` for the natural logarithm of a detector. Beyond a million nobody reads digits; the number itself is `evidence`. */
export function oddsInWords(logOdds: number): string {
  if (logOdds < 0) return 'less than 1 to 1';
  const power = logOdds / Math.LN10;
  if (power >= 6) return 'more than a million to 1';
  const odds = Number(Math.exp(logOdds).toPrecision(3));
  return `${odds < 100 ? shortNumber(odds) : wholeNumber(odds)} to 1`;
}

function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
