import { array, assert, constantFrom, double, float, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutBetween,
  gridOf,
  numericBins,
  positionsOf,
  roundedToSingle,
  shortestDecimal,
} from '../../src/warehouse/edges.ts';
import { distributionOf } from '../contracts/warehouse-recount.ts';

const finite = oneof(
  double({ noNaN: true, noDefaultInfinity: true }),
  integer({ min: -30, max: 30 }),
  constantFrom(0, -0, 0.1, 1.7e308, -1.7e308, 5e-324),
);

describe('edges from a distribution', () => {
  it('rise strictly, the coarse ones are among the fine, and no cell of their own values is empty', () => {
    assert(
      property(
        array(finite, { minLength: 1, maxLength: 400 }),
        integer({ min: 2, max: 30 }),
        (values, bins) => {
          const { edges, coarseEdges } = numericBins(gridOf(bins), distributionOf(values, bins));
          requireCells(values, edges, coarseEdges);
        },
      ),
    );
  });

  it('do so in single precision too, with the edges as they are counted', () => {
    const single = finite.map(Math.fround).filter(Number.isFinite);
    assert(
      property(
        array(single, { minLength: 1, maxLength: 400 }),
        integer({ min: 2, max: 30 }),
        (values, bins) => {
          const { edges, coarseEdges } = numericBins(gridOf(bins), distributionOf(values, bins, true));
          requireCells(values, roundedToSingle(edges) ?? [], coarseEdges.map(Math.fround));
        },
      ),
    );
  });

  function requireCells(values: readonly number[], edges: readonly number[], coarseEdges: readonly number[]) {
    for (const [index, edge] of edges.entries()) expect(edge > (edges[index - 1] ?? -Infinity)).toBe(true);
    expect(coarseEdges.every((edge) => edges.includes(edge))).toBe(true);
    const cells = new Set(values.map((value) => edges.filter((edge) => value > edge).length));
    expect(cells.size).toBe(edges.length + 1);
  }

  it('ends a cell at the value that many share, not in the gap behind it', () => {
    // 60 % of 990 values are 0: rank .6 falls between the last 0 and 1000.
    const values = Array.from({ length: 990 }, (_, index) => (index < 594 ? 0 : 406 + index));
    const { edges } = numericBins(gridOf(10), distributionOf(values, 10));
    expect(edges.slice(0, 2)).toEqual([0, expect.closeTo(1048.85, 2)]);
  });

  it.each([
    [691, 13, 483],
    [91, 13, 63],
    [181, 10, 99],
    [101, 10, 55],
  ])('%i values are cut at a value where the rank is whole', (count, place, rank) => {
    // 690 * 0.7 is 482.99999999999994 and 100 * 0.55 is 55.00000000000001 in floating point.
    expect(positionsOf(gridOf(10), count)[place]).toEqual({ below: rank, above: rank, share: 0 });
  });

  it.each([2, 10, 20, 50])('cuts evenly spread values into %i cells of one mass', (bins) => {
    const values = Array.from({ length: 1000 * bins }, (_, index) => index);
    const { edges, coarseEdges } = numericBins(gridOf(bins), distributionOf(values, bins));
    expect(coarseEdges).toHaveLength(bins - 1);
    expect(edges).toHaveLength((bins <= 10 ? 2 : 1) * bins - 1);
    const bounds = [-Infinity, ...coarseEdges, Infinity];
    for (let cell = 0; cell < bins; cell += 1) {
      const inside = values.filter(
        (value) => value > (bounds[cell] ?? 0) && value <= (bounds[cell + 1] ?? 0),
      );
      expect(inside).toHaveLength(1000);
    }
  });

  it.each([19, 20, 21])('gives %i values a cell each up to twenty', (count) => {
    const values = Array.from({ length: 10 * count }, (_, index) => index % count);
    const { edges, coarseEdges } = numericBins(gridOf(10), distributionOf(values, 10));
    expect(coarseEdges).toHaveLength(count <= 20 ? count - 1 : 9);
    expect(edges.length).toBeLessThanOrEqual(19);
  });

  it.each([Number.NaN, 0, 1, 2.5, -3])('refuses %s cells', (bins) => {
    expect(() => gridOf(bins)).toThrow('no number of cells');
  });
});

describe('a cut between neighbours', () => {
  it('is at the value of neighbours that are equal', () => {
    for (const share of [0.05, 0.1, 0.3, 0.7])
      expect(cutBetween({ below: 0.1, above: 0.1 }, share, false)).toEqual({ below: 0.1, edge: 0.1 });
  });

  it('has its lower neighbour on one side and its upper on the other', () => {
    assert(
      property(finite, finite, double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const [below, above] = a < b ? [a, b] : [b, a];
        const { edge } = cutBetween({ below, above }, share, false);
        expect(edge >= below && (edge < above || below === above)).toBe(true);
      }),
    );
  });

  it('is at the lower one where no number lies between', () => {
    expect(cutBetween({ below: 28.939999999999998, above: 28.94 }, 0.9, false).edge).toBe(28.939999999999998);
    const [below, above] = [0.5, Math.fround(0.5 + 2 ** -24)];
    expect(cutBetween({ below, above }, 0.9, true).edge).toBe(below);
  });
});

describe('single precision', () => {
  it.each([0.1, 0.2, 0.3, 0.7, 1.5, 16777216, 3.4e38, 1e-45, -0.7])('knows %s again', (value) => {
    expect(shortestDecimal(Math.fround(value))).toBe(value === 1e-45 ? 1e-45 : value);
  });

  it('finds a decimal that is rounded to the same number, always', () => {
    assert(
      property(float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestDecimal(value)) === value).toBe(true);
      }),
    );
  });

  it('leaves numbers of double precision alone', () => {
    expect(shortestDecimal(0.1)).toBe(0.1);
    expect(shortestDecimal(1 / 3)).toBe(1 / 3);
  });

  it('keeps values at or below an edge there', () => {
    assert(
      property(finite, finite, (value, edge) => {
        const [rounded] = roundedToSingle([edge]) ?? [Infinity];
        expect(value > edge || Math.fround(value) <= (rounded ?? Number.NaN)).toBe(true);
      }),
    );
  });

  it('refuses edges that would become one, or none', () => {
    expect(roundedToSingle([0.1, 0.2])).toEqual([Math.fround(0.1), Math.fround(0.2)]);
    expect(roundedToSingle([0.1, 0.1 + 1e-12])).toBeNull();
    expect(roundedToSingle([1e300])).toBeNull();
  });
});
