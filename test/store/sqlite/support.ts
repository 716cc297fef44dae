import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ephemeralSigner, type Signer } from '../../../src/audit/signer.ts';
import { openSqliteStore, type SqliteWriteOptions } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';

/** A directory that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One key for all tests of a file: making keys is not what they are about. */
export const testSigner: Signer = ephemeralSigner();

export function writeOptions(path: string, fields: Partial<SqliteWriteOptions> = {}): SqliteWriteOptions {
  return {
    mode: 'write',
    path,
    clock: { now: () => Date.parse('2026-03-02T00:00:00.000Z') },
    signer: () => testSigner,
    checkpointEvery: { records: 100 },
    genesis: { build: 'test', configHash: 'a'.repeat(64) },
    ...fields,
  };
}

/** Opened to write, closed after the test. */
export async function openedStore(path: string, fields: Partial<SqliteWriteOptions> = {}): Promise<Store> {
  const store = await openSqliteStore(writeOptions(path, fields));
  onTestFinished(() => store.close());
  return store;
}
