import { logNormalTail, normalQuantile } from './special/normal.ts';

/** A shift by ten standard deviations: beyond it the two sides have nothing in common. */
export const LARGEST_PSI = 100;

/** The same drift as every distance sees it, in the units in which the distances are reported. */
export interface EffectSizes {
  /** Shift of the mean, in standard deviations. */
  readonly shift: number;
  /** PSI of the densities, without cells. */
  readonly psi: number;
  /** PSI on ten cells of equal mass, which lose a little of it. */
  readonly psiDeciles: number;
  readonly ks: number;
  readonly tv: number;
  /** Jensen-Shannon distance, base 2. */
  readonly js: number;
  /** L-infinity on ten cells of equal mass. */
  readonly linf: number;
  /** Wasserstein-1 in standard deviations, and in interquartile ranges. */
  readonly w1PerDeviation: number;
  readonly w1: number;
  readonly hellinger: number;
  /** Area under the curve of the best classifier that tells old rows from new ones. */
  readonly auc: number;
}

/**
 * What a PSI of this size is for every other distance, so that one materiality serves them all: the drift is a normal
 * variable whose mean moves by d standard deviations, for which PSI = d^2.
 *
 * With Phi the normal distribution function: KS and total variation are `2 Phi(d/2) - 1`, Wasserstein-1 is d, Hellinger
 * `sqrt(1 - exp(-d^2/8))`, the classifier's AUC `Phi(d / sqrt 2)`; Jensen-Shannon has no closed form and is integrated.
 *
 * Misleads: another kind of drift has other proportions. A rare level that becomes frequent has a large PSI and a small KS; a
 * shift of a few far values a large Wasserstein-1 and a small everything else.
 *
 * Source: Jeffreys 1946, Proceedings of the Royal Society A 186 (PSI of two normal laws). O(1): about 500 densities.
 *
 * @example effectSizes(0.1) // shift 0.31622..., ks 0.12563..., tv 0.12563..., js 0.13346..., w1 0.23441..., psiDeciles 0.09558...
 */
export function effectSizes(psi: number): EffectSizes {
  if (!(psi >= 0 && psi <= LARGEST_PSI))
    throw new Error(`effectSizes requires a PSI between 0 and ${LARGEST_PSI}, got ${psi}`);
  const shift = Math.sqrt(psi);
  const deciles = decileShares(shift);
  const ks = distribution(shift / 2) - distribution(-shift / 2);
  return {
    shift,
    psi,
    psiDeciles: deciles.reduce((total, share) => total + (share - 0.1) * Math.log(share / 0.1), 0),
    ks,
    tv: ks,
    js: Math.sqrt(divergence(shift) / Math.LN2),
    linf: Math.max(...deciles.map((share) => Math.abs(share - 0.1))),
    w1PerDeviation: shift,
    w1: shift / (2 * normalQuantile(0.25)),
    hellinger: Math.sqrt(-Math.expm1((-shift * shift) / 8)),
    auc: distribution(shift / Math.SQRT2),
  };
}

/** Phi(x). */
function distribution(x: number): number {
  return Math.exp(logNormalTail(-x));
}

/** Shares of the shifted variable in the deciles of the unshifted one. */
function decileShares(shift: number): readonly number[] {
  const edges = Array.from({ length: 9 }, (_, index) => -normalQuantile((index + 1) / 10));
  const below = [0, ...edges.map((edge) => distribution(edge - shift)), 1];
  return below.slice(1).map((value, cell) => value - (below[cell] ?? 0));
}

/**
 * Jensen-Shannon divergence of the two densities, in nats. With d = tanh of half their log-ratio the integrand is m h(d) as for cells.
 * The trapezoid rule is exact to the last digits here: the integrand is analytic and dies away at both ends.
 */
function divergence(shift: number): number {
  const step = 0.05;
  const first = -10;
  const steps = Math.ceil((20 + shift) / step);
  let total = 0;
  for (let index = 0; index <= steps; index += 1) {
    const x = first + index * step;
    const p = density(x);
    const q = density(x - shift);
    total += p * logRatio(p, q) + q * logRatio(q, p);
  }
  return (total * step) / 2;
}

/** ln(2 p / (p + q)): no density of the integral is so small that it is 0, exp(-200) being the smallest. */
function logRatio(p: number, q: number): number {
  return Math.log((2 * p) / (p + q));
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}
