import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ephemeralSigner, signingKeyFile } from '../../../src/audit/signer.ts';
import { verifyStore } from '../../../src/audit/verify.ts';
import { sqliteEngine } from '../../../src/store/sqlite/engine.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { refuseNetwork } from '../../../src/store/sqlite/place.ts';
import { evaluationOf, exceptionOf } from '../../contracts/store-records.ts';
import { openedStore, tempFolder, testSigner, writeOptions } from './support.ts';

/** What somebody with another tool does to a store that is closed. */
function tamper(path: string, sql: string, setting = ''): void {
  const other = sqliteEngine().open(path, {});
  try {
    other.exec(`${setting}; ${sql}`);
  } finally {
    other.close();
  }
}

function rootPage(path: string, table: string): number {
  const other = sqliteEngine().open(path, {});
  const row = other.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) as {
    rootpage: number;
  };
  other.close();
  return row.rootpage;
}

async function closedStore(): Promise<string> {
  const path = join(tempFolder(), 'store.db');
  const store = await openSqliteStore(writeOptions(path));
  await store.commit({
    audit: [
      { kind: 'override', body: { n: 2 } },
      { kind: 'override', body: { n: 3 } },
    ],
    evaluation: { record: evaluationOf('m', 86_400_000), hash: 'h', endedAt: 'x' },
    exceptions: [exceptionOf('e1')],
  });
  await store.close();
  return path;
}

describe('the chain of a store', () => {
  test('begins once, with build, configuration and public key', async () => {
    const path = join(tempFolder(), 'store.db');
    for (const round of [1, 2]) {
      const store = await openSqliteStore(writeOptions(path));
      const records = await store.auditFrom(1, 10);
      expect(records, `round ${round}`).toHaveLength(1);
      expect(records[0]?.body).toEqual({
        build: 'test',
        configHash: 'a'.repeat(64),
        publicKey: testSigner.publicKey,
      });
      await store.close();
    }
  });

  test('cannot be changed, deleted from, replaced in or forked, whatever the settings', async () => {
    const path = await closedStore();
    const append = (seq: number, prev: string) =>
      `INSERT OR REPLACE INTO audit SELECT ${seq}, kind, time, ${prev}, 'h', line FROM audit WHERE seq = 2`;
    for (const setting of ['PRAGMA recursive_triggers = OFF', 'PRAGMA recursive_triggers = ON']) {
      expect(() => tamper(path, `UPDATE audit SET kind = 'x' WHERE seq = 2`, setting)).toThrow(
        'never changed',
      );
      expect(() => tamper(path, 'DELETE FROM audit WHERE seq = 3', setting)).toThrow('never deleted');
      expect(() => tamper(path, append(3, `'p'`), setting)).toThrow('only appended');
      expect(() => tamper(path, append(4, `'p'`), setting)).toThrow('only appended');
      expect(() => tamper(path, append(5, '(SELECT hash FROM audit WHERE seq = 3)'), setting)).toThrow(
        'only appended',
      );
      const again = `INSERT OR REPLACE INTO audit SELECT 4, kind, time, (SELECT hash FROM audit WHERE seq = 3), hash, line FROM audit WHERE seq = 2`;
      expect(() => tamper(path, again, setting)).toThrow('only appended');
    }
    expect(await verifyStore(await openedStore(path))).toMatchObject({ intact: true, records: 3 });
  });

  test('that lost its newest bytes is told at the start', async () => {
    const path = await closedStore();
    tamper(path, `DROP TRIGGER audit_never_updated; UPDATE audit SET line = x'7b7d' WHERE seq = 3`);
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject({
      reason: 'corrupt',
      message: expect.stringContaining('record 3'),
    });
  });

  test('whose newest record was rewritten is told at the start', async () => {
    const path = await closedStore();
    tamper(
      path,
      `DROP TRIGGER audit_never_updated; UPDATE audit SET line = CAST(replace(CAST(line AS TEXT), '"n":3', '"n":4') AS BLOB) WHERE seq = 3`,
    );
    await expect(openSqliteStore(writeOptions(path))).rejects.toThrow('record 3 was changed');
  });

  test('whose older record was rewritten is found by verification, which names it', async () => {
    const path = await closedStore();
    tamper(
      path,
      `DROP TRIGGER audit_never_updated; UPDATE audit SET line = CAST(replace(CAST(line AS TEXT), '"n":2', '"n":4') AS BLOB) WHERE seq = 2`,
    );
    expect(await verifyStore(await openedStore(path))).toMatchObject({ intact: false, seq: 2 });
  });

  test('with bytes that are no text is found by verification, not taken for something else', async () => {
    const path = await closedStore();
    tamper(path, `DROP TRIGGER audit_never_updated; UPDATE audit SET line = x'ff' WHERE seq = 2`);
    const store = await openedStore(path);
    expect(await verifyStore(store)).toMatchObject({ intact: false, seq: 2 });
    await expect(store.auditFrom(2, 1)).rejects.toMatchObject({ reason: 'corrupt' });
  });

  test('with bytes that only read like the text that was hashed is found too', async () => {
    const path = join(tempFolder(), 'store.db');
    const store = await openSqliteStore(writeOptions(path));
    await store.commit({
      audit: [
        { kind: 'override', body: { text: '\ufffd' } },
        { kind: 'override', body: {} },
      ],
    });
    await store.close();
    // The replacement character becomes a byte that many decoders read as the replacement character.
    const line = `(SELECT hex(line) FROM audit WHERE seq = 2)`;
    tamper(
      path,
      `DROP TRIGGER audit_never_updated; UPDATE audit SET line = unhex(replace(${line}, 'EFBFBD', 'FF')) WHERE seq = 2`,
    );
    expect(await verifyStore(await openedStore(path))).toMatchObject({ intact: false, seq: 2 });
  });

  test('emptied in a store that was in use does not begin anew', async () => {
    const path = await closedStore();
    tamper(path, 'DROP TRIGGER audit_never_deleted; DELETE FROM audit');
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject({ reason: 'corrupt' });
  });
});

describe('the signing key', () => {
  test('is made for a new store and asked for ever after', async () => {
    const folder = tempFolder();
    const path = join(folder, 'store.db');
    const key = join(folder, 'keys', 'audit.pem');
    const options = writeOptions(path, { signer: signingKeyFile(key) });
    await (await openSqliteStore(options)).close();
    renameSync(key, `${key}.away`);
    await expect(openSqliteStore(options)).rejects.toMatchObject({
      name: 'AuditError',
      reason: 'key_missing',
    });
    expect(existsSync(key)).toBe(false);
    renameSync(`${key}.away`, key);
    await (await openSqliteStore(options)).close();
    rmSync(key);
    await (
      await openSqliteStore(writeOptions(join(folder, 'other.db'), { signer: signingKeyFile(key) }))
    ).close();
    await expect(openSqliteStore(options)).rejects.toMatchObject({
      name: 'AuditError',
      reason: 'key_changed',
    });
  });

  test('of another store, given directly, signs nothing here', async () => {
    const path = await closedStore();
    const before = readFileSync(path);
    const key = join(tempFolder(), 'key.pem');
    signingKeyFile(key)(null);
    await expect(openSqliteStore(writeOptions(path, { signer: signingKeyFile(key) }))).rejects.toThrow(key);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(ephemeralSigner().publicKey).not.toBe(testSigner.publicKey);
  });
});

describe('a store that cannot be opened', () => {
  test('is not there', async () => {
    const path = join(tempFolder(), 'none.db');
    await expect(openSqliteStore({ mode: 'read', path })).rejects.toMatchObject({
      reason: 'unavailable',
      message: `there is no store at ${path}`,
    });
    expect(existsSync(path)).toBe(false);
  });

  test('is no database', async () => {
    const path = join(tempFolder(), 'text.db');
    writeFileSync(path, 'This file holds something else entirely.\n'.repeat(200));
    for (const options of [writeOptions(path), { mode: 'read', path } as const]) {
      await expect(openSqliteStore(options)).rejects.toMatchObject({ name: 'StoreError', reason: 'corrupt' });
    }
  });

  test('is damaged inside', async () => {
    const original = await closedStore();
    const path = join(tempFolder(), 'damaged.db');
    const bytes = readFileSync(original);
    // A page that nothing but the check reads at the start.
    const page = rootPage(original, 'statuses');
    bytes.fill(0xa5, 4096 * (page - 1), 4096 * page);
    writeFileSync(path, bytes);
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject({
      name: 'StoreError',
      reason: 'corrupt',
    });
  });

  test('lies below a file', async () => {
    const path = join(await closedStore(), 'store.db');
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test.each([
    [0x6969, 'NFS'],
    [-11_317_950, 'CIFS'],
    [0xff534d42, 'CIFS'],
  ])('lies on a network file system (%d)', (type, name) => {
    expect(() => refuseNetwork('/data/store.db', type)).toThrow(name);
    expect(() => refuseNetwork('/data/store.db', 0xef53)).not.toThrow();
  });
});

test('after a clean stop the file alone is the whole store', async () => {
  const path = await closedStore();
  const copy = join(tempFolder(), 'copy.db');
  copyFileSync(path, copy);
  const store = await openedStore(copy);
  expect(await verifyStore(store)).toMatchObject({ intact: true, records: 3 });
  expect(await store.exception('e1')).toMatchObject({ id: 'e1' });
});

test('two names of one file are one store', async () => {
  const folder = tempFolder();
  const path = join(folder, 'store.db');
  await openedStore(path);
  symlinkSync(path, join(folder, 'alias.db'));
  await expect(openSqliteStore(writeOptions(join(folder, 'alias.db')))).rejects.toMatchObject({
    reason: 'locked',
  });
});

describe('a row that something else has changed', () => {
  test.each([
    [`UPDATE evaluations SET record = '{'`, 'evaluations'],
    [`UPDATE evaluations SET record = '{"evaluation":"other"}'`, 'evaluations'],
    [`UPDATE exceptions SET record = '[]'`, 'exceptions'],
    [`UPDATE verdicts SET verdict = 'fine'`, 'verdicts'],
  ])('is told with its table: %s', async (sql, table) => {
    const path = await closedStore();
    tamper(path, sql);
    const store = await openedStore(path);
    const reads = async () => {
      await store.evaluations({ model: 'm', limit: 1 });
      await store.exception('e1');
      await store.verdicts({ model: 'm', check: 'drift', version: 'all', limit: 1 });
    };
    await expect(reads()).rejects.toMatchObject({
      reason: 'corrupt',
      message: expect.stringContaining(`table ${table}`),
    });
  });
});
