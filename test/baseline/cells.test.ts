import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CellCounts, NumericBins } from '../../src/baseline/bins.ts';
import {
  addCounts,
  coarseCells,
  emptyCounts,
  fineCells,
  foldCoarse,
  intervalLabels,
} from '../../src/baseline/cells.ts';
import { mergeToCarry, mostCells, poolRareLevels, rowsNeeded } from '../../src/baseline/merge.ts';

const counts = (cells: number[], rest: Partial<CellCounts> = {}): CellCounts => ({
  cells,
  missing: 0,
  nonFinite: 0,
  other: 0,
  unseen: 0,
  ...rest,
});
const numeric: NumericBins = { kind: 'numeric', edges: [1, 2, 3, 4], coarseEdges: [2, 4] };

describe('cells', () => {
  test('coarse cells are sums of fine ones', () => {
    expect(foldCoarse(numeric, [1, 10, 100, 1000, 10000])).toEqual([11, 1100, 10000]);
    expect(foldCoarse({ kind: 'numeric', edges: [], coarseEdges: [] }, [7])).toEqual([7]);
  });

  test('folding loses no row, whichever edges are coarse', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1000), fc.boolean()), { minLength: 1, maxLength: 20 }),
        (cells) => {
          const edges = cells.slice(1).map((_, index) => index);
          const bins: NumericBins = {
            kind: 'numeric',
            edges,
            coarseEdges: edges.filter((edge) => cells[edge]?.[1]),
          };
          const fine = cells.map(([count]) => count);
          const folded = foldCoarse(bins, fine);
          expect(folded).toHaveLength(bins.coarseEdges.length + 1);
          expect(folded.reduce((a, b) => a + b, 0)).toBe(fine.reduce((a, b) => a + b, 0));
        },
      ),
    );
  });

  test('labels are right-closed, the outer ones open', () => {
    expect(intervalLabels([1200.5, 1800])).toEqual(['(-inf, 1200.5]', '(1200.5, 1800]', '(1800, inf)']);
    expect(intervalLabels([])).toEqual(['(-inf, inf)']);
  });

  test('a special cell exists when either side has rows in it, and comes last', () => {
    const cells = coarseCells(numeric, counts([1, 2, 3, 4, 5]), counts([5, 4, 3, 2, 1], { missing: 12 }));
    expect(cells).toEqual({
      edges: [2, 4],
      labels: ['(-inf, 2]', '(2, 4]', '(4, inf)', 'missing'],
      baseline: [3, 7, 5, 0],
      window: [9, 5, 1, 12],
    });
    const levels = coarseCells(
      { kind: 'categorical', levels: ['car', 'house'], other: true },
      counts([50, 40], { other: 3 }),
      counts([5, 4], { unseen: 2, missing: 1 }),
    );
    expect(levels.labels).toEqual(['car', 'house', 'missing', 'unseen', 'other']);
    expect(levels.baseline).toEqual([50, 40, 0, 0, 3]);
    expect(levels.window).toEqual([5, 4, 1, 2, 0]);
  });

  test('the fine grid has finite values only', () => {
    expect(
      fineCells(numeric, counts([1, 2, 3, 4, 5]), counts([5, 4, 3, 2, 1], { missing: 9 })).window,
    ).toEqual([5, 4, 3, 2, 1]);
  });

  test('counts of versions add up', () => {
    expect(addCounts([counts([1, 2], { missing: 1 }), counts([10, 20], { unseen: 4 })])).toEqual(
      counts([11, 22], { missing: 1, unseen: 4 }),
    );
    expect(emptyCounts(numeric).cells).toEqual([0, 0, 0, 0, 0]);
    expect(() => addCounts([])).toThrow('at least one');
  });
});

describe('how many cells a baseline carries', () => {
  test.each([
    [899, 0.1, 9],
    [900, 0.1, 10],
    [901, 0.1, 10],
    [99, 0.1, 1],
    [100, 0.1, 2],
  ])('%d rows at limit %d carry %d cells', (rows, limit, cells) => {
    expect(mostCells(rows, limit)).toBe(cells);
  });

  test('rows needed for two cells', () => {
    expect(rowsNeeded(0.1)).toBe(100);
  });

  test('numeric neighbours with the fewest rows merge first, and the rows stay', () => {
    const column = {
      name: 'x',
      bins: { ...numeric, coarseEdges: [1, 2, 3, 4] },
      counts: counts([100, 1, 1, 100, 98]),
    };
    const merged = mergeToCarry(column, 300, { limit: 0.1, keep: null });
    expect(merged.bins).toEqual({ kind: 'numeric', edges: [1, 2, 3, 4], coarseEdges: [1, 3, 4] });
    expect(merged.counts).toEqual(column.counts);
    expect(mergeToCarry(column, 400, { limit: 0.1, keep: null })).toBe(column);
  });

  test('the rarest levels become other', () => {
    const column = {
      name: 'c',
      bins: { kind: 'categorical' as const, levels: ['a', 'b', 'c', 'd'], other: false },
      counts: counts([100, 60, 30, 20]),
    };
    const merged = mergeToCarry(column, 210, { limit: 0.1, keep: null });
    expect(merged.bins).toEqual({ kind: 'categorical', levels: ['a', 'b'], other: true });
    expect(merged.counts).toEqual(counts([100, 60], { other: 50 }));
  });

  test('levels expected fewer than five times in a window are too rare for a cell', () => {
    const column = {
      name: 'c',
      bins: { kind: 'categorical' as const, levels: ['a', 'b'], other: false },
      counts: counts([9500, 500]),
    };
    expect(poolRareLevels(column, 10_000, 100)).toBe(column);
    expect(poolRareLevels(column, 10_000, 99).bins).toEqual({
      kind: 'categorical',
      levels: ['a'],
      other: true,
    });
    expect(poolRareLevels(column, 10_000, 0)).toBe(column);
  });
});
