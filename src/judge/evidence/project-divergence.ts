import type { Divergence } from './divergence.ts';
import type { Projection } from './projection.ts';

export interface DivergenceQuestion {
  readonly divergence: Divergence;
  readonly q: readonly number[];
  readonly limit: number;
  readonly p1: readonly number[];
  /** Newton steps at most; a table is valid after any number of them. */
  readonly steps?: number;
}

/** Multipliers of `sum P = 1` and of `D <= limit`. */
interface Multipliers {
  readonly mu: number;
  readonly lambda: number;
}

interface DualPoint extends Multipliers {
  /** P / q per cell, and its logarithm. */
  readonly x: number[];
  readonly logX: number[];
  /** The dual function, to be minimised. */
  readonly value: number;
  /** 1 - sum q x, and limit - D: its gradient. */
  readonly mass: number;
  readonly slack: number;
}

const STEPS = 100;
const PRECISION = 1e-14;
/** A change of the dual function smaller than this is rounding. */
const ROUNDING = 1e-12;

/** `D(p, q)` of the divergence. */
export function divergenceOf(divergence: Divergence, p: readonly number[], q: readonly number[]): number {
  let sum = 0;
  for (let cell = 0; cell < q.length; cell += 1) {
    const base = q[cell] ?? 0;
    sum += base * divergence.f((p[cell] ?? 0) / base);
  }
  return sum;
}

/**
 * Projects p1 onto `{P : sum q f(P/q) <= limit}`; null when p1 lies within it. q and p1 must be positive in every cell.
 *
 * Damped Newton on the convex dual function of two unknowns,
 * g = sum p1 ln x - mu (sum q x - 1) - lambda (sum q f(x) - limit), x_i(mu, lambda) from the cell equation. 4 to 8 steps.
 *
 * Certificate (Young's inequality): for any x > 0, lambda >= 0 and r = mu + lambda f'(x) >= 0,
 * sum P r <= mu + lambda (limit + sum q (x f'(x) - f(x))) for every P within the limit.
 */
export function projectDivergence(question: DivergenceQuestion): Projection | null {
  const { divergence, q, limit, p1 } = question;
  const distance = divergenceOf(divergence, p1, q);
  if (!(distance > limit)) return null;
  const shrink = Math.sqrt(limit / distance);
  const start = { mu: 1, lambda: (1 - shrink) / (2 * shrink) };
  let point = dualAt(question, start, { x: q.map(() => 1), logX: q.map(() => 0), near: null });
  if (point === null) throw new Error('the projection has no start: are limit and shares positive?');
  let spare: Room = { x: q.map(() => 1), logX: q.map(() => 0) };
  for (let step = 0; step < (question.steps ?? STEPS); step += 1) {
    if (offCertificate(point) <= PRECISION) break;
    const next = newtonStep(question, point, spare);
    if (next === null) break;
    spare = point;
    point = next;
  }
  return { p0: point.x.map((x, cell) => (q[cell] ?? 0) * x), ...certifyDivergence(question, point) };
}

/** Ratios and certificate of multipliers and x from anywhere: the claim needs nothing else. Infinite where a ratio is negative. */
export function certifyDivergence(
  { divergence, q, limit }: Pick<DivergenceQuestion, 'divergence' | 'q' | 'limit'>,
  { mu, lambda, x }: Multipliers & { readonly x: readonly number[] },
): Omit<Projection, 'p0'> {
  const ratio = q.map(() => 0);
  let conjugate = limit;
  for (let cell = 0; cell < q.length; cell += 1) {
    const at = x[cell] ?? 1;
    const slope = divergence.slope(at);
    ratio[cell] = mu + lambda * slope;
    conjugate += (q[cell] ?? 0) * (at * slope - divergence.f(at));
  }
  const sound = ratio.every((value) => value >= 0);
  return { ratio, dual: sound ? mu + lambda * conjugate : Infinity, multipliers: { mu, lambda }, x };
}

/** The certificate of a finished projection: its ratios may exceed what multipliers and x say by rounding; that excess is added. */
export function certifyRecomputed(
  set: Pick<DivergenceQuestion, 'divergence' | 'q' | 'limit'>,
  { ratio, multipliers, x }: Projection,
): number {
  const { mu = Number.NaN, lambda = Number.NaN } = multipliers;
  if (x === null || !(lambda >= 0)) return Infinity;
  const recomputed = certifyDivergence(set, { mu, lambda, x });
  const above = Math.max(...ratio.map((value, cell) => value - (recomputed.ratio[cell] ?? 0)));
  return recomputed.dual + Math.max(0, above);
}

/** Arrays that a point of the dual is written into. */
type Room = Pick<DualPoint, 'x' | 'logX'>;

/** The dual function and its gradient; fills the room, seeking each x from `near`. Null where a cell equation has no root. */
function dualAt(
  { divergence, q, limit, p1 }: DivergenceQuestion,
  multipliers: Multipliers,
  { x, logX, near }: Room & { readonly near: readonly number[] | null },
): DualPoint | null {
  const { mu, lambda } = multipliers;
  let mass = 1;
  let slack = limit;
  let logs = 0;
  for (let cell = 0; cell < q.length; cell += 1) {
    const base = q[cell] ?? 0;
    const share = p1[cell] ?? 0;
    const root = divergence.solve(share / base, multipliers, near?.[cell]);
    const logRoot = Math.log(root);
    x[cell] = root;
    logX[cell] = logRoot;
    mass -= base * root;
    slack -= base * divergence.f(root, logRoot);
    logs += share * logRoot;
  }
  const value = logs + mu * mass + lambda * slack;
  return Number.isFinite(value) ? { mu, lambda, x, logX, value, mass, slack } : null;
}

/** At the roots of the cell equations Dual - 1 = mu (1 - sum q x) + lambda (limit - D); this bounds it. */
function offCertificate({ mu, lambda, mass, slack }: DualPoint): number {
  return Math.abs(mu * mass) + Math.abs(lambda * slack);
}

/** One Newton step, halved while the dual rises; null when no step gets lower any more. */
function newtonStep(question: DivergenceQuestion, point: DualPoint, spare: Room): DualPoint | null {
  const direction = newtonDirection(question, point);
  for (let scale = 1; scale > 1e-12; scale /= 2) {
    const moved = scale * direction.lambda;
    const lambda = moved < 0 ? point.lambda * Math.exp(moved / point.lambda) : point.lambda + moved;
    const next = dualAt(
      question,
      { mu: point.mu + scale * direction.mu, lambda },
      { x: spare.x, logX: spare.logX, near: point.x },
    );
    if (next === null) continue;
    const rise = next.value - point.value;
    const flat = ROUNDING * Math.max(1, Math.abs(point.value));
    if (rise < -flat || (rise <= flat && offCertificate(next) < offCertificate(point))) return next;
  }
  return null;
}

/**
 * Hessian sum w [1, f'; f', f'^2] with 1/w = (a/x^2 + lambda f'')/q, inverted on the gradient. Slopes are taken about their weighted mean:
 * their spread can be far smaller than they are.
 */
function newtonDirection({ divergence, q, p1 }: DivergenceQuestion, point: DualPoint): Multipliers {
  const weights = [...q];
  const slopes = [...q];
  let total = 0;
  let mean = 0;
  for (let cell = 0; cell < q.length; cell += 1) {
    const base = q[cell] ?? 0;
    const x = point.x[cell] ?? 1;
    const weight = base / ((p1[cell] ?? 0) / base / (x * x) + point.lambda * divergence.curvature(x));
    const slope = divergence.slope(x, point.logX[cell]);
    weights[cell] = weight;
    slopes[cell] = slope;
    total += weight;
    mean += weight * slope;
  }
  mean /= total;
  let spread = 0;
  for (let cell = 0; cell < q.length; cell += 1)
    spread += (weights[cell] ?? 0) * ((slopes[cell] ?? 0) - mean) ** 2;
  const lambda = spread > 0 ? (mean * point.mass - point.slack) / spread : 0;
  return { mu: -point.mass / total - mean * lambda, lambda };
}
