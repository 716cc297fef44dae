import type { KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { CHAIN_START, type ChainHead, chainRecord, parseRecord } from './chain.ts';
import { checkpointFault } from './checkpoint.ts';
import { type AuditLines, fileLines, MAX_LINE_BYTES, storedLines } from './lines.ts';
import type { AuditRecord } from './record.ts';
import { parsePublicKey } from './signer.ts';

export type Verification = Intact | Broken;

interface Intact {
  readonly intact: true;
  readonly records: number;
  /** `seq` of the first record. Beyond 1 the export is a slice: what its first record points to was taken as given. */
  readonly from: number;
  /** Hash of the last record: compare it with a copy kept elsewhere, because a cut-off end leaves no trace in the file. */
  readonly head: string;
  readonly checkpoints: number;
  /** How many of the checkpoints had their signature checked: all, or none where no public key is known. */
  readonly signatures: number;
  /** `seq` of the newest checkpoint; later records are chained but not signed yet. Null without one. */
  readonly lastCheckpoint: number | null;
}

interface Broken {
  readonly intact: false;
  /** The first bad (or missing) record; null where no record can be read. */
  readonly seq: number | null;
  /** Line in the file, 1-based: the first one that does not fit. */
  readonly line: number;
  readonly why: string;
}

export interface VerifyOptions {
  /** PEM. Needed for the signatures in a slice; in a whole export the genesis record must then name this very key. */
  readonly publicKey?: string;
  /** Heads known from elsewhere (a ticket, an earlier export): the chain must contain them. */
  readonly anchors?: readonly ChainHead[];
}

/** Checks a chain line by line, in constant memory, until the first fault. `key` errors are AuditError `key_invalid`. */
export async function verifyLines(
  lines: AsyncIterable<string | Uint8Array>,
  options: VerifyOptions = {},
): Promise<Verification> {
  const given = options.publicKey === undefined ? null : parsePublicKey(options.publicKey, 'the given key');
  const walk: Walk = {
    key: given,
    given,
    first: null,
    last: null,
    line: 0,
    checkpoints: 0,
    lastCheckpoint: null,
  };
  for await (const raw of lines) {
    walk.line += 1;
    const fault = step(walk, raw, options.anchors ?? []);
    if (fault !== null) return { intact: false, seq: fault.seq, line: walk.line, why: fault.why };
  }
  return conclusion(walk, options.anchors ?? []);
}

/** Verifies an export, offline. Throws AuditError `unreadable`. */
export function verifyFile(path: string, options: VerifyOptions = {}): Promise<Verification> {
  return verifyLines(fileLines(path), options);
}

/** Verifies the chain in a store; `line` is then the position in the chain. */
export function verifyStore(store: AuditLines, options: VerifyOptions = {}): Promise<Verification> {
  return verifyLines(storedLines(store, 1), options);
}

interface Walk {
  /** The key that signatures are checked with, once known. */
  key: KeyObject | null;
  readonly given: KeyObject | null;
  first: AuditRecord | null;
  last: ChainHead | null;
  line: number;
  checkpoints: number;
  lastCheckpoint: number | null;
}

interface Fault {
  readonly seq: number | null;
  readonly why: string;
}

function step(walk: Walk, raw: string | Uint8Array, anchors: readonly ChainHead[]): Fault | null {
  const expected = walk.last === null ? null : walk.last.seq + 1;
  let text: string;
  let record: AuditRecord;
  try {
    text = textOf(raw);
    record = parseRecord(text);
  } catch (error) {
    return { seq: expected, why: `the line is not an audit record: ${messageOf(error)}` };
  }
  const form = formFault(record, text);
  if (form !== null) return { seq: expected ?? record.seq, why: form };
  const why = placeFault(walk, record) ?? kindFault(walk, record) ?? anchorFault(record, anchors);
  // Where records are missing, the first missing one is the bad one; else the record itself.
  if (why !== null) return { seq: expected !== null && expected < record.seq ? expected : record.seq, why };
  walk.first ??= record;
  walk.last = { seq: record.seq, hash: record.hash };
  return null;
}

/**
 * What is wrong with a record by itself. Chained anew after the same predecessor, its content must give the very same line,
 * hash included; only a line that does not is looked at closer.
 */
function formFault(record: AuditRecord, text: string): string | null {
  try {
    const before = { seq: record.seq - 1, hash: record.prev };
    if (chainRecord(before, record, record.time).line === text) return null;
    if (canonicalJson(record) !== text) return `record ${record.seq} is not in canonical form`;
  } catch (error) {
    return `record ${record.seq} ${messageOf(error)}`;
  }
  return `record ${record.seq} was changed: its hash does not match its content`;
}

function textOf(raw: string | Uint8Array): string {
  if (raw.length > MAX_LINE_BYTES) throw new Error(`it is longer than ${MAX_LINE_BYTES} bytes`);
  const text = typeof raw === 'string' ? raw : decode(raw);
  if (text === '') throw new Error('it is empty');
  return text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Fatal, and keeping a byte order mark: otherwise two different byte sequences could read as the same text. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8');
  }
}

function placeFault(walk: Walk, record: AuditRecord): string | null {
  const { last } = walk;
  if (last === null) {
    if (record.seq === 1 && record.prev !== CHAIN_START) return 'record 1 does not begin a chain';
    return null;
  }
  if (record.seq > last.seq + 1)
    return `record ${last.seq + 1} is missing: ${record.seq} follows ${last.seq}`;
  if (record.seq < last.seq + 1) return `record ${record.seq} stands after record ${last.seq}`;
  if (record.prev !== last.hash) return `record ${record.seq} does not point to the record before it`;
  return null;
}

function kindFault(walk: Walk, record: AuditRecord): string | null {
  if ((record.kind === 'genesis') !== (record.seq === 1)) {
    return record.seq === 1
      ? 'record 1 is no genesis record'
      : `record ${record.seq} is a second genesis record`;
  }
  if (record.kind === 'genesis') return genesisFault(walk, record);
  if (record.kind !== 'checkpoint') return null;
  const fault = checkpointFault(record, walk.key);
  if (fault !== null) return `checkpoint ${record.seq} does not hold: ${fault}`;
  walk.checkpoints += 1;
  walk.lastCheckpoint = record.seq;
  return null;
}

function genesisFault(walk: Walk, record: AuditRecord): string | null {
  const pem = record.body['publicKey'];
  if (typeof pem !== 'string') return 'the genesis record names no public key';
  try {
    const key = parsePublicKey(pem, 'the genesis record');
    if (walk.given !== null && !walk.given.equals(key))
      return 'the chain was begun with another key than the given one';
    walk.key = key;
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function anchorFault(record: AuditRecord, anchors: readonly ChainHead[]): string | null {
  const anchor = anchors.find((candidate) => candidate.seq === record.seq);
  if (anchor === undefined || anchor.hash === record.hash) return null;
  return `record ${record.seq} is not the one whose hash is known from elsewhere (${anchor.hash})`;
}

function conclusion(walk: Walk, anchors: readonly ChainHead[]): Verification {
  const { first, last, line, checkpoints, lastCheckpoint } = walk;
  if (first === null || last === null)
    return { intact: false, seq: null, line: 1, why: 'there is no record' };
  const beyond = anchors.find((anchor) => anchor.seq > last.seq);
  if (beyond !== undefined) {
    const why = `the end is missing: the last record is ${last.seq}, but record ${beyond.seq} is known from elsewhere`;
    return { intact: false, seq: last.seq + 1, line: line + 1, why };
  }
  return {
    intact: true,
    records: line,
    from: first.seq,
    head: last.hash,
    checkpoints,
    signatures: walk.key === null ? 0 : checkpoints,
    lastCheckpoint,
  };
}
