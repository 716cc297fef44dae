import type { CategoricalBins } from '../baseline/bins.ts';

/** Longer texts are no names of levels: they stay in the warehouse and count as `other`. Characters. */
export const MAX_LEVEL_LENGTH = 200;

/** The levels of a column, and how many of its rows have one of their own. */
export interface LevelsAnswer {
  readonly bins: CategoricalBins;
  readonly singles: number;
}
