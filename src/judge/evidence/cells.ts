import type { BaselineColumn, CellCounts } from '../../baseline/bins.ts';
import { foldCoarse, intervalLabels } from '../../baseline/cells.ts';
import { jeffreys } from '../../statistics/sides.ts';
import type { ConvexSet, SetKind } from './set.ts';

/** The frozen cells evidence is weighed on, with the counts of both sides. */
export interface EvidenceCells {
  readonly labels: readonly string[];
  /** How many of the first cells have an order. */
  readonly ordered: number;
  readonly baseline: readonly number[];
  readonly window: readonly number[];
}

/**
 * Cells of a column for distances over all its rows: the coarse intervals with `missing` and `non_finite`, or the named levels with `missing`, `unseen`
 * and `other`. A special cell is a cell though nobody has ever been in it: cells are frozen before the rows are seen, and the
 * smoothed baseline gives it half a row.
 */
export function allCells({ bins, counts }: BaselineColumn, window: CellCounts): EvidenceCells {
  if (bins.kind === 'numeric') {
    const of = (side: CellCounts): readonly number[] => [
      ...foldCoarse(bins, side.cells),
      side.missing,
      side.nonFinite,
    ];
    return {
      labels: [...intervalLabels(bins.coarseEdges), 'missing', 'non_finite'],
      ordered: bins.coarseEdges.length + 1,
      baseline: of(counts),
      window: of(window),
    };
  }
  const of = (side: CellCounts): readonly number[] => [...side.cells, side.missing, side.unseen, side.other];
  return {
    labels: [...bins.levels, 'missing', 'unseen', 'other'],
    ordered: 0,
    baseline: of(counts),
    window: of(window),
  };
}

/** Cells of a numeric column for KS: the fine grid, finite values only, all in order. Null for categories. */
export function orderedCells({ bins, counts }: BaselineColumn, window: CellCounts): EvidenceCells | null {
  if (bins.kind !== 'numeric') return null;
  return {
    labels: intervalLabels(bins.edges),
    ordered: counts.cells.length,
    baseline: counts.cells,
    window: window.cells,
  };
}

/** The null "within the limit" around the smoothed baseline (c + 0.5) / (n + 0.5 B). */
export function setAround(
  kind: SetKind,
  baseline: readonly number[],
  { limit, losses }: { readonly limit: number; readonly losses: readonly number[] | null },
): ConvexSet {
  const rows = baseline.reduce((sum, count) => sum + count, 0);
  return { kind, q: jeffreys(baseline, rows), limit, losses };
}

/**
 * Rows a baseline needs for its own sampling noise in PSI, (B - 1)/n, to be at most a tenth of the limit; cells nobody is in make no noise.
 * Null when it has them, and for other distances, of which no such rule is known.
 */
export function baselineRowsMissing(set: ConvexSet, baseline: readonly number[]): number | null {
  if (set.kind !== 'psi') return null;
  const rows = baseline.reduce((sum, count) => sum + count, 0);
  const noisy = Math.max(1, baseline.filter((count) => count > 0).length - 1);
  const needed = Math.ceil((10 * noisy) / set.limit - 1e-9);
  return rows >= needed ? null : needed;
}
