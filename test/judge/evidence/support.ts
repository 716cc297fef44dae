import { ADAPTIVE } from '../../../src/judge/evidence/adaptive.ts';
import type { Library } from '../../../src/judge/evidence/libraries.ts';
import { buildLibrary } from '../../../src/judge/evidence/libraries.ts';
import type { ConvexSet, SetKind } from '../../../src/judge/evidence/set.ts';

/** A seeded uniform variable on (0, 1): Park and Miller's generator. */
export function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export function setOf(kind: SetKind, q: readonly number[], limit: number): ConvexSet {
  return { kind, q, limit, losses: null };
}

export function shares(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Counts of independent rows. */
export function draw(rows: number, p: readonly number[], uniform: () => number): number[] {
  const counts = p.map(() => 0);
  for (let row = 0; row < rows; row += 1) {
    let left = uniform();
    let cell = 0;
    while (cell < p.length - 1 && left >= (p[cell] ?? 0)) {
      left -= p[cell] ?? 0;
      cell += 1;
    }
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
}

/** A library of given tables and weights, without adaptive alternatives. */
export function handLibrary(
  set: ConvexSet,
  tables: readonly { readonly logRatio: readonly number[]; readonly weight: number }[],
): Library {
  return {
    set,
    scores: [],
    ordered: 0,
    identity: 'by hand',
    cells: set.q.length,
    names: [...tables.map((_, index) => `table ${index + 1}`), ...ADAPTIVE.map(({ name }) => name)],
    logRatios: Float64Array.from(tables.flatMap(({ logRatio }) => logRatio)),
    logShares: [...tables.map(({ weight }) => Math.log(weight)), ...ADAPTIVE.map(() => -Infinity)],
  };
}

/** Ten deciles, ordered, PSI within 0.1. */
export const DECILES = setOf(
  'psi',
  Array.from({ length: 10 }, () => 0.1),
  0.1,
);
let decileTables: Library | null = null;
/** Their library, built by the first test that asks: what is built while tests are collected is of none, and every mutant of it would run all of them. */
export function decileLibrary(): Library {
  decileTables ??= buildLibrary({ set: DECILES, ordered: 10 });
  return decileTables;
}

/** Shares that rise over the deciles: PSI about 0.14 and 0.5. */
export const RISING = shares([5, 6, 7, 8, 9, 10, 11, 12, 13, 19]);
export const STEEP = shares([2, 3, 5, 7, 8, 10, 12, 14, 17, 22]);

/** How many random cases a property is tried on: DRIFTWARDEN_CASES for the long run by hand. */
export const CASES = Number(process.env['DRIFTWARDEN_CASES'] ?? 300);
export const CASES_TIMEOUT = 20_000 + CASES * 100;
