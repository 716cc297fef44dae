import { canonicalJson, sha256Hex } from '../audit/canonical.ts';
import type { AuditEntry, JsonObject } from '../audit/record.ts';
import { isoTime } from '../clock.ts';
import { policyVerdicts, worstVerdict } from '../judge/policy.ts';
import type { Check, Evaluation, PlannedAction, PolicyVerdict } from '../judge/verdict.ts';
import type { StoredEvaluation, StoredVerdict } from '../store/store.ts';
import type { Window } from '../windows/window.ts';
import { type Reading, unmappedOf } from './read.ts';

/** The same window and revision of a model always have the same id, whoever evaluates and however often. */
export function evaluationId(model: string, window: Window, revision: number): string {
  return `ev-${shortHash([model, window.start, window.end, revision])}`;
}

/** Sixteen hexadecimal digits over the canonical JSON of the parts: identifiers are derived, never drawn. */
export function shortHash(parts: readonly (string | number | null)[]): string {
  return sha256Hex(canonicalJson(parts)).slice(0, 16);
}

export interface EvaluationParts {
  readonly model: string;
  readonly window: Window;
  readonly revision: number;
  readonly reading: Reading;
  readonly checks: readonly Check[];
}

/** The evaluation without its actions, which are decided on it. */
export function assembleEvaluation(parts: EvaluationParts): Evaluation {
  const { model, window, revision, reading, checks } = parts;
  const policy = policyVerdicts(checks);
  const { baseline } = reading;
  return {
    evaluation: evaluationId(model, window, revision),
    model,
    window: { start: isoTime(window.start), end: isoTime(window.end) },
    revision,
    verdict: worstVerdict(policy.map(({ verdict }) => verdict)),
    rows: reading.rows,
    baseline:
      baseline === null ? null : { id: baseline.id, hash: baseline.hash, rows: baseline.content.rows },
    policy,
    checks,
    actions: [],
    ...payloadOf(reading),
  };
}

function payloadOf(reading: Reading): Pick<Evaluation, 'payload'> {
  const { payload } = reading;
  if (payload === null) return {};
  const { requests, accepted, records, wrongType, answered } = payload;
  const rejected = Object.fromEntries(Object.entries(payload.rejected).filter(([, count]) => count > 0));
  return {
    payload: { requests, accepted, rejected, records, wrongType, answered, unmapped: unmappedOf(reading) },
  };
}

/** SHA-256 of the canonical JSON of the evaluation with all its cells: exactly what `evaluate --json` prints. */
export function evaluationHash(evaluation: Evaluation): string {
  return sha256Hex(canonicalJson(evaluation));
}

/** The audit record: the evaluation without the cells of quiet checks, and the hash of the whole. */
export function evaluationEntry(evaluation: Evaluation, hash: string): AuditEntry {
  const checks = evaluation.checks.map((check) =>
    check.verdict === 'ok' ? { ...check, cells: null } : check,
  );
  return { kind: 'evaluation', body: { ...evaluation, checks, hash } as unknown as JsonObject };
}

/** One record per policy check whose verdict is another than before. */
export function verdictEntries(
  evaluation: Evaluation,
  before: (policy: PolicyVerdict) => StoredVerdict | null,
): readonly AuditEntry[] {
  return evaluation.policy.flatMap((policy) => {
    const from = before(policy)?.verdict ?? null;
    if (from === policy.verdict) return [];
    const { check, version, verdict: to, reason } = policy;
    return [
      {
        kind: 'verdict' as const,
        body: {
          evaluation: evaluation.evaluation,
          model: evaluation.model,
          check,
          version,
          from,
          to,
          reason,
        },
      },
    ];
  });
}

/** Whether two evaluations of one window saw the same counts against the same baseline under the same limits. */
export function sameCounts(a: Evaluation, b: Evaluation): boolean {
  return canonicalJson(seen(a)) === canonicalJson(seen(b));
}

/** Counts and limits of judged checks; of a check without cells, the word for why it has none. What evidence made of them is no part of it. */
function seen(evaluation: Evaluation): unknown {
  const checks = evaluation.checks
    .filter(({ breach, cells, subject }) => (breach !== null || cells === null) && subject !== 'several')
    .map(({ check, subject, method, version, verdict, warn, breach, rows, cells, reason }) => [
      ...[check, subject, method, version, warn, breach, rows],
      cells === null ? verdict : cells.window,
      // Another trouble than last time is news to whoever mends it.
      verdict === 'error' ? reason : null,
    ]);
  return [evaluation.window, evaluation.rows, evaluation.baseline?.hash ?? null, checks];
}

/** Ends of windows of stored evaluations in which this version had rows, oldest first. */
export function windowsOfVersion(stored: readonly StoredEvaluation[], version: string): readonly Window[] {
  return stored
    .filter(({ record }) =>
      record.checks.some(
        (check) => check.check === 'prediction' && check.version === version && check.rows > 0,
      ),
    )
    .map(({ record }) => ({ start: Date.parse(record.window.start), end: Date.parse(record.window.end) }))
    .sort((a, b) => a.start - b.start);
}

export function withActions(evaluation: Evaluation, actions: readonly PlannedAction[]): Evaluation {
  return { ...evaluation, actions };
}
