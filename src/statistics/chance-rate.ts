import { betaUpperQuantile, logBetaTails } from './special/beta.ts';

/** How many rows were counted, and how many of them have the property in question. */
export interface RateCounts {
  readonly count: number;
  readonly rows: number;
  readonly baselineCount: number;
  readonly baselineRows: number;
}

/**
 * The rate that a window of so many rows exceeds with probability at most `tail` when the rate behind it is still that of the baseline.
 *
 * Exact at any size, and conservative: half of the tail is spent on the baseline's own sampling (Clopper and Pearson's upper bound of its
 * rate), half on the window's, as the smallest whole number of rows that a binomial count at that bound does not exceed.
 *
 * Source: Clopper and Pearson 1934, Biometrika 26(4). About 15 + log2(rows) evaluations of the incomplete beta function.
 *
 * @example chanceRate(0.001, { count: 0, rows: 1000, baselineCount: 20, baselineRows: 10000 }) // 0.012
 */
export function chanceRate(tail: number, { rows, baselineCount, baselineRows }: RateCounts): number {
  const half = tail / 2;
  const rate = upperRate(half, baselineCount, baselineRows);
  let low = -1;
  // Weighted rows need not be whole.
  let high = Math.ceil(rows);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const beyond = logBetaTails(rate, middle + 1, rows - middle).lower;
    if (beyond <= Math.log(half)) high = middle;
    else low = middle;
  }
  return Math.min(1, high / rows);
}

/** Clopper and Pearson's upper bound: the largest rate at which so few are still as likely as `tail`. */
export function upperRate(tail: number, count: number, rows: number): number {
  if (count >= rows) return 1;
  return count === 0 ? -Math.expm1(Math.log(tail) / rows) : betaUpperQuantile(tail, count + 1, rows - count);
}
