import { probit } from 'simple-statistics';

/**
 * Polynomials of degree 1 to `most` in the normal score of a cell's middle, orthonormal under the shares of the ordered cells: location, spread,
 * skew, ... Fewer when there are too few cells. By Gram and Schmidt on the scores.
 */
export function polynomialScores(q: readonly number[], most: number): readonly (readonly number[])[] {
  const shares = normalised(q);
  const normal = cellRanges(q).map(({ from, to }) => probit((from + to) / 2));
  const mean = (values: readonly number[], others: readonly number[]): number =>
    shares.reduce((sum, share, cell) => sum + share * (values[cell] ?? 0) * (others[cell] ?? 0), 0);
  const basis: (readonly number[])[] = [q.map(() => 1)];
  let power: readonly number[] = normal;
  for (let degree = 1; degree <= most && degree < q.length; degree += 1) {
    let rest = power;
    for (const known of basis) {
      const along = mean(rest, known);
      rest = rest.map((value, cell) => value - along * (known[cell] ?? 0));
    }
    const size = Math.sqrt(mean(rest, rest));
    if (!(size > 1e-6)) break;
    const unit = rest.map((value) => value / size);
    basis.push(unit);
    power = unit.map((value, cell) => value * (normal[cell] ?? 0));
  }
  return basis.slice(1);
}

/** From which cumulative share to which each cell reaches, in the order of the cells. */
export function cellRanges(q: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  let below = 0;
  return normalised(q).map((share) => {
    const from = below;
    below += share;
    return { from, to: below };
  });
}

/** Part of a range that lies between `low` and `high`, 0 to 1. */
export function partWithin(
  { from, to }: { readonly from: number; readonly to: number },
  low: number,
  high: number,
): number {
  return to > from ? Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from) : 0;
}

function normalised(q: readonly number[]): readonly number[] {
  const sum = q.reduce((total, share) => total + share, 0);
  return q.map((share) => share / sum);
}
