import { describe, expect, test } from 'vitest';
import { Refused } from '../../src/operations.ts';
import { APPROVAL_TAG, approvalByTag } from '../../src/rollback/approval.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import { aHarness } from './harness.ts';
import { aModel, HOUR, rollbackIn } from './support.ts';

const waiting = rollbackIn('awaiting_approval');
const right = `${waiting.id}:${waiting.planHash}`;
const ask = (value: string | null, fields: Partial<Rollback> = {}, requireVerified = false) =>
  approvalByTag({ ...waiting, ...fields }, value === null ? null : { [APPROVAL_TAG]: value }, {
    requireVerified,
  });

describe('the tag of the registry', () => {
  test('approves the rollback and plan that it names, as a claim', () => {
    expect(ask(right)).toEqual({
      by: 'the tag driftwarden_approval of main.risk.credit_pd',
      identity: 'claimed',
      reason: null,
    });
    expect(ask(` ${right}\n`)).not.toBeNull();
  });

  test.each([
    ['is not told', null],
    ['is empty', ''],
    ['names the rollback alone', waiting.id],
    ['names another plan', `${waiting.id}:${'0'.repeat(64)}`],
    ['names another rollback', `rb-other:${waiting.planHash}`],
    ['goes on', `${right}0`],
  ])('that %s approves nothing', (_what, value) => {
    expect(ask(value)).toBeNull();
  });

  test('does not count where a person asked, nor where approvals must be verified', () => {
    expect(ask(right, { trigger: 'manual', requestedBy: 'ann' })).toBeNull();
    expect(ask(right, {}, true)).toBeNull();
  });

  test('lets a rollback that waits go ahead, and stands in the audit chain', async () => {
    const at = await aHarness({ model: aModel({ mode: 'approve' }) });
    const { planHash } = await at.driver().advance(at.id);
    at.world.tags = { [APPROVAL_TAG]: `${at.id}:${'0'.repeat(64)}` };
    at.pass(HOUR);
    expect((await at.driver().advance(at.id)).state).toBe('awaiting_approval');
    at.world.tags = { [APPROVAL_TAG]: `${at.id}:${planHash}` };
    expect(await at.driver().advance(at.id)).toMatchObject({
      state: 'dwelling',
      approval: { identity: 'claimed' },
    });
    const records = (await at.store.auditFrom(1, 100)).filter(({ kind }) => kind === 'approval');
    expect(records.map(({ body }) => [body['subject'], body['planHash'], body['identity']])).toEqual([
      [at.id, planHash, 'claimed'],
    ]);
  });

  test('comes too late once the time to approve is over', async () => {
    const at = await aHarness({ model: aModel({ mode: 'approve' }) });
    const { planHash } = await at.driver().advance(at.id);
    at.world.tags = { [APPROVAL_TAG]: `${at.id}:${planHash}` };
    at.pass(4 * HOUR);
    expect((await at.driver().advance(at.id)).state).toBe('expired');
    expect(at.world.effects).toEqual([]);
  });
});

describe('approvals that must be verified', () => {
  const model = aModel({ mode: 'approve', requireVerified: true });

  test('are not given by a name that somebody typed', async () => {
    const at = await aHarness({ model });
    await at.driver().advance(at.id);
    const claim = { by: 'ann', identity: 'claimed', reason: null } as const;
    const refusal = await at
      .driver()
      .approve(at.id, claim)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({
      gate: 'approver',
      message: expect.stringContaining('token of your own'),
    });
    expect((await at.rollback()).approval).toBeNull();
    expect((await at.driver().approve(at.id, { ...claim, identity: 'verified' })).state).toBe('dwelling');
  });

  test('hold an earlier claim at the gate, when they are asked for later', async () => {
    const at = await aHarness({ model: aModel({ mode: 'approve' }) });
    await at.driver().advance(at.id);
    at.world.humanBusy(3);
    await at.driver().approve(at.id, { by: 'ann', identity: 'claimed', reason: null });
    at.model = model;
    expect(await at.finish()).toMatchObject({ state: 'blocked', wrote: false });
    expect((await at.rollback()).history.at(-1)?.why).toContain('Gate approver');
  });
});
