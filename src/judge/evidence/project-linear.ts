import type { Projection } from './projection.ts';
import { bisect } from './root.ts';

/**
 * KS on cells: `{P : |cumulative P - cumulative q| <= limit at every inner edge}`; null when p1 lies within it.
 *
 * The cumulative p0 is the taut string through the tube q +- limit drawn against the cumulative p1: it minimises every convex function of the
 * slopes at once, so also -sum p1 ln(p0 / p1). r is one over the slope. Exact, O(B^2).
 *
 * Certificate by summation by parts: sum P r = r_B - sum over inner edges d_i C_i with d_i = r_(i+1) - r_i and C the cumulative P,
 * each C_i at the end of its range that makes the sum largest.
 */
export function projectKs(q: readonly number[], limit: number, p1: readonly number[]): Projection | null {
  const last = p1.length - 1;
  const against = cumulative(p1);
  const centre = cumulative(q);
  const low = centre.map((value, edge) => (edge === last ? 1 : Math.max(0, value - limit)));
  const high = centre.map((value, edge) => (edge === last ? 1 : Math.min(1, value + limit)));
  if (
    against.every((value, edge) => edge === last || (value >= (low[edge] ?? 0) && value <= (high[edge] ?? 1)))
  )
    return null;
  const string = tautString({ against, low, high });
  const p0 = string.map((value, edge) => value - (edge === 0 ? 0 : (string[edge - 1] ?? 0)));
  const ratio = p1.map((share, cell) => share / (p0[cell] ?? 1));
  let dual = ratio[last] ?? 1;
  for (let edge = 0; edge < last; edge += 1) {
    const step = (ratio[edge + 1] ?? 0) - (ratio[edge] ?? 0);
    dual -= step * (step > 0 ? (low[edge] ?? 0) : (high[edge] ?? 1));
  }
  return { p0, ratio, dual, multipliers: {}, x: null };
}

function cumulative(shares: readonly number[]): readonly number[] {
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    return sum;
  });
}

/** Heights at the edges of the shortest path from (0, 0) to (1, 1) that stays between `low` and `high`. */
function tautString(tube: {
  readonly against: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}): readonly number[] {
  const { against, low, high } = tube;
  const heights = new Array<number>(against.length).fill(0);
  let from = -1;
  let x = 0;
  let y = 0;
  while (from < against.length - 1) {
    let steepest = { edge: -1, slope: -Infinity };
    let flattest = { edge: -1, slope: Infinity };
    let turn: { edge: number; slope: number } | null = null;
    for (let edge = from + 1; edge < against.length && turn === null; edge += 1) {
      const run = (against[edge] ?? 1) - x;
      const up = ((low[edge] ?? 0) - y) / run;
      const down = ((high[edge] ?? 1) - y) / run;
      if (up > flattest.slope) turn = flattest;
      else if (down < steepest.slope) turn = steepest;
      if (up > steepest.slope) steepest = { edge, slope: up };
      if (down < flattest.slope) flattest = { edge, slope: down };
    }
    const target = turn ?? { edge: against.length - 1, slope: (1 - y) / ((against.at(-1) ?? 1) - x) };
    for (let edge = from + 1; edge <= target.edge; edge += 1)
      heights[edge] = y + target.slope * ((against[edge] ?? 1) - x);
    from = target.edge;
    y = heights[from] ?? 1;
    x = against[from] ?? 1;
  }
  return heights;
}

/**
 * Total variation: `{P : 1/2 sum |P - q| <= limit}`. Huber's clipping: r = p1/q between c1 and c2. Certificate: at most `limit` of mass moves
 * from where r is smallest to where it is largest, so the mean is at most sum q r + limit (c2 - c1).
 */
export function projectTotalVariation(
  q: readonly number[],
  limit: number,
  p1: readonly number[],
): Projection | null {
  const distance = 0.5 * sum(p1.map((share, cell) => Math.abs(share - (q[cell] ?? 0))));
  if (!(distance > limit)) return null;
  const plain = p1.map((share, cell) => share / (q[cell] ?? 1));
  const most = Math.max(...plain);
  const over = (c: number): number =>
    sum(p1.map((share, cell) => Math.max(0, share / c - (q[cell] ?? 0)))) - limit;
  const under = (c: number): number =>
    limit - sum(p1.map((share, cell) => Math.max(0, (q[cell] ?? 0) - share / c)));
  const upper = bisect(over, 1, most);
  const lower = bisect(under, Math.min(...plain), 1);
  const ratio = plain.map((value) => Math.min(upper, Math.max(lower, value)));
  const dual =
    sum(ratio.map((value, cell) => value * (q[cell] ?? 0))) +
    limit * (Math.max(...ratio) - Math.min(...ratio));
  return {
    p0: p1.map((share, cell) => share / (ratio[cell] ?? 1)),
    ratio,
    dual,
    multipliers: { lower, upper },
    x: null,
  };
}

/**
 * L-infinity: `{P : |P_i - q_i| <= limit in every cell}`. p0 = p1/mu clipped to the box, mu by one root. Certificate for any mu:
 * mu + sum ((r - mu)+ (q + limit) - (mu - r)+ max(0, q - limit)).
 */
export function projectLInfinity(
  q: readonly number[],
  limit: number,
  p1: readonly number[],
): Projection | null {
  if (!p1.some((share, cell) => Math.abs(share - (q[cell] ?? 0)) > limit)) return null;
  const low = q.map((share) => Math.max(0, share - limit));
  const high = q.map((share) => Math.min(1, share + limit));
  const boxed = (mu: number): readonly number[] =>
    p1.map((share, cell) => Math.min(high[cell] ?? 1, Math.max(low[cell] ?? 0, share / mu)));
  const mu = bisect((value) => sum(boxed(value)) - 1, 1e-12, 1e12);
  const p0 = boxed(mu);
  const ratio = p1.map((share, cell) => share / (p0[cell] ?? 1));
  const dual =
    mu +
    sum(
      ratio.map(
        (r, cell) => Math.max(0, r - mu) * (high[cell] ?? 1) - Math.max(0, mu - r) * (low[cell] ?? 0),
      ),
    );
  return { p0, ratio, dual, multipliers: { mu }, x: null };
}

/** A rate: `{P : P(inside) <= limit}` over the two cells outside and inside. Closed form, certificate exactly 1 up to rounding. */
export function projectRate(limit: number, rate: number): Projection | null {
  if (!(rate > limit) || !(rate < 1)) return null;
  const ratio = [(1 - rate) / (1 - limit), rate / limit] as const;
  return {
    p0: [1 - limit, limit],
    ratio,
    dual: (1 - limit) * ratio[0] + limit * ratio[1],
    multipliers: {},
    x: null,
  };
}

/**
 * A mean loss: `{P : sum P l <= bound}`. r = 1 + lambda (l - bound) is exactly valid for any lambda in [0, 1 / (bound - smallest loss)]; the best
 * lambda solves sum p1 (l - bound) / (1 + lambda (l - bound)) = 0. Null when p1 meets the bound.
 */
export function projectMeanLoss(
  losses: readonly number[],
  bound: number,
  p1: readonly number[],
): Projection | null {
  const excess = losses.map((loss) => loss - bound);
  if (!(sum(p1.map((share, cell) => share * (excess[cell] ?? 0))) > 0)) return null;
  const least = Math.min(...excess);
  const cap = least < 0 ? (1 / -least) * (1 - 1e-12) : 1e12;
  const growth = (lambda: number): number =>
    sum(p1.map((share, cell) => (share * (excess[cell] ?? 0)) / (1 + lambda * (excess[cell] ?? 0))));
  const lambda = growth(cap) >= 0 ? cap : bisect(growth, 0, cap);
  const ratio = excess.map((value) => 1 + lambda * value);
  return {
    p0: p1.map((share, cell) => share / (ratio[cell] ?? 1)),
    ratio,
    dual: 1,
    multipliers: { lambda },
    x: null,
  };
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
