import { gammaln } from 'simple-statistics';
import { findRoot } from './root.ts';

const EPSILON = 1e-16;
const MOST_TERMS = 10_000;

/**
 * Natural logarithm of the upper tail of the chi-square law: `ln P(X > x)` for X with `freedom` degrees of freedom.
 *
 * With a = freedom / 2 and y = x / 2 the tail is the regularised upper incomplete gamma function Q(a, y): for
 * y < a + 1 one minus the power series of P(a, y), beyond it Legendre's continued fraction for Q, both scaled by
 * exp(-y + a ln y - ln gamma(a)) so that the logarithm keeps tails that a plain double would lose.
 * Source: NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2. O(sqrt(a)) terms.
 *
 * @example logChiSquareTail(150, 9) // -62.295402689932...
 */
export function logChiSquareTail(x: number, freedom: number): number {
  if (!(freedom > 0))
    throw new Error(`logChiSquareTail requires positive degrees of freedom, got ${freedom}`);
  if (!(x > 0)) return 0;
  const a = freedom / 2;
  const y = x / 2;
  const scale = -y + a * Math.log(y) - gammaln(a);
  return y < a + 1 ? Math.log1p(-Math.exp(scale) * lowerSeries(a, y)) : scale + Math.log(upperFraction(a, y));
}

/**
 * The value that a chi-square variable exceeds with probability `tail`. Zero degrees of freedom is the constant 0.
 *
 * Source: inverse of {@link logChiSquareTail}. About 10 evaluations of it.
 *
 * @example chiSquareQuantile(0.001, 9) // 27.87716487...
 */
export function chiSquareQuantile(tail: number, freedom: number): number {
  if (!(tail > 0 && tail < 1))
    throw new Error(`chiSquareQuantile requires a tail between 0 and 1, got ${tail}`);
  if (freedom === 0) return 0;
  const target = Math.log(tail);
  let high = 1;
  while (logChiSquareTail(high, freedom) > target) high *= 2;
  return findRoot((x) => logChiSquareTail(x, freedom) - target, 0, high);
}

/** sum over k of y^k / (a (a + 1) ... (a + k)): P(a, y) without its scale. */
function lowerSeries(a: number, y: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * EPSILON; k += 1) {
    term *= y / (a + k);
    sum += term;
  }
  return sum;
}

/**
 * Lentz's evaluation of the continued fraction of Q(a, y) without its scale. For y at least a + 1 no denominator is below k + 1: if the
 * one before is at least k, this one is at least y + 2 k + 1 - a - max(0, k - a).
 */
function upperFraction(a: number, y: number): number {
  let b = y + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let value = d;
  for (let k = 1; k < MOST_TERMS; k += 1) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const factor = c * d;
    value *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return value;
}
