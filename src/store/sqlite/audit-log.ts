import { type ChainHead, chainRecord, hashOf, parseRecord } from '../../audit/chain.ts';
import { type CheckpointPolicy, checkpointDue, checkpointEntry } from '../../audit/checkpoint.ts';
import type { AuditEntry, AuditRecord } from '../../audit/record.ts';
import type { Signer } from '../../audit/signer.ts';
import { isoTime } from '../../clock.ts';
import { StoreError } from '../store.ts';
import type { Connection, Row } from './connection.ts';

export interface Chaining {
  readonly signer: Signer;
  readonly checkpointEvery: CheckpointPolicy;
  /** Domain time of the transaction, milliseconds. */
  readonly now: number;
}

/**
 * Appends entries to the chain, and a checkpoint when one is due. To be called inside the transaction of the change: the
 * head is read there, so that two commits can never point to the same record. Answers what was appended.
 */
export function appendAudit(
  connection: Connection,
  entries: readonly AuditEntry[],
  chaining: Chaining,
): readonly AuditRecord[] {
  const time = isoTime(chaining.now);
  const appended: AuditRecord[] = [];
  let head = auditHead(connection);
  const append = (entry: AuditEntry): void => {
    const { record, line } = chainRecord(head, entry, time);
    insert(connection, record, line);
    appended.push(record);
    head = { seq: record.seq, hash: record.hash };
  };
  for (const entry of entries) append(entry);
  if (head !== null && isCheckpointDue(connection, head.seq, chaining)) {
    append(checkpointEntry(head, chaining.signer));
  }
  return appended;
}

function insert(connection: Connection, record: AuditRecord, line: string): void {
  const { seq, kind, time, prev, hash } = record;
  connection.run('INSERT INTO audit VALUES (:seq, :kind, :time, :prev, :hash, :line)', {
    seq,
    kind,
    time,
    prev,
    hash,
    line: Buffer.from(line, 'utf8'),
  });
}

function isCheckpointDue(connection: Connection, seq: number, chaining: Chaining): boolean {
  const row = connection.get(
    `SELECT seq, time FROM audit WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 1`,
  );
  const genesis = row ?? connection.get('SELECT 0 AS seq, time FROM audit WHERE seq = 1');
  if (genesis === null) return false;
  const last = { seq: Number(genesis['seq']), time: Date.parse(String(genesis['time'])) };
  return checkpointDue(chaining.checkpointEvery, last, { seq, time: chaining.now });
}

export function auditHead(connection: Connection): ChainHead | null {
  const row = connection.get('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  return row === null ? null : { seq: Number(row['seq']), hash: String(row['hash']) };
}

export function auditFrom(connection: Connection, seq: number, limit: number): readonly AuditRecord[] {
  return rowsFrom(connection, seq, limit).map((row) => {
    try {
      return parseRecord(text(row));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw chainDamage(`record ${String(row['seq'])} cannot be read: ${why}`);
    }
  });
}

export function auditLines(connection: Connection, from: number, limit: number): readonly string[] {
  return rowsFrom(connection, from, limit).map(text);
}

/** The public key that the genesis record names; null for a chain that has not begun. Throws StoreError `corrupt`. */
export function genesisKey(connection: Connection): string | null {
  const [genesis] = auditFrom(connection, 1, 1);
  if (genesis === undefined) return null;
  const key = genesis.body['publicKey'];
  if (genesis.seq === 1 && genesis.kind === 'genesis' && typeof key === 'string') return key;
  throw chainDamage('its first record is no genesis record');
}

/** A cheap look at the end of the chain when the store is opened; `audit verify` looks at all of it. */
export function checkHead(connection: Connection): void {
  const head = auditHead(connection);
  if (head === null) {
    const used = connection.get('SELECT 1 FROM evaluations UNION ALL SELECT 1 FROM facts LIMIT 1');
    if (used !== null) throw chainDamage('it is empty, although the store has been in use');
    return;
  }
  const [record] = auditFrom(connection, head.seq, 1);
  if (record?.hash !== head.hash) throw chainDamage(`record ${head.seq} is not the one that was stored`);
  if (hashOf(record) !== head.hash) throw chainDamage(`record ${head.seq} was changed`);
}

function rowsFrom(connection: Connection, seq: number, limit: number): readonly Row[] {
  return connection.all('SELECT seq, line FROM audit WHERE seq >= :seq ORDER BY seq LIMIT :limit', {
    seq,
    limit,
  });
}

/**
 * Bytes that are no UTF-8 come out with a mark at their end: with replacement characters alone they could read as the
 * very text that was hashed.
 */
function text(row: Row): string {
  const bytes = row['line'] as Uint8Array;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `${new TextDecoder().decode(bytes)} (not UTF-8)`;
  }
}

function chainDamage(why: string): StoreError {
  return new StoreError(
    'corrupt',
    `the audit chain in the store is damaged: ${why}`,
    'Stop the daemon, run `driftwarden audit verify`, keep the file for examination, and restore the newest backup.',
  );
}
