import { logChiSquareTail } from './chi-square.ts';
import { findRoot } from './root.ts';

/**
 * Natural logarithm of the upper tail of the standard normal law, `ln P(Z > x)`. The square of a normal variable is chi-square
 * with one degree of freedom, so half of that tail is this one. In logarithms, since P(Z > 38) is below the smallest double.
 *
 * Source: NIST Digital Library of Mathematical Functions, 7.11.2 with 7.2.2. O(1) terms, about 30.
 *
 * @example logNormalTail(1.959963984540054) // -3.6888794541139...
 */
export function logNormalTail(x: number): number {
  const beyond = logChiSquareTail(x * x, 1) - Math.LN2;
  return x >= 0 ? beyond : Math.log1p(-Math.exp(beyond));
}

/**
 * The value that a standard normal variable exceeds with probability `tail`.
 *
 * Source: inverse of {@link logNormalTail}. About 10 evaluations of it.
 *
 * @example normalQuantile(0.025) // 1.95996398454005...
 */
export function normalQuantile(tail: number): number {
  if (!(tail > 0 && tail < 1)) throw new Error(`normalQuantile requires a tail between 0 and 1, got ${tail}`);
  if (tail > 0.5) return -normalQuantile(1 - tail);
  const target = Math.log(tail);
  return findRoot((x) => logNormalTail(x) - target, 0, 40);
}
