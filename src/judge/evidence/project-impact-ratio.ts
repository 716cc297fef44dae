import { bisect } from './root.ts';

/** Rates of a favourable outcome in two groups: the protected one and the one it is compared with. */
export interface GroupRates {
  readonly protected: number;
  readonly reference: number;
}

export interface ImpactRatioTable {
  /** The least favourable rates: those of the null that an alternative is told from with most difficulty. */
  readonly rates: GroupRates;
  /** ln of the likelihood ratio of one row, per group, certificate taken off: [unfavourable, favourable]. */
  readonly protected: readonly [number, number];
  readonly reference: readonly [number, number];
  /** Upper bound, over the null, of the mean ratio of a row drawn at random from the window's groups; 1 at the optimum. */
  readonly dual: number;
}

/**
 * Adverse impact ratio "rate of the protected group at least `ratio` times that of the reference group": neither a half-space nor convex in cells of
 * one distribution (two mixes with ratio 1 average to ratio 0.22), but a half-plane in the two rates once the group sizes are given. The
 * projection maximises sum over groups of n_g times the expected log likelihood on the line protected = ratio x reference: one root.
 *
 * For rows independent given the sizes prod over groups and rows of r is an e-value: sum n_g E_g r_g <= sum n_g by optimality,
 * and the product of means is at most the power of their average. The table depends on the sizes, so it is made anew for each window.
 * Null when the alternative keeps the ratio.
 */
export function projectImpactRatio(question: {
  readonly ratio: number;
  readonly alternative: GroupRates;
  readonly sizes: GroupRates;
}): ImpactRatioTable | null {
  const { ratio, alternative, sizes } = question;
  if (!(alternative.protected < ratio * alternative.reference)) return null;
  const growth = (rate: number): number =>
    sizes.protected *
      (alternative.protected / rate - ((1 - alternative.protected) * ratio) / (1 - ratio * rate)) +
    sizes.reference * (alternative.reference / rate - (1 - alternative.reference) / (1 - rate));
  const reference = bisect(growth, { low: 0, high: Math.min(1, 1 / ratio) });
  const rates = { protected: ratio * reference, reference };
  const ratios = {
    protected: likelihoodRatios(alternative.protected, rates.protected),
    reference: likelihoodRatios(alternative.reference, rates.reference),
  };
  const mean = (at: GroupRates): number =>
    (sizes.protected * meanAt(ratios.protected, at.protected) +
      sizes.reference * meanAt(ratios.reference, at.reference)) /
    (sizes.protected + sizes.reference);
  const corners = [
    { protected: 0, reference: 0 },
    { protected: 1, reference: 0 },
    { protected: 1, reference: Math.min(1, 1 / ratio) },
    { protected: Math.min(1, ratio), reference: Math.min(1, 1 / ratio) },
  ];
  const dual = Math.max(...corners.map(mean));
  return {
    rates,
    protected: logs(ratios.protected, dual),
    reference: logs(ratios.reference, dual),
    dual,
  };
}

type Pair = readonly [number, number];

function likelihoodRatios(alternative: number, least: number): Pair {
  return [(1 - alternative) / (1 - least), alternative / least];
}

/** The mean is linear in the rates, so its maximum over the null lies at a corner. */
function meanAt([unfavourable, favourable]: Pair, rate: number): number {
  return (1 - rate) * unfavourable + rate * favourable;
}

function logs([unfavourable, favourable]: Pair, dual: number): Pair {
  return [Math.log(unfavourable / dual), Math.log(favourable / dual)];
}
