import { readFile, stat } from 'node:fs/promises';
import { hideFromLog } from '../log.ts';
import type { SecretRef } from './config.ts';

/** More than any token, password or key; a bigger file was named by mistake. */
const MAX_BYTES = 65_536;

const SECRET_REASONS = ['missing', 'unreadable', 'empty', 'too_large', 'not_text'] as const;
export type SecretReason = (typeof SECRET_REASONS)[number];

/** A secret that cannot be had. `source` says where it was looked for; the value is in no field. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly reason: SecretReason;
  readonly source: string;
  readonly remedy: string;

  constructor(reason: SecretReason, source: string, remedy: string) {
    super(`the secret in ${source} ${WORDS[reason]}`);
    this.reason = reason;
    this.source = source;
    this.remedy = remedy;
  }
}

const WORDS: { readonly [reason in SecretReason]: string } = {
  missing: 'does not exist',
  unreadable: 'cannot be read',
  empty: 'is empty',
  too_large: 'is larger than 64 KiB',
  not_text: 'is not UTF-8 text',
};

/**
 * Reads a secret from where it is, anew each time, so that a rotated one is seen. One newline at the end, as editors and
 * `echo` leave it, does not belong to it. The log is made blind to it before it is returned. Throws SecretError.
 */
export async function readSecret(secret: SecretRef): Promise<string> {
  const { source, text } = 'file' in secret ? await readSecretFile(secret.file) : readVariable(secret.env);
  const value = text.replace(/\r?\n$/, '');
  if (value.trim() === '') throw new SecretError('empty', source, 'put the secret there');
  hideFromLog(value);
  return value;
}

interface Found {
  readonly source: string;
  readonly text: string;
}

function readVariable(variable: string): Found {
  const source = `environment variable ${variable}`;
  const text = process.env[variable];
  if (text === undefined) throw new SecretError('missing', source, 'set it in the environment of the daemon');
  return { source, text };
}

async function readSecretFile(path: string): Promise<Found> {
  const source = `file ${path}`;
  let bytes: Buffer;
  try {
    // Asked before opening: opening a pipe that nobody writes to would wait for ever.
    const stats = await stat(path);
    if (!stats.isFile()) throw new SecretError('unreadable', source, 'name a regular file');
    if (stats.size > MAX_BYTES) throw new SecretError('too_large', source, 'check the path');
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof SecretError) throw error;
    const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw absent
      ? new SecretError('missing', source, 'create it, or correct the path in the configuration')
      : new SecretError('unreadable', source, 'make it a file that the user of the daemon may read');
  }
  try {
    return { source, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new SecretError('not_text', source, 'write the secret as text');
  }
}
