import { at, type Sides } from './sides.ts';

/** The law of the sampling errors of p - q, cell by cell: normal with mean 0. */
export interface DifferenceLaw {
  readonly deviations: readonly number[];
  readonly correlation: (i: number, j: number) => number;
}

/**
 * Standard deviations and correlations of the differences of shares, both samples multinomial: variance
 * `p(1 - p)/n + q(1 - q)/m`, covariance of two cells `-(p_i p_j / n + q_i q_j / m)`. With `pooled` both sides have the
 * pooled shares, which is their best estimate when nothing has drifted; with `own` each has its own, smoothed, so that a cell in
 * which no row was seen is not taken for one in which there never will be any.
 *
 * Source: moments of the multinomial law. O(B), and O(1) per correlation.
 *
 * @example differenceLaw(sidesOf([50, 50], [25, 75]), 'pooled').deviations // 0.0684653..., 0.0684653...
 */
export function differenceLaw(sides: Sides, shares: 'own' | 'pooled'): DifferenceLaw {
  const { rows, baselineRows, pooled } = sides;
  const p = shares === 'own' ? sides.smoothP : pooled;
  const q = shares === 'own' ? sides.smoothQ : pooled;
  const deviations = p.map((share, cell) =>
    Math.sqrt((share * (1 - share)) / rows + (at(q, cell) * (1 - at(q, cell))) / baselineRows),
  );
  return {
    deviations,
    correlation: (i, j) =>
      -((at(p, i) * at(p, j)) / rows + (at(q, i) * at(q, j)) / baselineRows) /
      (at(deviations, i) * at(deviations, j)),
  };
}
