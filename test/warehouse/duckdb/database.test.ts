import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { catalogOf } from '../../../src/warehouse/duckdb/attached.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf } from '../../contracts/warehouse-errors.ts';
import { column, sourceOf } from '../../contracts/warehouse-seed.ts';
import { openLake, temporaryFolder, withDuckDb } from './lake.ts';

const TIMES = ['00:59:59', '01:00:00', '01:59:59', '01:59:59.999', '02:00:00'];

describe('a database file', () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'lake.duckdb');
  let warehouse: Warehouse | null = null;
  async function open(database = path): Promise<Warehouse> {
    warehouse = await openLake({ database });
    return warehouse;
  }
  const rowsIn = async (opened: Warehouse, table: string): Promise<number> => {
    const { groups } = await opened.count({ source: sourceOf(table), window: null, columns: [] });
    return groups[0]?.rows ?? 0;
  };

  beforeAll(async () => {
    await withDuckDb(path, async (connection) => {
      await connection.run('CREATE SCHEMA risk');
      await connection.run(
        "CREATE TABLE risk.loans AS SELECT 1 AS x, 'a'::ENUM('a', 'secret') AS mood, '{}'::JSON AS payload",
      );
      await connection.run('CREATE TABLE loans AS SELECT range AS x FROM range(2)');
      const types = ['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'];
      await connection.run(
        `CREATE TABLE times (time VARCHAR, ${types.map((type) => `"${type}" ${type}`).join(', ')})`,
      );
      for (const time of TIMES) {
        // 01:59:59.999 as a whole second would be rounded to 02:00:00, which is another row.
        const second = time.slice(0, 8) === time ? time : '02:00:01';
        const values = types.map((type) => `'2026-03-01 ${type === 'TIMESTAMP_S' ? second : time}'`);
        await connection.run(`INSERT INTO times VALUES ('${time}', ${values.join(', ')})`);
      }
      await connection.run("CREATE VIEW outside AS SELECT * FROM read_text('/etc/hostname')");
      await connection.run('CREATE TABLE risk."a""b" AS SELECT range AS x FROM range(3)');
      await connection.run(
        "CREATE TABLE endless AS SELECT TIMESTAMP 'infinity' AS at UNION ALL SELECT TIMESTAMP '2026-03-01'",
      );
    });
  });
  afterEach(async () => {
    await warehouse?.close();
    warehouse = null;
  });
  afterAll(() => folder.remove());

  it.each([
    ['loans', 2],
    ['main.loans', 2],
    ['risk.loans', 1],
    ['lake.risk.loans', 1],
    ['risk.a"b', 3],
  ])('knows %s', async (table, rows) => {
    expect(await rowsIn(await open(), table)).toBe(rows);
  });

  it.each(['nothing', 'risk.nothing', 'nowhere.loans', 'other.risk.loans', 'a.b.c.d', 'risk..loans', ''])(
    'does not know %s',
    async (table) => {
      const error = await failureOf(rowsIn(await open(), table));
      expect(error).toMatchObject({ reason: 'table_missing', table });
    },
  );

  it('does not tell the values of an ENUM, and takes no JSON for a category', async () => {
    const columns = await (await open()).describe('risk.loans');
    expect(columns).toEqual([
      { name: 'x', kind: 'numeric', sqlType: 'INTEGER' },
      { name: 'mood', kind: 'categorical', sqlType: 'ENUM' },
      { name: 'payload', kind: 'unsupported', sqlType: 'JSON' },
    ]);
  });

  it('takes no infinite time for the newest row', async () => {
    const newest = await (await open()).newest(sourceOf('endless', { timestamp: 'at' }));
    expect(newest).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });

  it.each([
    ['TIMESTAMP_S', ['01:00:00', '01:59:59']],
    ['TIMESTAMP_MS', ['01:00:00', '01:59:59', '01:59:59.999']],
    ['TIMESTAMP_NS', ['01:00:00', '01:59:59', '01:59:59.999']],
    ['TIMESTAMP', ['01:00:00', '01:59:59', '01:59:59.999']],
    ['TIMESTAMPTZ', ['01:00:00', '01:59:59', '01:59:59.999']],
  ])('takes a window of a %s column', async (type, wanted) => {
    const opened = await open();
    const start = Date.parse('2026-03-01T01:00:00Z');
    const source = sourceOf('times', { timestamp: type.toLowerCase() });
    const countIn = async (window: { start: number; end: number }) => {
      const bins = { kind: 'categorical' as const, levels: TIMES, other: false };
      const { groups } = await opened.count({ source, window, columns: [column('time', bins)] });
      const cells = groups[0]?.columns['time']?.cells ?? [];
      return TIMES.filter((_, index) => cells[index] === 1);
    };
    expect(await countIn({ start, end: start + 3_600_000 })).toEqual(wanted);
    // A bound within a second: no whole second lies between.
    expect(await countIn({ start: start + 1, end: start + 999 })).toEqual([]);
    expect(await opened.newest(source)).toBe(start + 3_600_000 + (type === 'TIMESTAMP_S' ? 1000 : 0));
  });

  it('writes instants in UTC when they are categories', async () => {
    const bins = { kind: 'categorical' as const, levels: ['2026-03-01 01:59:59.999+00'], other: false };
    const { groups } = await (await open()).count({
      source: sourceOf('times'),
      window: null,
      columns: [column('TIMESTAMPTZ', bins)],
    });
    expect(groups[0]?.columns['TIMESTAMPTZ']).toMatchObject({ cells: [1], unseen: 4 });
  });

  it('does not let a view of the file read other files', async () => {
    const error = await failureOf(rowsIn(await open(), 'outside'));
    expect(error.reason).toBe('forbidden');
  });

  it('says that the file is missing, or none', async () => {
    const missing = await failureOf(rowsIn(await open(join(folder.path, 'none.duckdb')), 'loans'));
    expect(missing).toMatchObject({ reason: 'unavailable' });
    expect(missing.message).toContain('none.duckdb cannot be opened: there is no such file.');
    await warehouse?.close();
    const none = await failureOf(rowsIn(await open(import.meta.filename), 'loans'));
    expect(none.message).toContain('not a valid DuckDB database');
  });

  it('lets the file go between calls, waits for no writer, and sees what was written', async () => {
    const opened = await open();
    expect(await rowsIn(opened, 'loans')).toBe(2);
    const writer = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { DuckDBInstance } from '@duckdb/node-api';
       const connection = await (await DuckDBInstance.create(${JSON.stringify(path)})).connect();
       await connection.run('INSERT INTO loans VALUES (7)');
       console.log('written');
       process.stdin.once('data', () => process.exit());`,
    ]);
    try {
      await once(writer.stdout, 'data');
      const locked = await failureOf(rowsIn(opened, 'loans'));
      expect(locked).toMatchObject({ reason: 'unavailable' });
      expect(locked.message).toContain('lock');
      expect(locked.remedy).toContain('open for writing');
    } finally {
      writer.stdin.write('end\n');
      await once(writer, 'exit');
    }
    expect(await rowsIn(opened, 'loans')).toBe(3);
  });

  it('reads with several readers at once', async () => {
    const opened = await open();
    const rows = await Promise.all(Array.from({ length: 12 }, () => rowsIn(opened, 'risk.a"b')));
    expect(new Set(rows)).toEqual(new Set([3]));
  });

  it.each([
    ['/data/lake.duckdb', 'lake'],
    ['/data/lake.v2.duckdb', 'lake.v2'],
    ['/data/memory.db', 'memory_file'],
    ['/data/Temp.db', 'Temp_file'],
  ])('calls %s %s in table names', (file, name) => {
    expect(catalogOf(file)).toBe(name);
  });
});
