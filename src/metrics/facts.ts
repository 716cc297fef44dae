import type { AuditKind } from '../audit/record.ts';
import type { RiskTier, Severity } from '../exceptions/exception.ts';
import type { CheckKind, Verdict } from '../judge/verdict.ts';
import type { Gate, Readiness, RollbackState } from '../rollback/rollback.ts';

/**
 * Everything a snapshot is rendered from, as plain data. Times are milliseconds since 1970-01-01T00:00Z, lengths are
 * seconds, null is what never happened or is not known: its series is absent.
 */
export interface SnapshotInput {
  /** The same clock that stamps the end of evaluations. */
  readonly now: number;
  readonly maxSeries: number;
  /** In the order of the configuration; when the cap is reached, the last ones are left out. */
  readonly models: readonly ModelFacts[];
  readonly desks: readonly DeskFacts[];
  readonly audit: AuditFacts;
}

export interface ModelFacts {
  readonly model: string;
  readonly owner: string;
  readonly tier: RiskTier;
  readonly desks: readonly string[];
  readonly intervalSeconds: number;
  /** Configured budget of false alarms. */
  readonly falseAlarmsPerYear: number;
  readonly lastSuccess: number | null;
  readonly lastCompletion: number | null;
  readonly lastDurationSeconds: number | null;
  readonly windowEnd: number | null;
  readonly live: LiveFacts | null;
  readonly evaluation: EvaluationFacts | null;
  readonly rollbacks: RollbackFacts;
  readonly exceptions: ExceptionFacts;
  /** Totals by `counterKey`; what is not here is 0. */
  readonly totals: { readonly [key: string]: number };
}

/** What the last cycle saw around the model. */
export interface LiveFacts {
  readonly activeVersion: string | null;
  readonly shares: { readonly [version: string]: number };
  readonly ownerResolved: boolean;
  readonly conformant: boolean | null;
  readonly readiness: Readiness;
  readonly heldGates: readonly Gate[];
}

export interface EvaluationFacts {
  readonly checks: readonly CheckFacts[];
  readonly featuresMonitored: number;
  readonly featuresDrifted: number;
  readonly topFeatures: readonly FeatureFacts[];
}

/** One policy check, told by the worst version that has live traffic and by that version's worst subject. */
export interface CheckFacts {
  readonly check: string;
  readonly kind: CheckKind;
  readonly verdict: Verdict;
  readonly breachRatio: number | null;
  /** Largest evidence over what is needed, of the check's subjects, at least 0; null under rule `limit`. */
  readonly evidenceRatio: number | null;
  /** The worst known verdict of its subjects by either rule; null where a rule said nothing. */
  readonly rules?: { readonly limit: Verdict | null; readonly evidence: Verdict | null };
  /** What fixed limits alone would raise by chance in a year; null where nothing has a limit. */
  readonly limitAlarms?: { readonly warn: number; readonly breach: number } | null;
  readonly rows: number | null;
  readonly scores: readonly ScoreFacts[];
}

export interface ScoreFacts {
  readonly method: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly noiseFloor: number | null;
  readonly warn: number | null;
  readonly breach: number | null;
  readonly breachRatio: number | null;
}

export interface FeatureFacts {
  readonly feature: string;
  readonly scores: readonly ScoreFacts[];
}

export interface RollbackFacts {
  readonly running: boolean;
  readonly deadline: number | null;
  readonly lastEnded: number | null;
  readonly newestState: RollbackState | null;
}

export interface ExceptionFacts {
  readonly open: { readonly [severity in Severity]: number };
  readonly earliestDue: number | null;
  readonly tickets: { readonly [desk: string]: { readonly open: number; readonly oldest: number | null } };
}

export interface DeskFacts {
  readonly desk: string;
  readonly deliveries: number;
  readonly failures: number;
  readonly waiting: number;
  readonly oldestQueued: number | null;
}

export interface AuditFacts {
  /** Sequence number up to which records have been read. */
  readonly seq: number;
  /** Records by kind, counted since the process started. */
  readonly records: { readonly [kind in AuditKind]?: number };
  readonly lastCheckpoint: number | null;
}
