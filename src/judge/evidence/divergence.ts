/** An f-divergence `D(P, Q) = sum q_i f(P_i / q_i)`, f convex with f(1) = 0, and how its projection is solved cell by cell. */
export interface Divergence {
  /** `logX` is ln x, for a caller that has it already: logarithms are most of the work of a projection. */
  readonly f: (x: number, logX?: number) => number;
  readonly slope: (x: number, logX?: number) => number;
  readonly curvature: (x: number) => number;
  /** The x > 0 with `a / x = mu + lambda slope(x)`, for a > 0 and lambda > 0, sought from `near`; NaN when there is none. */
  readonly solve: (
    a: number,
    multipliers: { readonly mu: number; readonly lambda: number },
    near?: number,
  ) => number;
}

/**
 * PSI: f(x) = (x - 1) ln x, so that D is the Jeffreys divergence. The cell equation becomes v + ln v = ln(1 + a/lambda) + 1 + mu/lambda
 * with x = (1 + a/lambda) / v: Wright's omega function.
 */
export const PSI_DIVERGENCE: Divergence = {
  f: (x, logX = Math.log(x)) => (x - 1) * logX,
  slope: (x, logX = Math.log(x)) => logX + 1 - 1 / x,
  curvature: (x) => 1 / x + 1 / (x * x),
  solve: (a, { mu, lambda }, near = 1) => {
    const grown = 1 + a / lambda;
    return grown / wrightOmega(Math.log(grown) + 1 + mu / lambda, grown / near);
  },
};

/**
 * Jensen-Shannon divergence in nats: f(x) = 1/2 (x ln(2x / (1 + x)) + ln(2 / (1 + x))). The JS distance to base 2 at most d is this
 * divergence at most d^2 ln 2. Its slope has the ceiling ln(2)/2, so a cell equation with mu + lambda ln(2)/2 <= 0 has no root.
 */
export const JS_DIVERGENCE: Divergence = {
  f: (x) => 0.5 * (x * Math.log((2 * x) / (1 + x)) + Math.log(2 / (1 + x))),
  slope: (x) => 0.5 * Math.log((2 * x) / (1 + x)),
  curvature: (x) => 0.5 / (x * (1 + x)),
  solve: (a, { mu, lambda }) =>
    mu + lambda * 0.5 * Math.LN2 > 0 ? solveByNewton(a, mu, lambda) : Number.NaN,
};

/**
 * omega > 0 with omega + ln omega = z. Below -30 it is exp(z) to the last bit; else the fourth-order step of Fritsch, Shafer and Crowley
 * (1973, Communications of the ACM 16, algorithm 443): two or three of them, the last from a residual whose fourth power is below rounding.
 * `near` is where to begin; a guess that is far off is not taken.
 */
export function wrightOmega(z: number, near: number | null = null): number {
  if (z < -30) return Math.exp(z);
  let omega = near ?? startOmega(z);
  for (let step = 0; step < 20; step += 1) {
    let residual = z - omega - Math.log(omega);
    if (step === 0 && near !== null && !(Math.abs(residual) < FAR)) {
      omega = startOmega(z);
      residual = z - omega - Math.log(omega);
    }
    const grown = 1 + omega;
    const two = 2 * grown * (grown + (2 / 3) * residual);
    omega *= 1 + ((residual / grown) * (two - residual)) / (two - 2 * residual);
    if (Math.abs(residual) <= CLOSE) break;
  }
  return omega;
}

/** Residuals of Wright's omega: from the first a step reaches rounding, from the second a start is no good. */
const CLOSE = 1e-4;
const FAR = 1;

function startOmega(z: number): number {
  if (z > 1.5) return z - Math.log(z);
  return z > -1 ? 0.567 * Math.exp(z / 1.567) : Math.exp(z);
}

/** The root in ln x of the increasing function mu + lambda slope(x) - a / x, bracketed and then refined by safeguarded Newton steps. */
function solveByNewton(a: number, mu: number, lambda: number): number {
  const { slope, curvature } = JS_DIVERGENCE;
  const gap = (x: number): number => mu + lambda * slope(x) - a / x;
  let low = 1;
  let high = 1;
  for (let step = 0; gap(low) > 0 && step < 500; step += 1) low /= 4;
  for (let step = 0; gap(high) < 0 && step < 500; step += 1) high *= 4;
  if (gap(low) > 0 || gap(high) < 0) return Number.NaN;
  let x = Math.sqrt(low * high);
  for (let step = 0; step < 200; step += 1) {
    const value = gap(x);
    if (value > 0) high = x;
    else low = x;
    const newton = x - value / (lambda * curvature(x) + a / (x * x));
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - x) <= 1e-16 * x) return next;
    x = next;
  }
  return x;
}
