import { afterEach, expect, it } from 'vitest';
import type { RemoteCall } from '../../../src/remote/call.ts';
import { RemoteError } from '../../../src/remote/error.ts';
import type { Used } from '../../../src/warehouse/databricks/open.ts';
import { startFakeSqlWarehouse } from '../../support/fake-sql-warehouse.ts';
import { LOANS, oneTable } from './one-table.ts';
import { openedOn } from './opened.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** What was told of a burst of two statements, and what was asked over REST. */
async function burst(
  answer: (call: RemoteCall) => Promise<unknown>,
  httpPath = '/sql/1.0/warehouses/abc123',
) {
  const fake = await startFakeSqlWarehouse(oneTable());
  const used: Used[] = [];
  const asked: string[] = [];
  const reader = {
    name: 'workspace',
    request: (call: RemoteCall) => {
      asked.push(`${call.method} ${call.path}`);
      return answer(call);
    },
  };
  const warehouse = openedOn(fake, {
    used: (what) => used.push(what),
    reader,
    httpPath,
    // The look gives up at once; all other times stay as they are.
    setTimer: (milliseconds, action) => {
      const timer = setTimeout(action, milliseconds === 2_000 ? 20 : milliseconds);
      return () => clearTimeout(timer);
    },
  });
  open.push(fake, warehouse);
  await warehouse.describe(LOANS);
  await warehouse.describe(LOANS);
  return { used, asked };
}

const BURST = ['session', 'statement', 'statement'];

it.each([
  ['STOPPED', true],
  ['STOPPING', true],
  ['STARTING', false],
  ['RUNNING', false],
  ['DELETED', false],
])('a session that finds the warehouse %s wakes it: %s', async (state, wakes) => {
  const { used, asked } = await burst(async () => ({ id: 'abc123', state, name: 'w' }));
  expect(used).toEqual(wakes ? ['session', 'wakeup', 'statement', 'statement'] : BURST);
  // Once per session, not per statement.
  expect(asked).toEqual(['GET /api/2.0/sql/warehouses/abc123']);
});

it.each([
  [
    'may not be read',
    async () => {
      throw new RemoteError({ reason: 'forbidden', place: 'p', message: 'no', remedy: 'r' });
    },
  ],
  ['is something else', async () => ({ status: 'fine' })],
  ['never comes', () => new Promise(() => {})],
] as const)('a state that %s counts nothing and stops nothing', async (_how, answer) => {
  expect((await burst(answer)).used).toEqual(BURST);
});

it('a cluster is not asked', async () => {
  const { used, asked } = await burst(async () => ({ state: 'STOPPED' }), '/sql/protocolv1/o/1/0123-abc');
  expect(used).toEqual(BURST);
  expect(asked).toEqual([]);
});
