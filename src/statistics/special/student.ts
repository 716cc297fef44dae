import { betaLowerQuantile } from './beta.ts';

/**
 * The value that |T| exceeds with probability `tail` for Student's t with so many degrees of freedom f, since
 * `P(|T| > t) = I(f / (f + t^2); f / 2, 1 / 2)`.
 *
 * Source: NIST Digital Library of Mathematical Functions, 8.17 with Student's law. One beta quantile.
 *
 * @example studentQuantile(0.05, 7) // 2.36462425...
 */
export function studentQuantile(tail: number, freedom: number): number {
  if (!(tail > 0 && tail < 1))
    throw new Error(`studentQuantile requires a tail between 0 and 1, got ${tail}`);
  if (!(freedom > 0)) throw new Error(`studentQuantile requires positive degrees of freedom, got ${freedom}`);
  const share = betaLowerQuantile(tail, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - share)) / share);
}
