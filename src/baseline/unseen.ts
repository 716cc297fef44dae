import type { CellCounts } from './bins.ts';

/**
 * Counts of the baseline with what it would find unseen, had it not been made of these very rows: a level that a single row has
 * would be new to all the other rows, so the rows with a level of their own move from `other` to `unseen`. Their share estimates how
 * many rows of a window have a level that the baseline lacks although nothing has drifted; without it every column with
 * many rare levels would look as if new ones had come.
 *
 * Source: Good 1953, Biometrika 40(3/4), 237-264 (the share of what is seen once estimates the share of what is unseen).
 *
 * @example expectUnseen({ cells: [90], other: 10, unseen: 0, missing: 0, nonFinite: 0 }, 4) // other 6, unseen 4
 */
export function expectUnseen(counts: CellCounts, singles: number): CellCounts {
  const moved = Math.min(singles, counts.other);
  return { ...counts, other: counts.other - moved, unseen: counts.unseen + moved };
}
