import { expect, it } from 'vitest';
import type { Bins } from '../../src/baseline/bins.ts';
import type { BinsRequest, Warehouse } from '../../src/warehouse/warehouse.ts';
import { column, type SeedTable, type SeedValue, sourceOf } from './warehouse-seed.ts';

const START = Date.parse('2026-03-01T00:00:00Z');

/** 1001 rows: `x` is 0, 1, ... 1000, so that the quantile at rank r is 1000 r. */
const COUNT = 1001;
const spread: readonly SeedValue[][] = Array.from({ length: COUNT }, (_, index) => [
  index,
  index < 600 ? 0 : index,
  index < 450 ? 0.1 : index < 650 ? 0.3 : index,
  index % 20,
  index % 21,
  4,
  null,
  index % 7 === 0 ? Number.NaN : index % 11 === 0 ? Infinity : index % 13 === 0 ? null : index,
  index % 2 === 0,
  (index % 40) / 10,
  [0.1, 0.3, 0.7][index % 3] ?? null,
  index - 500.5,
  index === 0 ? -1.7e308 : index === 1000 ? 1.7e308 : index,
  new Date(START + index * 1000).toISOString(),
]);

const LEVELS: readonly SeedValue[][] = [
  ...Array.from({ length: 30 }, () => ['most', 1, 'v1']),
  ...Array.from({ length: 20 }, () => ['b', 1, 'v1']),
  ...Array.from({ length: 20 }, () => ['a', 1, 'v1']),
  ...Array.from({ length: 20 }, () => ['', 1, 'v1']),
  ...Array.from({ length: 19 }, () => ['rare', 1, 'v1']),
  ...Array.from({ length: 25 }, () => ['x'.repeat(201), 1, 'v2']),
  ...Array.from({ length: 50 }, () => [null, null, 'v2']),
];

export const BINS_TABLES: readonly SeedTable[] = [
  {
    name: 'main.bins.spread',
    columns: {
      x: 'double',
      zeros: 'double',
      masses: 'double',
      twenty: 'integer',
      more: 'integer',
      constant: 'double',
      nothing: 'double',
      holes: 'double',
      flag: 'boolean',
      tenths: 'decimal',
      single: 'single',
      negative: 'double',
      huge: 'double',
      at: 'timestamp',
    },
    rows: spread,
  },
  { name: 'main.bins.levels', columns: { c: 'text', code: 'double', version: 'text' }, rows: LEVELS },
  { name: 'main.bins.empty', columns: { x: 'double', c: 'text' }, rows: [] },
];

const EVERY_TWENTIETH = Array.from({ length: 19 }, (_, index) => 50 * (index + 1));

export function binsContract(opened: () => Warehouse): void {
  async function binsOf(parts: Partial<BinsRequest> & Pick<BinsRequest, 'columns'>) {
    return opened().bins({
      source: sourceOf('main.bins.spread'),
      window: null,
      bins: 10,
      minLevelRows: 20,
      maxLevels: 50,
      ...parts,
    });
  }
  const asked = (name: string, kind: 'numeric' | 'categorical' = 'numeric') => ({ name, from: name, kind });
  async function edgesOf(name: string, bins = 10): Promise<Extract<Bins, { kind: 'numeric' }>> {
    const answer = await binsOf({ columns: [asked(name)], bins });
    expect(answer.rows).toBe(COUNT);
    const found = answer.bins[name];
    if (found?.kind !== 'numeric') throw new Error(`no numeric bins for ${name}`);
    return found;
  }

  it('puts edges at exact quantiles, coarse ones at every second', async () => {
    const { edges, coarseEdges } = await edgesOf('x');
    expect(edges).toEqual(EVERY_TWENTIETH);
    expect(coarseEdges).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  it.each([
    { bins: 2, fine: 4, coarse: 2 },
    { bins: 5, fine: 10, coarse: 5 },
    { bins: 10, fine: 20, coarse: 10 },
    { bins: 11, fine: 11, coarse: 11 },
    { bins: 20, fine: 20, coarse: 20 },
    { bins: 21, fine: 21, coarse: 21 },
  ])('cuts $bins coarse cells into $fine fine ones', async ({ bins, fine, coarse }) => {
    const { edges, coarseEdges } = await edgesOf('x', bins);
    expect([edges.length + 1, coarseEdges.length + 1]).toEqual([fine, coarse]);
    expect(coarseEdges.every((edge) => edges.includes(edge))).toBe(true);
  });

  it('interpolates between neighbours', async () => {
    const { coarseEdges } = await edgesOf('x', 16);
    expect(coarseEdges[0]).toBe(62.5);
  });

  it('makes one edge of equal quantiles, and a cell of a value that many rows share', async () => {
    expect((await edgesOf('zeros')).edges).toEqual([0, 600, 650, 700, 750, 800, 850, 900, 950]);
    expect((await edgesOf('zeros')).coarseEdges).toEqual([0, 600, 700, 800, 900]);
  });

  it('puts an edge on a shared value to the last digit', async () => {
    expect((await edgesOf('masses')).edges).toEqual([0.1, 0.3, 650, 700, 750, 800, 850, 900, 950]);
  });

  it('gives each of twenty values its cell, and more values quantiles', async () => {
    const twenty = await edgesOf('twenty');
    expect(twenty.edges).toEqual(Array.from({ length: 19 }, (_, index) => index));
    expect(twenty.coarseEdges).toEqual(twenty.edges);
    const more = await edgesOf('more');
    expect(more.coarseEdges).toHaveLength(9);
    expect(more.edges.at(-1)).toBeLessThan(20);
  });

  it('has no edge for a constant, for nothing but NULL, and without rows', async () => {
    expect(await edgesOf('constant')).toEqual({ kind: 'numeric', edges: [], coarseEdges: [] });
    expect(await edgesOf('nothing')).toEqual({ kind: 'numeric', edges: [], coarseEdges: [] });
    const empty = await binsOf({
      source: sourceOf('main.bins.empty'),
      columns: [asked('x'), asked('c', 'categorical')],
    });
    expect(empty).toEqual({
      rows: 0,
      bins: {
        x: { kind: 'numeric', edges: [], coarseEdges: [] },
        c: { kind: 'categorical', levels: [], other: false },
      },
      singles: { c: 0 },
    });
  });

  it('leaves out what is not finite', async () => {
    const finite = spread.map((row) => row[7]).filter((value) => Number.isFinite(value)) as number[];
    const { coarseEdges } = await edgesOf('holes', 2);
    const [below = 0, above = 0] = finite.slice(finite.length / 2 - 1);
    expect(finite.length % 2).toBe(0);
    expect(coarseEdges).toEqual([(below + above) / 2]);
  });

  it('takes truth values, decimals and single precision as they were written', async () => {
    expect((await edgesOf('flag')).edges).toEqual([0]);
    expect((await edgesOf('tenths')).edges).toEqual(expect.arrayContaining([0.1, 1.9, 3.7]));
    expect((await edgesOf('single')).edges).toEqual([0.1, 0.3]);
  });

  it('keeps edges finite between the largest numbers there are', async () => {
    const { edges } = await edgesOf('huge');
    expect(edges).toEqual(EVERY_TWENTIETH);
    expect((await edgesOf('negative')).edges[0]).toBe(-450.5);
  });

  it('leaves no cell of a counted baseline empty, nor the last one', async () => {
    const names = ['x', 'zeros', 'masses', 'twenty', 'more', 'holes', 'tenths', 'single', 'huge'];
    const { bins } = await binsOf({ columns: names.map((name) => asked(name)) });
    const columns = names.map((name) =>
      column(name, bins[name] ?? { kind: 'numeric', edges: [], coarseEdges: [] }),
    );
    const { groups } = await opened().count({ source: sourceOf('main.bins.spread'), window: null, columns });
    for (const name of names) expect(groups[0]?.columns[name]?.cells).not.toContain(0);
  });

  it('names frequent levels, most frequent first, ties by name, and nobody else', async () => {
    const source = sourceOf('main.bins.levels');
    const levels = async (minLevelRows: number, maxLevels: number): Promise<Bins | undefined> =>
      (await binsOf({ source, columns: [asked('c', 'categorical')], minLevelRows, maxLevels })).bins['c'];
    expect(await levels(20, 50)).toEqual({
      kind: 'categorical',
      levels: ['most', '', 'a', 'b'],
      other: true,
    });
    expect(await levels(21, 50)).toEqual({ kind: 'categorical', levels: ['most'], other: true });
    expect(await levels(19, 50)).toEqual({
      kind: 'categorical',
      levels: ['most', '', 'a', 'b', 'rare'],
      other: true,
    });
    expect(await levels(31, 50)).toEqual({ kind: 'categorical', levels: [], other: true });
    // The text of 201 signs is more frequent than `a`, but no name: it takes its place and stays unnamed.
    expect(await levels(20, 3)).toEqual({ kind: 'categorical', levels: ['most', ''], other: true });
  });

  it('has no other level when all are named', async () => {
    const source = sourceOf('main.bins.levels', { version: 'version', onlyVersion: 'v1' });
    const columns = [asked('c', 'categorical'), asked('code', 'categorical')];
    const answer = await binsOf({ source, columns, minLevelRows: 1 });
    expect(answer).toEqual({
      rows: 109,
      bins: {
        c: { kind: 'categorical', levels: ['most', '', 'a', 'b', 'rare'], other: false },
        code: { kind: 'categorical', levels: ['1'], other: false },
      },
      singles: { c: 0, code: 0 },
    });
  });

  it('counts the levels that one row alone has, of these rows, without naming them', async () => {
    const columns = [asked('x', 'categorical'), asked('more', 'categorical')];
    const all = await binsOf({ columns });
    expect(all.singles).toEqual({ x: COUNT, more: 0 });
    expect(all.bins['x']).toEqual({ kind: 'categorical', levels: [], other: true });
    const few = await binsOf({
      columns,
      source: sourceOf('main.bins.spread', { timestamp: 'at' }),
      window: { start: START, end: START + 25_000 },
    });
    // 25 rows of 21 values in turn: four values come twice.
    expect(few.singles).toEqual({ x: 25, more: 17 });
  });

  it('looks only at the rows of the window', async () => {
    const answer = await binsOf({
      source: sourceOf('main.bins.spread', { timestamp: 'at', requestId: 'twenty' }),
      window: { start: START, end: START + 501_000 },
      columns: [asked('x')],
    });
    expect(answer).toEqual({
      rows: 20,
      bins: {
        x: {
          kind: 'numeric',
          edges: Array.from({ length: 19 }, (_, index) => index),
          coarseEdges: Array.from({ length: 19 }, (_, index) => index),
        },
      },
      singles: {},
    });
  });

  it('calls a column by the name that was asked for', async () => {
    const columns = [
      { name: 'income', from: 'x', kind: 'numeric' as const },
      { name: 'same', from: 'x', kind: 'numeric' as const },
      { name: 'flag text', from: 'flag', kind: 'categorical' as const },
    ];
    const { bins } = await binsOf({ columns });
    expect(bins['income']).toEqual(bins['same']);
    expect(bins['flag text']).toEqual({ kind: 'categorical', levels: ['true', 'false'], other: false });
  });
}
