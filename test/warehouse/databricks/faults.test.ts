import { afterEach, describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/remote/error.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf } from '../../contracts/warehouse-errors.ts';
import { column, numeric, sourceOf } from '../../contracts/warehouse-seed.ts';
import {
  type FakeOptions,
  type FakeSqlWarehouse,
  type Fault,
  startFakeSqlWarehouse,
} from '../../support/fake-sql-warehouse.ts';
import { cells, counted, LOANS, oneTable } from './one-table.ts';
import { openedOn } from './opened.ts';

const REQUEST = { source: sourceOf(LOANS), window: null, columns: [column('x', numeric([]))] };

/** Small, so that what never answers is given up at once; a fault must not depend on how quick this machine is. */
const QUICK = { open: 400, statement: 400, close: 100, pause: 1, maxPause: 2, poll: 20 };
/** For answers that come: a slow machine must not make them late. */
const PATIENT = { ...QUICK, open: 20_000, statement: 20_000 };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function staged(
  options: FakeOptions = oneTable(counted(7)),
  parts: Parameters<typeof openedOn>[1] = {},
): Promise<{ readonly fake: FakeSqlWarehouse; readonly warehouse: Warehouse }> {
  const fake = await startFakeSqlWarehouse(options);
  const warehouse = openedOn(fake, { limits: PATIENT, ...parts });
  open.push(fake, warehouse);
  return { fake, warehouse };
}

const always = (name: string, fault: Fault) => (call: string) => (call === name ? fault : null);
const once = (name: string, fault: Fault) => (call: string, nth: number) =>
  call === name && nth === 1 ? fault : null;

/** The next cycle, when the trouble has passed. */
async function works({ fake, warehouse }: { fake: FakeSqlWarehouse; warehouse: Warehouse }): Promise<void> {
  fake.fault = () => null;
  const { groups } = await warehouse.count(REQUEST);
  expect(groups.map(({ rows }) => rows)).toEqual([7]);
}

describe('a refusal', () => {
  it.each([
    { status: 401, reason: 'forbidden', remedy: 'workspace.reader' },
    { status: 403, reason: 'forbidden', remedy: 'CAN USE' },
    { status: 404, reason: 'unavailable', remedy: 'warehouse.httpPath' },
    { status: 400, reason: 'unavailable', remedy: 'warehouse.httpPath' },
  ])('with HTTP $status is $reason, at once', async ({ status, reason, remedy }) => {
    for (const call of ['OpenSession', 'ExecuteStatement']) {
      const stage = await staged();
      stage.fake.fault = always(call, {
        kind: 'status',
        status,
        headers: { 'x-thriftserver-error-message': 'as the server says' },
      });
      const error = await failureOf(stage.warehouse.count(REQUEST));
      expect(error).toMatchObject({ reason, table: LOANS });
      expect(error.message).toContain(`HTTP ${status}: as the server says`);
      expect(error.remedy).toContain(remedy);
      expect(stage.fake.count(call)).toBe(1);
      await works(stage);
    }
  });

  it('of renewed credentials too is forbidden after one more try', async () => {
    const stage = await staged(oneTable(counted(7)), {
      credentials: { headers: async () => ({ authorization: 'Bearer t' }), renew: async () => true },
    });
    stage.fake.fault = always('OpenSession', { kind: 'status', status: 401 });
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'forbidden' });
    expect(stage.fake.count('OpenSession')).toBe(2);
    await works(stage);
  });

  it.each([
    { reason: 'unauthorized', wanted: 'forbidden' },
    { reason: 'network', wanted: 'unavailable' },
  ] as const)('of the token ($reason) is $wanted, and nothing is sent', async ({ reason, wanted }) => {
    const { fake, warehouse } = await staged(oneTable(counted(7)), {
      credentials: {
        headers: async () => {
          throw new RemoteError({ reason, place: 'p', message: 'no token', remedy: 'mend it' });
        },
        renew: async () => false,
      },
    });
    const error = await failureOf(warehouse.count(REQUEST));
    expect(error).toMatchObject({ reason: wanted, remedy: 'mend it' });
    expect(fake.calls).toEqual([]);
  });
});

describe('a warehouse that is busy or asleep', () => {
  it.each([429, 503, 500, 502])('answering HTTP %i is asked again until it is there', async (status) => {
    for (const call of ['OpenSession', 'ExecuteStatement']) {
      const stage = await staged();
      stage.fake.fault = (name, nth) => (name === call && nth <= 3 ? { kind: 'status', status } : null);
      expect((await stage.warehouse.count(REQUEST)).groups).toHaveLength(1);
      expect(stage.fake.count(call)).toBeGreaterThan(3);
    }
  });

  it('is given the time that it asks for in Retry-After, in seconds', async () => {
    const pauses: number[] = [];
    const stage = await staged(oneTable(counted(7)), {
      limits: { ...PATIENT, open: 60_000, statement: 50_000 },
      setTimer: (milliseconds, action) => {
        // Pauses are passed over, deadlines are not.
        if (milliseconds >= 40_000 || milliseconds === PATIENT.close) {
          const timer = setTimeout(action, milliseconds);
          return () => clearTimeout(timer);
        }
        pauses.push(milliseconds);
        setTimeout(action, 0);
        return () => {};
      },
    });
    stage.fake.fault = once('ExecuteStatement', {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
    });
    await stage.warehouse.describe(LOANS);
    expect(pauses).toContain(7000);
  });

  it.each(['Tue, 24 Nov 2026 10:00:00 GMT', '-5', 'soon', ''])(
    'that asks for "%s" is asked again after our own pause',
    async (header) => {
      const stage = await staged();
      const fault = { kind: 'status', status: 429, headers: { 'retry-after': header } } as const;
      stage.fake.fault = once('ExecuteStatement', fault);
      await works(stage);
    },
  );

  it('and stays so is unavailable in the end, and not asked for longer than a start takes', async () => {
    let now = 0;
    const stage = await staged(oneTable(counted(7)), {
      clock: { now: () => (now += 5_000) },
      limits: { ...PATIENT, open: 20_000 },
    });
    stage.fake.fault = always('OpenSession', { kind: 'status', status: 503 });
    const error = await failureOf(stage.warehouse.count(REQUEST));
    expect(error).toMatchObject({ reason: 'unavailable' });
    expect(error.message).toContain('HTTP 503');
    expect(stage.fake.count('OpenSession')).toBeLessThan(6);
    await works(stage);
  });

  it('that asks for more than a start takes is not waited for', async () => {
    const stage = await staged();
    const fault = { kind: 'status', status: 503, headers: { 'retry-after': '3600' } } as const;
    stage.fake.fault = always('OpenSession', fault);
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
    expect(stage.fake.count('OpenSession')).toBe(1);
  });
});

describe('a broken connection', () => {
  it.each(['OpenSession', 'ExecuteStatement', 'FetchResults'])(
    'in %s once is opened anew, and the statement sent again',
    async (call) => {
      const stage = await staged(oneTable(counted(7), { direct: false }));
      stage.fake.fault = once(call, { kind: 'reset' });
      expect((await stage.warehouse.count(REQUEST)).groups).toHaveLength(1);
      expect(stage.fake.count('OpenSession')).toBe(2);
    },
  );

  it.each(['OpenSession', 'ExecuteStatement', 'FetchResults'])(
    'in %s each time is unavailable after three tries',
    async (call) => {
      const stage = await staged(oneTable(counted(7), { direct: false }));
      stage.fake.fault = always(call, { kind: 'reset' });
      expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
      expect(stage.fake.count(call)).toBe(3);
      await works(stage);
    },
  );

  it('to nobody is unavailable', async () => {
    const { fake, warehouse } = await staged();
    await fake.close();
    expect(await failureOf(warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
  });

  it('to somebody with another certificate is unavailable at once, and says so', async () => {
    const { fake } = await staged();
    const other = await startFakeSqlWarehouse(oneTable(counted(7)));
    const warehouse = openedOn({ url: fake.url, ca: other.ca }, { limits: PATIENT });
    open.push(other, warehouse);
    const error = await failureOf(warehouse.count(REQUEST));
    expect(error).toMatchObject({ reason: 'unavailable' });
    expect(error.message).toContain('certificate');
    expect(fake.calls).toEqual([]);
  });
});

describe('an answer that never comes', () => {
  it.each([{ kind: 'html' }, { kind: 'silence' }] as const)(
    'as $kind when a session is opened is unavailable',
    async (fault) => {
      const stage = await staged(oneTable(counted(7)), { limits: { ...PATIENT, open: QUICK.open } });
      stage.fake.fault = always('OpenSession', fault);
      const error = await failureOf(stage.warehouse.count(REQUEST));
      expect(error).toMatchObject({ reason: 'unavailable' });
      expect(error.remedy).toContain('login page');
    },
  );

  it.each([
    ['ExecuteStatement', { kind: 'html' }],
    ['ExecuteStatement', { kind: 'silence' }],
    ['GetOperationStatus', { kind: 'html' }],
    ['FetchResults', { kind: 'html' }],
    ['FetchResults', { kind: 'silence' }],
  ] as const)('in %s as %o is a timeout, and the next cycle works', async (call, fault) => {
    const options = oneTable(counted(7), { direct: false });
    const stage = await staged(options, { limits: { ...PATIENT, statement: 1_500 } });
    stage.fake.fault = always(call, fault);
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'timeout' });
    await works(stage);
    expect(stage.fake.count('OpenSession')).toBe(2);
  });

  it('does not hold up closing', async () => {
    const stage = await staged(oneTable(counted(7)));
    stage.fake.fault = always('ExecuteStatement', { kind: 'silence' });
    const asked = failureOf(stage.warehouse.count(REQUEST));
    await expect.poll(() => stage.fake.count('ExecuteStatement')).toBe(1);
    await stage.warehouse.close();
    expect(await asked).toMatchObject({ reason: 'unavailable' });
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
  });
});

describe('a statement that never ends', () => {
  it('is given up, cancelled on the server, and looked at no more', async () => {
    const stage = await staged(oneTable({ kind: 'running' }), { limits: { ...PATIENT, statement: 1_000 } });
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'timeout' });
    await expect.poll(() => stage.fake.open.operations.size).toBe(0);
    expect(stage.fake.count('CancelOperation')).toBe(1);
  });

  it.each([{ kind: 'silence' }, { kind: 'html' }, { kind: 'status', status: 500 }] as const)(
    'and whose cancelling fails (%o) is given up all the same',
    async (fault) => {
      let trouble = true;
      const answer = () => (trouble ? ({ kind: 'running' } as const) : counted(7));
      const stage = await staged(oneTable(answer), { limits: { ...PATIENT, statement: 1_000 } });
      stage.fake.fault = always('CancelOperation', fault);
      expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'timeout' });
      trouble = false;
      await works(stage);
    },
  );
});

describe('a session that has ended', () => {
  it('is opened anew, and the statement sent again', async () => {
    const stage = await staged();
    await stage.warehouse.describe(LOANS);
    // As the server forgets a session that was idle.
    (stage.fake.open.sessions as Set<string>).clear();
    await works(stage);
    expect(stage.fake.count('OpenSession')).toBe(2);
  });

  it('each time is unavailable in the end', async () => {
    const stage = await staged();
    stage.fake.fault = always('ExecuteStatement', {
      kind: 'refused',
      message: 'Invalid SessionHandle: SessionHandle [5c6a] is Closed',
    });
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
    expect(stage.fake.count('OpenSession')).toBe(3);
    await works(stage);
  });

  it('and cannot be closed does not hold anybody up', async () => {
    const stage = await staged(oneTable(counted(7), { direct: false }));
    stage.fake.fault = (name) => (name.startsWith('Close') ? { kind: 'silence' } : null);
    expect((await stage.warehouse.count(REQUEST)).groups).toHaveLength(1);
    await stage.warehouse.close();
  });
});

describe('a statement that fails', () => {
  const failing = (text: string, sqlState: string | null = null) =>
    staged(oneTable({ kind: 'failed', text, sqlState }));

  it.each([
    ['[TABLE_OR_VIEW_NOT_FOUND] The table', '42P01', 'table_missing'],
    ['[SCHEMA_NOT_FOUND] x', '42704', 'table_missing'],
    ['[UNRESOLVED_COLUMN.WITH_SUGGESTION] x', '42703', 'column_missing'],
    ['[INSUFFICIENT_PERMISSIONS] x', '42501', 'forbidden'],
    ['PERMISSION_DENIED', '42501', 'forbidden'],
    ['[QUERY_EXECUTION_TIMEOUT_EXCEEDED] x', '57KD2', 'timeout'],
    ['[PARSE_SYNTAX_ERROR] x', '42601', 'query_failed'],
    ['something. SQLSTATE: 42P01', null, 'table_missing'],
    ['', null, 'query_failed'],
  ])('with "%s" %s is %s', async (text, sqlState, reason) => {
    const stage = await failing(text, sqlState);
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason, table: LOANS });
    expect(stage.fake.count('OpenSession')).toBe(1);
  });

  it('does not tell the value that it failed on', async () => {
    const { warehouse } = await failing(
      "[CAST_INVALID_INPUT] The value 'Smith, 1 High St' cannot be cast",
      '22018',
    );
    const error = await failureOf(warehouse.count(REQUEST));
    expect(error.message).toContain('CAST_INVALID_INPUT, SQLSTATE 22018');
    expect(error.message).not.toContain('Smith');
  });

  it.each([
    { state: 3, reason: 'query_failed' },
    { state: 4, reason: 'unavailable' },
    { state: 6, reason: 'query_failed' },
    { state: 8, reason: 'timeout' },
  ])('with the state $state is $reason', async ({ state, reason }) => {
    const { warehouse } = await staged(oneTable({ kind: 'ended', state }));
    expect(await failureOf(warehouse.count(REQUEST))).toMatchObject({ reason });
  });

  it('before it runs has its reason too', async () => {
    const stage = await staged();
    stage.fake.fault = always('ExecuteStatement', {
      kind: 'refused',
      message: '[TABLE_OR_VIEW_NOT_FOUND] no',
    });
    expect(await failureOf(stage.warehouse.describe(LOANS))).toMatchObject({ reason: 'table_missing' });
  });
});

describe('an answer that is not what was asked for', () => {
  it.each([
    {
      what: 'text in place of a number',
      rows: [[null, 'x', 0, 7]],
      types: ['STRING', 'STRING', 'INT', 'BIGINT'],
    },
    { what: 'a half of a row', rows: [[null, -1, 0, 7.5]], types: ['STRING', 'INT', 'INT', 'DOUBLE'] },
    { what: 'fewer than no rows', rows: [[null, -1, 0, -7]], types: ['STRING', 'INT', 'INT', 'BIGINT'] },
    {
      what: 'more rows than a number can hold',
      rows: [[null, -1, 0, 1e300]],
      types: ['STRING', 'INT', 'INT', 'DOUBLE'],
    },
  ] as const)('with $what is a bad answer', async ({ rows, types }) => {
    const result = cells(rows);
    const columns = result.columns.map(({ name }, index) => ({ name, type: types[index] ?? 'STRING' }));
    for (const format of ['arrow', 'columns'] as const) {
      const { warehouse } = await staged(oneTable({ kind: 'rows', result: { columns, rows } }, { format }));
      expect(await failureOf(warehouse.count(REQUEST))).toMatchObject({ reason: 'bad_answer' });
    }
  });

  it('without one of the columns is a bad answer', async () => {
    const columns = cells([]).columns.map((each) =>
      each.name === 'cell' ? { ...each, name: 'Cell' } : each,
    );
    const { warehouse } = await staged(
      oneTable({ kind: 'rows', result: { columns, rows: [[null, -1, 0, 7]] } }),
    );
    const error = await failureOf(warehouse.count(REQUEST));
    expect(error).toMatchObject({ reason: 'bad_answer' });
    expect(error.message).toContain('lack the column cell');
  });

  it.each([
    { rows: 1, reason: null },
    { rows: 2, reason: 'bad_answer' },
    { rows: 5000, reason: 'bad_answer' },
  ])('with $rows rows where one was asked for: $reason', async ({ rows, reason }) => {
    const result = {
      columns: [{ name: 'newest', type: 'BIGINT' } as const],
      rows: Array.from({ length: rows }, () => [1000]),
    };
    const describing = {
      kind: 'rows',
      result: { columns: COLUMN_NAMES, rows: [['at', 'timestamp']] },
    } as const;
    const fake = await startFakeSqlWarehouse({
      page: 100,
      answer: (statement) => (statement.startsWith('DESCRIBE') ? describing : { kind: 'rows', result }),
    });
    const warehouse = openedOn(fake, { limits: PATIENT });
    open.push(fake, warehouse);
    const asked = warehouse.newest(sourceOf(LOANS, { timestamp: 'at' }));
    if (reason === null) expect(await asked).toBe(1000);
    else expect(await failureOf(asked)).toMatchObject({ reason });
    await expect.poll(() => fake.open.operations.size).toBe(0);
  });

  it('and cannot be read at all is a bad answer', async () => {
    const stage = await staged();
    stage.fake.fault = always('ExecuteStatement', { kind: 'status', status: 501 });
    expect(await failureOf(stage.warehouse.count(REQUEST))).toMatchObject({ reason: 'unavailable' });
  });
});

const COLUMN_NAMES = [
  { name: 'col_name', type: 'STRING' },
  { name: 'data_type', type: 'STRING' },
] as const;
