import type { Divergence } from './divergence.ts';
import type { Projection } from './projection.ts';

/** Multipliers of `sum P = 1` and of `D <= limit`. */
interface Multipliers {
  readonly mu: number;
  readonly lambda: number;
}

interface DualPoint extends Multipliers {
  readonly x: readonly number[];
  /** The dual function, to be minimised. */
  readonly value: number;
  /** 1 - sum q x, and limit - D: its gradient. */
  readonly mass: number;
  readonly slack: number;
}

export interface DivergenceQuestion {
  readonly divergence: Divergence;
  readonly q: readonly number[];
  readonly limit: number;
  readonly p1: readonly number[];
  /** Newton steps at most; a table is valid after any number of them. */
  readonly steps?: number;
}

const STEPS = 100;
const PRECISION = 1e-14;

/** `D(p, q)` of the divergence. */
export function divergenceOf(divergence: Divergence, p: readonly number[], q: readonly number[]): number {
  let sum = 0;
  for (const [cell, share] of p.entries()) sum += (q[cell] ?? 0) * divergence.f(share / (q[cell] ?? 1));
  return sum;
}

/**
 * Projects p1 onto `{P : sum q f(P/q) <= limit}`; null when p1 lies within it. q and p1 must be positive in every cell.
 *
 * Damped Newton on the convex dual function of two unknowns,
 * g = sum p1 ln x - mu (sum q x - 1) - lambda (sum q f(x) - limit), x_i(mu, lambda) from the cell equation.
 *
 * Certificate (Young's inequality): for any x > 0, lambda >= 0 and r = mu + lambda f'(x) >= 0,
 * sum P r <= mu + lambda (limit + sum q (x f'(x) - f(x))) for every P within the limit.
 */
export function projectDivergence(question: DivergenceQuestion): Projection | null {
  const { divergence, q, limit, p1 } = question;
  const distance = divergenceOf(divergence, p1, q);
  if (!(distance > limit)) return null;
  const shrink = Math.sqrt(limit / distance);
  let point = dualAt(question, { mu: 1, lambda: (1 - shrink) / (2 * shrink) });
  if (point === null) throw new Error('the projection has no start: are limit and shares positive?');
  for (let step = 0; step < (question.steps ?? STEPS); step += 1) {
    if (Math.abs(point.mass) <= PRECISION && Math.abs(point.slack) <= PRECISION * Math.max(1, limit)) break;
    const next = newtonStep(question, point);
    if (next === null) break;
    point = next;
  }
  return certified(question, point);
}

function dualAt(
  { divergence, q, limit, p1 }: DivergenceQuestion,
  { mu, lambda }: Multipliers,
): DualPoint | null {
  const x: number[] = [];
  let mass = 1;
  let slack = limit;
  let logs = 0;
  for (const [cell, share] of p1.entries()) {
    const base = q[cell] ?? 0;
    const solved = divergence.solve(share / base, mu, lambda);
    if (solved === null) return null;
    x.push(solved);
    mass -= base * solved;
    slack -= base * divergence.f(solved);
    logs += share * Math.log(solved);
  }
  const value = logs + mu * mass + lambda * slack;
  return Number.isFinite(value) ? { mu, lambda, x, value, mass, slack } : null;
}

/** One Newton step, halved while the dual rises; null when no step gets lower any more. */
function newtonStep(question: DivergenceQuestion, point: DualPoint): DualPoint | null {
  const direction = newtonDirection(question, point);
  for (let scale = 1; scale > 1e-12; scale /= 2) {
    const moved = scale * direction.lambda;
    const lambda = moved < 0 ? point.lambda * Math.exp(moved / point.lambda) : point.lambda + moved;
    const next = dualAt(question, { mu: point.mu + scale * direction.mu, lambda });
    if (next === null) continue;
    const better = Math.abs(next.mass) + Math.abs(next.slack) < Math.abs(point.mass) + Math.abs(point.slack);
    if (next.value < point.value || (next.value <= point.value + 1e-15 * Math.abs(point.value) && better))
      return next;
  }
  return null;
}

function newtonDirection({ divergence, q, p1 }: DivergenceQuestion, point: DualPoint): Multipliers {
  let a = 0;
  let b = 0;
  let c = 0;
  for (const [cell, x] of point.x.entries()) {
    const base = q[cell] ?? 0;
    const weight = base / ((p1[cell] ?? 0) / base / (x * x) + point.lambda * divergence.curvature(x));
    const slope = divergence.slope(x);
    a += weight;
    b += weight * slope;
    c += weight * slope * slope;
  }
  const determinant = a * c - b * b;
  if (!(determinant > 0)) return { mu: -point.mass / a, lambda: 0 };
  return {
    mu: (-point.mass * c + point.slack * b) / determinant,
    lambda: (point.mass * b - point.slack * a) / determinant,
  };
}

function certified({ divergence, q, limit }: DivergenceQuestion, { mu, lambda, x }: DualPoint): Projection {
  const ratio = x.map((value) => Math.max(0, mu + lambda * divergence.slope(value)));
  let conjugate = limit;
  for (const [cell, value] of x.entries())
    conjugate += (q[cell] ?? 0) * (value * divergence.slope(value) - divergence.f(value));
  return {
    p0: x.map((value, cell) => (q[cell] ?? 0) * value),
    ratio,
    dual: mu + lambda * conjugate,
    multipliers: { mu, lambda },
    x,
  };
}
