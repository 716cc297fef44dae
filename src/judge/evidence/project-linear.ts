import type { Projection } from './projection.ts';
import { bisect } from './root.ts';

export interface LinearQuestion {
  readonly q: readonly number[];
  readonly limit: number;
  readonly p1: readonly number[];
  /** Halvings of a root's bracket at most; a table is valid after any number of them. */
  readonly steps?: number;
}

/**
 * Total variation: `{P : 1/2 sum |P - q| <= limit}`; null when p1 lies within it. Huber's clipping: r = p1/q between c1 and c2,
 * each the root of a monotone function. Source: Huber 1965, Annals of Mathematical Statistics 36.
 */
export function projectTotalVariation({ q, limit, p1, steps }: LinearQuestion): Projection | null {
  const apart = 0.5 * sum(p1.map((share, cell) => Math.abs(share - (q[cell] ?? 0))));
  if (!(apart > limit)) return null;
  const plain = p1.map((share, cell) => share / (q[cell] ?? 1));
  const over = (c: number): number =>
    sum(p1.map((share, cell) => Math.max(0, share / c - (q[cell] ?? 0)))) - limit;
  const under = (c: number): number =>
    limit - sum(p1.map((share, cell) => Math.max(0, (q[cell] ?? 0) - share / c)));
  const upper = bisect(over, { low: 1, high: Math.max(...plain), steps });
  const lower = bisect(under, { low: Math.min(...plain), high: 1, steps });
  const ratio = plain.map((value) => Math.min(upper, Math.max(lower, value)));
  return {
    p0: p1.map((share, cell) => share / (ratio[cell] ?? 1)),
    ratio,
    dual: certifyTotalVariation(q, limit, ratio),
    multipliers: { lower, upper },
    x: null,
  };
}

/** At most `limit` of mass moves, at best from where r is smallest to where it is largest: sum q r + limit (max r - min r). */
export function certifyTotalVariation(q: readonly number[], limit: number, ratio: readonly number[]): number {
  return (
    sum(ratio.map((value, cell) => value * (q[cell] ?? 0))) +
    limit * (Math.max(...ratio) - Math.min(...ratio))
  );
}

/** L-infinity: `{P : |P_i - q_i| <= limit in every cell}`; null when p1 lies within it. p0 = p1/mu clipped to the box, mu by one root. */
export function projectLInfinity({ q, limit, p1, steps }: LinearQuestion): Projection | null {
  if (!p1.some((share, cell) => Math.abs(share - (q[cell] ?? 0)) > limit)) return null;
  const low = q.map((share) => Math.max(0, share - limit));
  const high = q.map((share) => Math.min(1, share + limit));
  const boxed = (mu: number): readonly number[] =>
    p1.map((share, cell) => Math.min(high[cell] ?? 1, Math.max(low[cell] ?? 0, share / mu)));
  const mu = bisect((value) => sum(boxed(value)) - 1, { low: 1e-12, high: 1e12, steps });
  const p0 = boxed(mu);
  const ratio = p1.map((share, cell) => share / (p0[cell] ?? 1));
  return { p0, ratio, dual: certifyLInfinity({ q, limit, ratio, mu }), multipliers: { mu }, x: null };
}

/** For any mu: mu + sum ((r - mu)+ min(1, q + limit) - (mu - r)+ max(0, q - limit)), the linear program's dual. */
export function certifyLInfinity(table: {
  readonly q: readonly number[];
  readonly limit: number;
  readonly ratio: readonly number[];
  readonly mu: number;
}): number {
  const { q, limit, ratio, mu } = table;
  return (
    mu +
    sum(
      ratio.map((r, cell) => {
        const share = q[cell] ?? 0;
        const most = Math.min(1, share + limit);
        const least = Math.max(0, share - limit);
        return Math.max(0, r - mu) * most - Math.max(0, mu - r) * least;
      }),
    )
  );
}

/**
 * A mean loss: `{P : sum P l <= limit}`; null when p1 meets it. r = 1 + lambda (l - limit) is exactly valid for any lambda in
 * [0, 1 / (limit - smallest loss)]; the best one for p1 is the root of sum p1 (l - limit) / (1 + lambda (l - limit)).
 * A rate is the mean of a loss that is 1 inside and 0 outside: then r is rate/limit inside and (1 - rate)/(1 - limit) outside.
 */
export function projectMeanLoss(
  question: Omit<LinearQuestion, 'q'> & { readonly losses: readonly number[] },
): Projection | null {
  const { losses, limit, p1, steps } = question;
  const excess = losses.map((loss) => loss - limit);
  if (!(sum(p1.map((share, cell) => share * (excess[cell] ?? 0))) > 0)) return null;
  const least = Math.min(...excess);
  if (!(least < 0)) throw new Error(`no distribution has a mean loss within ${limit}: every loss is larger`);
  const cap = (1 / -least) * (1 - 1e-12);
  const growth = (lambda: number): number =>
    sum(p1.map((share, cell) => (share * (excess[cell] ?? 0)) / (1 + lambda * (excess[cell] ?? 0))));
  const lambda = growth(cap) >= 0 ? cap : bisect(growth, { low: 0, high: cap, steps });
  const ratio = excess.map((value) => 1 + lambda * value);
  return {
    p0: p1.map((share, cell) => share / (ratio[cell] ?? 1)),
    ratio,
    dual: certifyMeanLoss({ losses, limit, ratio, lambda }),
    multipliers: { lambda },
    x: null,
  };
}

/** For any lambda >= 0: sum P r <= max(r - lambda l) + lambda limit. */
export function certifyMeanLoss(table: {
  readonly losses: readonly number[];
  readonly limit: number;
  readonly ratio: readonly number[];
  readonly lambda: number;
}): number {
  const { losses, limit, ratio, lambda } = table;
  if (!(lambda >= 0)) return Number.POSITIVE_INFINITY;
  return Math.max(...ratio.map((r, cell) => r - lambda * ((losses[cell] ?? 0) - limit)));
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
