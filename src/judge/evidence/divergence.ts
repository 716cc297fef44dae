/** An f-divergence `D(P, Q) = sum q_i f(P_i / q_i)`, f convex with f(1) = 0, and how its projection is solved cell by cell. */
export interface Divergence {
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly curvature: (x: number) => number;
  /** The x > 0 with `a / x = mu + lambda slope(x)`; null when there is none. */
  readonly solve: (a: number, mu: number, lambda: number) => number | null;
}

/**
 * PSI: f(x) = (x - 1) ln x. The cell equation becomes v + ln v = ln(1 + a/lambda) + 1 + mu/lambda with
 * x = (1 + a/lambda) / v: Wright's omega function.
 */
export const PSI_DIVERGENCE: Divergence = {
  f: (x) => (x - 1) * Math.log(x),
  slope: (x) => Math.log(x) + 1 - 1 / x,
  curvature: (x) => 1 / x + 1 / (x * x),
  solve: (a, mu, lambda) => {
    const grown = 1 + a / lambda;
    const x = grown / wrightOmega(Math.log(grown) + 1 + mu / lambda);
    return Number.isFinite(x) && x > 0 ? x : null;
  },
};

/**
 * Jensen-Shannon divergence in nats: f(x) = 1/2 (x ln(2x / (1 + x)) + ln(2 / (1 + x))). The JS distance to base 2 at most d is this
 * divergence at most d^2 ln 2.
 */
export const JS_DIVERGENCE: Divergence = {
  f: (x) => 0.5 * (x * Math.log((2 * x) / (1 + x)) + Math.log(2 / (1 + x))),
  slope: (x) => 0.5 * Math.log((2 * x) / (1 + x)),
  curvature: (x) => 0.5 / (x * (1 + x)),
  solve: (a, mu, lambda) => (mu + lambda * 0.5 * Math.LN2 > 0 ? solveByNewton(a, mu, lambda) : null),
};

/** omega > 0 with omega + ln omega = z. Newton's steps in the form that keeps omega positive. */
export function wrightOmega(z: number): number {
  if (z < -30) return Math.exp(z);
  let omega = z > 1 ? z - Math.log(z) : Math.exp(z) / (1 + Math.exp(z));
  for (let step = 0; step < 50; step += 1) {
    const next = (omega * (1 + z - Math.log(omega))) / (1 + omega);
    const moved = Math.abs(next - omega);
    omega = next > 0 ? next : omega / 2;
    if (moved <= 1e-16 * omega) break;
  }
  return omega;
}

/** The root in ln x of the increasing function mu + lambda slope(x) - a / x, bracketed and then refined by safeguarded Newton steps. */
function solveByNewton(a: number, mu: number, lambda: number): number | null {
  const gap = (x: number): number => mu + lambda * JS_DIVERGENCE.slope(x) - a / x;
  let low = 1;
  let high = 1;
  for (let step = 0; gap(low) > 0 && step < 2000; step += 1) low /= 4;
  for (let step = 0; gap(high) < 0 && step < 500; step += 1) high *= 4;
  if (gap(low) > 0 || gap(high) < 0) return null;
  let x = Math.sqrt(low * high);
  for (let step = 0; step < 200; step += 1) {
    const value = gap(x);
    if (value > 0) high = x;
    else low = x;
    const newton = x - value / (lambda * JS_DIVERGENCE.curvature(x) + a / (x * x));
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - x) <= 1e-16 * x) return next;
    x = next;
  }
  return x;
}
