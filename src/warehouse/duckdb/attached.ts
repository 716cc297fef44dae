import { access, constants } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { WarehouseError } from '../warehouse.ts';
import { identifier, textLiteral } from './sql.ts';

/**
 * The database file, attached read-only while somebody reads and let go in between: a file that is held cannot be written
 * by the program that fills it, and a new attachment sees what was written.
 */
export interface AttachedFile {
  /** What the file is called as the first part of a three-part table name. */
  readonly catalog: string;
  /** Runs `work` while the file is attached. Throws `unavailable` when it is missing, locked or no database. */
  use<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T>;
}

const RESERVED: ReadonlySet<string> = new Set(['memory', 'system', 'temp', 'main']);

/** The name DuckDB itself would give: the file's, without its ending. */
export function catalogOf(path: string): string {
  const stem = basename(path, extname(path));
  return RESERVED.has(stem.toLowerCase()) ? `${stem}_file` : stem;
}

export function attachedFile(path: string): AttachedFile {
  const catalog = catalogOf(path);
  let readers = 0;
  // Attaching and detaching one after the other: a new reader never meets a file that is being let go.
  let last: Promise<unknown> = Promise.resolve();
  function next<T>(step: () => Promise<T>): Promise<T> {
    const done = last.then(step);
    last = done.catch(() => {});
    return done;
  }
  return {
    catalog,
    use: async (connection, work) => {
      await next(async () => {
        if (readers === 0) await attach(connection, path, catalog);
        readers += 1;
      });
      try {
        return await work();
      } finally {
        await next(async () => {
          readers -= 1;
          if (readers === 0) await connection.run(`DETACH ${identifier(catalog)}`);
        });
      }
    },
  };
}

async function attach(connection: DuckDBConnection, path: string, catalog: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
    await connection.run(`ATTACH ${textLiteral(path)} AS ${identifier(catalog)} (READ_ONLY)`);
  } catch (error) {
    throw new WarehouseError({
      reason: 'unavailable',
      message: `The database file ${path} cannot be opened: ${whyNot(error)}`,
      remedy:
        'Check warehouse.database, that the file can be read, and that no program holds it open for writing; it is tried again at the next cycle.',
    });
  }
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file.';
  if (code === 'EACCES') return 'it may not be read.';
  const text = error instanceof Error ? error.message : String(error);
  const said = /"exception_message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return said.replaceAll('\\"', '"').slice(0, 300);
}
