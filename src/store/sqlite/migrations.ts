import { StoreError } from '../store.ts';
import type { Connection } from './connection.ts';
import { initialSchema } from './migrations/0001-initial.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Forward only, numbered from 1 without gaps. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, name: 'initial', sql: initialSchema }];

/** Newest schema this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Written into the file's header, so that no other program's database is taken for a store: "DrfW". */
const APPLICATION_ID = 0x44726657;

export interface MigrationRun {
  readonly path: string;
  /** ISO time written beside each migration. */
  readonly time: string;
  readonly migrations?: readonly Migration[];
}

/** Brings the schema up to date, one transaction per migration. Throws StoreError. */
export function migrate(connection: Connection, run: MigrationRun): void {
  const { path, time, migrations = MIGRATIONS } = run;
  refuseForeign(connection, path);
  if (isEmpty(connection)) {
    connection.transaction(() => {
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      connection.exec(
        'CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
      );
    });
  }
  const current = schemaVersion(connection);
  refuseNewer(path, current, migrations.length);
  for (const { version, name, sql } of migrations.slice(current)) {
    connection.transaction(() => {
      connection.exec(sql);
      connection.run('INSERT INTO migrations VALUES (:version, :name, :time)', { version, name, time });
    });
  }
}

/** For a reader, which cannot migrate: throws StoreError unless the schema is the one this program knows. */
export function requireSchema(connection: Connection, path: string): void {
  refuseForeign(connection, path);
  const current = isEmpty(connection) ? 0 : schemaVersion(connection);
  refuseNewer(path, current, SCHEMA_VERSION);
  if (current === SCHEMA_VERSION) return;
  throw new StoreError(
    'unavailable',
    `store ${path} has schema ${current}, this program reads schema ${SCHEMA_VERSION}`,
    'Start the daemon once: it brings the store up to date.',
  );
}

function refuseForeign(connection: Connection, path: string): void {
  const id = connection.get('PRAGMA application_id')?.['application_id'];
  if (id === APPLICATION_ID || (id === 0 && isEmpty(connection))) return;
  throw new StoreError(
    'unavailable',
    `${path} is a database of another program`,
    'Set store.path to a path of its own.',
  );
}

function refuseNewer(path: string, current: number, known: number): void {
  if (current <= known) return;
  throw new StoreError(
    'newer_schema',
    `store ${path} has schema ${current}, this program knows up to ${known}`,
    'Install the driftwarden version that wrote the store, or a newer one.',
  );
}

function isEmpty(connection: Connection): boolean {
  return connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') === null;
}

function schemaVersion(connection: Connection): number {
  return Number(connection.get('SELECT coalesce(max(version), 0) AS version FROM migrations')?.['version']);
}
