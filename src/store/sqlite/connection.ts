import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { StoreError } from '../store.ts';
import { sqliteEngine } from './engine.ts';
import { storeFailure } from './failure.ts';

type SqlValue = null | number | string | Uint8Array;
export type Parameters = { readonly [name: string]: SqlValue };
export type Row = { readonly [column: string]: SqlValue };

/** One connection to one database file. Failures of disk and file come out as StoreError, bugs as they are. */
export interface Connection {
  /** Rows changed. */
  run(sql: string, parameters?: Parameters): number;
  get(sql: string, parameters?: Parameters): Row | null;
  all(sql: string, parameters?: Parameters): readonly Row[];
  exec(sql: string): void;
  /** All of the work or nothing of it, synced to disk before it returns. The work is synchronous, so nothing interleaves. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface ConnectionOptions {
  /** Absolute path, or `:memory:`. */
  readonly path: string;
  readonly mode: 'write' | 'read';
}

/** How long a statement waits for a lock before it is `locked`. */
const BUSY_TIMEOUT = 5_000;

const IN_MEMORY = ':memory:';

/** Opens the database with every setting read back. Throws StoreError. */
export function openConnection(options: ConnectionOptions): Connection {
  const { path } = options;
  let database: DatabaseSyncInstance | null = openDatabase(options);
  let closed = false;
  const statements = new Map<string, StatementSyncInstance>();

  const usable = (): DatabaseSyncInstance => {
    if (closed) throw refusal(path, 'it was closed', 'Open it again.');
    if (database === null && path === IN_MEMORY) {
      throw refusal(path, 'a commit failed and its memory was given up', 'Start again.');
    }
    database ??= openDatabase(options);
    return database;
  };
  const prepared = (sql: string): StatementSyncInstance => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = usable().prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const guarded = <T>(work: () => T): T => {
    try {
      usable();
      return work();
    } catch (error) {
      throw storeFailure(error, path);
    }
  };
  /** After a failed COMMIT or ROLLBACK only the file knows what it holds: the handle is given up, the next use reopens. */
  const giveUp = (): void => {
    statements.clear();
    const old = database;
    database = null;
    quietly(() => old?.close());
  };

  return {
    run: (sql, parameters = {}) => guarded(() => prepared(sql).run(parameters).changes),
    get: (sql, parameters = {}) => guarded(() => (prepared(sql).get(parameters) as Row | undefined) ?? null),
    all: (sql, parameters = {}) => guarded(() => prepared(sql).all(parameters) as Row[]),
    exec: (sql) => guarded(() => usable().exec(sql)),
    transaction: (work) => guarded(() => transact(usable(), work, giveUp)),
    close: () => {
      if (closed) return;
      closed = true;
      quietly(() => foldLog(database, options));
      giveUp();
    },
  };
}

function transact<T>(database: DatabaseSyncInstance, work: () => T, giveUp: () => void): T {
  database.exec('BEGIN IMMEDIATE');
  let result: T;
  try {
    result = work();
  } catch (error) {
    // SQLite itself may have rolled back already (a full disk does that).
    if (database.isTransaction && !quietly(() => database.exec('ROLLBACK'))) giveUp();
    throw error;
  }
  try {
    database.exec('COMMIT');
  } catch (error) {
    quietly(() => database.exec('ROLLBACK'));
    giveUp();
    throw error;
  }
  return result;
}

/**
 * Moves the log into the file, so that after a clean stop the file alone is the whole store. SQLite does that by itself
 * when the last connection closes, but @photostructure/sqlite keeps a closed connection half open until its
 * statements are collected. PASSIVE never waits for readers.
 */
function foldLog(database: DatabaseSyncInstance | null, { path, mode }: ConnectionOptions): void {
  if (mode === 'write' && path !== IN_MEMORY) database?.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

function quietly(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function openDatabase({ path, mode }: ConnectionOptions): DatabaseSyncInstance {
  let database: DatabaseSyncInstance | null = null;
  try {
    database = sqliteEngine().open(path, {
      readOnly: mode === 'read',
      timeout: BUSY_TIMEOUT,
      enableForeignKeyConstraints: true,
    });
    const open = database;
    for (const [name, value] of settings(path, mode)) setAndReadBack(open, path, [name, value]);
    return open;
  } catch (error) {
    quietly(() => database?.close());
    throw storeFailure(error, path);
  }
}

/** Recursive triggers make REPLACE fire delete triggers, without which it would rewrite an append-only table. */
function settings(path: string, mode: 'write' | 'read'): readonly (readonly [string, string | number])[] {
  const both = [
    ['foreign_keys', 1],
    ['recursive_triggers', 1],
    ['busy_timeout', BUSY_TIMEOUT],
    ['synchronous', 2],
  ] as const;
  if (mode === 'read') return [['query_only', 1], ...both];
  return [['journal_mode', path === IN_MEMORY ? 'memory' : 'wal'], ...both];
}

/** SQLite ignores a setting it cannot honour without a word, so each is read back. */
function setAndReadBack(
  database: DatabaseSyncInstance,
  path: string,
  [name, value]: readonly [string, string | number],
): void {
  database.exec(`PRAGMA ${name} = ${value}`);
  const row = database.prepare(`PRAGMA ${name}`).get() as Row | undefined;
  const got = row === undefined ? null : Object.values(row)[0];
  if (got === value) return;
  throw refusal(
    path,
    `SQLite setting ${name} is ${String(got)} instead of ${value}`,
    'Use a local file system.',
  );
}

function refusal(path: string, why: string, remedy: string): StoreError {
  return new StoreError('unavailable', `store ${path}: ${why}`, remedy);
}
