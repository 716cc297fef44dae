import { createHmac, timingSafeEqual } from 'node:crypto';
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hideFromLog } from '../log.ts';
import { DaemonError } from './error.ts';

/** Where the token lies: beside the store, so that whoever may write the one may use the other. */
export function cliTokenPath(storePath: string): string {
  return join(dirname(storePath), 'cli.token');
}

/**
 * Makes a new token for this run of the daemon, readable by its own user only. To be called by the holder of the store's
 * lock, and only by it. The file is whole at every moment: it is written beside its place and moved there.
 */
export async function createCliToken(options: {
  readonly storePath: string;
  readonly random: (bytes: number) => Uint8Array;
}): Promise<string> {
  const token = Buffer.from(options.random(32)).toString('base64url');
  hideFromLog(token);
  const place = cliTokenPath(options.storePath);
  const beside = `${place}.new`;
  await rm(beside, { force: true });
  // `wx` refuses a link that somebody may have put there; the mode is set before the secret is in the file.
  const file = await open(beside, 'wx', 0o600);
  try {
    await chmod(beside, 0o600);
    await file.writeFile(`${token}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, place);
  return token;
}

/** The token of the daemon that ran last on this store, or null when none ever did. Throws DaemonError when it may not be read. */
export async function readCliToken(storePath: string): Promise<string | null> {
  const place = cliTokenPath(storePath);
  try {
    const token = (await readFile(place, 'utf8')).trim();
    if (token.length === 0) return null;
    hideFromLog(token);
    return token;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') return null;
    throw new DaemonError(
      'token_unreadable',
      `${place} cannot be read (${String(code)}). Run this command as the user the daemon runs as.`,
    );
  }
}

/** What only a holder of the token can answer to a number used once; the token itself does not travel. */
export function proofOf(token: string, nonce: string): string {
  return createHmac('sha256', token).update(`driftwarden ${nonce}`).digest('hex');
}

export function proofHolds(token: string, nonce: string, proof: string): boolean {
  const expected = Buffer.from(proofOf(token, nonce));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Request header that asks the daemon to show that it holds the token, and response header in which it does. */
export const NONCE_HEADER = 'driftwarden-nonce';
export const PROOF_HEADER = 'driftwarden-proof';
