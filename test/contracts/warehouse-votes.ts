import { expect, it } from 'vitest';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { categorical, column, NO_SPECIAL, numeric, type SeedTable, sourceOf } from './warehouse-seed.ts';

const VOTES: SeedTable = {
  name: 'main.votes.loans',
  columns: {
    id: 'text',
    at: 'timestamp',
    customer: 'long',
    version: 'text',
    income: 'double',
    single: 'single',
    purpose: 'text',
  },
  rows: [
    ['a', '2026-03-01T01:00:00.000Z', 1, '7', 10, 0.25, 'car'],
    ['b', '2026-03-01T02:00:00.000Z', 1, '7', 10, 0.25, 'home'],
    ['c', '2026-03-01T03:00:00.000Z', 1, '8', 99, null, null],
    // The same request again, which is no further row.
    ['c', '2026-03-01T03:30:00.000Z', 1, '8', 10, 0.75, 'car'],
    ['d', '2026-03-01T04:00:00.000Z', 2, '7', 99, 0.75, 'boat'],
    ['e', '2026-03-01T05:00:00.000Z', null, '7', Number.NaN, 0.75, 'car'],
    ['f', '2026-03-01T06:00:00.000Z', null, '7', 10, 0.25, 'car'],
    ['g', '2026-03-02T00:00:00.000Z', 2, '7', 10, 0.25, 'car'],
  ],
};

/** One customer with so many rows that no whole number of units is their share. */
const BUSY: SeedTable = {
  name: 'main.votes.busy',
  columns: { customer: 'text', income: 'double' },
  rows: [...Array.from({ length: 17 }, (_, place) => ['busy', place] as const), ['calm', 3]],
};

export const VOTES_TABLES: readonly SeedTable[] = [VOTES, BUSY];

const DAY = { start: Date.parse('2026-03-01T00:00:00Z'), end: Date.parse('2026-03-02T00:00:00Z') };
const SOURCE = sourceOf(VOTES.name, {
  timestamp: 'at',
  version: 'version',
  requestId: 'id',
  cluster: 'customer',
});
const COLUMNS = [
  column('income', numeric([50])),
  column('single', numeric([0.5])),
  column('purpose', categorical(['car', 'home'])),
];

export function votesContract(opened: () => Warehouse): void {
  it('gives every customer one vote, shared by its rows, and every row without a customer one of its own', async () => {
    const { groups } = await opened().count({ source: SOURCE, window: DAY, columns: COLUMNS });
    const third = 1 / 3;
    expect(groups.map(({ version, rows }) => [version, rows])).toEqual([
      ['7', 11 / 3],
      ['8', third],
    ]);
    expect(groups[0]?.columns['income']).toEqual({ ...NO_SPECIAL, cells: [5 / 3, 1], nonFinite: 1 });
    expect(groups[0]?.columns['single']).toEqual({ ...NO_SPECIAL, cells: [5 / 3, 2] });
    expect(groups[0]?.columns['purpose']).toEqual({ ...NO_SPECIAL, cells: [7 / 3, third], unseen: 1 });
    expect(groups[1]?.columns['purpose']).toEqual({ ...NO_SPECIAL, cells: [0, 0], missing: third });
  });

  it('counts one version as it is counted among all', async () => {
    const source = { ...SOURCE, onlyVersion: '8' };
    const { groups } = await opened().count({ source, window: DAY, columns: COLUMNS });
    expect(groups.map(({ version, rows }) => [version, rows])).toEqual([['8', 1 / 3]]);
  });

  it('never gives a customer more than one vote, however many rows', async () => {
    const source = sourceOf(BUSY.name, { cluster: 'customer' });
    const { groups } = await opened().count({
      source,
      window: null,
      columns: [column('income', numeric([3]))],
    });
    const [group] = groups;
    expect(group?.rows).toBeLessThanOrEqual(2);
    expect(group?.rows).toBeGreaterThan(1.9999);
    expect(group?.columns['income']?.cells[0]).toBeCloseTo(1 + 4 / 17, 4);
  });

  it('makes bins of rows: a name is written down for the rows that have it', async () => {
    const { rows, bins } = await opened().bins({
      source: SOURCE,
      window: DAY,
      columns: [{ name: 'purpose', from: 'purpose', kind: 'categorical' }],
      ...{ bins: 2, minLevelRows: 3, maxLevels: 5 },
    });
    expect(rows).toBe(6);
    expect(bins['purpose']).toEqual({ kind: 'categorical', levels: ['car'], other: true });
  });

  it('says where the column of the customer is not there, or cannot be one', async () => {
    const asked = (cluster: string) =>
      opened().count({ source: { ...SOURCE, cluster }, window: DAY, columns: COLUMNS });
    await expect(asked('custommer')).rejects.toMatchObject({ reason: 'column_missing', column: 'custommer' });
    await expect(asked('at')).rejects.toMatchObject({ reason: 'wrong_type', column: 'at' });
  });
}
