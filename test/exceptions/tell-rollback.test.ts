import { describe, expect, test } from 'vitest';
import type { ExceptionCase } from '../../src/exceptions/exception.ts';
import { type TellDeps, tellRollback } from '../../src/exceptions/tell-rollback.ts';
import { exceptionOf } from '../contracts/store-records.ts';
import { aRollback, T0 } from '../rollback/support.ts';

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
