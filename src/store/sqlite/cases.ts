import type { ExceptionCase, OutboxMessage } from '../../exceptions/exception.ts';
import type { Connection } from './connection.ts';
import { writeRevised } from './revised.ts';
import { parseRecordColumn } from './rows.ts';

function isOpen(exception: ExceptionCase): boolean {
  return exception.state !== 'resolved';
}

/** Closed ones first: a change may close a case and open its successor. */
export function writeExceptions(connection: Connection, exceptions: readonly ExceptionCase[]): void {
  const ordered = [...exceptions].sort((a, b) => Number(isOpen(a)) - Number(isOpen(b)));
  for (const record of ordered) {
    writeRevised(connection, {
      record,
      noun: 'exception',
      insert: 'INSERT INTO exceptions VALUES (:id, :model, :cause, :open, :openedAt, :rev, :record)',
      update: `UPDATE exceptions SET model = :model, cause = :cause, open = :open, opened_at = :openedAt, rev = :rev, record = :record
               WHERE id = :id AND rev = :read`,
      columns: ({ model, cause, openedAt }) => ({ model, cause, openedAt, open: isOpen(record) ? 1 : 0 }),
    });
  }
}

export function exceptions(
  connection: Connection,
  query: { model?: string; open?: boolean },
): readonly ExceptionCase[] {
  const rows = connection.all(
    `SELECT id, record FROM exceptions
     WHERE (:model IS NULL OR model = :model) AND (:open IS NULL OR open = :open)
     ORDER BY opened_at DESC, id`,
    { model: query.model ?? null, open: query.open === undefined ? null : Number(query.open) },
  );
  return rows.map((row) => parseRecordColumn<ExceptionCase>(row, 'exceptions', 'id'));
}

export function exception(connection: Connection, id: string): ExceptionCase | null {
  const row = connection.get('SELECT id, record FROM exceptions WHERE id = :id', { id });
  return row === null ? null : parseRecordColumn<ExceptionCase>(row, 'exceptions', 'id');
}

/** A key that is already there has been queued by an earlier cycle: the message stays as it is. */
export function queueMessages(connection: Connection, messages: readonly OutboxMessage[]): void {
  for (const message of messages) {
    connection.run(
      'INSERT INTO messages VALUES (:key, :exception, :state, :record) ON CONFLICT (key) DO NOTHING',
      {
        key: message.key,
        exception: message.exception,
        state: message.state,
        record: JSON.stringify(message),
      },
    );
  }
}

export function updateMessages(connection: Connection, messages: readonly OutboxMessage[]): void {
  for (const message of messages) {
    const changed = connection.run(
      'UPDATE messages SET state = :state, record = :record WHERE key = :key AND exception = :exception',
      {
        key: message.key,
        exception: message.exception,
        state: message.state,
        record: JSON.stringify(message),
      },
    );
    if (changed !== 1) throw new Error(`message ${message.key} was never queued for this exception`);
  }
}

export function waitingMessages(connection: Connection): readonly OutboxMessage[] {
  const rows = connection.all(`SELECT key, record FROM messages WHERE state = 'waiting' ORDER BY rowid`);
  return rows.map((row) => parseRecordColumn<OutboxMessage>(row, 'messages', 'key'));
}

export function messagesOf(connection: Connection, exception: string): readonly OutboxMessage[] {
  const rows = connection.all(
    'SELECT key, record FROM messages WHERE exception = :exception ORDER BY rowid',
    { exception },
  );
  return rows.map((row) => parseRecordColumn<OutboxMessage>(row, 'messages', 'key'));
}
