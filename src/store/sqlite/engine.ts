import { createRequire } from 'node:module';
import type { DatabaseSyncInstance, DatabaseSyncOptions } from '@photostructure/sqlite';
import { StoreError } from '../store.ts';

/** A SQLite that speaks the API of node:sqlite. */
export interface Engine {
  readonly name: 'node:sqlite' | '@photostructure/sqlite';
  /** Of SQLite itself, e.g. `3.53.0`. */
  readonly version: string;
  open(path: string, options: DatabaseSyncOptions): DatabaseSyncInstance;
}

/** Before this version a WAL database with two connections could be corrupted (the "WAL reset" bug). */
const SOUND = [3, 51, 3];

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options?: DatabaseSyncOptions) => DatabaseSyncInstance;
}

let chosen: Engine | null = null;

/**
 * The built-in SQLite where Node has a sound one, else the package that brings its own. One engine per process, because
 * POSIX drops all locks of a process on a file when any descriptor of it is closed: two copies of SQLite in one
 * process would take each other's locks away.
 */
export function sqliteEngine(): Engine {
  chosen ??= builtIn() ?? bundled();
  return chosen;
}

function builtIn(): Engine | null {
  const module = withoutItsWarning(() => process.getBuiltinModule('node:sqlite') as SqliteModule | undefined);
  if (module === undefined) return null;
  const engine = engineOf('node:sqlite', module);
  return isSound(engine.version) ? engine : null;
}

function bundled(): Engine {
  try {
    const module = createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule;
    return engineOf('@photostructure/sqlite', module);
  } catch (error) {
    throw new StoreError(
      'unavailable',
      `no SQLite can be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'Install the dependencies again (npm ci), or use a Node.js whose built-in SQLite is 3.51.3 or newer.',
    );
  }
}

function engineOf(name: Engine['name'], module: SqliteModule): Engine {
  const open: Engine['open'] = (path, options) => new module.DatabaseSync(path, options);
  const database = open(':memory:', {});
  try {
    const row = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
    return { name, version: row.version, open };
  } finally {
    database.close();
  }
}

/** Whether a version such as `3.51.3` has the fix. */
export function isSound(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, least] of SOUND.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** Node 22 announces on stderr that its SQLite is experimental; for users of a program that is noise. */
function withoutItsWarning<T>(load: () => T): T {
  const emit = Reflect.get(process, 'emitWarning') as (...details: unknown[]) => void;
  Reflect.set(process, 'emitWarning', (...details: unknown[]) => {
    if (!String(details[0]).includes('SQLite')) Reflect.apply(emit, process, details);
  });
  try {
    return load();
  } finally {
    Reflect.set(process, 'emitWarning', emit);
  }
}
