import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder } from '../../audit/whole-file.ts';
import { StoreError } from '../store.ts';
import { storeFailure } from './failure.ts';

/** File systems over a network, by the magic numbers of statfs(2): their locks and shared memory cannot carry a WAL. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
]);

/**
 * Gets the place of the store ready: its directory (mode 0700 where it is made) and its file (0600). Answers the path
 * with links resolved, so that two spellings of one path have one lock. Throws StoreError.
 */
export function preparePlace(path: string): string {
  const absolute = resolve(path);
  try {
    mkdirSync(dirname(absolute), { recursive: true, mode: 0o700 });
    const real = existsSync(absolute)
      ? realpathSync(absolute)
      : join(realpathSync(dirname(absolute)), basename(absolute));
    refuseNetwork(real, statfsSync(dirname(real)).type);
    return real;
  } catch (error) {
    throw storeFailure(error, absolute);
  }
}

/** Makes an empty file for this user only, or narrows the rights of the one that is there. */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storeFailure(error, path);
    // By path, not by descriptor: closing a descriptor of the file would drop every lock this process has on it.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}

/** `type` as statfs gives it. */
export function refuseNetwork(path: string, type: number): void {
  const name = NETWORK.get(type >>> 0);
  if (name === undefined) return;
  throw new StoreError(
    'unavailable',
    `store ${path} lies on a network file system (${name}), where SQLite cannot lock safely`,
    'Set store.path to a local disk.',
  );
}
