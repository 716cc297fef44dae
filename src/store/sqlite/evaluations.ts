import { z } from 'zod';
import type { Evaluation } from '../../judge/verdict.ts';
import { VERDICTS } from '../../judge/verdict.ts';
import { type EvaluationsQuery, StaleWrite, type StoredEvaluation, type StoredVerdict } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { parseRecordColumn, parseRow } from './rows.ts';

/**
 * Writes an evaluation with the verdicts of its policy checks. A stored one stays as it is, with two exceptions: the same
 * evaluation again (equal hash) changes nothing, and an attempt that ended in `error` gives way to the next attempt.
 * Anything else throws StaleWrite, because somebody else has evaluated this window meanwhile.
 */
export function writeEvaluation(
  connection: Connection,
  stored: StoredEvaluation,
  series?: EvaluationsQuery['series'],
): void {
  const { record, hash, endedAt, cost } = stored;
  const id = record.evaluation;
  const model = seriesOf(record.model, series);
  const windowEnd = Date.parse(record.window.end);
  const earlier = connection.get(
    `SELECT id, model, window_end, revision, verdict, hash FROM evaluations
     WHERE id = :id OR (model = :model AND window_end = :windowEnd AND revision = :revision)`,
    { id, model, windowEnd, revision: record.revision },
  );
  if (earlier !== null) {
    const same = isSameWindow(earlier, { record, model, windowEnd });
    if (same && earlier['hash'] === hash) return;
    if (!same || earlier['verdict'] !== 'error') throw alreadyEvaluated(record);
    connection.run('DELETE FROM evaluations WHERE id = :id', { id });
  }
  connection.run(
    'INSERT INTO evaluations VALUES (:id, :model, :windowEnd, :revision, :verdict, :hash, :endedAt, :record)',
    {
      id,
      model,
      windowEnd,
      revision: record.revision,
      verdict: record.verdict,
      hash,
      endedAt,
      // Beside the fields of the evaluation, which the hash is of: taken apart again when it is read.
      record: JSON.stringify(cost === undefined ? record : { ...record, cost }),
    },
  );
  if (series === undefined) writeVerdicts(connection, record, windowEnd);
}

/** What the column `model` holds: windows of a bake may end when the model's own do. Names of models have no colon. */
function seriesOf(model: string, series: EvaluationsQuery['series']): string {
  return series === undefined ? model : `${series}:${model}`;
}

function writeVerdicts(connection: Connection, record: Evaluation, windowEnd: number): void {
  for (const { check, version, verdict, worst } of record.policy) {
    connection.run(
      'INSERT INTO verdicts VALUES (:id, :model, :check, :version, :windowEnd, :revision, :verdict, :worst)',
      {
        id: record.evaluation,
        model: record.model,
        check,
        version,
        windowEnd,
        revision: record.revision,
        verdict,
        worst,
      },
    );
  }
}

function isSameWindow(
  earlier: Row,
  {
    record,
    model,
    windowEnd,
  }: { readonly record: Evaluation; readonly model: string; readonly windowEnd: number },
): boolean {
  return (
    earlier['id'] === record.evaluation &&
    earlier['model'] === model &&
    earlier['window_end'] === windowEnd &&
    earlier['revision'] === record.revision
  );
}

function alreadyEvaluated(record: Evaluation): StaleWrite {
  return new StaleWrite(
    `model ${record.model}: the window ending ${record.window.end} has a stored evaluation of revision ${record.revision} with other content than ${record.evaluation}`,
  );
}

const COLUMNS = 'e.id, e.hash, e.ended_at, e.record';

/** SQL for "no later revision of this window is stored", on a row alias with model, window_end and revision. */
function isNewest(alias: string): string {
  return `${alias}.revision = (SELECT max(n.revision) FROM evaluations n WHERE n.model = ${alias}.model AND n.window_end = ${alias}.window_end)`;
}

export function evaluations(connection: Connection, query: EvaluationsQuery): readonly StoredEvaluation[] {
  const rows = connection.all(
    `SELECT ${COLUMNS} FROM evaluations e
     WHERE e.model = :model AND (:before IS NULL OR e.window_end < :before) AND ${isNewest('e')}
     ORDER BY e.window_end DESC LIMIT :limit`,
    { model: seriesOf(query.model, query.series), limit: query.limit, before: query.before ?? null },
  );
  return rows.map(storedEvaluation);
}

export function evaluation(connection: Connection, id: string): StoredEvaluation | null {
  const row = connection.get(`SELECT ${COLUMNS} FROM evaluations e WHERE e.id = :id`, { id });
  return row === null ? null : storedEvaluation(row);
}

export function revisions(
  connection: Connection,
  model: string,
  windowEnd: number,
): readonly StoredEvaluation[] {
  const rows = connection.all(
    `SELECT ${COLUMNS} FROM evaluations e WHERE e.model = :model AND e.window_end = :windowEnd ORDER BY e.revision DESC`,
    { model, windowEnd },
  );
  return rows.map(storedEvaluation);
}

export function verdicts(
  connection: Connection,
  query: { model: string; check: string; version: string; limit: number },
): readonly StoredVerdict[] {
  const rows = connection.all(
    `SELECT v.window_end AS windowEnd, v.revision, v.verdict, v.evaluation, v.worst FROM verdicts v
     WHERE v.model = :model AND v.check_name = :check AND v.version = :version AND ${isNewest('v')}
     ORDER BY v.window_end DESC LIMIT :limit`,
    { model: query.model, check: query.check, version: query.version, limit: query.limit },
  );
  return rows.map((row) => parseRow(verdictRow, row, 'verdicts'));
}

const verdictRow = z.object({
  windowEnd: z.int(),
  revision: z.int(),
  verdict: z.enum(VERDICTS),
  evaluation: z.string(),
  worst: z.string().nullable(),
});

function storedEvaluation(row: Row): StoredEvaluation {
  const { cost, ...record } = parseRecordColumn<Evaluation & Pick<StoredEvaluation, 'cost'>>(
    row,
    'evaluations',
    'evaluation',
  );
  const stored = { record, hash: String(row['hash']), endedAt: String(row['ended_at']) };
  return cost === undefined ? stored : { ...stored, cost };
}
