import type { Bins } from './bins.ts';

/**
 * The bins with the decision threshold as an edge of the fine and of the coarse grid, so that the share of rows on either side of it is
 * a sum of cells. Cells are right-closed: a value equal to the threshold is at or below it. Categories have no threshold.
 */
export function withThreshold(bins: Bins, threshold: number | null): Bins {
  if (bins.kind !== 'numeric' || threshold === null) return bins;
  return {
    ...bins,
    edges: inserted(bins.edges, threshold),
    coarseEdges: inserted(bins.coarseEdges, threshold),
  };
}

function inserted(edges: readonly number[], edge: number): readonly number[] {
  return edges.includes(edge) ? edges : [...edges, edge].sort((a, b) => a - b);
}
