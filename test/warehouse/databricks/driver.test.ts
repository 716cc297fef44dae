import { afterEach, describe, expect, it } from 'vitest';
import { parameters } from '../../../src/warehouse/databricks/sql.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { column, numeric, sourceOf } from '../../contracts/warehouse-seed.ts';
import {
  type FakeOptions,
  type FakeSqlWarehouse,
  startFakeSqlWarehouse,
  valuesOf,
} from '../../support/fake-sql-warehouse.ts';
import { counted, LOANS, oneTable } from './one-table.ts';
import { openedOn } from './opened.ts';

const REQUEST = { source: sourceOf(LOANS), window: null, columns: [column('x', numeric([]))] };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function staged(
  options: FakeOptions,
  parts: Parameters<typeof openedOn>[1] = {},
): Promise<{ readonly fake: FakeSqlWarehouse; readonly warehouse: Warehouse }> {
  const fake = await startFakeSqlWarehouse(options);
  const warehouse = openedOn(fake, parts);
  open.push(fake, warehouse);
  return { fake, warehouse };
}

describe('the driver, tamed', () => {
  it('sends nothing before something is asked', async () => {
    const { fake } = await staged(oneTable(counted(7)));
    expect(fake.calls).toEqual([]);
  });

  it('sends nothing but the conversation itself: no telemetry, no flags, no downloads', async () => {
    const { fake, warehouse } = await staged(oneTable(counted(7)));
    await warehouse.count(REQUEST);
    expect(fake.calls.map(({ name }) => name)).toEqual([
      'OpenSession',
      'ExecuteStatement',
      'ExecuteStatement',
    ]);
    for (const { name, request } of fake.calls)
      if (name === 'ExecuteStatement')
        expect(request).toMatchObject({ canDownloadResult: false, canDecompressLZ4Result: false });
  });

  it('opens a session in UTC in which the server ends what runs too long, and tags what it sends', async () => {
    const { fake, warehouse } = await staged(oneTable(counted(7)), { statementTimeout: 90_500 });
    await warehouse.count(REQUEST);
    expect(fake.calls[0]?.request?.['configuration']).toMatchObject({
      STATEMENT_TIMEOUT: '91',
      TIMEZONE: 'UTC',
      ANSI_MODE: 'true',
      QUERY_TAGS: 'app:driftwarden',
    });
    expect(fake.calls[1]?.request?.['confOverlay']).toMatchObject({
      query_tags: `app:driftwarden,table:${LOANS}`,
    });
  });

  it('leaves the console and the exceptions of the process alone', async () => {
    const before = process.listenerCount('uncaughtException');
    const { warehouse } = await staged(oneTable(counted(7)));
    await warehouse.count(REQUEST);
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });

  it('binds values by name', async () => {
    const { fake, warehouse } = await staged(oneTable(counted(7)));
    await warehouse.count({ ...REQUEST, source: sourceOf(LOANS, { where: { column: 'x', equals: 0.1 } }) });
    const request = fake.calls.at(-1)?.request;
    expect(valuesOf(request ?? (parameters() as never))).toEqual({ p1: '0.1' });
  });

  it.each(['arrow', 'columns'] as const)('reads %s in pages, to the last row', async (format) => {
    const rows = Array.from({ length: 250 }, (_, index) => [`v${index}`, -1, 0, index + 1] as const);
    const answer = {
      kind: 'rows',
      result: {
        columns: [
          { name: 'v', type: 'STRING' },
          { name: 'col', type: 'INT' },
          { name: 'cell', type: 'INT' },
          { name: 'n', type: 'BIGINT' },
        ],
        rows,
      },
    } as const;
    for (const direct of [true, false]) {
      const { warehouse } = await staged(oneTable(answer, { format, direct, page: 100 }));
      const { groups } = await warehouse.count({ ...REQUEST, columns: [] });
      expect(groups.map((group) => group.rows).sort((a, b) => a - b)).toEqual(rows.map((row) => row[3]));
    }
  });

  it('ends every statement, and the session when it is closed', async () => {
    const { fake, warehouse } = await staged(oneTable(counted(7), { direct: false }));
    await warehouse.count(REQUEST);
    await warehouse.newest(sourceOf(LOANS, { timestamp: 'x' })).catch(() => {});
    expect(fake.open.operations.size).toBe(0);
    expect(fake.open.sessions.size).toBe(1);
    await warehouse.close();
    expect(fake.open.sessions.size).toBe(0);
  });

  it('shares one session between the statements of a burst, and closes it when nobody uses it', async () => {
    const timers: { milliseconds: number; action: () => void }[] = [];
    const used: string[] = [];
    const { fake, warehouse } = await staged(oneTable(counted(7)), {
      used: (what) => used.push(what),
      limits: { idle: 123_456 },
      setTimer: (milliseconds, action) => {
        if (milliseconds !== 123_456) {
          const timer = setTimeout(action, milliseconds);
          return () => clearTimeout(timer);
        }
        const entry = { milliseconds, action };
        timers.push(entry);
        return () => {
          timers.splice(timers.indexOf(entry), 1);
        };
      },
    });
    await Promise.all([warehouse.count(REQUEST), warehouse.count(REQUEST)]);
    await warehouse.describe(LOANS);
    expect(used).toEqual(['session', ...Array.from({ length: 5 }, () => 'statement')]);
    expect([fake.count('OpenSession'), fake.count('CloseSession'), timers.length]).toEqual([1, 0, 1]);
    timers[0]?.action();
    await expect.poll(() => fake.count('CloseSession')).toBe(1);
    await warehouse.describe(LOANS);
    expect(fake.count('OpenSession')).toBe(2);
  });

  it('asks for the headers before every request, and for others once when they are refused', async () => {
    let token = 1;
    const { fake, warehouse } = await staged(oneTable(counted(7)), {
      credentials: {
        headers: async () => ({ authorization: `Bearer token-${token}` }),
        renew: async (usedHeaders) => {
          expect(usedHeaders).toEqual({ authorization: 'Bearer token-1' });
          token = 2;
          return true;
        },
      },
    });
    fake.fault = () => (token === 1 ? { kind: 'status', status: 401 } : null);
    await warehouse.describe(LOANS);
    expect(fake.calls.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-2',
    ]);
  });
});
