import { FINAL_STATES, type Rollback } from '../../rollback/rollback.ts';
import type { Hold } from '../store.ts';
import type { Connection } from './connection.ts';
import { writeRevised } from './revised.ts';
import { parseRecordColumn } from './rows.ts';

function isActive(rollback: Rollback): boolean {
  return !FINAL_STATES.includes(rollback.state);
}

/** Ended ones first: a change may end a rollback and plan the next. */
export function writeRollbacks(connection: Connection, rollbacks: readonly Rollback[]): void {
  const ordered = [...rollbacks].sort((a, b) => Number(isActive(a)) - Number(isActive(b)));
  for (const record of ordered) {
    writeRevised(connection, {
      record,
      noun: 'rollback',
      insert: 'INSERT INTO rollbacks VALUES (:id, :model, :active, :createdAt, :rev, :record)',
      update: `UPDATE rollbacks SET model = :model, active = :active, created_at = :createdAt, rev = :rev, record = :record
               WHERE id = :id AND rev = :read`,
      columns: ({ model, createdAt }) => ({ model, createdAt, active: isActive(record) ? 1 : 0 }),
    });
  }
}

export function rollbacks(
  connection: Connection,
  query: { model?: string; active?: boolean },
): readonly Rollback[] {
  const rows = connection.all(
    `SELECT id, record FROM rollbacks
     WHERE (:model IS NULL OR model = :model) AND (:active IS NULL OR active = :active)
     ORDER BY created_at DESC, id`,
    { model: query.model ?? null, active: query.active === undefined ? null : Number(query.active) },
  );
  return rows.map((row) => parseRecordColumn<Rollback>(row, 'rollbacks', 'id'));
}

export function rollback(connection: Connection, id: string): Rollback | null {
  const row = connection.get('SELECT id, record FROM rollbacks WHERE id = :id', { id });
  return row === null ? null : parseRecordColumn<Rollback>(row, 'rollbacks', 'id');
}

/** A released hold stays in the table, and the version can be held anew by a later rollback. */
export function writeHolds(connection: Connection, holds: readonly Hold[]): void {
  for (const hold of holds) {
    connection.run(
      `INSERT INTO holds VALUES (:model, :version, :rollback, :releasedAt, :record)
       ON CONFLICT DO UPDATE SET released_at = excluded.released_at, record = excluded.record`,
      {
        model: hold.model,
        version: hold.version,
        rollback: hold.rollback,
        releasedAt: hold.releasedAt,
        record: JSON.stringify(hold),
      },
    );
  }
}

export function holds(connection: Connection, model: string): readonly Hold[] {
  const rows = connection.all(
    'SELECT model, record FROM holds WHERE model = :model AND released_at IS NULL ORDER BY rowid',
    { model },
  );
  return rows.map((row) => parseRecordColumn<Hold>(row, 'holds', 'model'));
}
