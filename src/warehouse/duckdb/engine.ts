import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import pLimit from 'p-limit';
import type { DuckDbConfig } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import type { SetTimer } from '../timer.ts';
import { type AttachedFile, attachedFile } from './attached.ts';
import { closed } from './errors.ts';
import { openSession, type Session } from './session.ts';
import { applySettings } from './settings.ts';

/** The embedded database that statements run in: empty, in memory, and shut off from everything but the configured files. */
export interface Engine {
  /** Runs `work` with a connection of its own, at most `concurrency` at once. `tables` are what it will read. */
  session<T>(tables: readonly string[], work: (session: Session) => Promise<T>): Promise<T>;
  /** Interrupts what runs, waits until it has ended, frees everything. Later sessions throw `unavailable`. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly logger: Logger;
  readonly setTimer: SetTimer;
}

export async function startEngine(config: DuckDbConfig, options: EngineOptions): Promise<Engine> {
  const scratch = await mkdtemp(join(tmpdir(), 'driftwarden-duckdb-'));
  const instance = await DuckDBInstance.create(':memory:');
  const release = async (): Promise<void> => {
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await applySettings(instance, config, scratch);
  } catch (error) {
    await release();
    throw error;
  }
  const database = config.database === null ? null : attachedFile(config.database);
  const atOnce = slots(config.concurrency, process.env['UV_THREADPOOL_SIZE']);
  options.logger.debug({ configured: config.concurrency, atOnce }, 'statements at once');
  const limit = pLimit(atOnce);
  const running = new Set<Promise<unknown>>();
  const closing = new AbortController();

  async function run<T>(tables: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
    if (closing.signal.aborted) throw closed(tables.join(', '));
    const connection = await instance.connect();
    try {
      const session = openSession({
        ...options,
        connection,
        catalog: database?.catalog ?? null,
        timeout: config.statementTimeout,
        closing: closing.signal,
      });
      return await attachedFor(config, database, tables).use(connection, () => work(session));
    } finally {
      connection.closeSync();
    }
  }

  return {
    session: async (tables, work) => {
      const task = limit(() => run(tables, work));
      running.add(task);
      try {
        return await task;
      } finally {
        running.delete(task);
      }
    },
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.allSettled(running);
      await release();
    },
  };
}

/** The database file is opened only for those who read a table of it. */
function attachedFor(
  config: DuckDbConfig,
  database: AttachedFile | null,
  tables: readonly string[],
): Pick<AttachedFile, 'use'> {
  const needed = tables.some((table) => !Object.hasOwn(config.tables, table));
  return database !== null && needed ? database : { use: (_connection, work) => work() };
}

/**
 * A statement occupies a thread of Node's pool while it runs, and the pool also resolves host names and reads files. One thread
 * is left for that: a rollback must not wait behind scans. DuckDB itself works on `threads` whatever the number here.
 */
export function slots(concurrency: number, poolSize: string | undefined): number {
  const pool = Number(poolSize ?? DEFAULT_POOL);
  const threads = Number.isInteger(pool) && pool > 0 ? pool : DEFAULT_POOL;
  return Math.max(1, Math.min(concurrency, threads - 1));
}

/** What Node takes when UV_THREADPOOL_SIZE is not set. */
const DEFAULT_POOL = 4;
