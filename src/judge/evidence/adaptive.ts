import { mixed } from './library.ts';
import { type Block, lookBacks, type Memory } from './memory.ts';
import { type ConvexSet, project } from './set.ts';
import { excess, smoothed, total } from './shares.ts';
import { isConverged, tableOf } from './table.ts';
import { tilt } from './tilt.ts';

/** What an adaptive alternative is made of. */
export interface AdaptiveQuestion {
  readonly set: ConvexSet;
  /** Scores of the fitted tilt over the first cells; none when they have no order. */
  readonly scores: readonly (readonly number[])[];
}

/**
 * Alternatives learnt from earlier windows, in the order of their tables and with their share of the prior weight. That they follow from
 * earlier windows only is what makes them valid: a table is decided before the rows it weighs.
 */
export const ADAPTIVE = [
  { name: 'recent counts', weight: 0.2, p1: recentCounts },
  { name: 'recent counts, shrunk', weight: 0.2, p1: shrunk },
  { name: 'fitted tilt', weight: 0.1, p1: fittedTilt },
  { name: 'largest cells', weight: 0.2, p1: largestCells },
] as const;

/** Rows per cell that the plain alternative is drawn towards q by. */
const DRAWN = 3;
/** Of the largest standard deviation that noise shows among B cells, sqrt(2 ln B). */
const NOTABLE = 0.8;

/**
 * The tables for the next window, one per adaptive alternative: log ratios per cell, or null where there is nothing to bet on. All of them
 * bet on the look-back that lies furthest beyond the limit for its number of rows.
 */
export function adaptiveTables(
  question: AdaptiveQuestion,
  memory: Memory,
): readonly (readonly number[] | null)[] {
  const chosen = clearestLookBack(question.set, memory);
  if (chosen === null) return ADAPTIVE.map(() => null);
  return ADAPTIVE.map(({ p1 }) => {
    const alternative = p1(question, chosen.counts);
    return alternative === null ? null : tableAgainst(question.set, alternative);
  });
}

/** The look-back with the largest {@link excess}; null when none is beyond the limit. */
export function clearestLookBack(set: ConvexSet, memory: Memory): Block | null {
  let best: Block | null = null;
  let most = 0;
  for (const block of lookBacks(memory)) {
    const score = excess(set, block.counts);
    if (score > most) {
      most = score;
      best = block;
    }
  }
  return best;
}

/** A solver that failed costs this window's bet, not the evaluation: without a table nothing is claimed. */
function tableAgainst(set: ConvexSet, p1: readonly number[]): readonly number[] | null {
  const projection = project(set, mixed(p1, set.q));
  if (projection === null) return null;
  const table = tableOf(projection);
  return isConverged(table) ? table.logRatio : null;
}

/** (c + 3 B q) / (n + 3 B). */
function recentCounts({ set }: AdaptiveQuestion, counts: readonly number[]): readonly number[] {
  return smoothed(counts, set.q, DRAWN);
}

/** Drawn towards q by what noise explains of the distance: q + (1 - (B - 3) / (n PSI))+ (p - q). Source: James and Stein 1961. */
function shrunk({ set }: AdaptiveQuestion, counts: readonly number[]): readonly number[] | null {
  const p = smoothed(counts, set.q);
  let psi = 0;
  for (let cell = 0; cell < p.length; cell += 1) {
    const share = p[cell] ?? 0;
    const base = set.q[cell] ?? 0;
    psi += (share - base) * Math.log(share / base);
  }
  const keep = 1 - Math.max(0, set.q.length - 3) / (total(counts) * psi);
  return keep > 0 ? set.q.map((base, cell) => base + keep * ((p[cell] ?? 0) - base)) : null;
}

/** The ordered cells by q exp(sum t_j s_j), t_j the mean of score j in the look-back; special cells by their counts. */
function fittedTilt({ set, scores }: AdaptiveQuestion, counts: readonly number[]): readonly number[] | null {
  const ordered = scores[0]?.length ?? 0;
  if (ordered === 0) return null;
  const p = smoothed(counts, set.q);
  const mass = total(p.slice(0, ordered));
  const fitted = Array.from({ length: ordered }, () => 0);
  for (const score of scores) {
    let mean = 0;
    for (let cell = 0; cell < ordered; cell += 1) mean += ((p[cell] ?? 0) * (score[cell] ?? 0)) / mass;
    for (let cell = 0; cell < ordered; cell += 1)
      fitted[cell] = (fitted[cell] ?? 0) + mean * (score[cell] ?? 0);
  }
  const shape = tilt(set.q.slice(0, ordered), fitted, 1);
  const base = total(shape);
  return p.map((share, cell) => (cell < ordered ? ((shape[cell] ?? 0) * mass) / base : share));
}

/** Only the cells whose counts lie beyond most noise keep their counts; the others share the rest as q does. */
function largestCells({ set: { q } }: AdaptiveQuestion, counts: readonly number[]): readonly number[] | null {
  const rows = total(counts);
  const threshold = NOTABLE * Math.sqrt(2 * Math.log(q.length));
  const p = smoothed(counts, q);
  const notable = q.map((base, cell) => {
    const deviation = ((counts[cell] ?? 0) - rows * base) / Math.sqrt(rows * base * (1 - base));
    return Math.abs(deviation) > threshold;
  });
  if (!notable.includes(true)) return null;
  let kept = 0;
  let rest = 0;
  for (let cell = 0; cell < p.length; cell += 1) {
    if (notable[cell] === true) kept += p[cell] ?? 0;
    else rest += q[cell] ?? 0;
  }
  return p.map((share, cell) => (notable[cell] === true ? share : ((q[cell] ?? 0) * (1 - kept)) / rest));
}
