import { StaleWrite } from '../store.ts';
import type { Connection, Parameters } from './connection.ts';
import { isUniqueViolation } from './failure.ts';

/** A record that is changed in place, guarded by its `rev`. */
export interface Revised {
  readonly id: string;
  readonly rev: number;
}

export interface RevisedWrite<T extends Revised> {
  readonly record: T;
  readonly insert: string;
  readonly update: string;
  /** Values of the columns beside `id`, `rev` and `record`. */
  readonly columns: (record: T) => Parameters;
  /** What the record is, for messages: `exception`, `rollback`. */
  readonly noun: string;
}

/**
 * Writes a record with `rev` one higher: a new one where `rev` is 0, else in place of the stored one of that very `rev`.
 * Throws StaleWrite when the stored one is another, or when a unique index refuses a second open one.
 */
export function writeRevised<T extends Revised>(connection: Connection, write: RevisedWrite<T>): void {
  const { record, noun } = write;
  const next: T = { ...record, rev: record.rev + 1 };
  const parameters = { ...write.columns(next), id: next.id, rev: next.rev, record: JSON.stringify(next) };
  try {
    const changed =
      record.rev === 0
        ? connection.run(write.insert, parameters)
        : connection.run(write.update, { ...parameters, read: record.rev });
    if (changed === 1) return;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StaleWrite(`${noun} ${record.id}: ${clash(error)}`, { cause: error });
  }
  throw new StaleWrite(`${noun} ${record.id}: revision ${record.rev} is not the stored one any more`);
}

/** The columns of the violated index tell whether the id is taken or another record is open. */
function clash(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return message.endsWith('.id') ? 'it exists already' : `another one is open (${message})`;
}
