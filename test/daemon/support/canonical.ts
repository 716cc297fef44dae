import { createHash, verify } from 'node:crypto';

/** RFC 8785 by its rules: keys by UTF-16 code units, numbers and strings as ECMAScript writes them, no blanks. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort((a, b) => {
    const [x, y] = [units(a), units(b)];
    const differs = x.findIndex((unit, index) => unit !== y[index]);
    return differs === -1 ? x.length - y.length : (x[differs] ?? 0) - (y[differs] ?? -1);
  });
  const fields = value as { readonly [key: string]: unknown };
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`;
}

function units(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export interface ChainRecord {
  readonly seq: number;
  readonly time: string;
  readonly kind: string;
  readonly prev: string;
  readonly hash: string;
  readonly body: { readonly [field: string]: unknown };
}

/** The first thing that is wrong with a chain that begins at record 1, or null. */
export function faultOfChain(records: readonly ChainRecord[]): string | null {
  let prev = '0'.repeat(64);
  for (const [index, record] of records.entries()) {
    const { hash, ...rest } = record;
    if (record.seq !== index + 1) return `record ${index + 1} says it is ${record.seq}`;
    if (record.prev !== prev) return `record ${record.seq} does not follow the one before`;
    if (sha256(canonical(rest)) !== hash) return `record ${record.seq} has another hash`;
    prev = hash;
  }
  return null;
}

/** Whether a checkpoint's signature holds under the key in the genesis record. */
export function signatureHolds(checkpoint: ChainRecord, publicKey: string): boolean {
  const { head, size, signature } = checkpoint.body;
  const text = `driftwarden-checkpoint\n${String(size)}\n${String(head)}\n`;
  return verify(null, Buffer.from(text, 'utf8'), publicKey, Buffer.from(String(signature), 'base64'));
}
