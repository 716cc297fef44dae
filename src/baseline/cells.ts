import type { Bins, CellCounts, NumericBins } from './bins.ts';

/** Cells of one column ready to be measured: labels and counts of both sides, in one order. */
export interface Cells {
  readonly edges: readonly number[] | null;
  readonly labels: readonly string[];
  readonly baseline: readonly number[];
  readonly window: readonly number[];
}

/** Cells beside the ordinary ones, in the order in which they are written. */
const SPECIAL = [
  { label: 'missing', count: (counts: CellCounts) => counts.missing },
  { label: 'non_finite', count: (counts: CellCounts) => counts.nonFinite },
  { label: 'unseen', count: (counts: CellCounts) => counts.unseen },
  { label: 'other', count: (counts: CellCounts) => counts.other },
] as const;

/**
 * The cells PSI is measured on: coarse numeric cells or named levels, then each special cell that has rows on either
 * side. A special cell that is empty on both sides is no cell: smoothing would give it rows that nobody saw.
 */
export function coarseCells(bins: Bins, baseline: CellCounts, window: CellCounts): Cells {
  const fold = (counts: CellCounts): readonly number[] =>
    bins.kind === 'numeric' ? foldCoarse(bins, counts.cells) : counts.cells;
  const special = SPECIAL.filter(({ count }) => count(baseline) + count(window) > 0);
  const labels = bins.kind === 'numeric' ? intervalLabels(bins.coarseEdges) : bins.levels;
  return {
    edges: bins.kind === 'numeric' ? bins.coarseEdges : null,
    labels: [...labels, ...special.map(({ label }) => label)],
    baseline: [...fold(baseline), ...special.map(({ count }) => count(baseline))],
    window: [...fold(window), ...special.map(({ count }) => count(window))],
  };
}

/** The cells KS is measured on: the fine numeric grid, finite values only. */
export function fineCells(bins: NumericBins, baseline: CellCounts, window: CellCounts): Cells {
  return {
    edges: bins.edges,
    labels: intervalLabels(bins.edges),
    baseline: baseline.cells,
    window: window.cells,
  };
}

/** Sums fine cells into coarse ones. `coarseEdges` is a subset of `edges`. */
export function foldCoarse(bins: NumericBins, fine: readonly number[]): readonly number[] {
  const folded: number[] = [0];
  let next = 0;
  for (const [cell, count] of fine.entries()) {
    folded[folded.length - 1] = (folded.at(-1) ?? 0) + count;
    if (next < bins.coarseEdges.length && bins.edges[cell] === bins.coarseEdges[next]) {
      next += 1;
      folded.push(0);
    }
  }
  return folded;
}

/** `(-inf, a]`, `(a, b]`, `(b, inf)`. */
export function intervalLabels(edges: readonly number[]): readonly string[] {
  if (edges.length === 0) return ['(-inf, inf)'];
  return [
    `(-inf, ${edges[0]}]`,
    ...edges.slice(1).map((edge, index) => `(${edges[index]}, ${edge}]`),
    `(${edges.at(-1)}, inf)`,
  ];
}

/** Adds up counts of the same cells, e.g. of the versions of one window. */
export function addCounts(parts: readonly CellCounts[]): CellCounts {
  const first = parts[0];
  if (first === undefined) throw new Error('addCounts requires at least one set of counts');
  return parts.slice(1).reduce<CellCounts>(
    (sum, part) => ({
      cells: sum.cells.map((count, cell) => count + (part.cells[cell] ?? 0)),
      missing: sum.missing + part.missing,
      nonFinite: sum.nonFinite + part.nonFinite,
      other: sum.other + part.other,
      unseen: sum.unseen + part.unseen,
    }),
    first,
  );
}

/** Counts of no rows in the given bins. */
export function emptyCounts(bins: Bins): CellCounts {
  const cells = bins.kind === 'numeric' ? bins.edges.length + 1 : bins.levels.length;
  return { cells: Array.from({ length: cells }, () => 0), missing: 0, nonFinite: 0, other: 0, unseen: 0 };
}
