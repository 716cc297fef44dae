import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ephemeralSigner } from '../../../src/audit/signer.ts';
import { verifyStore } from '../../../src/audit/verify.ts';
import { type Connection, openConnection } from '../../../src/store/sqlite/connection.ts';
import { sqliteEngine } from '../../../src/store/sqlite/engine.ts';
import { migrate } from '../../../src/store/sqlite/migrations.ts';
import { storeOn } from '../../../src/store/sqlite/store.ts';
import { StoreError } from '../../../src/store/store.ts';
import { tempFolder } from './support.ts';

function opened(path: string = join(tempFolder(), 'test.db')): Connection {
  const connection = openConnection({ path, mode: 'write' });
  onTestFinished(() => connection.close());
  return connection;
}

/** Makes the next COMMIT fail: the constraint is only looked at there. */
function commitOrphan(connection: Connection): void {
  connection.transaction(() => {
    connection.exec('PRAGMA defer_foreign_keys = ON');
    connection.run('INSERT INTO child VALUES (:parent)', { parent: 7 });
  });
}

function family(connection: Connection): void {
  connection.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT');
  connection.exec('CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id)) STRICT');
}

const count = (connection: Connection): unknown => connection.get('SELECT count(*) AS n FROM child')?.['n'];

test('the settings that durability rests on are in force', () => {
  const connection = opened();
  const setting = (name: string) => Object.values(connection.get(`PRAGMA ${name}`) ?? {})[0];
  expect(setting('journal_mode')).toBe('wal');
  expect(setting('synchronous')).toBe(2);
  expect(setting('foreign_keys')).toBe(1);
  expect(setting('recursive_triggers')).toBe(1);
  expect(setting('busy_timeout')).toBe(5000);
});

describe('a transaction', () => {
  test('that throws leaves nothing, and the connection goes on', () => {
    const connection = opened();
    family(connection);
    const work = () =>
      connection.transaction(() => {
        connection.run('INSERT INTO parent VALUES (1)');
        throw new Error('a bug');
      });
    expect(work).toThrow('a bug');
    expect(connection.get('SELECT 1 FROM parent')).toBeNull();
    connection.transaction(() => connection.run('INSERT INTO parent VALUES (1)'));
    expect(connection.get('SELECT id FROM parent')).toEqual({ id: 1 });
  });

  test('whose COMMIT fails leaves nothing, and the next use reads the file anew', () => {
    const connection = opened();
    family(connection);
    expect(() => commitOrphan(connection)).toThrow('FOREIGN KEY');
    expect(count(connection)).toBe(0);
    connection.transaction(() => {
      connection.run('INSERT INTO parent VALUES (7)');
      connection.run('INSERT INTO child VALUES (7)');
    });
    expect(count(connection)).toBe(1);
    expect(Object.values(connection.get('PRAGMA synchronous') ?? {})).toEqual([2]);
  });

  test('in memory whose COMMIT fails ends the connection: there is no file to read anew', () => {
    const connection = opened(':memory:');
    family(connection);
    expect(() => commitOrphan(connection)).toThrow('FOREIGN KEY');
    expect(() => count(connection)).toThrow(StoreError);
  });
});

describe('trouble with the disk', () => {
  test('a full disk is told as such, loses nothing, and work goes on when there is space', async () => {
    const path = join(tempFolder(), 'full.db');
    const connection = opened(path);
    migrate(connection, { path, time: 'x' });
    const writing = {
      clock: { now: () => 0 },
      signer: ephemeralSigner(),
      checkpointEvery: { records: 1000 },
    };
    const store = storeOn(connection, writing, () => connection.close());
    const audit = [{ kind: 'genesis', body: { publicKey: writing.signer.publicKey } }] as const;
    await store.commit({ audit });
    const pages = Number(connection.get('PRAGMA page_count')?.['page_count']);
    connection.exec(`PRAGMA max_page_count = ${pages + 4}`);
    const big = {
      audit: [{ kind: 'override', body: { text: 'x'.repeat(3000) } }],
      facts: { f: '1' },
    } as const;
    let committed = 1;
    const fill = async () => {
      for (; committed < 100; committed += 1) await store.commit(big);
    };
    await expect(fill()).rejects.toMatchObject({ name: 'StoreError', reason: 'full' });
    await expect(store.commit(big)).rejects.toMatchObject({ reason: 'full' });
    expect((await store.auditHead())?.seq).toBe(committed);
    connection.exec('PRAGMA max_page_count = 10000');
    await store.commit(big);
    expect(await verifyStore(store)).toMatchObject({ intact: true, records: committed + 1 });
  });

  test('a file locked by another program is `locked`', () => {
    const path = join(tempFolder(), 'busy.db');
    const connection = opened(path);
    family(connection);
    connection.exec('PRAGMA busy_timeout = 0');
    const other = sqliteEngine().open(path, {});
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    expect(() => connection.transaction(() => undefined)).toThrow(
      expect.objectContaining({ reason: 'locked', remedy: expect.stringContaining('Another program') }),
    );
    other.exec('ROLLBACK');
    expect(connection.transaction(() => 'mine')).toBe('mine');
  });

  test('a mistake in a statement is a bug, not trouble', () => {
    const connection = opened();
    expect(() => connection.get('SELECT nonsense')).not.toThrow(StoreError);
    expect(() => connection.get('SELECT nonsense')).toThrow('no such column');
  });
});

test('a reader cannot write', () => {
  const path = join(tempFolder(), 'read.db');
  family(opened(path));
  const reader = openConnection({ path, mode: 'read' });
  onTestFinished(() => reader.close());
  expect(() => reader.run('INSERT INTO parent VALUES (1)')).toThrow(
    expect.objectContaining({ reason: 'read_only' }),
  );
});
