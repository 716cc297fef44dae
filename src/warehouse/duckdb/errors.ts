import { z } from 'zod';
import { WarehouseError, type WarehouseReason } from '../warehouse.ts';

/** What DuckDB says of a failure when `errors_as_json` is on. */
const Failure = z.object({
  exception_type: z.string(),
  exception_message: z.string(),
  error_subtype: z.string().optional(),
  name: z.string().optional(),
});

export interface Place {
  readonly table: string;
  /** Set when the statement was interrupted on purpose. */
  readonly interrupted?: 'timeout' | 'closed' | null;
  /** Milliseconds a statement may take, for the message. */
  readonly limit?: number;
}

/** Maps whatever a statement threw to a closed reason. A WarehouseError passes; what DuckDB did not say is a bug and passes too. */
export function warehouseError(error: unknown, place: Place): unknown {
  if (error instanceof WarehouseError) return error;
  if (place.interrupted === 'timeout') return timeout(place);
  if (place.interrupted === 'closed') return closed(place.table);
  const failure = parseFailure(error);
  if (failure === null) return error;
  const { reason, what, remedy } = explain(failure);
  return new WarehouseError({
    reason,
    table: place.table,
    column: reason === 'column_missing' ? (failure.name ?? null) : null,
    message: `Reading ${place.table} failed: ${what}`,
    remedy,
  });
}

export function closed(table: string): WarehouseError {
  return new WarehouseError({
    reason: 'unavailable',
    table,
    message: `Reading ${table} was given up: the warehouse is being closed.`,
    remedy: 'Nothing: the window is evaluated at the next start.',
  });
}

function timeout({ table, limit }: Place): WarehouseError {
  return new WarehouseError({
    reason: 'timeout',
    table,
    message: `Reading ${table} took longer than ${limit} ms and was interrupted.`,
    remedy:
      'Raise warehouse.statementTimeout or warehouse.threads, or make the files of the table fewer and sorted by time.',
  });
}

function parseFailure(error: unknown): z.infer<typeof Failure> | null {
  const text = error instanceof Error ? error.message : '';
  const start = text.indexOf('{');
  if (start < 0) return null;
  try {
    const parsed = Failure.safeParse(JSON.parse(text.slice(start)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

interface Explanation {
  readonly reason: WarehouseReason;
  readonly what: string;
  readonly remedy: string;
}

/** Types of failure whose text may quote a value of a row; it is left out. */
const QUOTES_VALUES: ReadonlySet<string> = new Set(['Conversion', 'Out of Range', 'Constraint']);

function explain(failure: z.infer<typeof Failure>): Explanation {
  const said = (failure.exception_message.split('\n')[0] ?? '').slice(0, 300);
  switch (failure.exception_type) {
    case 'Catalog':
      return {
        reason: 'table_missing',
        what: said,
        remedy: 'Check the name, or list the table under warehouse.tables.',
      };
    case 'Binder':
      return failure.error_subtype === 'COLUMN_NOT_FOUND'
        ? {
            reason: 'column_missing',
            what: said,
            remedy: 'The table changed while it was read; check its columns.',
          }
        : { reason: 'query_failed', what: said, remedy: 'Report this as a defect, with this message.' };
    case 'IO':
      return {
        reason: 'unavailable',
        what: said,
        remedy:
          'Check that the files are there, readable and not locked by a writer; the next cycle reads them afresh.',
      };
    case 'Permission':
      return {
        reason: 'forbidden',
        what: said,
        remedy:
          'Only the files under warehouse.tables and warehouse.database may be read; list the file there.',
      };
    case 'Out of Memory':
      return {
        reason: 'query_failed',
        what: 'the memory limit was reached.',
        remedy: 'Raise warehouse.memoryLimit, or lower warehouse.concurrency or warehouse.threads.',
      };
    case 'Invalid Input':
    case 'Invalid':
    case 'Serialization':
      return {
        reason: 'query_failed',
        what: said,
        remedy:
          'A file may be damaged or half written: write files elsewhere and put them in place by renaming.',
      };
    default:
      return {
        reason: 'query_failed',
        what: QUOTES_VALUES.has(failure.exception_type) ? `${failure.exception_type} error.` : said,
        remedy: 'Check the table with a query of your own; report this as a defect if that works.',
      };
  }
}
