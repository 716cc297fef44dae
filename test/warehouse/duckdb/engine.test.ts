import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { slots } from '../../../src/warehouse/duckdb/engine.ts';
import type { SetTimer } from '../../../src/warehouse/timer.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf } from '../../contracts/warehouse-errors.ts';
import { sourceOf } from '../../contracts/warehouse-seed.ts';
import { openLake, temporaryFolder, withDuckDb } from './lake.ts';

/** A timer that tells how many run, and that a test can make ring. */
function handTimer(): {
  readonly setTimer: SetTimer;
  readonly running: () => number;
  readonly most: () => number;
  ring(): void;
} {
  const waiting = new Set<() => void>();
  let most = 0;
  return {
    running: () => waiting.size,
    most: () => most,
    ring: () => {
      for (const action of waiting) action();
    },
    setTimer: (_milliseconds, action) => {
      waiting.add(action);
      most = Math.max(most, waiting.size);
      return () => waiting.delete(action);
    },
  };
}

describe('the engine', () => {
  const folder = temporaryFolder();
  const database = join(folder.path, 'lake.duckdb');
  let warehouse: Warehouse | null = null;
  beforeAll(async () => {
    await withDuckDb(database, async (connection) => {
      await connection.run('CREATE TABLE small AS SELECT range AS x FROM range(5)');
      // Hours of work, none of it in memory.
      await connection.run(
        'CREATE VIEW endless AS SELECT a.range AS x FROM range(10000000) a, range(10000000) b',
      );
      await connection.run('CREATE VIEW greedy AS SELECT unnest(list(range)) AS x FROM range(20000000)');
    });
  });
  afterEach(async () => {
    await warehouse?.close();
    warehouse = null;
  });
  afterAll(() => folder.remove());

  const rowsIn = async (opened: Warehouse, table: string): Promise<number> => {
    const { groups } = await opened.count({ source: sourceOf(table), window: null, columns: [] });
    return groups[0]?.rows ?? 0;
  };
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('interrupts a statement at its deadline, and goes on with the next', async () => {
    const timer = handTimer();
    warehouse = await openLake({ database, statementTimeout: 1234 }, { setTimer: timer.setTimer });
    const call = failureOf(rowsIn(warehouse, 'endless'));
    await until(() => timer.running() > 0);
    const ringing = setInterval(() => timer.ring(), 20);
    const error = await call;
    clearInterval(ringing);
    expect(error).toMatchObject({ reason: 'timeout', table: 'endless' });
    expect(error.message).toContain('1234 ms');
    expect(error.remedy).toContain('statementTimeout');
    expect(await rowsIn(warehouse, 'small')).toBe(5);
    expect(timer.running()).toBe(0);
  });

  it('keeps the deadline by the clock of the machine', async () => {
    warehouse = await openLake({ database, statementTimeout: 30 });
    expect((await failureOf(rowsIn(warehouse, 'endless'))).reason).toBe('timeout');
  });

  it('interrupts what runs when it is closed, refuses what comes later, and closes once', async () => {
    const timer = handTimer();
    warehouse = await openLake({ database, concurrency: 1 }, { setTimer: timer.setTimer });
    const running = failureOf(rowsIn(warehouse, 'endless'));
    const queued = failureOf(rowsIn(warehouse, 'small'));
    let ended = false;
    void running.finally(() => {
      ended = true;
    });
    await until(() => timer.running() > 0);
    await warehouse.close();
    expect(ended).toBe(true);
    await warehouse.close();
    for (const error of [await running, await queued, await failureOf(rowsIn(warehouse, 'small'))]) {
      expect(error).toMatchObject({ reason: 'unavailable' });
      expect(error.message).toContain('being closed');
    }
  });

  it.each([1, 2])('runs at most %i statements at once', async (concurrency) => {
    const timer = handTimer();
    warehouse = await openLake({ database, concurrency }, { setTimer: timer.setTimer });
    const opened = warehouse;
    const rows = await Promise.all(Array.from({ length: 8 }, () => rowsIn(opened, 'small')));
    expect(rows).toEqual(Array.from({ length: 8 }, () => 5));
    expect(timer.most()).toBe(concurrency);
  });

  it.each([
    { concurrency: 1, pool: undefined, slots: 1 },
    { concurrency: 3, pool: undefined, slots: 3 },
    { concurrency: 4, pool: undefined, slots: 3 },
    { concurrency: 8, pool: '9', slots: 8 },
    { concurrency: 9, pool: '9', slots: 8 },
    { concurrency: 4, pool: '1', slots: 1 },
    { concurrency: 4, pool: 'many', slots: 3 },
  ])(
    'leaves a thread of a pool of $pool to others at concurrency $concurrency',
    ({ concurrency, pool, slots: wanted }) => {
      expect(slots(concurrency, pool)).toBe(wanted);
    },
  );

  it('says that the memory limit was reached', async () => {
    warehouse = await openLake({ database, memoryLimit: '30MB', threads: 1 });
    const error = await failureOf(rowsIn(warehouse, 'greedy'));
    expect(error).toMatchObject({ reason: 'query_failed', table: 'greedy' });
    expect(error.remedy).toContain('memoryLimit');
    expect(await rowsIn(warehouse, 'small')).toBe(5);
  });

  it.each([
    { parts: { memoryLimit: 'lots' }, said: 'warehouse.memoryLimit = lots' },
    { parts: { threads: 0 }, said: 'warehouse.threads = 0' },
  ])('refuses a configuration DuckDB cannot take: $said', async ({ parts, said }) => {
    expect((await failureOf(openLake(parts))).message).toContain(said);
  });

  it('leaves nothing behind in the folder for temporary files', async () => {
    const scratch = mkdtempSync(join(folder.path, 'scratch-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = scratch;
    try {
      expect(tmpdir()).toBe(scratch);
      warehouse = await openLake({ database });
      await rowsIn(warehouse, 'small');
      expect(readdirSync(scratch)).toHaveLength(1);
      await warehouse.close();
      expect(readdirSync(scratch)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
