/**
 * The port to the audit log of the lakehouse: who changed a serving endpoint or an alias. It is asked after the fact, and what it
 * says decides nothing. It never throws for what can be expected: that nobody can be named is an answer, with its reason.
 */
export interface Changes {
  told(question: ChangesQuestion): Promise<ToldChanges>;
}

export type Resource =
  | { readonly kind: 'endpoint'; readonly name: string }
  /** `model` is the full name of the registered model. */
  | { readonly kind: 'alias'; readonly model: string; readonly alias: string };

export interface ChangesQuestion {
  readonly resources: readonly Resource[];
  /** Half-open, milliseconds since 1970 of the clock of the lakehouse. */
  readonly from: number;
  readonly to: number;
}

/** One change that took effect, as the log has it. */
export interface SeenChange {
  readonly at: number;
  /** As the log names people and service principals: a mail address, or an application id. */
  readonly actor: string;
  readonly resource: Resource;
  /** Endpoints of one name can exist in several workspaces of an account: the log holds all of them. Null: not told. */
  readonly workspace: string | null;
}

export const UNTOLD_REASONS = [
  /** The configuration has no audit log that could be read. */
  'no_log',
  'no_grant',
  /** There is no such table: the system schema is not enabled. */
  'not_enabled',
  'too_slow',
  'unavailable',
  'unreadable',
] as const;
export type UntoldReason = (typeof UNTOLD_REASONS)[number];

/** Newest change first, those of driftwarden itself left out; an empty list is what a log that lags says as well. */
export type ToldChanges =
  | { readonly told: true; readonly changes: readonly SeenChange[] }
  | { readonly told: false; readonly reason: UntoldReason; readonly why: string };

/** So many changes of one question are told at most, the newest. */
export const MOST_CHANGES = 20;

/** Where there is no audit log to be read. `why` is half a sentence. */
export function noChanges(why: string): Changes {
  return { told: async () => ({ told: false, reason: 'no_log', why }) };
}
