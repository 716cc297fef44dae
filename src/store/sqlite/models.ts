import { z } from 'zod';
import type { Baseline } from '../../baseline/bins.ts';
import type { CheckState, ModelProgress, ModelStatus, ServedVersion } from '../store.ts';
import type { Connection } from './connection.ts';
import { parseJson, parseRecordColumn, parseRow } from './rows.ts';

export function writeProgress(connection: Connection, progress: ModelProgress): void {
  const { model, windowEnd, firstStart, unknownSince } = progress;
  connection.run('INSERT OR REPLACE INTO progress VALUES (:model, :windowEnd, :firstStart, :unknownSince)', {
    model,
    windowEnd,
    firstStart,
    unknownSince,
  });
}

const progressRow = z.object({
  model: z.string(),
  windowEnd: z.int(),
  firstStart: z.int(),
  unknownSince: z.int().nullable(),
});

export function progress(connection: Connection, model: string): ModelProgress | null {
  const row = connection.get(
    `SELECT model, window_end AS windowEnd, first_start AS firstStart, unknown_since AS unknownSince
     FROM progress WHERE model = :model`,
    { model },
  );
  return row === null ? null : parseRow(progressRow, row, 'progress');
}

export function writeStatus(connection: Connection, status: ModelStatus): void {
  connection.run('INSERT OR REPLACE INTO statuses VALUES (:model, :record)', {
    model: status.model,
    record: JSON.stringify(status),
  });
}

export function statuses(connection: Connection): readonly ModelStatus[] {
  const rows = connection.all('SELECT model, record FROM statuses ORDER BY model');
  return rows.map((row) => parseRecordColumn<ModelStatus>(row, 'statuses', 'model'));
}

export function writeCheckStates(connection: Connection, states: readonly CheckState[]): void {
  for (const { model, key, windowEnd, state } of states) {
    connection.run('INSERT OR REPLACE INTO check_states VALUES (:model, :key, :windowEnd, :state)', {
      model,
      key,
      windowEnd,
      state: JSON.stringify(state),
    });
  }
}

const checkStateRow = z.object({ model: z.string(), key: z.string(), windowEnd: z.int() });

export function checkStates(connection: Connection, model: string): readonly CheckState[] {
  const rows = connection.all(
    'SELECT model, key, window_end AS windowEnd, state FROM check_states WHERE model = :model ORDER BY key',
    { model },
  );
  return rows.map((row) => ({
    ...parseRow(checkStateRow, row, 'check_states'),
    state: parseJson(row, 'state', 'check_states'),
  }));
}

/** A baseline is immutable but for its approval: the same id with another content hash is a bug of the caller. */
export function writeBaselines(connection: Connection, baselines: readonly Baseline[]): void {
  for (const baseline of baselines) {
    const changed = connection.run(
      `INSERT INTO baselines VALUES (:id, :model, :hash, :frozenAt, :record)
       ON CONFLICT (id) DO UPDATE SET record = excluded.record WHERE hash = excluded.hash`,
      {
        id: baseline.id,
        model: baseline.content.model,
        hash: baseline.hash,
        frozenAt: baseline.frozenAt,
        record: JSON.stringify(baseline),
      },
    );
    if (changed !== 1) throw new Error(`baseline ${baseline.id} is stored with another content`);
  }
}

export function baselines(connection: Connection, model: string): readonly Baseline[] {
  const rows = connection.all(
    'SELECT id, record FROM baselines WHERE model = :model ORDER BY frozen_at DESC, rowid DESC',
    { model },
  );
  return rows.map((row) => parseRecordColumn<Baseline>(row, 'baselines', 'id'));
}

export function baseline(connection: Connection, id: string): Baseline | null {
  const row = connection.get('SELECT id, record FROM baselines WHERE id = :id', { id });
  return row === null ? null : parseRecordColumn<Baseline>(row, 'baselines', 'id');
}

/** The first sighting stands. */
export function writeServed(connection: Connection, served: readonly ServedVersion[]): void {
  for (const { model, entity, version, firstSeen } of served) {
    connection.run(
      'INSERT INTO served_versions VALUES (:model, :entity, :version, :firstSeen) ON CONFLICT DO NOTHING',
      { model, entity, version, firstSeen },
    );
  }
}

const servedRow = z.object({
  model: z.string(),
  entity: z.string(),
  version: z.string(),
  firstSeen: z.string(),
});

export function servedVersions(connection: Connection, model: string): readonly ServedVersion[] {
  const rows = connection.all(
    `SELECT model, entity, version, first_seen AS firstSeen FROM served_versions
     WHERE model = :model ORDER BY first_seen, rowid`,
    { model },
  );
  return rows.map((row) => parseRow(servedRow, row, 'served_versions'));
}
