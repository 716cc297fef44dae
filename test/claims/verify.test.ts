import { describe, expect, test } from 'vitest';
import type { Live } from '../../src/claims/claim.ts';
import type { Exchange } from '../../src/claims/exchange.ts';
import { verifyClaims } from '../../src/claims/verify.ts';
import { RemoteError } from '../../src/remote/error.ts';
import { SQL_CLAIMS } from '../../src/warehouse/sql-claims.ts';
import { WarehouseError, type WarehouseReason } from '../../src/warehouse/warehouse.ts';
import { aModel, anEndpoint, aRegisteredModel, aVersion, T0 } from '../rollback/support.ts';
import { fakeChanges } from '../support/fake-changes.ts';

const trouble = (reason: WarehouseReason) => async (): Promise<never> => {
  throw new WarehouseError({ reason, message: `because ${reason}`, remedy: '' });
};

/** Everything answers as it should; `fields` say what does not. */
function aLive(fields: Partial<Live> = {}): Live {
  return {
    config: { registry: { kind: 'unity-catalog' }, workspace: null } as Live['config'],
    model: aModel(),
    credentials: null,
    registry: {
      model: async () => aRegisteredModel(),
      version: async () => aVersion('7'),
      setAlias: async () => {
        throw new Error('verify-live writes nothing');
      },
    },
    serving: {
      endpoint: async () => anEndpoint(),
      shift: async () => {
        throw new Error('verify-live writes nothing');
      },
    },
    directory: { lookup: async () => 'active' },
    warehouse: {
      describe: async () => [{ name: 'income', kind: 'numeric', sqlType: 'DOUBLE' }],
      bins: async ({ columns }) => ({
        rows: 1,
        bins: Object.fromEntries(
          columns.map(({ name }) => [name, { kind: 'numeric', edges: [1], coarseEdges: [1] }]),
        ),
        singles: {},
      }),
      count: async () => ({ groups: [] }),
      newest: async () => T0,
      close: async () => {},
    },
    changes: fakeChanges([]),
    answer: async ({ expected }) => expected,
    ...fields,
  };
}

async function outcomeOf(id: string, live: Live, exchanges: readonly Exchange[] = []) {
  const outcomes = await verifyClaims(live, exchanges, T0);
  return outcomes.find(({ claim }) => claim === id);
}

describe('a statement of no table', () => {
  const [{ id } = { id: '' }] = SQL_CLAIMS;

  test.each([
    ['the expected rows', async ({ expected }: { expected: unknown }) => expected, 'pass'],
    ['other rows', async () => [['something else']], 'fail'],
    ['no rows', async () => [], 'fail'],
    ['a refusal of its syntax', trouble('query_failed'), 'fail'],
    ['no right', trouble('forbidden'), 'not_reachable'],
    ['a warehouse that is away', trouble('unavailable'), 'not_reachable'],
  ])('that answers %s', async (_what, answer, outcome) => {
    const live = aLive({ answer: answer as Live['answer'] });
    expect(await outcomeOf(id, live)).toMatchObject({ outcome });
  });

  test('without a Databricks warehouse is not reachable, and says so', async () => {
    expect(await outcomeOf(id, aLive({ answer: null }))).toEqual({
      claim: id,
      outcome: 'not_reachable',
      why: 'warehouse.kind is not databricks',
    });
  });
});

describe('a statement of a table', () => {
  test.each([
    ['bad_answer', 'fail'],
    ['query_failed', 'fail'],
    ['wrong_type', 'fail'],
    ['column_missing', 'fail'],
    ['table_missing', 'not_reachable'],
    ['forbidden', 'not_reachable'],
    ['timeout', 'not_reachable'],
    ['unavailable', 'not_reachable'],
  ] as const)('that ends with %s: %s', async (reason, outcome) => {
    const live = aLive();
    const broken = { ...live, warehouse: { ...live.warehouse, newest: trouble(reason) } };
    expect(await outcomeOf('sql.newest', broken)).toEqual({
      claim: 'sql.newest',
      outcome,
      why: `because ${reason}`,
    });
    expect(await outcomeOf('sql.count', broken)).toMatchObject({ outcome: 'pass' });
  });

  test('of the audit log fails only where the log has another shape', async () => {
    const changes = fakeChanges([]);
    for (const [reason, outcome] of [
      ['unreadable', 'fail'],
      ['no_grant', 'not_reachable'],
    ] as const) {
      changes.answer = { told: false, reason, why: 'why' };
      expect(await outcomeOf('sql.audit', aLive({ changes }))).toMatchObject({ outcome, why: 'why' });
    }
    changes.answer = null;
    expect(await outcomeOf('sql.audit', aLive({ changes }))).toMatchObject({ outcome: 'pass' });
  });
});

describe('a call over REST', () => {
  const seen = (status: number): Exchange => ({
    ...{ method: 'GET', path: '/api/2.0/serving-endpoints/credit-pd', status, shape: [] },
  });
  const broken = (reason: 'bad_answer' | 'forbidden'): Live =>
    aLive({
      serving: {
        endpoint: async () => {
          throw new RemoteError({ reason, place: 'p', message: 'as it was', remedy: '' });
        },
        shift: async () => {},
      },
    });

  test('passes when it was answered and read', async () => {
    expect(await outcomeOf('rest.endpoint', aLive(), [seen(503), seen(200)])).toMatchObject({
      outcome: 'pass',
    });
  });

  test('that was answered otherwise fails, one that was refused is not reachable', async () => {
    expect(await outcomeOf('rest.endpoint', broken('bad_answer'), [seen(200)])).toEqual({
      claim: 'rest.endpoint',
      outcome: 'fail',
      why: 'as it was',
    });
    expect(await outcomeOf('rest.endpoint', broken('forbidden'), [seen(403)])).toMatchObject({
      outcome: 'not_reachable',
      why: 'HTTP 403',
    });
  });

  test('that never left is not reachable, however well everything else went', async () => {
    expect(await outcomeOf('rest.endpoint', aLive(), [])).toMatchObject({ outcome: 'not_reachable' });
    expect(await outcomeOf('rest.alias', aLive(), [])).toMatchObject({ why: 'no such call was needed' });
  });

  test('that would change something is not tried', async () => {
    expect(await outcomeOf('rest.shift', aLive(), [])).toMatchObject({ outcome: 'not_tried' });
  });

  test('a defect of the program is thrown, not told as a difference', async () => {
    const live = aLive({
      directory: { lookup: async () => 'active' },
      registry: {
        ...aLive().registry,
        model: async () => {
          throw new TypeError('a defect');
        },
      },
    });
    await expect(verifyClaims(live, [], T0)).rejects.toThrow('a defect');
  });
});
