import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { SimulatorError } from './error.ts';

export interface WriteOptions {
  readonly mode?: number;
  /** Whether to wait for the disk. A killed process needs no waiting, a machine that loses its power does. Yes if not given. */
  readonly flush?: boolean;
}

/**
 * Writes a file so that a kill at any moment leaves the old text or the new one, never half of it: the text goes to a
 * neighbour, reaches the disk, and only then takes the name. The folder is flushed too, else the name could be lost.
 */
export function writeAtomically(path: string, text: string, options: WriteOptions = {}): void {
  const { mode = 0o644, flush = true } = options;
  mkdirSync(dirname(path), { recursive: true });
  const neighbour = `${path}.new`;
  const file = openSync(neighbour, 'w', mode);
  try {
    writeSync(file, text);
    if (flush) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(neighbour, path);
  if (flush) flushFolder(dirname(path));
}

function flushFolder(path: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The parsed file, or null when there is none. Throws `state_unreadable` for anything that this version did not write. */
export function readState<T>(path: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SimulatorError(
      'state_unreadable',
      `${path}: not a state of this version of the simulated workspace (${why.slice(0, 300)}). Remove the folder or choose another one.`,
    );
  }
}

/** A number in [0, 1) that depends on nothing but the key: chance that a re-run repeats. */
export function uniform(key: string): number {
  return createHash('sha256').update(key).digest().readUIntBE(0, 6) / 2 ** 48;
}
