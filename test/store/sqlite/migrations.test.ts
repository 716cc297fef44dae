import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../../src/store/sqlite/connection.ts';
import { sqliteEngine } from '../../../src/store/sqlite/engine.ts';
import {
  MIGRATIONS,
  type Migration,
  migrate,
  requireSchema,
  SCHEMA_VERSION,
} from '../../../src/store/sqlite/migrations.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { openedStore, tempFolder, writeOptions } from './support.ts';

const first: Migration = { version: 1, name: 'one', sql: 'CREATE TABLE one (x INTEGER) STRICT' };
const second: Migration = {
  version: 2,
  name: 'two',
  sql: 'CREATE TABLE two (x INTEGER) STRICT; INSERT INTO two VALUES (2)',
};
const broken: Migration = {
  version: 2,
  name: 'broken',
  sql: 'CREATE TABLE two (x INTEGER) STRICT; INSERT INTO nowhere VALUES (2)',
};

function opened() {
  const path = join(tempFolder(), 'test.db');
  const connection = openConnection({ path, mode: 'write' });
  onTestFinished(() => connection.close());
  const versions = () => connection.all('SELECT version, name, applied_at AS at FROM migrations');
  return { path, connection, versions };
}

function alter(path: string, sql: string): void {
  const other = sqliteEngine().open(path, {});
  other.exec(sql);
  other.close();
}

test('the list is numbered from 1 without gaps', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  expect(SCHEMA_VERSION).toBe(MIGRATIONS.length);
});

describe('migrating', () => {
  test('applies what is missing, in order, once', () => {
    const { path, connection, versions } = opened();
    migrate(connection, { path, time: 't1', migrations: [first] });
    migrate(connection, { path, time: 't2', migrations: [first, second] });
    migrate(connection, { path, time: 't3', migrations: [first, second] });
    expect(versions()).toEqual([
      { version: 1, name: 'one', at: 't1' },
      { version: 2, name: 'two', at: 't2' },
    ]);
    expect(connection.all('SELECT x FROM two')).toEqual([{ x: 2 }]);
  });

  test('one that fails leaves the schema before it, to be tried again', () => {
    const { path, connection, versions } = opened();
    expect(() => migrate(connection, { path, time: 't1', migrations: [first, broken] })).toThrow('nowhere');
    expect(versions()).toHaveLength(1);
    migrate(connection, { path, time: 't2', migrations: [first, second] });
    expect(versions()).toHaveLength(2);
  });

  test('a newer schema than the program is refused and left alone', async () => {
    const path = join(tempFolder(), 'store.db');
    await (await openSqliteStore(writeOptions(path))).close();
    alter(path, `INSERT INTO migrations VALUES (${SCHEMA_VERSION + 1}, 'future', 'x')`);
    for (const options of [writeOptions(path), { mode: 'read', path } as const]) {
      await expect(openSqliteStore(options)).rejects.toMatchObject({
        name: 'StoreError',
        reason: 'newer_schema',
        message: expect.stringContaining(`has schema ${SCHEMA_VERSION + 1}`),
      });
    }
    // The refusal gave the lock back.
    alter(path, `DELETE FROM migrations WHERE name = 'future'`);
    await openedStore(path);
  });

  test('the database of another program is refused and left alone', async () => {
    const path = join(tempFolder(), 'other.db');
    alter(path, 'CREATE TABLE theirs (x)');
    const refused = { reason: 'unavailable', message: expect.stringContaining('another program') };
    await expect(openSqliteStore(writeOptions(path))).rejects.toMatchObject(refused);
    await expect(openSqliteStore({ mode: 'read', path })).rejects.toMatchObject(refused);
  });
});

test('a reader asks for the schema it knows', () => {
  const { path, connection } = opened();
  expect(() => requireSchema(connection, path)).toThrow('has schema 0');
  migrate(connection, { path, time: 't', migrations: [] });
  migrate(connection, { path, time: 't' });
  expect(() => requireSchema(connection, path)).not.toThrow();
});
