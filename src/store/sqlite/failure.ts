import { StoreError, type StoreReason } from '../store.ts';

/** What to do about a damaged store. */
export const RESTORE =
  'Stop the daemon, keep the file and its -wal for examination, and restore the newest backup.';

/** Primary SQLite result codes that a healthy program can meet. Every other one is a bug of ours and is not translated. */
const REASONS: ReadonlyMap<number, StoreReason> = new Map<number, StoreReason>([
  [3, 'read_only'], // PERM
  [5, 'locked'], // BUSY
  [6, 'locked'], // LOCKED
  [7, 'unavailable'], // NOMEM
  [8, 'read_only'], // READONLY
  [10, 'unavailable'], // IOERR
  [11, 'corrupt'], // CORRUPT
  [13, 'full'], // FULL
  [14, 'unavailable'], // CANTOPEN
  [15, 'unavailable'], // PROTOCOL
  [22, 'unavailable'], // NOLFS
  [23, 'read_only'], // AUTH
  [26, 'corrupt'], // NOTADB
]);

/** The shared-memory file could not grow: what a full disk looks like before the first write. */
const IOERR_SHMSIZE = 4874;

const FILE_REASONS: ReadonlyMap<string, StoreReason> = new Map<string, StoreReason>([
  ['EACCES', 'read_only'],
  ['EPERM', 'read_only'],
  ['EROFS', 'read_only'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
]);

const REMEDIES: { readonly [reason in StoreReason]: (path: string) => string } = {
  full: (path) =>
    `Free space where ${path} lies. Nothing acknowledged is lost, and work goes on when there is space.`,
  read_only: (path) => `Let the user that runs driftwarden write to ${path} and its directory.`,
  locked: () =>
    'Another program holds the file. Wait for it or end it; let no other tool write to the store.',
  corrupt: () => RESTORE,
  newer_schema: () => 'Install the driftwarden version that wrote the store, or a newer one.',
  unavailable: (path) =>
    `Check that store.path (${path}) is right and that its file system is local and healthy.`,
};

/** The StoreError for an error of SQLite or of the file system around `path`; any other error comes back as it is. */
export function storeFailure(error: unknown, path: string): unknown {
  const reason = reasonOf(error);
  if (reason === null || !(error instanceof Error)) return error;
  const failure = new StoreError(reason, `store ${path}: ${error.message}`, REMEDIES[reason](path));
  failure.cause = error;
  return failure;
}

/** Whether a unique index or primary key refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 2067 || code === 1555;
}

function reasonOf(error: unknown): StoreReason | null {
  const code = sqliteCode(error);
  if (code === IOERR_SHMSIZE) return 'full';
  if (code !== null) return REASONS.get(code & 0xff) ?? null;
  const system = systemCode(error);
  return system === null ? null : (FILE_REASONS.get(system) ?? 'unavailable');
}

/** The extended result code of an error of the node:sqlite API. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

/** The code of an error of node:fs, such as `ENOSPC`. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
