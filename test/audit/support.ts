import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256Hex } from '../../src/audit/canonical.ts';
import { type ChainHead, chainRecord } from '../../src/audit/chain.ts';
import { checkpointEntry } from '../../src/audit/checkpoint.ts';
import type { AuditEntry } from '../../src/audit/record.ts';
import type { Signer } from '../../src/audit/signer.ts';
import { type Verification, type VerifyOptions, verifyLines } from '../../src/audit/verify.ts';

/** A chain made by `make_golden.py` with hashlib and the Python package `cryptography`. */
export const GOLDEN_PATH = join(import.meta.dirname, '../fixtures/audit/golden.jsonl');
export const golden: readonly string[] = readFileSync(GOLDEN_PATH, 'utf8').trimEnd().split('\n');

export async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

export function verify(lines: Iterable<string | Uint8Array>, options?: VerifyOptions): Promise<Verification> {
  return verifyLines(stream(lines), options);
}

/** A chain of `entries` small records after its genesis, with a checkpoint after every `every` of them. */
export function chainOf(signer: Signer, entries: number, every: number): string[] {
  const lines: string[] = [];
  let head: ChainHead | null = null;
  const add = (entry: AuditEntry): void => {
    const { record, line } = chainRecord(head, entry, '2026-03-02T00:00:00.000Z');
    head = { seq: record.seq, hash: record.hash };
    lines.push(line);
  };
  add({ kind: 'genesis', body: { build: 'test', configHash: 'x', publicKey: signer.publicKey } });
  for (let count = 1; count <= entries; count += 1) {
    add({ kind: 'override', body: { count } });
    if (count % every === 0 && head !== null) add(checkpointEntry(head, signer));
  }
  return lines;
}

/** What somebody does who can edit the file but has no key: changes one record and makes all hashes right again. */
export function rehash(lines: readonly string[], from: number): string[] {
  let prev: string | null = null;
  return lines.map((line, index) => {
    const { hash: _, ...record } = JSON.parse(line) as { [key: string]: unknown };
    if (index > from && prev !== null) record['prev'] = prev;
    const hash = sha256Hex(canonicalJson(record));
    prev = hash;
    return canonicalJson({ ...record, hash });
  });
}
