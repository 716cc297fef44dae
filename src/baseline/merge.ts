import type { BaselineColumn, CategoricalBins, CellCounts, NumericBins } from './bins.ts';
import { foldCoarse } from './cells.ts';

/** Noise of the baseline's own sampling may be at most this share of the limit: (B - 1) / n <= limit / 10. */
const NOISE_SHARE = 0.1;

/** The most cells a baseline of `rows` rows carries for this limit. Below 2 the test cannot be made. */
export function mostCells(rows: number, limit: number): number {
  return Math.floor(rows * limit * NOISE_SHARE + 1e-9) + 1;
}

/** Rows a baseline needs so that even two cells carry no more than their share of noise. */
export function rowsNeeded(limit: number): number {
  return Math.ceil(1 / (limit * NOISE_SHARE));
}

/**
 * Merges coarse cells until the baseline carries them: neighbours with the fewest rows first for numbers, the rarest levels
 * into `other` for categories. The fine grid stays. Never below two cells, unless there were fewer: whether two
 * are too many is told by {@link mostCells}, not decided here. `keep` is an edge that stays: cells on either side of a decision
 * are never one cell.
 */
export function mergeToCarry(
  column: BaselineColumn,
  rows: number,
  { limit, keep }: { readonly limit: number; readonly keep: number | null },
): BaselineColumn {
  const most = Math.max(2, mostCells(rows, limit));
  return column.bins.kind === 'numeric'
    ? mergeNumeric(column, column.bins, { most, keep })
    : mergeLevels(column, column.bins, most);
}

function mergeNumeric(
  column: BaselineColumn,
  bins: NumericBins,
  { most, keep }: { readonly most: number; readonly keep: number | null },
): BaselineColumn {
  const edges = [...bins.coarseEdges];
  const counts = [...foldCoarse(bins, column.counts.cells)];
  const extra = Number(column.counts.missing > 0) + Number(column.counts.nonFinite > 0);
  while (counts.length > 2 && counts.length + extra > most) {
    const cell = smallestPair(counts, keep === null ? -1 : edges.indexOf(keep));
    counts.splice(cell, 2, (counts[cell] ?? 0) + (counts[cell + 1] ?? 0));
    edges.splice(cell, 1);
  }
  return edges.length === bins.coarseEdges.length
    ? column
    : { ...column, bins: { ...bins, coarseEdges: edges } };
}

/** The left cell of the neighbours that together have the fewest rows; never the pair that the edge `kept` divides. */
function smallestPair(counts: readonly number[], kept: number): number {
  let best = kept === 0 ? 1 : 0;
  for (let cell = best + 1; cell + 1 < counts.length; cell += 1) {
    if (cell === kept) continue;
    const sum = (counts[cell] ?? 0) + (counts[cell + 1] ?? 0);
    if (sum < (counts[best] ?? 0) + (counts[best + 1] ?? 0)) best = cell;
  }
  return best;
}

function mergeLevels(column: BaselineColumn, bins: CategoricalBins, most: number): BaselineColumn {
  const extra = 1 + Number(column.counts.missing > 0);
  const keep = Math.max(1, most - extra);
  return bins.levels.length + Number(bins.other) + Number(column.counts.missing > 0) <= most
    ? column
    : keepLevels(column, bins, keep);
}

/** Levels expected fewer than five times in a window of this many rows become `other`. */
export function poolRareLevels(column: BaselineColumn, rows: number, windowRows: number): BaselineColumn {
  const { bins, counts } = column;
  if (bins.kind !== 'categorical' || windowRows <= 0) return column;
  const frequent = counts.cells.filter((count) => (count / rows) * windowRows >= 5).length;
  return frequent >= bins.levels.length ? column : keepLevels(column, bins, frequent);
}

/** Keeps the first `keep` levels (the most frequent) and moves the rest to `other`. */
function keepLevels(column: BaselineColumn, bins: CategoricalBins, keep: number): BaselineColumn {
  const moved = column.counts.cells.slice(keep).reduce((sum, count) => sum + count, 0);
  const counts: CellCounts = {
    ...column.counts,
    cells: column.counts.cells.slice(0, keep),
    other: column.counts.other + moved,
  };
  return { ...column, bins: { ...bins, levels: bins.levels.slice(0, keep), other: true }, counts };
}
