import { expect, it } from 'vitest';
import { type Warehouse, WarehouseError, type WarehouseReason } from '../../src/warehouse/warehouse.ts';
import { categorical, column, numeric, type SeedTable, sourceOf } from './warehouse-seed.ts';

const TABLE = 'main.errors.loans';

export const ERRORS_TABLES: readonly SeedTable[] = [
  {
    name: TABLE,
    columns: {
      income: 'double',
      Purpose: 'text',
      paid: 'boolean',
      at: 'timestamp',
      payload: 'bytes',
      term: 'integer',
    },
    rows: [[1, 'car', true, '2026-03-01T00:00:00Z', 'x', 36]],
  },
];

export async function failureOf(call: Promise<unknown>): Promise<WarehouseError> {
  try {
    await call;
  } catch (error) {
    expect(error).toBeInstanceOf(WarehouseError);
    return error as WarehouseError;
  }
  throw new Error('nothing failed');
}

export function errorsContract(opened: () => Warehouse): void {
  it('classes the columns of a table', async () => {
    const columns = await opened().describe(TABLE);
    expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['income', 'numeric'],
      ['Purpose', 'categorical'],
      ['paid', 'categorical'],
      ['at', 'timestamp'],
      ['payload', 'unsupported'],
      ['term', 'numeric'],
    ]);
    for (const { sqlType } of columns) expect(sqlType).toMatch(/^[A-Za-z0-9 (),_]+$/);
  });

  it('says which table is missing, in every call', async () => {
    const source = sourceOf('main.errors.loan', { timestamp: 'at' });
    const calls = [
      () => opened().describe(source.table),
      () => opened().newest(source),
      () => opened().count({ source, window: null, columns: [] }),
      () => opened().bins({ source, window: null, columns: [], bins: 10, minLevelRows: 1, maxLevels: 5 }),
    ];
    for (const call of calls) {
      const error = await failureOf(call());
      expect(error).toMatchObject({ reason: 'table_missing', table: 'main.errors.loan' });
      expect(error.message).toContain('main.errors.loan');
      expect(error.remedy).toContain('main.errors.loans');
    }
  });

  it('says when the table that levels are looked up in is missing', async () => {
    const levelsIn = { source: sourceOf('main.errors.nowhere'), column: 'Purpose' };
    const columns = [column('Purpose', categorical(['car'], true), levelsIn)];
    const error = await failureOf(opened().count({ source: sourceOf(TABLE), window: null, columns }));
    expect(error).toMatchObject({ reason: 'table_missing', table: 'main.errors.nowhere' });
  });

  it('takes the case of a column name as SQL does', async () => {
    const columns = [column('INCOME', numeric([1])), column('purpose', categorical(['car']))];
    const { groups } = await opened().count({ source: sourceOf(TABLE), window: null, columns });
    expect(groups[0]?.columns['INCOME']?.cells).toEqual([1, 0]);
    expect(groups[0]?.columns['purpose']?.cells).toEqual([1]);
  });

  it.each([
    { what: 'a column under watch', parts: {}, from: 'incme', near: 'income' },
    { what: 'the event time', parts: { timestamp: 'att' }, from: 'income', near: 'at' },
    { what: 'the version', parts: { version: 'terms' }, from: 'income', near: 'term' },
    { what: 'the request id', parts: { requestId: 'purpos' }, from: 'income', near: 'Purpose' },
    { what: 'where', parts: { where: { column: 'pad', equals: true } }, from: 'income', near: 'paid' },
  ])('says which column is missing as $what, and names the nearest', async ({ parts, from, near }) => {
    const error = await failureOf(
      opened().count({ source: sourceOf(TABLE, parts), window: null, columns: [column(from, numeric([1]))] }),
    );
    expect(error).toMatchObject({ reason: 'column_missing', table: TABLE });
    expect(error.message).toContain(`no column ${error.column}`);
    expect(error.remedy).toContain(`Did you mean ${near}?`);
  });

  it.each([
    { what: 'text as a number', parts: {}, asked: column('Purpose', numeric([1])) },
    { what: 'a time as a number', parts: {}, asked: column('at', numeric([1])) },
    { what: 'bytes as a number', parts: {}, asked: column('payload', numeric([1])) },
    { what: 'bytes as a category', parts: {}, asked: column('payload', categorical([])) },
    { what: 'a number as event time', parts: { timestamp: 'term' }, asked: null },
    { what: 'text as event time', parts: { timestamp: 'Purpose' }, asked: null },
    { what: 'a time as version', parts: { version: 'at' }, asked: null },
    { what: 'bytes as request id', parts: { requestId: 'payload' }, asked: null },
    { what: 'text that equals a number', parts: { where: { column: 'Purpose', equals: 1 } }, asked: null },
    { what: 'a number that equals text', parts: { where: { column: 'term', equals: '36' } }, asked: null },
    {
      what: 'a truth value that equals text',
      parts: { where: { column: 'paid', equals: 'true' } },
      asked: null,
    },
    {
      what: 'text that equals a truth value',
      parts: { where: { column: 'Purpose', equals: true } },
      asked: null,
    },
  ])('refuses $what', async ({ parts, asked }) => {
    const columns = asked === null ? [] : [asked];
    const error = await failureOf(opened().count({ source: sourceOf(TABLE, parts), window: null, columns }));
    const reason: WarehouseReason = 'wrong_type';
    expect(error).toMatchObject({ reason, table: TABLE });
    expect(error.message).toContain(`Column ${error.column} of ${TABLE}`);
    expect(error.remedy).not.toBe('');
  });

  it('answers the next call after one that failed', async () => {
    await failureOf(opened().describe('main.errors.loan'));
    expect(await opened().describe(TABLE)).toHaveLength(6);
  });
}
