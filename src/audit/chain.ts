import { z } from 'zod';
import { canonicalJson, sha256Hex } from './canonical.ts';
import type { AuditEntry, AuditRecord, JsonObject } from './record.ts';

/** `prev` of the first record. */
export const CHAIN_START = '0'.repeat(64);

/** The newest record of a chain, or what the next one must point to. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Gives an entry its place after `head` (null: it is the first). `line` is the record in canonical form, the exact bytes
 * that are stored and exported; `hash` covers the same text without the hash field. `time` is ISO 8601 UTC.
 */
export function chainRecord(
  head: ChainHead | null,
  entry: AuditEntry,
  time: string,
): { readonly record: AuditRecord; readonly line: string } {
  const seq = (head?.seq ?? 0) + 1;
  const prev = head?.hash ?? CHAIN_START;
  // The six keys in their sorted order, with `hash` between `body` and the rest.
  const body = `"body":${canonicalJson(entry.body)}`;
  const rest = `"kind":${canonicalJson(entry.kind)},"prev":"${prev}","seq":${seq},"time":${canonicalJson(time)}`;
  const hash = sha256Hex(`{${body},${rest}}`);
  return {
    record: { seq, time, prev, hash, kind: entry.kind, body: entry.body },
    line: `{${body},"hash":"${hash}",${rest}}`,
  };
}

/** What the hash of a record must be. */
export function hashOf(record: AuditRecord): string {
  const { hash: _, ...rest } = record;
  return sha256Hex(canonicalJson(rest));
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const recordShape = z.strictObject({
  body: z.custom<JsonObject>(
    (body) => typeof body === 'object' && body !== null && !Array.isArray(body),
    'must be an object',
  ),
  hash: hex64,
  kind: z.string().min(1),
  prev: hex64,
  seq: z.int().positive(),
  time: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'must be ISO 8601 UTC with milliseconds'),
});

/**
 * Reads a line's fields; throws Error saying what does not fit. Kinds are open here: an export of a newer version may
 * hold kinds this one does not know, and its chain is verified all the same.
 */
export function parseRecord(line: string): AuditRecord {
  const raw: unknown = JSON.parse(line);
  const parsed = recordShape.safeParse(raw);
  // The value as read, not zod's copy of it: the hash covers every key there is.
  if (parsed.success) return raw as AuditRecord;
  const issue = parsed.error.issues[0];
  throw new Error(`field ${issue?.path.join('.') || '(record)'}: ${issue?.message ?? 'wrong shape'}`);
}
