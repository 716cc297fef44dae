/** Frozen cells: deciles of the reference of a numeric column, the levels of a categorical one. */
import { LEVELS } from './data.mjs';

const DECILES = 10;

/** Per column: cell names, edges, and the counts of the reference. */
export function freeze(data) {
  return data.columns.map(({ kind }, column) => {
    const values = data.referenceOf(column);
    const edges = kind === 'numeric' ? deciles(values) : LEVELS.slice(1).map((_, level) => level);
    return { kind, edges, counts: countCells(edges, values) };
  });
}

function deciles(values) {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: DECILES - 1 }, (_, index) => {
    const place = ((sorted.length - 1) * (index + 1)) / DECILES;
    const below = Math.floor(place);
    return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
  });
}

/** Rows per cell; cells are closed on the right, the outer ones open. */
export function countCells(edges, values) {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    let cell = 0;
    while (cell < edges.length && value > edges[cell]) cell += 1;
    counts[cell] += 1;
  }
  return counts;
}
