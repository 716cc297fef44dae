import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Logger } from '../../log.ts';
import type { SetTimer } from '../timer.ts';
import { type TableColumn, WarehouseError } from '../warehouse.ts';
import { warehouseError } from './errors.ts';
import type { Statement } from './sql.ts';
import { classOf } from './types.ts';

/** After the first interrupt: one that comes before the engine has begun is lost, so it is repeated until the statement ends. */
const AGAIN = 50;

/** One caller's use of the engine: one connection, one statement at a time, each with a deadline. */
export interface Session {
  /** The database file's name in table names; null when there is none. */
  readonly catalog: string | null;
  /** Rows of a statement. Throws WarehouseError; more than `maxRows` rows are refused. */
  query(
    statement: Statement,
    limits: { readonly table: string; readonly maxRows: number },
  ): Promise<readonly (readonly DuckDBValue[])[]>;
  /** Columns of what can be selected from; binds and does not read. */
  columns(relation: string, table: string): Promise<readonly TableColumn[]>;
}

export interface SessionOptions {
  readonly connection: DuckDBConnection;
  readonly catalog: string | null;
  readonly timeout: number;
  readonly setTimer: SetTimer;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

export function openSession(options: SessionOptions): Session {
  const { connection, catalog } = options;
  return {
    catalog,
    query: (statement, limits) =>
      guarded(options, limits.table, async () => {
        const { sql, values, types } = statement;
        const { maxRows, table } = limits;
        options.logger.debug({ table, values: values.length, length: sql.length }, 'statement');
        const reader = await connection.runAndReadUntil(sql, maxRows + 1, [...values], [...types]);
        if (reader.currentRowCount > maxRows) throw tooMany(table, maxRows);
        return reader.getRows();
      }),
    columns: (relation, table) =>
      guarded(options, table, async () => {
        const prepared = await connection.prepare(`SELECT * FROM ${relation}`);
        try {
          return Array.from({ length: prepared.columnCount }, (_, index) => ({
            name: prepared.columnName(index),
            ...classOf(prepared.columnType(index)),
          }));
        } finally {
          prepared.destroySync();
        }
      }),
  };
}

/** Runs one statement under the deadline and the closing signal, and gives its failure a reason. */
async function guarded<T>(options: SessionOptions, table: string, work: () => Promise<T>): Promise<T> {
  const { connection, timeout, setTimer, closing } = options;
  let interrupted: 'timeout' | 'closed' | null = null;
  let again: ReturnType<typeof setInterval> | null = null;
  const interrupt = (why: 'timeout' | 'closed'): void => {
    interrupted ??= why;
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), AGAIN);
  };
  const onClose = (): void => interrupt('closed');
  closing.addEventListener('abort', onClose);
  const stop = setTimer(timeout, () => interrupt('timeout'));
  try {
    if (closing.aborted) throw new Error('closed');
    return await work();
  } catch (error) {
    const why = closing.aborted ? 'closed' : interrupted;
    throw warehouseError(error, { table, interrupted: why, limit: timeout });
  } finally {
    stop();
    if (again !== null) clearInterval(again);
    closing.removeEventListener('abort', onClose);
  }
}

function tooMany(table: string, maxRows: number): WarehouseError {
  return new WarehouseError({
    reason: 'bad_answer',
    table,
    message: `The answer about ${table} has more than ${maxRows} counts.`,
    remedy:
      'Check that the version column names versions: a column with a value per row makes a group per row.',
  });
}
