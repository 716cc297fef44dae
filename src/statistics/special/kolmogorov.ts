import { findRoot } from './root.ts';

/**
 * Upper tail of Kolmogorov's limit law: `P(K > z)`, the law of `sqrt(nm / (n + m)) D` for two samples of one continuous
 * distribution. Two series that converge quickly on either side of z = 1.
 *
 * Source: Feller 1948, Annals of Mathematical Statistics 19. O(1): at most 4 terms.
 *
 * @example kolmogorovTail(1.3580986393225507) // 0.05
 */
export function kolmogorovTail(z: number): number {
  if (!(z > 0)) return 1;
  return z < 1 ? 1 - thetaSeries(z) : alternatingSeries(z);
}

/**
 * The value that Kolmogorov's K exceeds with probability `tail`.
 *
 * Source: inverse of {@link kolmogorovTail}. About 10 evaluations of it.
 *
 * @example kolmogorovQuantile(0.001) // 1.949474...
 */
export function kolmogorovQuantile(tail: number): number {
  if (!(tail > 0 && tail < 1))
    throw new Error(`kolmogorovQuantile requires a tail between 0 and 1, got ${tail}`);
  return findRoot((z) => kolmogorovTail(z) - tail, 0, 10);
}

/** 2 sum (-1)^(k-1) exp(-2 k^2 z^2), for z at least 1: the fifth term would be below 1e-21 of the first. */
function alternatingSeries(z: number): number {
  let sum = 0;
  for (let k = 1; k <= 4; k += 1) {
    const term = Math.exp(-2 * k * k * z * z);
    sum += k % 2 === 1 ? term : -term;
  }
  return 2 * sum;
}

/** sqrt(2 pi) / z * sum exp(-(2k-1)^2 pi^2 / (8 z^2)): the lower tail, for z below 1: the fourth term would be below 1e-25 of the first. */
function thetaSeries(z: number): number {
  let sum = 0;
  for (let k = 1; k <= 3; k += 1) sum += Math.exp(-((2 * k - 1) ** 2 * Math.PI ** 2) / (8 * z * z));
  return (Math.sqrt(2 * Math.PI) / z) * sum;
}
