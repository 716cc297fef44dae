import type { NumericBins } from '../baseline/bins.ts';

/** Cells of the fine grid that KS is measured on, at most, unless more coarse cells than this are asked for. */
const FINE_CELLS = 20;

/** Where the edges of the two grids lie on the scale of ranks. */
export interface Grid {
  /** Ranks of the fine edges, rising, within (0, 1). */
  readonly ranks: readonly number[];
  /** Every so many fine edges one is an edge of the coarse grid. */
  readonly step: number;
  /** A column with at most so many different values gets one cell per value. */
  readonly maxValues: number;
}

/** `bins` coarse cells of equal mass, and each cut in two for the fine grid where that makes at most 20 cells. */
export function gridOf(bins: number): Grid {
  if (!Number.isSafeInteger(bins) || bins < 2) throw new Error(`${bins} is no number of cells`);
  const step = 2 * bins <= FINE_CELLS ? 2 : 1;
  const fine = step * bins;
  return {
    ranks: Array.from({ length: fine - 1 }, (_, index) => (index + 1) / fine),
    step,
    maxValues: Math.max(FINE_CELLS, fine),
  };
}

/** Where a rank falls among `count` sorted values: between those at `below` and `above` (from 0), `share` of the way up. */
export interface Position {
  readonly below: number;
  readonly above: number;
  readonly share: number;
}

/**
 * Positions of linear interpolation, rank r at (count - 1) r. The engine is only asked for values at whole positions: its own
 * interpolation between two equal values is off by a digit (0.1 becomes 0.09999999999999999), and all rows that share the
 * value would fall beyond an edge that was meant to be theirs. For the same reason ranks are multiplied as whole numbers
 * first: 690 * 0.7 is 482.99999999999994, and the edge would be cut below the value at 483.
 */
export function positionsOf(grid: Grid, count: number): readonly Position[] {
  const parts = grid.ranks.length + 1;
  return grid.ranks.map((_, index) => {
    const place = ((count - 1) * (index + 1)) / parts;
    const below = Math.floor(place);
    return { below, above: Math.ceil(place), share: place - below };
  });
}

/** A place to cut: everything up to `below` on one side, everything above on the other, and an edge that does so. */
export interface Cut {
  readonly below: number;
  readonly edge: number;
}

/**
 * The cut between two neighbours of a column. Its edge is interpolated, so that it is usually nobody's own value; equal
 * neighbours, and such that no number lies between, are cut at the lower one itself.
 */
export function cutBetween(
  { below, above }: { readonly below: number; readonly above: number },
  share: number,
  single: boolean,
): Cut {
  // Two products and not below + (above - below) share: the difference of the largest numbers overflows.
  const between = below * (1 - share) + above * share;
  const edge = single ? Math.fround(between) : between;
  return { below, edge: edge > below && edge < above ? edge : below };
}

/** What the warehouse says about the finite values of a column. */
export interface Distribution {
  /** Cuts at the ranks of the grid. */
  readonly cuts: readonly Cut[];
  /** Every different value, when they are few enough for a cell each. */
  readonly values: readonly number[] | null;
  readonly max: number;
  /** Whether the column is stored in single precision. */
  readonly single: boolean;
}

/**
 * Edges of one column, such that none of its own cells is empty. Cuts that divide the values alike are one cut: a value that many
 * rows share is the end of a cell of its own. A cut above which nothing lies is none; a constant column has no edge at all.
 */
export function numericBins(grid: Grid, { cuts, values, max, single }: Distribution): NumericBins {
  const edgeOf = new Map<number, number>();
  for (const { below, edge } of values?.map((value) => ({ below: value, edge: value })) ?? cuts) {
    const before = edgeOf.get(below);
    if (below < max) edgeOf.set(below, before === undefined ? edge : Math.min(before, edge));
  }
  const written = (edges: Iterable<number>): readonly number[] =>
    [...edges].map((edge) => (single ? shortestDecimal(edge) : edge) + 0).sort((a, b) => a - b);
  const coarse = new Set(cuts.filter((_, index) => (index + 1) % grid.step === 0).map(({ below }) => below));
  const coarseEdges = [...edgeOf].flatMap(([below, edge]) => (coarse.has(below) ? [edge] : []));
  const edges = written(edgeOf.values());
  return { kind: 'numeric', edges, coarseEdges: values === null ? written(coarseEdges) : edges };
}

/**
 * A single-precision number as the decimal it was written from: 0.1 and not 0.10000000149011612. Else a table that holds
 * the same column in double precision would have all its 0.7 beyond an edge at single(0.7) = 0.699999988.
 * A number that is no single-precision number is returned as it is.
 */
export function shortestDecimal(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 9; digits += 1) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return value;
}

/**
 * Edges for a column stored in single precision: rounded as its values were. Rounding never swaps two numbers, so every
 * value at or below an edge stays at or below it. Null when two edges would become one.
 */
export function roundedToSingle(edges: readonly number[]): readonly number[] | null {
  const rounded = edges.map((edge) => Math.fround(edge));
  const rising = rounded.every(
    (edge, index) => Number.isFinite(edge) && (index === 0 || (rounded[index - 1] ?? 0) < edge),
  );
  return rising ? rounded : null;
}
