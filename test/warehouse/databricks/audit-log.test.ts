import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { RemoteError } from '../../../src/remote/error.ts';
import type { Changes, ChangesQuestion } from '../../../src/warehouse/changes.ts';
import { AUDIT_TABLE, auditStatement } from '../../../src/warehouse/databricks/audit-log.ts';
import { describeChanges, ITSELF } from '../../contracts/changes.ts';
import { describeSqlClaims } from '../../contracts/sql-claims.ts';
import {
  type FakeOptions,
  type FakeSqlWarehouse,
  type StatementAnswer,
  startFakeSqlWarehouse,
} from '../../support/fake-sql-warehouse.ts';
import { keyOf, RECORDED_AUDIT, readRecorded } from '../../support/recorded.ts';
import { openedOn } from './opened.ts';

// SIMULATED: no engine is behind this. Each statement answers what real Spark answered to exactly this text with exactly these
// values, on a table of the documented shape with made-up rows.
describe.each(['arrow', 'columns'] as const)('answers in %s', (format) => {
  const recorded = readRecorded(RECORDED_AUDIT);
  const fakes: FakeSqlWarehouse[] = [];
  afterAll(async () => {
    for (const fake of fakes) await fake.close();
  });
  async function replaying(): Promise<FakeSqlWarehouse> {
    const fake = await startFakeSqlWarehouse({
      format,
      answer: (statement, values) =>
        recorded.get(keyOf(statement, values)) ?? {
          kind: 'failed',
          text: '[NOT_RECORDED] run RECORD_SPARK=1 npm run test:system -- spark-audit, and look at what changed',
          sqlState: null,
        },
    });
    fakes.push(fake);
    return fake;
  }
  describeChanges('Databricks dialect, answers recorded from Spark', async () => {
    const options = { itself: [ITSELF], auditTable: 'main.access.audit' };
    return openedOn(await replaying(), options).changes;
  });
  describeSqlClaims('Databricks dialect, answers recorded from Spark', async () =>
    openedOn(await replaying()),
  );
});

const QUESTION: ChangesQuestion = {
  resources: [{ kind: 'endpoint', name: 'credit-pd' }],
  from: Date.parse('2026-11-23T00:00:00.000Z'),
  to: Date.parse('2026-11-24T00:00:00.000Z'),
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function staged(
  answer: StatementAnswer,
  parts: Parameters<typeof openedOn>[1] = {},
  more: Partial<FakeOptions> = {},
): Promise<{ readonly changes: Changes; readonly fake: FakeSqlWarehouse }> {
  const fake = await startFakeSqlWarehouse({ answer: () => answer, ...more });
  const opened = openedOn(fake, {
    limits: { open: 2_000, pause: 1, maxPause: 2, poll: 20, changes: 5_000 },
    ...parts,
  });
  open.push(fake, opened);
  return { changes: opened.changes, fake };
}

const failed = (text: string, sqlState: string | null = null): StatementAnswer => ({
  kind: 'failed',
  text,
  sqlState,
});

describe('an audit log that cannot be read', () => {
  it.each([
    [failed('[INSUFFICIENT_PERMISSIONS] User does not have SELECT', '42501'), 'no_grant', 'no grant on'],
    [failed('[TABLE_OR_VIEW_NOT_FOUND] cannot be found', '42P01'), 'not_enabled', 'there is no'],
    [failed('[SCHEMA_NOT_FOUND] cannot be found', '42704'), 'not_enabled', 'there is no'],
    [failed('[UNRESOLVED_COLUMN] service_name', '42703'), 'unreadable', 'another shape'],
    [{ kind: 'rows', result: { columns: [{ name: 'n', type: 'INT' }], rows: [[1]] } }, 'unreadable', 'shape'],
  ] as const)('is an answer: %j', async (answer, reason, words) => {
    const { changes } = await staged(answer);
    const told = await changes.told(QUESTION);
    expect(told).toMatchObject({ told: false, reason });
    expect(told.told ? '' : told.why).toContain(words);
    expect(told.told ? '' : told.why).toContain(AUDIT_TABLE);
  });

  it('ends at its own deadline, long before a statement of a window would', async () => {
    const { changes, fake } = await staged(
      { kind: 'running' },
      { limits: { changes: 1_500, close: 100, poll: 20 } },
    );
    expect(await changes.told(QUESTION)).toMatchObject({ told: false, reason: 'too_slow' });
    expect(fake.count('ExecuteStatement')).toBe(1);
  });

  it('is unavailable when no session opens', async () => {
    const { changes, fake } = await staged(
      { kind: 'running' },
      { limits: { open: 1_000, pause: 1, maxPause: 2, changes: 30_000 } },
    );
    fake.fault = () => ({ kind: 'status', status: 503 });
    expect(await changes.told(QUESTION)).toMatchObject({ told: false, reason: 'unavailable' });
  });

  it('is forbidden when the workspace says so, and when there is no token', async () => {
    const { changes, fake } = await staged(
      { kind: 'running' },
      { limits: { open: 20_000, pause: 1, maxPause: 2, changes: 30_000 } },
    );
    fake.fault = () => ({ kind: 'status', status: 403 });
    expect(await changes.told(QUESTION)).toMatchObject({ told: false, reason: 'no_grant' });
    const refusing = await staged(
      { kind: 'running' },
      {
        credentials: {
          headers: async () => {
            throw new RemoteError({
              reason: 'unauthorized',
              place: 'workspace',
              message: 'no',
              remedy: 'a secret',
            });
          },
          renew: async () => false,
        },
      },
    );
    expect(await refusing.changes.told(QUESTION)).toMatchObject({ told: false, reason: 'no_grant' });
  });

  it('is left alone when the warehouse is closed', async () => {
    const fake = await startFakeSqlWarehouse({ answer: () => ({ kind: 'running' }) });
    onTestFinished(() => fake.close());
    const opened = openedOn(fake, { limits: { close: 100, poll: 20 } });
    const told = opened.changes.told(QUESTION);
    await opened.close();
    expect(await told).toMatchObject({ told: false, reason: 'unavailable' });
  });
});

describe('the statement', () => {
  it('binds every value, and reads one table, for a span of days', () => {
    const { sql, values } = auditStatement(
      { ...QUESTION, resources: [{ kind: 'alias', model: "m`'a", alias: "x' OR 1=1" }] },
      { itself: ["me'"], table: AUDIT_TABLE },
    );
    expect(sql).not.toContain("'x");
    expect(sql).not.toContain('1=1');
    expect(Object.values(values)).toEqual(
      expect.arrayContaining(["m`'a", "x' OR 1=1", "me'", '2026-11-23', '2026-11-24']),
    );
    expect(sql.match(/FROM `[^ ]+/g)).toEqual(['FROM `system`.`access`.`audit`']);
  });

  it('sends nothing when nothing is asked', async () => {
    const { changes, fake } = await staged({ kind: 'running' });
    expect(await changes.told({ ...QUESTION, resources: [] })).toEqual({ told: true, changes: [] });
    expect(fake.calls).toEqual([]);
  });
});
