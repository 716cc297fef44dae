import { bisect } from './root.ts';
import { type ConvexSet, distance } from './set.ts';

/** Largest exponent of a tilt: beyond it the cells that lose are empty for every purpose. */
const STRONGEST = 60;
/** Halvings for a size that need not be exact: any alternative makes a valid table. */
const STEPS = 12;

/**
 * Exponential tilt of the first `scores.length` cells: P ~ q exp(t s), their common share kept; later cells stay as they are. With
 * one score per cell the whole of q is tilted.
 */
export function tilt(q: readonly number[], scores: readonly number[], t: number): readonly number[] {
  let strongest = -Infinity;
  for (const score of scores) strongest = Math.max(strongest, t * score);
  let share = 0;
  let mass = 0;
  const tilted = [...q];
  for (let cell = 0; cell < scores.length; cell += 1) {
    const base = q[cell] ?? 0;
    const weight = base * Math.exp(t * (scores[cell] ?? 0) - strongest);
    share += base;
    mass += weight;
    tilted[cell] = weight;
  }
  for (let cell = 0; cell < scores.length; cell += 1) tilted[cell] = ((tilted[cell] ?? 0) * share) / mass;
  return tilted;
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
