import { JS_DIVERGENCE, PSI_DIVERGENCE } from './divergence.ts';
import { certifyRecomputed, divergenceOf, projectDivergence } from './project-divergence.ts';
import { certifyKs, ksDistance, projectKs } from './project-ks.ts';
import {
  certifyLInfinity,
  certifyMeanLoss,
  certifyTotalVariation,
  projectLInfinity,
  projectMeanLoss,
  projectTotalVariation,
} from './project-linear.ts';
import type { Projection } from './projection.ts';

/**
 * "Within the limit" as a closed convex set of distributions P over cells, around the frozen baseline q (positive in every cell, sum 1):
 *
 * - `psi`: sum (P - q) ln(P / q) <= limit
 * - `js`: Jensen-Shannon distance to base 2, the root of the divergence, <= limit
 * - `ks`: largest difference of the cumulative shares <= limit; the cells are in order
 * - `tv`: 1/2 sum |P - q| <= limit
 * - `linf`: |P - q| <= limit in every cell
 * - `rate`: P(inside) <= limit; two cells, outside and inside
 * - `mean_loss`: sum P l <= limit, one loss per cell
 *
 * Each is convex in P, which is all that the theory asks for; AUC, MCC and ratios of conditional rates are not.
 */
export interface ConvexSet {
  readonly kind: SetKind;
  readonly q: readonly number[];
  readonly limit: number;
  /** One per cell for `mean_loss`, else null. */
  readonly losses: readonly number[] | null;
}

export const SET_KINDS = ['psi', 'js', 'ks', 'tv', 'linf', 'rate', 'mean_loss'] as const;
export type SetKind = (typeof SET_KINDS)[number];

/** What a kind of set must know; everything else works on any of them. */
interface Geometry {
  readonly distance: (set: ConvexSet, p: readonly number[]) => number;
  readonly project: (
    set: ConvexSet,
    p1: readonly number[],
    options: { readonly steps?: number },
  ) => Projection | null;
  readonly certify: (set: ConvexSet, projection: Projection) => number;
}

/** How far a distribution is from q in the set's own measure: it lies in the set when this is at most the limit. */
export function distance(set: ConvexSet, p: readonly number[]): number {
  return GEOMETRIES[set.kind].distance(set, p);
}

/**
 * The projection of an alternative, positive in every cell, onto the set; null when it lies within it. With `steps` an iterative solver stops
 * after so many; what it returns is valid all the same, by its certificate.
 */
export function project(
  set: ConvexSet,
  p1: readonly number[],
  options: { readonly steps?: number } = {},
): Projection | null {
  return GEOMETRIES[set.kind].project(set, p1, options);
}

/**
 * An upper bound of the mean of the projection's ratios over the set, from what an auditor holds in hand: ratios and multipliers. Nothing of it
 * trusts the solver, so a table that was made for another limit shows here.
 */
export function certify(set: ConvexSet, projection: Projection): number {
  return GEOMETRIES[set.kind].certify(set, projection);
}

const PSI: Geometry = {
  distance: ({ q }, p) => divergenceOf(PSI_DIVERGENCE, p, q),
  project: ({ q, limit }, p1, options) =>
    projectDivergence({ divergence: PSI_DIVERGENCE, q, limit, p1, ...options }),
  certify: ({ q, limit }, projection) =>
    certifyRecomputed({ divergence: PSI_DIVERGENCE, q, limit }, projection),
};

/** The distance to base 2 within d is the divergence in nats within d^2 ln 2. */
const JS: Geometry = {
  distance: ({ q }, p) => Math.sqrt(Math.max(0, divergenceOf(JS_DIVERGENCE, p, q)) / Math.LN2),
  project: ({ q, limit }, p1, options) =>
    projectDivergence({ divergence: JS_DIVERGENCE, q, limit: limit * limit * Math.LN2, p1, ...options }),
  certify: ({ q, limit }, projection) =>
    certifyRecomputed({ divergence: JS_DIVERGENCE, q, limit: limit * limit * Math.LN2 }, projection),
};

const KS: Geometry = {
  distance: ({ q }, p) => ksDistance(p, q),
  project: ({ q, limit }, p1) => projectKs(q, limit, p1),
  certify: ({ q, limit }, { ratio }) => certifyKs(q, limit, ratio),
};

const TOTAL_VARIATION: Geometry = {
  distance: ({ q }, p) => 0.5 * differences(p, q).reduce((sum, value) => sum + value, 0),
  project: ({ q, limit }, p1, options) => projectTotalVariation({ q, limit, p1, ...options }),
  certify: ({ q, limit }, { ratio }) => certifyTotalVariation(q, limit, ratio),
};

const L_INFINITY: Geometry = {
  distance: ({ q }, p) => Math.max(...differences(p, q)),
  project: ({ q, limit }, p1, options) => projectLInfinity({ q, limit, p1, ...options }),
  certify: ({ q, limit }, { ratio, multipliers }) =>
    certifyLInfinity({ q, limit, ratio, mu: multipliers['mu'] ?? Number.NaN }),
};

const MEAN_LOSS: Geometry = {
  distance: (set, p) => p.reduce((sum, share, cell) => sum + share * (lossesOf(set)[cell] ?? 0), 0),
  project: (set, p1, options) => projectMeanLoss({ losses: lossesOf(set), limit: set.limit, p1, ...options }),
  certify: (set, { ratio, multipliers }) =>
    certifyMeanLoss({
      losses: lossesOf(set),
      limit: set.limit,
      ratio,
      lambda: multipliers['lambda'] ?? Number.NaN,
    }),
};

const GEOMETRIES: { readonly [kind in SetKind]: Geometry } = {
  psi: PSI,
  js: JS,
  ks: KS,
  tv: TOTAL_VARIATION,
  linf: L_INFINITY,
  rate: MEAN_LOSS,
  mean_loss: MEAN_LOSS,
};

/** A rate is the mean of a loss that is 1 inside. */
const RATE_LOSSES = [0, 1] as const;

function lossesOf(set: ConvexSet): readonly number[] {
  if (set.kind === 'rate') return RATE_LOSSES;
  if (set.losses === null) throw new Error('a set of mean losses needs a loss per cell');
  return set.losses;
}

function differences(p: readonly number[], q: readonly number[]): readonly number[] {
  return p.map((share, cell) => Math.abs(share - (q[cell] ?? 0)));
}
