import { expect, it } from 'vitest';
import { createMeter } from '../../src/warehouse/meter.ts';
import type { CountColumn, Warehouse } from '../../src/warehouse/warehouse.ts';
import type { Window } from '../../src/windows/window.ts';
import { categorical, column, NO_SPECIAL, numeric, type SeedTable, sourceOf } from './warehouse-seed.ts';

const MANY = Array.from({ length: 300 }, (_, index) => `c${index}`);
const NAMES = [
  'a"b',
  'select',
  'with space',
  "it's",
  'dot.ted',
  'semi;colon',
  'größe 😀',
  'v',
  'f0',
  'cell',
  '__proto__',
];
const LEVELS = [
  '',
  'other',
  'a,b',
  'it\'s "quoted"',
  'back\\slash',
  'ünï 😀',
  ' spaced ',
  'missing',
  'unseen',
  'NULL',
];

export const CELLS_TABLES: readonly SeedTable[] = [
  {
    name: 'main.cells.numbers',
    columns: { x: 'double', y: 'double', n: 'double' },
    rows: [
      [1, 5e-324, null],
      [1.5, 1e-308, null],
      [2, 0.30000000000000004, null],
      [2.0000000000000004, 1.7e308, null],
      [3, 1.7976931348623157e308, null],
      [Number.NaN, -1.7e308, null],
      [Infinity, 0, null],
      [-Infinity, -0, null],
      [null, 0.3, null],
      [-0, null, null],
    ],
  },
  {
    name: 'main.cells.kinds',
    columns: {
      i: 'integer',
      l: 'long',
      d: 'decimal',
      b: 'boolean',
      s: 'single',
      code: 'double',
      day: 'date',
    },
    rows: [
      [1, 9007199254740993n, 0.1, true, 0.1, 7, '2026-01-01'],
      [2, 9007199254740992n, 0.2, false, 0.7, 7.5, '2026-01-02'],
      [3, 1n, 0.3, true, 0.3, 0, '2026-01-02'],
      [null, null, null, null, null, null, null],
    ],
  },
  {
    name: 'main.cells.baseline',
    columns: { c: 'text', code: 'integer' },
    rows: [...LEVELS.map((level) => [level, 1]), ['rare', 2], ['rarer', 7], [null, null]],
  },
  {
    name: 'main.cells.levels',
    columns: { c: 'text' },
    rows: [...LEVELS.map((level) => [level]), ['rare'], ['new'], ['New'], ['rare '], [null], ['it']],
  },
  {
    name: 'main.cells.days',
    columns: { day: 'date', id: 'text', c: 'text' },
    rows: [
      ['2026-01-01', 'r1', 'a'],
      ['2026-01-02', 'r2', 'rare'],
      ['2026-01-03', 'r3', 'a'],
      ['2026-01-03', 'r4', 'rare'],
      ['2026-01-03', 'r5', 'new'],
    ],
  },
  {
    name: 'main.cells.names',
    columns: Object.fromEntries(NAMES.map((name) => [name, 'double' as const])),
    rows: [NAMES.map((_, index) => index), NAMES.map((_, index) => index + 100)],
  },
  {
    name: 'main.cells.wide',
    columns: Object.fromEntries(MANY.map((name, index) => [name, index % 3 === 0 ? 'text' : 'double'])),
    rows: [0, 1, 2].map((row) => MANY.map((_, index) => (index % 3 === 0 ? `l${row}` : row))),
  },
];

export function cellsContract(opened: () => Warehouse): void {
  async function cellsOf(table: string, ...columns: CountColumn[]) {
    const { groups } = await opened().count({ source: sourceOf(table), window: null, columns });
    expect(groups).toHaveLength(1);
    return Object.values(groups[0]?.columns ?? {});
  }

  it('closes numeric cells on the right and leaves the outer ones open', async () => {
    const [counts] = await cellsOf('main.cells.numbers', column('x', numeric([1, 2])));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [2, 2, 2], missing: 1, nonFinite: 3 });
  });

  it('tells numbers apart to the last digit, from the smallest to the largest', async () => {
    const edges = [-1.7e308, 0, 5e-324, 1e-308, 0.3, 0.1 + 0.2, 1.7e308];
    const [counts] = await cellsOf('main.cells.numbers', column('y', numeric(edges)));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [1, 2, 1, 1, 1, 1, 1, 1], missing: 1 });
  });

  it('counts -0 with 0', async () => {
    const [counts] = await cellsOf('main.cells.numbers', column('x', numeric([0, 1])));
    expect(counts?.cells).toEqual([1, 1, 4]);
  });

  it('has one cell without edges', async () => {
    const [counts] = await cellsOf('main.cells.numbers', column('x', numeric([])));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [6], missing: 1, nonFinite: 3 });
  });

  it('counts a column of nothing but NULL as missing', async () => {
    const [counts] = await cellsOf('main.cells.numbers', column('n', numeric([0])));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [0, 0], missing: 10 });
  });

  it('counts integers, decimals and truth values as numbers', async () => {
    const counts = await cellsOf(
      'main.cells.kinds',
      column('i', numeric([1, 2])),
      column('l', numeric([2 ** 53 - 1])),
      column('d', numeric([0.1, 0.2, 0.3])),
      column('b', numeric([0])),
    );
    expect(counts.map(({ cells }) => cells)).toEqual([
      [1, 1, 1],
      [1, 2],
      [1, 1, 1, 0],
      [1, 2],
    ]);
    expect(counts.map(({ missing }) => missing)).toEqual([1, 1, 1, 1]);
  });

  it('keeps single precision at the edge that was meant', async () => {
    const [counts] = await cellsOf('main.cells.kinds', column('s', numeric([0.1, 0.3, 0.7])));
    expect(counts?.cells).toEqual([1, 1, 1, 0]);
  });

  it('counts single precision by its exact values when two edges would round to one', async () => {
    const [counts] = await cellsOf('main.cells.kinds', column('s', numeric([0.1, 0.1 + 1e-12, 0.5])));
    expect(counts?.cells).toEqual([0, 0, 2, 1]);
  });

  it('tells named levels, and all else as unseen when the baseline has no other level', async () => {
    const [counts] = await cellsOf('main.cells.levels', column('c', categorical(LEVELS)));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: LEVELS.map(() => 1), missing: 1, unseen: 5 });
  });

  it('tells levels that the baseline has from those it has not', async () => {
    const levelsIn = { source: sourceOf('main.cells.baseline'), column: 'c' };
    const [counts] = await cellsOf(
      'main.cells.levels',
      column('c', categorical(LEVELS.slice(0, 6), true), levelsIn),
    );
    // Four levels without a name, and `rare`; `new`, `New`, `rare ` and `it` are in no baseline.
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [1, 1, 1, 1, 1, 1], missing: 1, other: 5, unseen: 4 });
  });

  it('looks levels up in the rows that the baseline was made of', async () => {
    const source = sourceOf('main.cells.baseline', { where: { column: 'code', equals: 2 } });
    const [counts] = await cellsOf(
      'main.cells.levels',
      column('c', categorical(['other'], true), { source, column: 'c' }),
    );
    expect(counts).toMatchObject({ cells: [1], other: 1, unseen: 13 });
  });

  it('looks levels up in the window of a baseline that lives in the judged table itself', async () => {
    const source = sourceOf('main.cells.days', { timestamp: 'day', requestId: 'id' });
    const days = (from: number, to: number) => ({
      start: Date.parse(`2026-01-0${from}`),
      end: Date.parse(`2026-01-0${to}`),
    });
    const bins = categorical(['a'], true);
    const cellsIn = async (window: Window | null) => {
      const levelsIn = { source, column: 'c', window };
      const { groups } = await opened().count({
        source,
        window: days(3, 4),
        columns: [column('c', bins, levelsIn)],
      });
      return groups[0]?.columns['c'];
    };
    expect(await cellsIn(days(1, 3))).toEqual({ ...NO_SPECIAL, cells: [1], other: 1, unseen: 1 });
    // Without a window of the baseline every level of the judged one is found there.
    expect(await cellsIn(null)).toEqual({ ...NO_SPECIAL, cells: [1], other: 2 });
  });

  it('counts rows whose single-precision number equals the one that was written', async () => {
    const source = sourceOf('main.cells.kinds', { where: { column: 's', equals: 0.7 } });
    const { groups } = await opened().count({
      source,
      window: null,
      columns: [column('i', numeric([1, 2]))],
    });
    expect(groups[0]?.columns['i']?.cells).toEqual([0, 1, 0]);
  });

  it('has no levels', async () => {
    const [counts] = await cellsOf('main.cells.levels', column('c', categorical([])));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [], missing: 1, unseen: 15 });
  });

  it('writes a number the same way whatever type holds it', async () => {
    const counts = await cellsOf(
      'main.cells.kinds',
      column('code', categorical(['7', '7.5', '0'])),
      column('i', categorical(['1', '2', '3'])),
      column('d', categorical(['0.1', '0.2', '0.3'])),
      column('s', categorical(['0.1', '0.7', '0.3'])),
      column('b', categorical(['true', 'false'])),
      column('l', categorical(['9007199254740993', '9007199254740992'])),
      column('day', categorical(['2026-01-01', '2026-01-02'])),
    );
    expect(counts.map(({ cells }) => cells)).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
      [2, 1],
      [1, 1],
      [1, 2],
    ]);
  });

  it('finds a code of one table as another number type in the baseline', async () => {
    const levelsIn = { source: sourceOf('main.cells.baseline'), column: 'code' };
    const [counts] = await cellsOf('main.cells.kinds', column('code', categorical(['0'], true), levelsIn));
    expect(counts).toEqual({ ...NO_SPECIAL, cells: [1], missing: 1, other: 1, unseen: 1 });
  });

  it('takes any name of a column', async () => {
    const asked = NAMES.map((name, index) => column(name, numeric([index])));
    const { groups } = await opened().count({
      source: sourceOf('main.cells.names'),
      window: null,
      columns: asked,
    });
    const columns = new Map(Object.entries(groups[0]?.columns ?? {}));
    expect([...columns.keys()].sort()).toEqual([...NAMES].sort());
    for (const name of NAMES) expect(columns.get(name)?.cells).toEqual([1, 1]);
  });

  it('counts one column several times, with different bins and as different kinds', async () => {
    const asked: CountColumn[] = [
      { ...column('i', numeric([1])), name: 'feature i' },
      { ...column('i', numeric([2])), name: 'prediction i' },
      { ...column('i', categorical(['3'])), name: 'level' },
      { ...column('i', categorical(['1', '2'])), name: 'levels' },
    ];
    const counts = await cellsOf('main.cells.kinds', ...asked);
    expect(counts.map(({ cells }) => cells)).toEqual([[1, 2], [2, 1], [1], [1, 1]]);
    expect(counts.map(({ unseen }) => unseen)).toEqual([0, 0, 2, 1]);
  });

  it('counts 300 columns in one statement', async () => {
    const asked = MANY.map((name, index) =>
      column(name, index % 3 === 0 ? categorical(['l1', 'l0']) : numeric([0, 1])),
    );
    const meter = createMeter();
    const request = { source: sourceOf('main.cells.wide'), window: null, columns: asked };
    const { groups } = await opened().count(request, meter);
    const described = createMeter();
    await opened().describe('main.cells.wide', described);
    expect(meter.total().statements - described.total().statements).toBe(1);
    for (const [index, name] of MANY.entries()) {
      const wanted = index % 3 === 0 ? { cells: [1, 1], unseen: 1 } : { cells: [1, 1, 1], unseen: 0 };
      expect(groups[0]?.columns[name]).toEqual({ ...NO_SPECIAL, ...wanted });
    }
  });
}
