import { expect, it } from 'vitest';
import { createMeter } from '../../src/warehouse/meter.ts';
import type { Meter, Source, Warehouse } from '../../src/warehouse/warehouse.ts';
import type { Window } from '../../src/windows/window.ts';
import { categorical, column, numeric, type SeedTable, type SeedValue, sourceOf } from './warehouse-seed.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const DAY: Window = { start: START, end: START + 24 * HOUR };

/** `x` says which row it is. */
const EVENTS: SeedTable = {
  name: 'main.rows.events',
  columns: {
    at: 'timestamp',
    instant: 'instant',
    day: 'date',
    id: 'text',
    version: 'text',
    number: 'double',
    probe: 'boolean',
    region: 'text',
    weight: 'double',
    x: 'integer',
  },
  rows: [
    ...[
      ['2026-02-28T23:59:59.999999Z', 'r0', '1', 1, false, 'north', 0.5],
      ['2026-03-01T00:00:00Z', 'r1', '1', 1, false, 'north', 0.1],
      ['2026-03-01T05:00:00Z', 'r1', '2', 2, true, "so'uth", 0.1],
      ['2026-03-01T06:00:00Z', null, '2', 2, false, "so'uth", 0.2],
      ['2026-03-01T07:00:00Z', null, '10', 10, false, 'north', 0.2],
      ['2026-03-01T08:00:00Z', 'r2', null, null, null, null, null],
      ['2026-03-01T09:00:00Z', 'r3', '2', 2, true, 'north', 1],
      ['2026-03-01T10:00:00Z', 'r3', '1', 1, false, 'north', 1],
      ['2026-03-01T23:59:59.999999Z', 'r4', '1', 1, false, 'north', 3],
      ['2026-03-02T00:00:00Z', 'r1', '1', 1, false, 'north', 3],
    ].map(([at, ...rest], x) => [at ?? null, at ?? null, String(at).slice(0, 10), ...rest, x] as SeedValue[]),
    [null, null, null, 'r9', '1', 1, false, 'north', 3, 10],
  ],
};

function shuffled(name: string, order: readonly number[]): SeedTable {
  const rows: SeedValue[][] = [
    ['2026-03-01T01:00:00Z', 'same', '1', 5, 'b'],
    ['2026-03-01T01:00:00Z', 'same', '1', 4, 'c'],
    ['2026-03-01T01:00:00Z', 'same', '2', 3, 'a'],
    ['2026-03-01T01:00:00Z', 'same', '1', null, 'a'],
  ];
  return {
    name,
    columns: { at: 'timestamp', id: 'text', version: 'text', x: 'double', c: 'text' },
    rows: order.map((index) => rows[index] ?? []),
  };
}

export const ROWS_TABLES: readonly SeedTable[] = [
  EVENTS,
  { name: 'main.rows.empty', columns: { at: 'timestamp', x: 'double', c: 'text' }, rows: [] },
  shuffled('main.rows.ties', [0, 1, 2, 3]),
  shuffled('main.rows.ties_again', [3, 2, 1, 0]),
];

const X = column('x', categorical(EVENTS.rows.map((_, index) => String(index))));

export function rowsContract(opened: () => Warehouse): void {
  /** Which rows were counted, per version. */
  async function rowsOf(parts: Partial<Source>, window: Window | null): Promise<Record<string, number[]>> {
    const source = sourceOf('main.rows.events', parts);
    const { groups } = await opened().count({ source, window, columns: [X] });
    return Object.fromEntries(
      groups.map(({ version, rows, columns }) => {
        const found = (columns['x']?.cells ?? []).flatMap((count, index) => (count === 1 ? [index] : []));
        expect(found).toHaveLength(rows);
        return [version ?? 'null', found];
      }),
    );
  }

  it.each(['at', 'instant'])('counts the half-open window of a %s column', async (timestamp) => {
    expect(await rowsOf({ timestamp }, DAY)).toEqual({ null: [1, 2, 3, 4, 5, 6, 7, 8] });
    expect(await rowsOf({ timestamp }, { start: START - 1, end: START })).toEqual({ null: [0] });
    expect(await rowsOf({ timestamp }, { start: START, end: START + 1 })).toEqual({ null: [1] });
    expect(await rowsOf({ timestamp }, { start: DAY.end - 1, end: DAY.end })).toEqual({ null: [8] });
  });

  it('takes a date as its midnight', async () => {
    expect(await rowsOf({ timestamp: 'day' }, DAY)).toEqual({ null: [1, 2, 3, 4, 5, 6, 7, 8] });
    expect(await rowsOf({ timestamp: 'day' }, { start: START + 1, end: DAY.end + 1 })).toEqual({ null: [9] });
  });

  it('counts all rows without a window, those without a time too', async () => {
    expect(await rowsOf({ timestamp: 'at' }, null)).toEqual({ null: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    expect(await rowsOf({}, null)).toEqual({ null: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
  });

  it('answers nothing for a window without rows and a table without rows', async () => {
    expect(await rowsOf({ timestamp: 'at' }, { start: 0, end: HOUR })).toEqual({});
    const columns = [column('x', numeric([1])), column('c', categorical(['a']))];
    const { groups } = await opened().count({
      source: sourceOf('main.rows.empty', { timestamp: 'at' }),
      window: DAY,
      columns,
    });
    expect(groups).toEqual([]);
  });

  it('groups by version as text, sorted, rows of none last', async () => {
    const source = { timestamp: 'at', version: 'version' };
    const groups = await rowsOf(source, DAY);
    expect(groups).toEqual({ 1: [1, 7, 8], 10: [4], 2: [2, 3, 6], null: [5] });
    expect(await rowsOf({ ...source, version: 'number' }, DAY)).toEqual(groups);
    const { groups: sorted } = await opened().count({
      source: sourceOf('main.rows.events', source),
      window: DAY,
      columns: [],
    });
    expect(sorted.map(({ version, rows }) => [version, rows])).toEqual([
      ['1', 3],
      ['10', 1],
      ['2', 3],
      [null, 1],
    ]);
  });

  it('counts one version alone', async () => {
    const source = { timestamp: 'at', version: 'version', onlyVersion: '2' };
    expect(await rowsOf(source, DAY)).toEqual({ 2: [2, 3, 6] });
    expect(await rowsOf({ ...source, onlyVersion: "2' OR true --" }, DAY)).toEqual({});
  });

  it('counts rows with one request id once, the earliest of the window', async () => {
    const source = { timestamp: 'at', requestId: 'id' };
    expect(await rowsOf(source, DAY)).toEqual({ null: [1, 3, 4, 5, 6, 8] });
    // The earlier row of r1 lies before this window, so the later one counts in it.
    expect(await rowsOf(source, { start: START + 1, end: DAY.end + 1 })).toEqual({
      null: [2, 3, 4, 5, 6, 8],
    });
    expect(await rowsOf(source, null)).toEqual({ null: [0, 1, 3, 4, 5, 6, 8, 10] });
  });

  it('drops repeated requests before it picks a version, so that versions add up', async () => {
    const source = { timestamp: 'at', requestId: 'id', version: 'version' };
    expect(await rowsOf(source, DAY)).toEqual({ 1: [1, 8], 10: [4], 2: [3, 6], null: [5] });
    expect(await rowsOf({ ...source, onlyVersion: '1' }, DAY)).toEqual({ 1: [1, 8] });
  });

  it('drops repeated requests among the rows that were asked for', async () => {
    const where = { column: 'probe', equals: false };
    const source = { timestamp: 'at', requestId: 'id', where };
    expect(await rowsOf(source, DAY)).toEqual({ null: [1, 3, 4, 7, 8] });
  });

  it('picks the same row among those of one request at one time, however the table is stored', async () => {
    const answers = await Promise.all(
      ['main.rows.ties', 'main.rows.ties_again'].map((table) =>
        opened().count({
          source: sourceOf(table, { timestamp: 'at', requestId: 'id', version: 'version' }),
          window: DAY,
          columns: [column('x', numeric([3, 4])), column('c', categorical(['a', 'b', 'c']))],
        }),
      ),
    );
    expect(answers[0]?.groups.map(({ rows }) => rows)).toEqual([1]);
    expect(answers[1]?.groups).toEqual(answers[0]?.groups);
  });

  it.each([
    { where: { column: 'region', equals: "so'uth" }, rows: [2, 3] },
    { where: { column: 'probe', equals: true }, rows: [2, 6] },
    { where: { column: 'probe', equals: false }, rows: [1, 3, 4, 7, 8] },
    { where: { column: 'number', equals: 10 }, rows: [4] },
    { where: { column: 'weight', equals: 0.1 }, rows: [1, 2] },
    { where: { column: 'x', equals: 3 }, rows: [3] },
  ])('counts only rows where $where.column is $where.equals', async ({ where, rows }) => {
    expect(await rowsOf({ timestamp: 'at', where }, DAY)).toEqual({ null: rows });
  });

  it.each([
    { x: 1, rows: [1] },
    { x: 1.5, rows: [] },
  ])('compares whole numbers with $x', async ({ x, rows }) => {
    const found = await rowsOf({ where: { column: 'x', equals: x } }, null);
    expect(Object.values(found).flat()).toEqual(rows);
  });

  it('says when the newest row was', async () => {
    const newest = (parts: Partial<Source>) => opened().newest(sourceOf('main.rows.events', parts));
    expect(await newest({ timestamp: 'at' })).toBe(DAY.end);
    expect(await newest({ timestamp: 'instant' })).toBe(DAY.end);
    expect(await newest({ timestamp: 'day' })).toBe(DAY.end);
    expect(await newest({ timestamp: 'at', where: { column: 'number', equals: 2 } })).toBe(START + 9 * HOUR);
    expect(await newest({ timestamp: 'at', version: 'version', onlyVersion: '10' })).toBe(START + 7 * HOUR);
    expect(await newest({ timestamp: 'at', where: { column: 'weight', equals: 0.5 } })).toBe(START - 1);
    expect(await newest({ timestamp: 'at', where: { column: 'region', equals: 'west' } })).toBeNull();
    expect(await opened().newest(sourceOf('main.rows.empty', { timestamp: 'at' }))).toBeNull();
  });

  it('tells the meter every statement', async () => {
    const source = sourceOf('main.rows.events', { timestamp: 'at' });
    const cost = async (work: (meter: Meter) => Promise<unknown>): Promise<number> => {
      const meter = createMeter();
      await work(meter);
      const { statements, seconds } = meter.total();
      expect(seconds).toBeGreaterThanOrEqual(0);
      return statements;
    };
    const looked = await cost((meter) => opened().describe('main.rows.events', meter));
    expect(await cost((meter) => opened().newest(source, meter))).toBe(looked + 1);
    const counted = { source, window: DAY, columns: [X] };
    expect(await cost((meter) => opened().count(counted, meter))).toBe(looked + 1);
  });
}
