/** 95 % intervals that ask for little: Student's t over seeds, Clopper and Pearson over days, order statistics for a median. */

const T_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** P(X <= k) of n draws with probability p. */
function binomialAtMost(k, n, p) {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let log = n * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let i = 1; i <= k; i += 1) {
    log += Math.log(((n - i + 1) / i) * (p / (1 - p)));
    sum += Math.exp(log);
  }
  return sum;
}

function bisect(falling, target) {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (falling(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Clopper and Pearson 1934: k of n, 95 %. */
export function proportion(k, n) {
  const lower = k === 0 ? 0 : bisect((p) => binomialAtMost(k - 1, n, p), 0.975);
  const upper = k === n ? 1 : bisect((p) => binomialAtMost(k, n, p), 0.025);
  return { lower, upper };
}

/**
 * Share of days, from counts per seed. All days of a seed share one reference sample and so are not independent: the wider of Student's t over the
 * seeds' shares and of Clopper and Pearson over all days as if they were.
 */
export function shareOfDays(perSeed) {
  const hits = perSeed.reduce((sum, { hits: k }) => sum + k, 0);
  const days = perSeed.reduce((sum, { days: n }) => sum + n, 0);
  const mean = hits / days;
  const exact = proportion(hits, days);
  if (perSeed.length < 2) return { mean, ...exact };
  const shares = perSeed.map(({ hits: k, days: n }) => k / n);
  const centre = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - centre) ** 2, 0) / (shares.length - 1);
  const half = (T_975[shares.length - 2] ?? 1.96) * Math.sqrt(variance / shares.length);
  return {
    mean,
    lower: Math.max(0, Math.min(exact.lower, centre - half)),
    upper: Math.min(1, Math.max(exact.upper, centre + half)),
  };
}

/** Lower median with the interval of its order statistics; Infinity stands for what did not happen in time. */
export function medianOf(values) {
  const sorted = [...values].sort((a, b) => (a === b ? 0 : a - b));
  const n = sorted.length;
  let below = -1;
  while (below + 1 < n && binomialAtMost(below + 1, n, 0.5) <= 0.025) below += 1;
  const low = below + 1;
  return { median: sorted[Math.floor((n - 1) / 2)], lower: sorted[low], upper: sorted[n - 1 - low] };
}
