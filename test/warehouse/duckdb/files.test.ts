import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf } from '../../contracts/warehouse-errors.ts';
import { column, numeric, type SeedTable, sourceOf } from '../../contracts/warehouse-seed.ts';
import { openLake, temporaryFolder, withDuckDb, writeParquet } from './lake.ts';

const table = (rows: SeedTable['rows']): SeedTable => ({ name: 't', columns: { x: 'double' }, rows });

describe('files of a table', () => {
  let folder = temporaryFolder();
  let warehouse: Warehouse | null = null;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await warehouse?.close();
    warehouse = null;
    folder.remove();
  });

  const at = (...names: string[]): string => join(folder.path, ...names);
  async function write(seed: SeedTable, ...names: string[]): Promise<void> {
    await withDuckDb(':memory:', (connection) => writeParquet(connection, seed, at(...names)));
  }
  async function open(pattern: string): Promise<Warehouse> {
    warehouse = await openLake({ tables: { 'main.lake.t': pattern } });
    return warehouse;
  }
  const rowsIn = async (opened: Warehouse): Promise<number> => {
    const columns = [column('x', numeric([0]))];
    const { groups } = await opened.count({ source: sourceOf('main.lake.t'), window: null, columns });
    return groups[0]?.rows ?? 0;
  };

  it('reads one file, and patterns over folders whatever they are called', async () => {
    mkdirSync(at("it's [a] folder", 'day=1'), { recursive: true });
    await write(table([[1], [2]]), 'one.parquet');
    await write(table([[3]]), 'two.parquet');
    expect(await rowsIn(await open(at('one.parquet')))).toBe(2);
    await warehouse?.close();
    expect(await rowsIn(await open(at('**', '*.parquet')))).toBe(3);
  });

  it('sees files that arrive later, and says when all have gone', async () => {
    await write(table([[1], [2]]), 'a.parquet');
    const opened = await open(at('*.parquet'));
    expect(await rowsIn(opened)).toBe(2);
    await write(table([[3]]), 'b.parquet');
    expect(await rowsIn(opened)).toBe(3);
    rmSync(at('a.parquet'));
    expect(await rowsIn(opened)).toBe(1);
    rmSync(at('b.parquet'));
    const error = await failureOf(rowsIn(opened));
    expect(error).toMatchObject({ reason: 'table_missing', table: 'main.lake.t' });
    expect(error.message).toContain(at('*.parquet'));
    await write(table([[3]]), 'b.parquet');
    expect(await rowsIn(opened)).toBe(1);
  });

  it('reads files of a different age as one table: a column that one lacks is missing there', async () => {
    await write(table([[1], [2]]), 'a.parquet');
    await write({ name: 't', columns: { y: 'integer', x: 'integer' }, rows: [[7, 3]] }, 'b.parquet');
    const { groups } = await (await open(at('*.parquet'))).count({
      source: sourceOf('main.lake.t'),
      window: null,
      columns: [column('x', numeric([1])), column('y', numeric([7]))],
    });
    expect(groups[0]?.columns['x']).toMatchObject({ cells: [1, 2], missing: 0 });
    expect(groups[0]?.columns['y']).toMatchObject({ cells: [1, 0], missing: 2 });
  });

  it.each([
    {
      what: 'cut off',
      spoil: (path: string) => truncateSync(path, 100),
    },
    {
      what: 'no Parquet',
      spoil: (path: string) => writeFileSync(path, 'request_id,score\n1,0.5\n'.repeat(50)),
    },
    {
      what: 'empty',
      spoil: (path: string) => truncateSync(path, 0),
    },
  ])('says that a file is damaged: $what', async ({ spoil }) => {
    await write(table([[1]]), 'a.parquet');
    const opened = await open(at('*.parquet'));
    expect(await rowsIn(opened)).toBe(1);
    spoil(at('a.parquet'));
    const error = await failureOf(rowsIn(opened));
    expect(error).toMatchObject({ reason: 'query_failed', table: 'main.lake.t' });
    expect(error.message).toContain('a.parquet');
    expect(error.remedy).toContain('renaming');
  });

  it('counts again after a damaged file was replaced', async () => {
    await write(table([[1], [2]]), 'good');
    writeFileSync(at('a.parquet'), 'x');
    const opened = await open(at('*.parquet'));
    await failureOf(rowsIn(opened));
    copyFileSync(at('good'), at('a.parquet'));
    expect(await rowsIn(opened)).toBe(2);
  });
});
