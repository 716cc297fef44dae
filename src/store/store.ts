import type { AuditEntry, AuditRecord } from '../audit/record.ts';
import type { Baseline } from '../baseline/bins.ts';
import type { ExceptionCase, OutboxMessage } from '../exceptions/exception.ts';
import type { Evaluation, Verdict } from '../judge/verdict.ts';
import type { GateResult, Readiness, Rollback } from '../rollback/rollback.ts';

/**
 * The port to the state store. Everything that matters is in it. Reads see committed state only; every write goes
 * through {@link Store.commit}, which is one durable transaction: all of a change or nothing of it.
 */
export interface Store {
  /**
   * Writes the change and appends its audit entries to the chain, in one transaction, synced before it answers.
   * Answers what was appended: the entries in order, and a checkpoint where one was due.
   *
   * Throws StaleWrite when somebody else was faster: a record was changed since it was read (its `rev` is not the stored
   * one), a second exception would be open for a model and cause, a second rollback active for a model, or the window
   * has an evaluation of this revision with other content (one that ended in `error` gives way to the same id).
   * StoreError is trouble with the store itself. After either nothing of the change is stored.
   */
  commit(change: Change): Promise<readonly AuditRecord[]>;

  /** One row per model that ever had one; null before the first. */
  progress(model: string): Promise<ModelProgress | null>;
  statuses(): Promise<readonly ModelStatus[]>;
  /** Newest revision of each window, newest window first. */
  evaluations(query: EvaluationsQuery): Promise<readonly StoredEvaluation[]>;
  evaluation(id: string): Promise<StoredEvaluation | null>;
  /** Every stored revision of one window, newest first. */
  revisions(model: string, windowEnd: number): Promise<readonly StoredEvaluation[]>;
  /** Verdicts of one policy check and version, newest window first, newest revision of each window only. */
  verdicts(query: {
    model: string;
    check: string;
    version: string;
    limit: number;
  }): Promise<readonly StoredVerdict[]>;
  checkStates(model: string): Promise<readonly CheckState[]>;

  /** Newest first; so are exceptions (by `openedAt`) and rollbacks (by `createdAt`). */
  baselines(model: string): Promise<readonly Baseline[]>;
  baseline(id: string): Promise<Baseline | null>;

  exceptions(query: { model?: string; open?: boolean }): Promise<readonly ExceptionCase[]>;
  exception(id: string): Promise<ExceptionCase | null>;

  rollbacks(query: { model?: string; active?: boolean }): Promise<readonly Rollback[]>;
  rollback(id: string): Promise<Rollback | null>;
  /** Versions of a model that an earlier rollback left and that nobody has released. */
  holds(model: string): Promise<readonly Hold[]>;

  /** Waiting messages, oldest first. */
  waiting(): Promise<readonly OutboxMessage[]>;
  /** Every message about an exception, in the order they were queued. */
  messages(exception: string): Promise<readonly OutboxMessage[]>;

  servedVersions(model: string): Promise<readonly ServedVersion[]>;

  /** Audit records in order, from `seq` (1-based) on. */
  auditFrom(seq: number, limit: number): Promise<readonly AuditRecord[]>;
  auditHead(): Promise<{ readonly seq: number; readonly hash: string } | null>;
  /** Exact stored line of each record, for exports. */
  auditLines(from: number, limit: number): Promise<readonly string[]>;
  /** Counters that survive a restart: see {@link Counter}. */
  counters(): Promise<readonly Counter[]>;

  /** Named small facts: `config_hash`, `demo`, ... */
  fact(name: string): Promise<string | null>;

  close(): Promise<void>;
}

export interface EvaluationsQuery {
  readonly model: string;
  readonly limit: number;
  /** Only windows that end earlier than this. */
  readonly before?: number;
  /** The short windows that follow a release, instead of the model's own. */
  readonly series?: 'bake';
}

/** One transaction's worth of change. Records replace the stored ones of the same id. */
export interface Change {
  readonly audit: readonly AuditEntry[];
  readonly evaluation?: StoredEvaluation;
  /** A window of a bake: found by its id like any other, and in lists only where bakes are asked for. */
  readonly bake?: StoredEvaluation;
  readonly progress?: ModelProgress;
  readonly status?: ModelStatus;
  readonly checkStates?: readonly CheckState[];
  readonly baselines?: readonly Baseline[];
  /** `rev` as read; the store writes rev + 1. A new record has rev 0. */
  readonly exceptions?: readonly ExceptionCase[];
  readonly rollbacks?: readonly Rollback[];
  /** New messages (an existing key is left as it is). Their exception is stored, or in this change. */
  readonly queue?: readonly OutboxMessage[];
  /** Changed messages (delivered, failed, tried); an unknown key is a bug and throws. */
  readonly messages?: readonly OutboxMessage[];
  readonly holds?: readonly Hold[];
  /** The first sighting of (model, entity, version) stands. */
  readonly served?: readonly ServedVersion[];
  readonly count?: readonly Counter[];
  readonly facts?: { readonly [name: string]: string };
}

/** How far a model has been evaluated. Milliseconds of domain time. */
export interface ModelProgress {
  readonly model: string;
  /** End of the newest evaluated window. */
  readonly windowEnd: number;
  /** Start of the first window that counts (`since`, or the newest closed one at first sight). */
  readonly firstStart: number;
  /** Since when the evaluation has been unknown without a break; null when it is known. */
  readonly unknownSince: number | null;
}

/** What the last cycle saw around a model: owner, registry, serving, and whether a rollback could happen now. */
export interface ModelStatus {
  readonly model: string;
  /** Domain time, ISO. */
  readonly at: string;
  readonly owner: string;
  readonly ownerResolved: boolean;
  readonly tier: 'high' | 'medium' | 'low';
  /** Versions behind the aliases; null where there is none or the registry did not answer. */
  readonly championVersion: string | null;
  readonly rollbackVersion: string | null;
  /** Version with the largest share of live traffic; null when unknown. */
  readonly servingVersion: string | null;
  /** Share of live traffic per version, 0 to 1. */
  readonly shares: { readonly [version: string]: number };
  /** Whether alias and traffic agree; null when it cannot be told. */
  readonly conformant: boolean | null;
  readonly readiness: Readiness;
  /** Every gate as it would be asked now. */
  readonly gates: readonly GateResult[];
  /** Why registry or serving gave no answer; null when both did. */
  readonly trouble: string | null;
}

export interface StoredEvaluation {
  readonly record: Evaluation;
  readonly hash: string;
  readonly endedAt: string;
  /** What its statements cost; absent in evaluations written before it was kept. It is of the run, and no part of the hash. */
  readonly cost?: { readonly statements: number; readonly seconds: number };
}

export interface StoredVerdict {
  readonly windowEnd: number;
  readonly revision: number;
  readonly verdict: Verdict;
  readonly evaluation: string;
  readonly worst: string | null;
}

/** What a check carries from window to window, as its rule left it. `key` is check, subject, method, segment, version. */
export interface CheckState {
  readonly model: string;
  readonly key: string;
  /** End of the window after which this state stands. */
  readonly windowEnd: number;
  readonly state: unknown;
}

export interface Hold {
  readonly model: string;
  readonly version: string;
  readonly rollback: string;
  readonly since: string;
  readonly releasedBy: string | null;
  readonly releasedAt: string | null;
  readonly releaseReason: string | null;
}

/** Which served entity is which version, so that history stays readable after an endpoint update. */
export interface ServedVersion {
  readonly model: string;
  readonly entity: string;
  readonly version: string;
  readonly firstSeen: string;
}

/** An increment in `Change.count`, a total in `Store.counters`. `labels` is canonical JSON of the label values. */
export interface Counter {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

export class StaleWrite extends Error {
  override readonly name = 'StaleWrite';
}

export const STORE_REASONS = [
  'locked',
  'full',
  'read_only',
  'corrupt',
  'newer_schema',
  'unavailable',
] as const;
export type StoreReason = (typeof STORE_REASONS)[number];

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreReason;
  readonly remedy: string;

  constructor(reason: StoreReason, message: string, remedy: string) {
    super(message);
    this.reason = reason;
    this.remedy = remedy;
  }
}
