import { expect, test } from 'vitest';
import { mergeToCarry } from '../../src/baseline/merge.ts';
import { withThreshold } from '../../src/baseline/threshold.ts';

const BINS = { kind: 'numeric' as const, edges: [0.1, 0.2, 0.3, 0.4], coarseEdges: [0.2, 0.4] };

test.each([
  [0.05, [0.05, 0.1, 0.2, 0.3, 0.4], [0.05, 0.2, 0.4]],
  [0.25, [0.1, 0.2, 0.25, 0.3, 0.4], [0.2, 0.25, 0.4]],
  [0.3, [0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4]],
  [0.4, [0.1, 0.2, 0.3, 0.4], [0.2, 0.4]],
  [0.9, [0.1, 0.2, 0.3, 0.4, 0.9], [0.2, 0.4, 0.9]],
])('the threshold %d is an edge of both grids, once', (threshold, edges, coarseEdges) => {
  expect(withThreshold(BINS, threshold)).toEqual({ kind: 'numeric', edges, coarseEdges });
});

test('without a threshold, and for categories, bins stay as they are', () => {
  expect(withThreshold(BINS, null)).toBe(BINS);
  const levels = { kind: 'categorical' as const, levels: ['yes'], other: false };
  expect(withThreshold(levels, 0.5)).toBe(levels);
});

test.each([0.1, 0.2, 0.3, 0.4])('the edge %d that is kept outlives every merge', (keep) => {
  const column = {
    name: 'score',
    bins: { ...BINS, coarseEdges: BINS.edges },
    counts: { cells: [1, 1, 1, 1, 1], missing: 0, nonFinite: 0, other: 0, unseen: 0 },
  };
  const merged = mergeToCarry(column, 5, { limit: 0.1, keep });
  expect(merged.bins).toMatchObject({ coarseEdges: [keep] });
});
