import type { Projection } from './projection.ts';

/** The largest difference of the cumulative shares, at the inner edges of the cells. */
export function ksDistance(p: readonly number[], q: readonly number[]): number {
  let difference = 0;
  let largest = 0;
  for (let edge = 0; edge + 1 < q.length; edge += 1) {
    difference += (p[edge] ?? 0) - (q[edge] ?? 0);
    largest = Math.max(largest, Math.abs(difference));
  }
  return largest;
}

/**
 * KS on cells: `{P : |cumulative P - cumulative q| <= limit at every inner edge}`; null when p1 lies within it.
 *
 * The cumulative p0 is the taut string through the tube q +- limit drawn against the cumulative p1: it minimises every convex function of the
 * slopes at once, so also -sum p1 ln(p0 / p1). r is one over the slope. Exact, O(B^2).
 * Source: Davies and Kovac 2001, Annals of Statistics 29, for the string.
 */
export function projectKs(q: readonly number[], limit: number, p1: readonly number[]): Projection | null {
  if (!(ksDistance(p1, q) > limit)) return null;
  const slopes = tautString({ against: cumulative(p1), ...tube(q, limit) });
  const p0 = p1.map((share, cell) => share * (slopes[cell] ?? 1));
  const ratio = slopes.map((slope) => 1 / slope);
  return { p0, ratio, dual: certifyKs(q, limit, ratio), multipliers: {}, x: null };
}

/**
 * Certificate by summation by parts: sum P r = r_B - sum over inner edges of d_i C_i with d_i = r_(i+1) - r_i and C the cumulative P, each C_i at
 * the end of its range that makes the sum largest. Exact where the string touches, an upper bound everywhere.
 */
export function certifyKs(q: readonly number[], limit: number, ratio: readonly number[]): number {
  const { low, high } = tube(q, limit);
  let dual = ratio.at(-1) ?? 1;
  for (let edge = 0; edge + 1 < ratio.length; edge += 1) {
    const step = (ratio[edge + 1] ?? 0) - (ratio[edge] ?? 0);
    dual -= step * (step > 0 ? (low[edge] ?? 0) : (high[edge] ?? 1));
  }
  return dual;
}

interface Tube {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Range of the cumulative share at each edge; the last edge is 1. */
function tube(q: readonly number[], limit: number): Tube {
  const last = q.length - 1;
  const centre = cumulative(q);
  return {
    low: centre.map((value, edge) => (edge === last ? 1 : Math.max(0, value - limit))),
    high: centre.map((value, edge) => (edge === last ? 1 : Math.min(1, value + limit))),
  };
}

function cumulative(shares: readonly number[]): readonly number[] {
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    return sum;
  });
}

interface Corner {
  /** Edge the path has reached; -1 at the start. */
  readonly edge: number;
  readonly x: number;
  readonly y: number;
}

/** Slope over each cell of the shortest path from (0, 0) to (1, 1) that stays in the tube, drawn against the cumulative p1. */
function tautString(tube: Tube & { readonly against: readonly number[] }): readonly number[] {
  const { against } = tube;
  const slopes = against.map(() => 1);
  let corner: Corner = { edge: -1, x: 0, y: 0 };
  while (corner.edge < against.length - 1) {
    const { edge, slope } = nextTurn(tube, corner);
    slopes.fill(slope, corner.edge + 1, edge + 1);
    const x = against[edge] ?? 1;
    corner = { edge, x, y: corner.y + slope * (x - corner.x) };
  }
  return slopes;
}

/** From a corner the funnel of reachable slopes narrows edge by edge; where it closes, the path turns at the edge that closed it. */
function nextTurn(
  { against, low, high }: Tube & { readonly against: readonly number[] },
  { edge: from, x, y }: Corner,
): { readonly edge: number; readonly slope: number } {
  let steepest = { edge: from, slope: -Infinity };
  let flattest = { edge: from, slope: Infinity };
  for (let edge = from + 1; edge < against.length; edge += 1) {
    const run = (against[edge] ?? 1) - x;
    const atLeast = ((low[edge] ?? 0) - y) / run;
    const atMost = ((high[edge] ?? 1) - y) / run;
    if (atLeast > flattest.slope) return flattest;
    if (atMost < steepest.slope) return steepest;
    if (atLeast > steepest.slope) steepest = { edge, slope: atLeast };
    if (atMost < flattest.slope) flattest = { edge, slope: atMost };
  }
  return { edge: against.length - 1, slope: (1 - y) / ((against.at(-1) ?? 1) - x) };
}
