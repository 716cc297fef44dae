import { type ConvexSet, distance } from './set.ts';

/** Rows of smoothing per cell, spread over the cells as the baseline is. */
const SMOOTHING = 0.5;

/** Sum of counts, which need not be whole: a customer's rows may share one vote. */
export function total(counts: readonly number[]): number {
  let sum = 0;
  for (let cell = 0; cell < counts.length; cell += 1) sum += counts[cell] ?? 0;
  return sum;
}

/** Shares of counts, drawn towards q by `perCell` rows per cell: (c + k q) / (n + k), k = perCell x B. No cell is empty, and q stays q. */
export function smoothed(
  counts: readonly number[],
  q: readonly number[],
  perCell: number = SMOOTHING,
): readonly number[] {
  const added = perCell * q.length;
  const rows = total(counts) + added;
  return q.map((share, cell) => ((counts[cell] ?? 0) + added * share) / rows);
}

/**
 * The set's distance of counts from q, less what noise alone puts there where that is known: PSI of n rows that follow q is (B - 1)/n on
 * average, and the Jensen-Shannon divergence an eighth of it; a cell expected less than once counts with its expectation only. The other
 * distances are plain. Never below 0 and finite for any counts; 0 without rows.
 */
export function estimate(set: ConvexSet, counts: readonly number[]): number {
  const rows = total(counts);
  if (!(rows > 0)) return 0;
  if (set.kind === 'psi') return Math.max(0, distance(set, smoothed(counts, set.q)) - noise(set.q, rows));
  if (set.kind === 'js') {
    const squared = distance(set, smoothed(counts, set.q)) ** 2;
    return Math.sqrt(Math.max(0, squared - noise(set.q, rows) / (8 * Math.LN2)));
  }
  return distance(
    set,
    counts.map((count) => count / rows),
  );
}

/** (B - 1)/n, each cell counted as far as it expects a row. */
function noise(q: readonly number[], rows: number): number {
  let cells = -1;
  for (let cell = 0; cell < q.length; cell += 1) cells += Math.min(1, rows * (q[cell] ?? 0));
  return Math.max(0, cells) / rows;
}

/**
 * How many standard deviations, squared, counts lie beyond the set's limit; 0 within it. For PSI n (sqrt(PSI) - sqrt(limit))^2: the root of
 * PSI has the same deviation, 1/sqrt(n), wherever it is. Twice the evidence that the best table could gather, to first order.
 */
export function excess(set: ConvexSet, counts: readonly number[]): number {
  const rows = total(counts);
  if (!(rows > 0)) return 0;
  const value = estimate(set, counts);
  const { limit } = set;
  if (!(value > limit)) return 0;
  if (set.kind === 'psi') return rows * (Math.sqrt(value) - Math.sqrt(limit)) ** 2;
  return (rows * (value - limit) ** 2) / unitVariance(set, counts);
}

/** Variance of the distance of one row, roughly: that of n rows is an n-th of it. */
function unitVariance(set: ConvexSet, counts: readonly number[]): number {
  if (set.kind === 'js') return 1 / (8 * Math.LN2);
  if (set.kind !== 'rate' && set.kind !== 'mean_loss') return 1 / 4;
  const losses = set.losses ?? [0, 1];
  let sum = 0;
  for (const [cell, count] of counts.entries()) sum += count * ((losses[cell] ?? 0) - set.limit) ** 2;
  return sum / total(counts);
}
