import { type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { ChainHead } from './chain.ts';
import type { AuditEntry, AuditRecord } from './record.ts';
import type { Signer } from './signer.ts';

/** After how many records, or how much domain time, the chain is signed again. */
export type CheckpointPolicy = { readonly records: number } | { readonly milliseconds: number };

/** A point of the chain: how many records it had, and when (milliseconds of domain time). */
export interface ChainMoment {
  readonly seq: number;
  readonly time: number;
}

/**
 * Whether the chain is due for a checkpoint. `last` is the newest checkpoint; where there is none yet, `seq` 0 and the
 * time of the genesis record, so that the genesis record counts as unsigned.
 */
export function checkpointDue(policy: CheckpointPolicy, last: ChainMoment, now: ChainMoment): boolean {
  const unsigned = now.seq - last.seq;
  if ('records' in policy) return unsigned >= policy.records;
  return unsigned > 0 && now.time - last.time >= policy.milliseconds;
}

/** The record that signs everything up to `head`: whoever has it can tell whether a longer chain grew from this one. */
export function checkpointEntry(head: ChainHead, signer: Signer): AuditEntry {
  return {
    kind: 'checkpoint',
    body: { head: head.hash, size: head.seq, signature: signer.sign(checkpointText(head)) },
  };
}

const checkpointBody = z.looseObject({
  head: z.string(),
  size: z.number(),
  signature: z.base64(),
});

/** Why a checkpoint record does not hold, or null when it does. Without a key its signature is not looked at. */
export function checkpointFault(record: AuditRecord, key: KeyObject | null): string | null {
  const parsed = checkpointBody.safeParse(record.body);
  if (!parsed.success) return 'its body is not head, size and signature';
  const { head, size, signature } = parsed.data;
  if (size !== record.seq - 1) return `it signs a chain of ${size} records but is record ${record.seq}`;
  if (head !== record.prev) return 'the head it signs is not the record before it';
  if (key === null) return null;
  const text = Buffer.from(checkpointText({ seq: size, hash: head }), 'utf8');
  return verify(null, text, key, Buffer.from(signature, 'base64'))
    ? null
    : 'its signature is not of this key';
}

function checkpointText(head: ChainHead): string {
  return `driftwarden-checkpoint\n${head.seq}\n${head.hash}\n`;
}
