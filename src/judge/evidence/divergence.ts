/** An f-divergence `D(P, Q) = sum q_i f(P_i / q_i)`, f convex with f(1) = 0, and how its projection is solved cell by cell. */
export interface Divergence {
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly curvature: (x: number) => number;
  /** The x > 0 with `a / x = mu + lambda slope(x)`, for a > 0 and lambda > 0; NaN when there is none. */
  readonly solve: (a: number, mu: number, lambda: number) => number;
}

/**
 * PSI: f(x) = (x - 1) ln x, so that D is the Jeffreys divergence. The cell equation becomes v + ln v = ln(1 + a/lambda) + 1 + mu/lambda
 * with x = (1 + a/lambda) / v: Wright's omega function.
 */
export const PSI_DIVERGENCE: Divergence = {
  f: (x) => (x - 1) * Math.log(x),
  slope: (x) => Math.log(x) + 1 - 1 / x,
  curvature: (x) => 1 / x + 1 / (x * x),
  solve: (a, mu, lambda) => {
    const grown = 1 + a / lambda;
    return grown / wrightOmega(Math.log(grown) + 1 + mu / lambda);
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
  solve: (a, mu, lambda) => (mu + lambda * 0.5 * Math.LN2 > 0 ? solveByNewton(a, mu, lambda) : Number.NaN),
};

/**
 * omega > 0 with omega + ln omega = z. Below -30 it is exp(z) to the last bit; else the fourth-order step of Fritsch, Shafer and Crowley
 * (1973, Communications of the ACM 16, algorithm 443), which reaches rounding in two or three steps.
 */
export function wrightOmega(z: number): number {
  if (z < -30) return Math.exp(z);
  let omega = z > 1.5 ? z - Math.log(z) : z > -1 ? 0.567 * Math.exp(z / 1.567) : Math.exp(z);
  for (let step = 0; step < 20; step += 1) {
    const residual = z - omega - Math.log(omega);
    if (Math.abs(residual) <= 4e-16 * Math.max(1, Math.abs(z))) break;
    const grown = 1 + omega;
    const two = 2 * grown * (grown + (2 / 3) * residual);
    omega *= 1 + ((residual / grown) * (two - residual)) / (two - 2 * residual);
  }
  return omega;
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
