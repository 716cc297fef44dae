import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckpointPolicy } from '../../audit/checkpoint.ts';
import type { SignerSource } from '../../audit/signer.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { type Store, StoreError } from '../store.ts';
import { appendAudit, checkHead, genesisKey } from './audit-log.ts';
import { type Connection, openConnection } from './connection.ts';
import { RESTORE } from './failure.ts';
import { lockStore, type StoreLock } from './lock.ts';
import { migrate, requireSchema } from './migrations.ts';
import { createPrivately, preparePlace } from './place.ts';
import { storeOn, type Writing } from './store.ts';

export type SqliteOptions = SqliteWriteOptions | SqliteReadOptions;

interface SqliteReadOptions {
  readonly mode: 'read';
  readonly path: string;
}

export interface SqliteWriteOptions {
  readonly mode: 'write';
  /** Path of the file, or `:memory:`. */
  readonly path: string;
  /** Domain time: the `time` of audit records. */
  readonly clock: Clock;
  readonly signer: SignerSource;
  readonly checkpointEvery: CheckpointPolicy;
  /** What the first record of a new chain says beside the public key. */
  readonly genesis: { readonly build: string; readonly configHash: string };
}

const IN_MEMORY = ':memory:';

/** Up to this size the whole file is checked at the start (under a second); beyond it, only what is small and hot. */
const FULL_CHECK_BYTES = 256 * 1024 * 1024;
const SMALL_TABLES = ['progress', 'exceptions', 'rollbacks', 'holds', 'messages', 'facts', 'migrations'];

/**
 * Opens a SQLite store. To write: makes file, schema, signing key and genesis record where they are missing, and holds the store
 * for this process alone until it is closed. To read: sees what is committed, also while a daemon runs.
 *
 * While it is open, no other code of this process may open its files, not even to copy them: closing a descriptor of a file
 * drops every POSIX lock that the process has on it.
 *
 * Throws StoreError (`locked`, `newer_schema`, `corrupt`, ...), or AuditError about the signing key.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  return options.mode === 'read' ? openToRead(options.path) : openToWrite(options);
}

function openToRead(given: string): Store {
  const path = resolve(given);
  requireFile(path);
  const connection = openConnection({ path, mode: 'read' });
  try {
    requireSchema(connection, path);
  } catch (error) {
    connection.close();
    throw error;
  }
  return storeOn(connection, null, () => connection.close());
}

function openToWrite(options: SqliteWriteOptions): Store {
  const path = options.path === IN_MEMORY ? IN_MEMORY : preparePlace(options.path);
  const lock: StoreLock = path === IN_MEMORY ? { release: () => undefined } : lockStore(path);
  let connection: Connection | null = null;
  try {
    if (path !== IN_MEMORY) createPrivately(path);
    connection = openConnection({ path, mode: 'write' });
    const writing = begin(connection, path, options);
    const open = connection;
    return storeOn(open, writing, () => {
      open.close();
      lock.release();
    });
  } catch (error) {
    connection?.close();
    lock.release();
    throw error;
  }
}

/** Checks what is there, brings it up to date, and begins the chain of a new store. */
function begin(connection: Connection, path: string, options: SqliteWriteOptions): Writing {
  const { clock, checkpointEvery, genesis } = options;
  const now = clock.now();
  quickCheck(connection, path, path === IN_MEMORY ? 0 : statSync(path).size);
  migrate(connection, { path, time: isoTime(now) });
  checkHead(connection);
  const key = genesisKey(connection);
  const signer = options.signer(key);
  if (key === null) {
    const body = { build: genesis.build, configHash: genesis.configHash, publicKey: signer.publicKey };
    connection.transaction(() =>
      appendAudit(connection, [{ kind: 'genesis', body }], { signer, checkpointEvery, now }),
    );
  }
  return { clock, signer, checkpointEvery };
}

function quickCheck(connection: Connection, path: string, bytes: number): void {
  const known = connection
    .all(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .map((row) => row['name']);
  const checks =
    bytes <= FULL_CHECK_BYTES
      ? ['PRAGMA quick_check(1)']
      : SMALL_TABLES.filter((table) => known.includes(table)).map(
          (table) => `PRAGMA quick_check('${table}')`,
        );
  for (const check of checks) {
    const found = Object.values(connection.get(check) ?? {})[0];
    if (found === 'ok') continue;
    throw new StoreError('corrupt', `store ${path}: ${String(found)}`, RESTORE);
  }
}

function requireFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new StoreError(
    'unavailable',
    `there is no store at ${path}`,
    'Check store.path in the configuration, or start the daemon once: it makes the store.',
  );
}
