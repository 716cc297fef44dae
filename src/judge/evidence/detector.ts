/**
 * The e-detector in log space: `M <- (w + M) e`, weight w at the start of each product, e the window's e-value.
 *
 * M is the sum, over every window at which a drift may have begun, of its weight times the product of the e-values since. While the null
 * holds, M minus the weight started so far is a supermartingale, so an alarm at M >= h that lowers M by h is raised at most once in h started
 * windows on average, whatever the dependence between the things that are summed. -Infinity is the logarithm of zero.
 *
 * Source: Shin, Ramdas, Rinaldo 2023, E-detectors, New England Journal of Statistics in Data Science.
 */
export function stepDetector(logM: number, logWeight: number, logE: number): number {
  return logE === -Infinity ? -Infinity : logE + logAdd(logWeight, logM);
}

/** ln(e^a + e^b) without leaving the logarithms. */
export function logAdd(a: number, b: number): number {
  const high = a > b ? a : b;
  if (high === -Infinity) return high;
  const gap = (a > b ? b : a) - high;
  return gap < -40 ? high : high + Math.log1p(Math.exp(gap));
}

/** ln of the sum of e^value: the detector of many. -Infinity for none. */
export function logSum(values: readonly number[]): number {
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? -Infinity;
    if (value > high) high = value;
  }
  if (high === -Infinity) return high;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    const below = (values[index] ?? -Infinity) - high;
    // What lies 40 nats below the largest does not change a sum in double precision.
    if (below > -40) sum += Math.exp(below);
  }
  return high + Math.log(sum);
}
