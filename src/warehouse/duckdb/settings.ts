import { dirname, sep } from 'node:path';
import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { DuckDbConfig } from '../../config/config.ts';
import { WarehouseError } from '../warehouse.ts';

/**
 * Sets the embedded database up, then locks it: no extension is fetched, no file is touched but the configured ones and the
 * scratch folder, and no statement can change that. A refused value of the configuration is a WarehouseError.
 */
export async function applySettings(
  instance: DuckDBInstance,
  config: DuckDbConfig,
  scratch: string,
): Promise<void> {
  const { threads, memoryLimit } = config;
  const connection = await instance.connect();
  const set = (name: string, value: string): Promise<void> => assign(connection, name, value);
  try {
    await set('errors_as_json', 'true');
    await set('TimeZone', 'UTC');
    await set('preserve_insertion_order', 'false');
    await set('temp_directory', scratch);
    // The operating system caches files; a second cache would have to notice every file that is replaced.
    await set('enable_external_file_cache', 'false');
    await set('autoinstall_known_extensions', 'false');
    await set('autoload_known_extensions', 'false');
    if (threads !== null) await configured('threads', threads, () => set('threads', String(threads)));
    if (memoryLimit !== null)
      await configured('memoryLimit', memoryLimit, () => set('memory_limit', memoryLimit));
    const { files, folders } = reachable(config);
    await assign(connection, 'allowed_paths', listValue(files));
    await assign(connection, 'allowed_directories', listValue(folders));
    await set('enable_external_access', 'false');
    await set('lock_configuration', 'true');
  } finally {
    connection.closeSync();
  }
}

async function assign(connection: DuckDBConnection, name: string, value: DuckDBValue): Promise<void> {
  const type = typeof value === 'string' ? VARCHAR : LIST(VARCHAR);
  await connection.run(`SET GLOBAL ${name} = $1`, [value], [type]);
}

async function configured(key: string, value: string | number, apply: () => Promise<void>): Promise<void> {
  try {
    await apply();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new WarehouseError({
      reason: 'query_failed',
      message: `DuckDB refuses warehouse.${key} = ${value}: ${said}`,
      remedy: `Correct warehouse.${key}; memoryLimit is written like 2GB or 512MiB, threads is a number from 1 on.`,
    });
  }
}

/** Files named outright, and for patterns the folder before the first sign that stands for several. */
function reachable(config: DuckDbConfig): {
  readonly files: readonly string[];
  readonly folders: readonly string[];
} {
  const { database } = config;
  const patterns = Object.values(config.tables);
  const several = patterns.filter((pattern) => /[*?[{]/.test(pattern));
  return {
    files: [
      ...patterns.filter((pattern) => !several.includes(pattern)),
      ...(database === null ? [] : [database, `${database}.wal`]),
    ],
    folders: several.map((pattern) => dirname(`${/^[^*?[{]*/.exec(pattern)?.[0] ?? ''}x`) + sep),
  };
}
