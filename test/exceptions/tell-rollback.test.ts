import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { ExceptionCase } from '../../src/exceptions/exception.ts';
import { ownerOfRemoved } from '../../src/exceptions/owner.ts';
import { type TellDeps, tellRollback } from '../../src/exceptions/tell-rollback.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import { exceptionOf } from '../contracts/store-records.ts';
import { aRollback, rollbackIn, T0 } from '../rollback/support.ts';

const CONFIG = {
  owners: {
    default: { email: 'mrm@bank.example', ticketDesk: 'ops' },
    retail: { email: 'retail@bank.example', ticketDesk: 'retail-desk' },
  },
} as unknown as Config;

function deps(cases: readonly ExceptionCase[]): TellDeps {
  return {
    store: {
      exception: async (id) => cases.find((one) => one.id === id) ?? null,
      exceptions: async () => cases,
    },
    owner: async () => ({
      name: 'mrm',
      email: null,
      desk: 'ops',
      tier: 'high',
      problem: null,
      unread: false,
    }),
    now: () => T0,
    publicUrl: () => null,
  };
}

describe('a rollback that a person asked for', () => {
  const asked = aRollback({ trigger: 'manual', requestedBy: 'ann' });

  test('opens a case of its own', async () => {
    const change = await tellRollback(asked, deps([]));
    expect(change.exceptions?.[0]).toMatchObject({ cause: 'rollback', rollbacks: [asked.id] });
    expect(change.queue?.map(({ action }) => action)).toEqual(['open']);
  });

  test('is noted in the case that an earlier one left open, so that its end is told there', async () => {
    const open = exceptionOf('e1', { cause: 'rollback', rollbacks: ['rb-0'] });
    const change = await tellRollback(asked, deps([open]));
    expect(change.exceptions).toEqual([{ ...open, rollbacks: ['rb-0', asked.id] }]);
    expect(change.queue?.map(({ action, exception }) => [action, exception])).toEqual([['update', 'e1']]);
  });

  test('is noted once', async () => {
    const open = exceptionOf('e1', { cause: 'rollback', rollbacks: [asked.id] });
    const told = await tellRollback({ ...asked, exception: 'e1', state: 'needs_human' }, deps([open]));
    expect(told.exceptions ?? []).toEqual([]);
    expect(new Set(told.queue?.map(({ key }) => key)).size).toBe(1);
  });
});

describe('a rollback that waits for approval', () => {
  const text = async (fields: Partial<Rollback>): Promise<string> => {
    const rollback = rollbackIn('awaiting_approval', { exception: 'e1', ...fields });
    const change = await tellRollback(rollback, deps([exceptionOf('e1', { cause: 'prediction' })]));
    return change.queue?.[0]?.text ?? '';
  };

  test('is told with its plan, the hash of it, and every way to approve it', async () => {
    const { id, planHash } = aRollback();
    const told = await text({});
    for (const part of [
      `The plan ${planHash}:`,
      'traffic of credit-pd: pd-7 100 %, pd-6 0 %  ->  pd-7 0 %, pd-6 100 %',
      'alias champion: 7  ->  6',
      `driftwarden rollback approve ${id} --by WHO`,
      `the tag driftwarden_approval of main.risk.credit_pd to ${id}:${planHash}.`,
    ])
      expect(told).toContain(part);
  });

  test('does not name the tag where a person asked, since it would not count', async () => {
    expect(await text({ trigger: 'manual', requestedBy: 'ann' })).not.toContain('driftwarden_approval');
  });
});

describe('a rollback of a model that was taken out of the configuration', () => {
  const ended = rollbackIn('needs_human', { exception: 'e1' });

  test('is told to whom the case of its cause was told', async () => {
    const stored = exceptionOf('e1', { cause: 'prediction', owner: 'retail', desk: 'risk' });
    const asked: unknown[] = [];
    const owner: TellDeps['owner'] = async (_, found) => {
      asked.push(found?.id);
      return ownerOfRemoved(CONFIG, found);
    };
    const change = await tellRollback(ended, { ...deps([stored]), owner });
    expect(asked).toEqual(['e1']);
    expect(change.exceptions?.[0]).toMatchObject({ cause: 'rollback', owner: 'retail', desk: 'risk' });
  });

  test.each([
    [null, 'default', 'ops'],
    [{ owner: 'retail', desk: null }, 'retail', 'retail-desk'],
    [{ owner: 'somebody else', desk: null }, 'somebody else', 'ops'],
    [{ owner: 'retail', desk: 'risk' }, 'retail', 'risk'],
  ])('%j: %s at %s', (stored, name, desk) => {
    expect(ownerOfRemoved(CONFIG, stored)).toMatchObject({ name, desk, problem: null });
  });
});
