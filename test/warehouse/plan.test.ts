import { describe, expect, it } from 'vitest';
import { nearestNames, type Table } from '../../src/warehouse/columns.ts';
import { planCount, planSlice, tablesOf } from '../../src/warehouse/plan.ts';
import type { CountRequest } from '../../src/warehouse/warehouse.ts';
import { categorical, column, numeric, sourceOf } from '../contracts/warehouse-seed.ts';

const TABLE: Table = {
  name: 't',
  columns: [
    { name: 'x', kind: 'numeric', sqlType: 'DOUBLE' },
    { name: 'X2', kind: 'numeric', sqlType: 'DOUBLE' },
    { name: 'x2', kind: 'numeric', sqlType: 'DOUBLE' },
    { name: 'at', kind: 'timestamp', sqlType: 'TIMESTAMP' },
    { name: 'c', kind: 'categorical', sqlType: 'VARCHAR' },
  ],
};
const TABLES = new Map([
  ['t', TABLE],
  ['baseline', { ...TABLE, name: 'baseline' }],
]);

function request(parts: Partial<CountRequest>): CountRequest {
  return { source: sourceOf('t'), window: null, columns: [], ...parts };
}

const levelsIn = { source: sourceOf('baseline'), column: 'c' };

describe('a count plan', () => {
  it('reads the baseline only for columns with levels that are not named', () => {
    const named = column('c', categorical(['a']), levelsIn);
    const further = column('c', categorical(['a'], true), levelsIn);
    expect(tablesOf(request({ columns: [named] }))).toEqual(['t']);
    expect(tablesOf(request({ columns: [further] }))).toEqual(['t', 'baseline']);
    expect(planCount(request({ columns: [named] }), TABLES).categorical[0]?.known).toBeNull();
    const planned = planCount(request({ columns: [further] }), TABLES).categorical[0]?.known;
    expect(planned?.slice).toMatchObject({ table: 'baseline', window: null });
  });

  it('looks levels up in the window of the baseline', () => {
    const window = { start: 1, end: 2 };
    const source = sourceOf('baseline', { timestamp: 'at' });
    const asked = column('c', categorical([], true), { source, column: 'c', window });
    const planned = planCount(request({ columns: [asked] }), TABLES).categorical[0]?.known;
    expect(planned?.slice.window).toEqual(window);
  });

  it('finds a column as it is written before one of another case', () => {
    const plan = planCount(
      request({ columns: [column('x2', numeric([])), column('X2', numeric([])), column('X', numeric([]))] }),
      TABLES,
    );
    expect(plan.numeric.map(({ column }) => column.name)).toEqual(['x2', 'X2', 'x']);
  });

  it.each([
    { what: 'the same name twice', columns: [column('x', numeric([])), column('x', numeric([1]))] },
    { what: 'the same level twice', columns: [column('c', categorical(['a', 'a']))] },
    { what: 'equal edges', columns: [column('x', numeric([1, 1]))] },
    { what: 'falling edges', columns: [column('x', numeric([2, 1]))] },
    { what: 'zeros of both signs', columns: [column('x', numeric([-0, 0]))] },
    { what: 'an edge that is no number', columns: [column('x', numeric([Number.NaN]))] },
    { what: 'an infinite edge', columns: [column('x', numeric([1, Infinity]))] },
  ])('refuses $what as a bug', ({ columns }) => {
    expect(() => planCount(request({ columns }), TABLES)).toThrow(/twice|rise/);
  });

  it('refuses a window without event time and one version without versions as bugs', () => {
    expect(() => planSlice(sourceOf('t'), { start: 0, end: 1 }, TABLE)).toThrow('event time');
    expect(() => planSlice(sourceOf('t', { onlyVersion: '1' }), null, TABLE)).toThrow('version column');
    expect(() => planCount(request({ source: sourceOf('elsewhere') }), TABLES)).toThrow('not looked up');
  });
});

describe('the nearest names', () => {
  it.each([
    { name: 'incme', names: ['purpose', 'income', 'age'], near: ['income'] },
    { name: 'INCOME', names: ['income'], near: ['income'] },
    { name: 'score', names: ['scores', 'core', 'source', 'store'], near: ['scores', 'core', 'store'] },
    { name: 'age', names: ['region', 'payload'], near: [] },
    { name: 'x', names: ['y'], near: ['y'] },
    { name: 'x', names: [], near: [] },
  ])('to $name among $names', ({ name, names, near }) => {
    expect(nearestNames(name, names)).toEqual(near);
  });
});
