import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file that appears at its path whole or not at all. Call `place` or `discard`, once. */
export interface Draft {
  write(text: string): void;
  /** Syncs the content, moves it to the path and syncs the directory: it is there after a power loss. */
  place(): void;
  discard(): void;
}

/** Opens a draft beside `path`, readable by this user only. Throws what the file system throws. */
export function openDraft(path: string): Draft {
  const draft = `${path}.${process.pid}.draft`;
  const file = openSync(draft, 'w', 0o600);
  return {
    write: (text) => writeAll(file, Buffer.from(text, 'utf8')),
    place: () => {
      fsyncSync(file);
      closeSync(file);
      try {
        renameSync(draft, path);
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      }
      syncFolder(dirname(path));
    },
    discard: () => {
      closeSync(file);
      rmSync(draft, { force: true });
    },
  };
}

/** A full disk can make writeSync write less than asked without an error; the next call then tells. */
function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/** Makes a new or renamed entry of a directory durable. */
export function syncFolder(path: string): void {
  // Windows cannot open a directory; its renames are journalled.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
