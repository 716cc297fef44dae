import { describe, expect, test } from 'vitest';
import type { BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import { ks } from '../../src/statistics/ks.ts';
import { measureColumn } from '../../src/statistics/measure.ts';
import { psi } from '../../src/statistics/psi.ts';

/** Which statistics a column gets, and on which of its cells each is measured. */
function counts(cells: readonly number[], special: Partial<CellCounts> = {}): CellCounts {
  return { cells, missing: 0, nonFinite: 0, other: 0, unseen: 0, ...special };
}

describe('a numeric column', () => {
  const column: BaselineColumn = {
    name: 'income',
    bins: { kind: 'numeric', edges: [1, 2, 3], coarseEdges: [2] },
    counts: counts([10, 30, 40, 20], { missing: 5 }),
  };
  const window = counts([4, 9, 6, 1], { missing: 2 });

  test('has every statistic but chi-square, and each says on which cells it stands', () => {
    const found = measureColumn(column, window);
    expect(
      found.map(({ statistic, first, cells }) => [statistic.method, first, cells.labels.length]),
    ).toEqual([
      ['psi', true, 3],
      ['ks', true, 4],
      ['js', false, 3],
      ['tv', false, 3],
      ['linf', false, 3],
      ['w1', false, 4],
    ]);
    for (const { measurement } of found) expect(measurement.kind).toBe('measured');
  });

  test('coarse cells fold the grid and hold the missing, the fine grid is the finite values alone', () => {
    const [coarse, fine] = measureColumn(column, window);
    expect(coarse?.cells).toMatchObject({ baseline: [40, 60, 5], window: [13, 7, 2], edges: [2] });
    expect(coarse?.measurement).toEqual(psi([40, 60, 5], [13, 7, 2]));
    expect(fine?.cells).toMatchObject({ baseline: [10, 30, 40, 20], window: [4, 9, 6, 1], edges: [1, 2, 3] });
    expect(fine?.measurement).toEqual(ks([10, 30, 40, 20], [4, 9, 6, 1]));
  });
});

test('a categorical column has those that need no order, on its levels', () => {
  const column: BaselineColumn = {
    name: 'purpose',
    bins: { kind: 'categorical', levels: ['car', 'house'], other: true },
    counts: counts([50, 30], { other: 20 }),
  };
  const found = measureColumn(column, counts([5, 4], { other: 1, unseen: 2 }));
  expect(found.map(({ statistic, first }) => [statistic.method, first])).toEqual([
    ['psi', true],
    ['js', false],
    ['tv', false],
    ['linf', false],
    ['chi_square', false],
  ]);
  for (const { cells } of found)
    expect(cells).toEqual({
      edges: null,
      labels: ['car', 'house', 'unseen', 'other'],
      baseline: [50, 30, 0, 20],
      window: [5, 4, 2, 1],
    });
});
