import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATISTICS } from '../../src/statistics/catalogue.ts';
import { effectSizes } from '../../src/statistics/effect-size.ts';
import { METHODS, type Measured } from '../../src/statistics/measurement.ts';
import { rate } from '../../src/statistics/rate.ts';
import { schema } from '../../src/statistics/schema.ts';
import { volume } from '../../src/statistics/volume.ts';
import { wasserstein } from '../../src/statistics/wasserstein.ts';
import { DISTANCES, measured } from './support.ts';

/** Counts of both sides in the same cells, from none at all to a trillion. */
const count = fc.oneof(
  fc.nat({ max: 3 }),
  fc.nat({ max: 1000 }),
  fc.nat({ max: 1_000_000_000 }),
  fc.constant(1e12),
);
const pairs = fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 50 });
const few = fc
  .array(fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 500 })), { minLength: 2, maxLength: 12 })
  .filter((cells) => cells.some(([a]) => a > 0) && cells.some(([, b]) => b > 0));

const sides = (cells: readonly (readonly [number, number])[]) =>
  [cells.map(([a]) => a), cells.map(([, b]) => b)] as const;
const values = (cells: readonly (readonly [number, number])[]) =>
  Object.fromEntries(
    Object.entries(DISTANCES).map(([name, distance]) => {
      const result = distance(...sides(cells));
      return [name, result.kind === 'measured' ? result.value : Number.NaN];
    }),
  );
const near = (actual: number | undefined, expected: number | undefined): void =>
  expect(Math.abs((actual ?? 0) - (expected ?? 1))).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(expected ?? 0)),
  );

function expectSound(name: string, result: Measured): void {
  const { value, noiseFloor, lower, upper, rows, baselineRows, details = {} } = result;
  for (const number of [value, noiseFloor, lower ?? 0, upper ?? 0, rows, baselineRows]) {
    expect(Number.isFinite(number)).toBe(true);
    expect(number).toBeGreaterThanOrEqual(0);
  }
  for (const number of Object.values(details)) expect(number === null || Number.isFinite(number)).toBe(true);
  expect(lower === null).toBe(upper === null);
  expect(lower === null).toBe(result.withoutBounds !== undefined);
  if (name === 'w1' || lower === null || upper === null) return;
  expect(lower).toBeLessThanOrEqual(value);
  expect(upper).toBeGreaterThanOrEqual(value);
}

describe('whatever the counts', () => {
  test.each(Object.keys(DISTANCES))('%s: every number is finite and the bounds hold the value', (name) => {
    fc.assert(
      fc.property(pairs, (cells) => {
        const result = DISTANCES[name]?.(...sides(cells));
        if (result === undefined || result.kind === 'not_measured') {
          expect(result?.reason.length).toBeGreaterThan(5);
          return;
        }
        expectSound(name, result);
      }),
      { numRuns: 60 },
    );
  });

  test('rates, volumes and columns are finite too', () => {
    const rows = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(rows, rows, fc.double({ min: 0, max: 1, noNaN: true }), (n, m, share) => {
        const result = rate({
          count: Math.round(n * share),
          rows: n,
          baselineCount: Math.round(m * share * share),
          baselineRows: m,
        });
        if (result.kind === 'not_measured') return;
        const { value, lower, upper, noiseFloor } = result;
        expect(lower).toBeLessThanOrEqual(value);
        expect(upper).toBeGreaterThanOrEqual(value);
        expect(noiseFloor).toBeGreaterThanOrEqual(0);
        expect(noiseFloor).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what a distance is', () => {
  test('0 for equal shares, and the same for swapped sides', () => {
    fc.assert(
      fc.property(few, (cells) => {
        const same = values(cells.map(([a]) => [3 * a, a] as const));
        for (const name of ['ks', 'js', 'tv', 'linf', 'chi_square']) near(same[name], 0);
        const there = values(cells);
        const back = values(cells.map(([a, b]) => [b, a] as const));
        for (const name of ['psi', 'ks', 'js', 'tv', 'linf', 'chi_square']) near(back[name], there[name]);
      }),
    );
  });

  test('the order of the cells matters to KS and W1 alone', () => {
    fc.assert(
      fc.property(few, (cells) => {
        const there = values(cells);
        const back = values(cells.toReversed());
        for (const name of ['psi', 'js', 'tv', 'linf', 'chi_square']) near(back[name], there[name]);
      }),
    );
    expect(
      values([
        [9, 1],
        [1, 9],
        [9, 1],
        [1, 9],
      ])['ks'],
    ).toBeLessThan(
      values([
        [9, 1],
        [9, 1],
        [1, 9],
        [1, 9],
      ])['ks'] ?? 0,
    );
  });

  test('the classic inequalities hold', () => {
    fc.assert(
      fc.property(few, (cells) => {
        const { ks = 0, js = 0, tv = 0, linf = 0 } = values(cells);
        const rounding = 1e-12;
        expect(linf).toBeLessThanOrEqual(tv + rounding);
        expect(ks).toBeLessThanOrEqual(tv + rounding);
        expect(js * js).toBeLessThanOrEqual(tv + rounding);
        // Pinsker's inequality, applied to the middle of both sides.
        expect(tv).toBeLessThanOrEqual(js * Math.sqrt(2 * Math.LN2) + rounding);
      }),
    );
  });

  test('a noise floor does not depend on the order of the cells, and shrinks with rows', () => {
    const [some, more] = [
      [100, 300, 600],
      [1000, 3000, 6000],
    ];
    for (const [name, distance] of Object.entries(DISTANCES)) {
      const floor = (counts: readonly number[]): number => measured(distance(counts, counts)).noiseFloor;
      if (name === 'chi_square') near(floor(some) / floor(more), 1);
      else if (name !== 'w1') expect(floor(more), name).toBeLessThan(floor(some) / 2.5);
      if (!['ks', 'w1'].includes(name)) near(floor([600, 100, 300]), floor(some));
    }
  });

  test('W1 knows no unit: edges may be moved and stretched', () => {
    const counts = [
      [10, 20, 30, 25, 15],
      [5, 15, 30, 30, 20],
    ] as const;
    const edges = [0, 1, 3, 4];
    const plain = measured(wasserstein(...counts, edges));
    const moved = measured(
      wasserstein(
        ...counts,
        edges.map((edge) => 1000 * edge - 77),
      ),
    );
    near(moved.value, plain.value);
    near(moved.noiseFloor, plain.noiseFloor);
  });

  test.each([
    { what: 'every row in one cell', counts: [0, 9, 0], edges: [1, 2] },
    { what: 'no edge', counts: [9], edges: [] },
    { what: 'quartiles beyond the last edge', counts: [1, 1, 98], edges: [1, 2] },
    {
      what: 'edges farther apart than numbers go',
      counts: [25, 25, 25, 25],
      edges: [-1.7e308, 0, 1.7e308],
    },
  ])('W1 is not measured with $what', ({ counts, edges }) => {
    expect(wasserstein(counts, counts, edges)).toMatchObject({
      kind: 'not_measured',
      reason: 'the middle half of the baseline has no width',
    });
  });

  test('sides and edges that do not fit together are a mistake of the caller', () => {
    for (const distance of Object.values(DISTANCES))
      expect(() => distance([1], [1, 2])).toThrow('same cells');
    expect(() => wasserstein([1, 2], [1, 2], [])).toThrow('one edge less');
  });
});

describe('the catalogue', () => {
  test('has every method once', () => {
    expect(STATISTICS.map(({ method }) => method).sort()).toEqual([...METHODS].sort());
  });

  test('effect sizes grow with the materiality', () => {
    for (const { effect } of STATISTICS)
      if (effect !== null) expect(effectSizes(0.25)[effect]).toBeGreaterThan(effectSizes(0.1)[effect]);
  });
});

describe('volume', () => {
  const hour = 3_600_000;
  const day = 24 * hour;
  const week = 7 * day;
  const window = (start: number, length: number, rows: number) => ({ start, end: start + length, rows });
  const weekly = (rows: readonly number[]) => rows.map((each, index) => window(index * week, day, each));

  test.each([
    [3, 'not_measured'],
    [4, 'measured'],
    [5, 'measured'],
  ])('%d comparable windows: %s', (comparable, kind) => {
    const history = weekly(Array.from({ length: comparable }, () => 1000));
    const found = volume(window(20 * week, day, 1000), history);
    expect(found.kind).toBe(kind);
    if (found.kind === 'not_measured')
      expect(found.reason).toBe('only 3 earlier windows can be compared with, of 4 needed');
  });

  test('a window without rows is not compared with, and each keeps its own weekday and hour', () => {
    const offset = day + 3 * hour;
    const moved = (weeks: number, rows: number) => window(weeks * week + offset, day, rows);
    const history = [900, 1000, 1050, 1200].map((rows, index) => moved(index, rows));
    const now = moved(20, 500);
    const found = volume(now, history);
    expect(found).toMatchObject({ kind: 'measured', rows: 500, baselineRows: 4150 });
    expect(volume(now, [...history, moved(5, 0)])).toEqual(found);
    expect(volume(now, [...history, window(6 * week, day, 77)])).toEqual(found);
  });

  test.each([
    [28, 31, 'measured'],
    [31, 28, 'measured'],
    [28, 32, 'not_measured'],
    [28, 27, 'not_measured'],
    [90, 92, 'measured'],
  ])('windows of %d days against one of %d: %s', (before, length, kind) => {
    const history = [0, 1, 2, 3].map((index) => window(index * before * day, before * day, 100));
    expect(volume(window(4 * before * day, length * day, 100), history).kind).toBe(kind);
  });

  test('compares with the same hour of the same weekday, of the same length and before', () => {
    const history = [
      ...weekly([1000, 1000, 1000, 1000]),
      window(3 * week + day, day, 7),
      window(3 * week, hour, 8),
      window(4 * week, day, 0),
      window(9 * week, day, 9),
    ];
    expect(measured(volume(window(5 * week, day, 250), history))).toMatchObject({
      value: 0.75,
      baselineRows: 4000,
      details: { usual: 1000, ratio: 0.25 },
    });
  });

  test('the newest twelve count, wherever they stand in the list', () => {
    const rows = [1, 1, ...Array.from({ length: 12 }, () => 1000)];
    const history = weekly(rows);
    for (const list of [history, history.toReversed()])
      expect(measured(volume(window(20 * week, day, 1000), list)).details).toMatchObject({ usual: 1000 });
  });

  test('weeks, months and lengths that fill no week evenly are all comparable', () => {
    for (const length of [week, 5 * hour, 2 * week]) {
      const history = [0, 1, 2, 3].map((index) => window(index * length, length, 100));
      expect(volume(window(4 * length, length, 100), history).kind).toBe('measured');
    }
    const months = [31, 28, 31, 30, 31].map((days, index, all) =>
      window(all.slice(0, index).reduce((sum, each) => sum + each, 0) * day, days * day, 100),
    );
    expect(volume(months[4] ?? window(0, 1, 1), months.slice(0, 4)).kind).toBe('measured');
  });

  test('tenfold is as far as a tenth, and nothing at all is 1', () => {
    const history = weekly([900, 1000, 1000, 1100]);
    const at = (rows: number) => measured(volume(window(20 * week, day, rows), history));
    near(at(100).value, 0.9);
    near(at(10_000).value, 0.9);
    expect(at(1000).value).toBe(0);
    expect(at(0)).toMatchObject({ value: 1, lower: 1, upper: 1 });
  });
});

test('columns are counted by name, each once', () => {
  const found = measured(
    schema({ expected: ['a', 'b', 'b', 'c'], found: ['c', 'd', 'd', 'a'], rows: 5, baselineRows: 9 }),
  );
  expect(found).toMatchObject({ value: 1, lower: 1, upper: 1, noiseFloor: 0, details: { unexpected: 1 } });
});
