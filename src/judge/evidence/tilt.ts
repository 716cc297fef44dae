import { bisect } from './root.ts';
import { type ConvexSet, distance } from './set.ts';

/** Largest exponent of a tilt: beyond it the cells that lose are empty for every purpose. */
const STRONGEST = 60;
/** Halvings for a size that need not be exact: any alternative makes a valid table. */
const STEPS = 18;

/**
 * Exponential tilt of the first `scores.length` cells: P ~ q exp(t s), their common share kept; later cells stay as they are. With
 * one score per cell the whole of q is tilted.
 */
export function tilt(q: readonly number[], scores: readonly number[], t: number): readonly number[] {
  let share = 0;
  let mass = 0;
  const strongest = Math.max(...scores.map((score) => t * score));
  const weights = scores.map((score, cell) => {
    const weight = (q[cell] ?? 0) * Math.exp(t * score - strongest);
    share += q[cell] ?? 0;
    mass += weight;
    return weight;
  });
  return q.map((rest, cell) => (cell < scores.length ? ((weights[cell] ?? 0) * share) / mass : rest));
}

/** The tilt along `scores` (t > 0) that is `target` away from q in the set's measure; null when none gets so far. */
export function tiltTo(set: ConvexSet, scores: readonly number[], target: number): readonly number[] | null {
  const range = Math.max(...scores) - Math.min(...scores);
  if (!(range > 0)) return null;
  const strongest = STRONGEST / range;
  const short = (t: number): number => target - distance(set, tilt(set.q, scores, t));
  let high = strongest / 256;
  while (high < strongest && short(high) > 0) high *= 2;
  if (short(high) > 0) return null;
  return tilt(set.q, scores, bisect(short, { low: 0, high, steps: STEPS }));
}
