/** A case opened for the model's owner. At most one open case exists per (model, cause). */
export interface ExceptionCase {
  readonly id: string;
  readonly model: string;
  readonly cause: string;
  readonly severity: Severity;
  readonly state: ExceptionState;
  readonly owner: string;
  /** Where the owner is reached besides the desk, as it was known when the case opened. */
  readonly email: string | null;
  readonly openedAt: string;
  readonly dueAt: string;
  /** Registered version the case is about, or `all`. */
  readonly version: string;
  readonly title: string;
  readonly text: string;
  /** The evaluation that opened it, if one did. */
  readonly evaluation: string | null;
  /** Rollbacks told in this case. */
  readonly rollbacks: readonly string[];
  /** Causes of the same window that opened no case of their own. */
  readonly subCauses: readonly string[];
  /** Windows in a row, known and out of breach, on the version that serves. Two of them resolve the case. */
  readonly quietWindows: number;
  readonly riskAcceptedUntil: string | null;
  readonly desk: string | null;
  readonly ticket: { readonly desk: string; readonly key: string; readonly url: string | null } | null;
  /** Who else was told because nobody acknowledged in time, in order. */
  readonly escalations: readonly Escalation[];
  readonly history: readonly {
    readonly at: string;
    readonly state: ExceptionState;
    readonly by: string | null;
    readonly why: string;
  }[];
  /** Grows with every write; a commit that read an older one is refused. */
  readonly rev: number;
}

export interface Escalation {
  readonly at: string;
  /** Key of `owners`. */
  readonly to: string;
  readonly email: string | null;
  /** That owner's desk; it is told from then on whatever the owner's own desk is told. */
  readonly desk: string | null;
}

export const EXCEPTION_STATES = ['open', 'acknowledged', 'risk_accepted', 'resolved', 'reopened'] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type RiskTier = 'high' | 'medium' | 'low';

/** What a ticket desk is asked to do. */
export type DeskAction = 'open' | 'update' | 'resolve' | 'reopen' | 'escalate';

/** One ticket change on its way to a desk: committed with its cause, delivered at least once, deduplicated by `key`. */
export interface OutboxMessage {
  /** Idempotency key, sent along. */
  readonly key: string;
  readonly desk: string;
  readonly exception: string;
  readonly action: DeskAction;
  readonly title: string;
  readonly text: string;
  readonly links: { readonly [name: string]: string };
  /** Domain time, ISO. */
  readonly queuedAt: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** Wall time in milliseconds before which it is not tried again. */
  readonly notBefore: number;
  readonly lastError: string | null;
}
