import type { AuditEntry } from '../audit/record.ts';
import { isoTime } from '../clock.ts';
import type { RollbackConfig } from '../config/config.ts';
import { type Claim, Refused } from '../operations.ts';
import type { Change, Hold } from '../store/store.ts';
import { samePerson } from './gates/gates.ts';
import type { Rollback } from './rollback.ts';

/**
 * A person's approval as a change: it binds to the plan as it is hashed in the record. Refused when nothing waits for
 * one, when it comes too late, or when the approver is who asked.
 */
export function approvalChange(rollback: Rollback, claim: Claim, now: number): Change {
  const { id, state, approvalExpiresAt, approval, requestedBy, planHash } = rollback;
  const waits = state === 'awaiting_approval' || state === 'planned';
  if (!waits || approvalExpiresAt === null) {
    throw new Refused(`Rollback ${id} is ${state}: it does not wait for an approval.`);
  }
  if (approval !== null)
    throw new Refused(`Rollback ${id} was approved by ${approval.by} at ${approval.at}.`);
  if (now >= Date.parse(approvalExpiresAt)) {
    throw new Refused(
      `Rollback ${id} could be approved until ${approvalExpiresAt}; the next breach plans a new one.`,
    );
  }
  if (samePerson(claim.by, requestedBy)) {
    throw new Refused(`${claim.by} asked for rollback ${id}: another person must approve it.`, 'approver');
  }
  const at = isoTime(now);
  return {
    audit: [claimEntry('approval', { subject: id, action: 'approve', planHash }, claim)],
    rollbacks: [{ ...rollback, approval: { by: claim.by, identity: claim.identity, at } }],
  };
}

/** Tag of the registered model whose value `<rollback id>:<plan hash>` approves that very plan. */
export const APPROVAL_TAG = 'driftwarden_approval';

/**
 * What the tag of the registry says about a rollback that waits; null when it says nothing, or nothing that counts. A tag
 * does not tell who set it: so it is never a verified approval, and where a person asked for the rollback it could be
 * theirs, and only the word of somebody with a name will do.
 */
export function approvalByTag(
  rollback: Rollback,
  tags: { readonly [key: string]: string } | null,
  { requireVerified }: Pick<RollbackConfig, 'requireVerified'>,
): Claim | null {
  const { id, planHash, trigger, plan } = rollback;
  if (requireVerified || trigger !== 'automatic') return null;
  if (tags?.[APPROVAL_TAG]?.trim() !== `${id}:${planHash}`) return null;
  return {
    by: `the tag ${APPROVAL_TAG} of ${plan.registeredModel}`,
    identity: 'claimed',
    reason: null,
  };
}

/** Throws Refused where the configuration asks for an approval by an authenticated person and this is none. */
export function refuseUnverified(
  rollback: Rollback,
  claim: Claim,
  config: Pick<RollbackConfig, 'requireVerified'> | null,
): void {
  if (config?.requireVerified !== true || claim.identity === 'verified') return;
  throw new Refused(
    `Rollback ${rollback.id} needs a verified approval, and ${claim.by} is only what somebody typed: approve it through the API with a token of your own (http.auth.tokens).`,
    'approver',
  );
}

/** The audit record that a person called the rollback off. */
export function cancelEntry(rollback: Rollback, claim: Claim): AuditEntry {
  return claimEntry('override', { subject: rollback.id, action: 'cancel' }, claim);
}

/** Lifts the hold on a version, so that a new breach of it may lead to a rollback again. */
export function releaseChange(
  hold: Hold,
  claim: Claim,
  now: number,
): Change & { readonly holds: readonly [Hold] } {
  const { model, version, rollback } = hold;
  return {
    audit: [claimEntry('override', { subject: rollback, action: 'release', model, version }, claim)],
    holds: [{ ...hold, releasedBy: claim.by, releasedAt: isoTime(now), releaseReason: claim.reason }],
  };
}

function claimEntry(
  kind: 'approval' | 'override',
  what: { readonly [field: string]: string },
  { by, identity, reason }: Claim,
): AuditEntry {
  return { kind, body: { ...what, by, identity, reason } };
}
