import { gammaln } from 'simple-statistics';
import { findRoot } from './root.ts';

/** From here on the density falls to nothing before it reaches the end of its range, which is what quadrature wants. */
const QUADRATURE_FROM = 40;
/** The integral is cut off where the density has fallen by exp(-45). */
const DEPTH = 45;
/** With 1e13 rows the density may fall as soon as this, in parts of x. */
const NEAREST = 1e-13;
const PANELS = 16;
/** Nodes and weights of eight-point Gauss-Legendre on (-1, 1), positive half. */
const GAUSS: readonly (readonly [number, number])[] = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];
const HALF_LOG_TWO_PI = 0.9189385332046727;
const MOST_TERMS = 10_000;
const EPSILON = 1e-16;

/** Both tails of a law at one point, as natural logarithms: the smaller one is computed, the other is its complement. */
export interface LogTails {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Both tails of the beta law at x, `ln P(X < x)` and `ln P(X > x)` for X with parameters a and b: the logarithms of the regularised
 * incomplete beta functions I(x; a, b) and I(1 - x; b, a). A binomial tail is one of these: k or more of n at rate r
 * have probability I(r; k, n - k + 1).
 *
 * The tail on the far side of the mean is computed: by a continued fraction for small parameters, by quadrature over the part of the
 * density that counts for large ones, whose cost does not grow with the parameters. The density comes from
 * deviances and Stirling errors, so that 1e12 rows lose no digits to differences of huge logarithms.
 *
 * Sources: NIST Digital Library of Mathematical Functions, 8.17.22; Loader 2000, Fast and Accurate Computation of Binomial
 * Probabilities. O(sqrt(a + b)) terms up to 40, then 128.
 *
 * @example logBetaTails(0.5, 2, 3) // lower -0.37469344..., upper -1.16315080...
 */
export function logBetaTails(x: number, a: number, b: number): LogTails {
  if (!(a > 0 && b > 0)) throw new Error(`logBetaTails requires positive parameters, got ${a} and ${b}`);
  if (!(x > 0)) return { lower: -Infinity, upper: 0 };
  if (!(x < 1)) return { lower: 0, upper: -Infinity };
  const left = { x, y: 1 - x, a, b };
  const right = { x: left.y, y: x, a: b, b: a };
  if (x <= (a + 1) / (a + b + 2)) {
    const lower = Math.min(0, logLowerTail(left));
    return { lower, upper: complement(lower) };
  }
  const upper = Math.min(0, logLowerTail(right));
  return { lower: complement(upper), upper };
}

/**
 * The x below which a beta variable lies with probability `tail`. For the x above which it does, {@link betaUpperQuantile}:
 * one minus a quantile would lose the digits of a small one.
 *
 * Source: inverse of {@link logBetaTails}. About 15 evaluations of it.
 *
 * @example betaLowerQuantile(0.025, 2, 3) // 0.0675859...
 */
export function betaLowerQuantile(tail: number, a: number, b: number): number {
  const target = Math.log(tail);
  return quantileWhere((x) => logBetaTails(x, a, b).lower - target, a / (a + b));
}

/**
 * The x above which a beta variable lies with probability `tail`.
 *
 * Source: inverse of {@link logBetaTails}. About 15 evaluations of it.
 *
 * @example betaUpperQuantile(0.025, 2, 3) // 0.8058795...
 */
export function betaUpperQuantile(tail: number, a: number, b: number): number {
  const target = Math.log(tail);
  return quantileWhere((x) => target - logBetaTails(x, a, b).upper, a / (a + b));
}

/** The root in (0, 1) of a rising function that is negative at 0 and positive at 1, bracketed from a first guess. */
function quantileWhere(gap: (x: number) => number, guess: number): number {
  let low = guess;
  while (gap(low) > 0) low /= 4;
  let high = guess;
  while (gap(high) < 0) high = 1 - (1 - high) / 4;
  return findRoot(gap, low, high);
}

interface Point {
  readonly x: number;
  /** 1 - x, kept beside it so that neither is a difference of nearly equal numbers. */
  readonly y: number;
  readonly a: number;
  readonly b: number;
}

function logLowerTail(point: Point): number {
  const { x, y, a } = point;
  return a >= QUADRATURE_FROM
    ? logDensity(point) - Math.log(x) - Math.log(y) + Math.log(tailOverDensity(point))
    : logDensity(point) - Math.log(a) + Math.log(lowerFraction(point));
}

/** ln(x^a (1 - x)^b / B(a, b)), from the two deviances of (a, b) against ((a + b) x, (a + b) (1 - x)). */
function logDensity({ x, y, a, b }: Point): number {
  const n = a + b;
  const deviance = devianceOf(a, n * x) + devianceOf(b, n * y);
  const stirling = stirlingError(n) - stirlingError(a) - stirlingError(b);
  return stirling - deviance + 0.5 * (Math.log(a) + Math.log(b) - Math.log(n)) - HALF_LOG_TWO_PI;
}

/** k ln(k / m) + m - k, without cancellation where k is near m. */
function devianceOf(k: number, m: number): number {
  const excess = (k - m) / m;
  if (Math.abs(excess) > 0.1) return k * Math.log(k / m) + m - k;
  // (1 + e) ln(1 + e) - e = e^2/2 - e^3/6 + e^4/12 - ...: the coefficients are 1 / (j (j - 1)) with alternating signs.
  let power = excess * excess;
  let sum = 0;
  for (let j = 2; Math.abs(power) > Math.abs(sum) * EPSILON; j += 1) {
    sum += ((j % 2 === 0 ? 1 : -1) * power) / (j * (j - 1));
    power *= excess;
  }
  return m * sum;
}

/** ln gamma(z) - ((z - 1/2) ln z - z + 1/2 ln(2 pi)): what Stirling's formula leaves out. */
function stirlingError(z: number): number {
  if (z < 16) return gammaln(z) - ((z - 0.5) * Math.log(z) - z + HALF_LOG_TWO_PI);
  const square = z * z;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / z;
}

/** The lower tail over the density at x: the integral of density(x - w) / density(x) over w, to where it has died away. */
function tailOverDensity({ x, y, a, b }: Point): number {
  const logRatio = (w: number): number => (a - 1) * Math.log1p(-w / x) + (b - 1) * Math.log1p(w / y);
  const ratio = (w: number): number => Math.exp(logRatio(w));
  // At w = x nothing is left, so this ends.
  let reach = NEAREST * x;
  while (logRatio(reach) > -DEPTH) reach = Math.min(x, 2 * reach);
  let sum = 0;
  for (let panel = 0; panel < PANELS; panel += 1) {
    // Panels grow from x outwards: what counts lies close to it, and so may the point where the other power has its end.
    const middle = (reach * (panel ** 2 + (panel + 1) ** 2)) / (2 * PANELS ** 2);
    const half = (reach * (2 * panel + 1)) / (2 * PANELS ** 2);
    for (const [node, weight] of GAUSS)
      sum += half * weight * (ratio(middle - node * half) + ratio(middle + node * half));
  }
  return sum;
}

/** I(x; a, b) over x^a (1 - x)^b / (a B(a, b)): Lentz's evaluation of the continued fraction. */
function lowerFraction({ x, a, b }: Point): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m < MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return value;
}

/** ln(1 - exp(x)), x the smaller tail: never so near 0 that this would lose digits. */
function complement(x: number): number {
  return Math.log1p(-Math.exp(x));
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
