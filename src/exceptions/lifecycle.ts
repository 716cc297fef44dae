import type { ExceptionCase, ExceptionState, RiskTier, Severity } from './exception.ts';

const DAY = 86_400_000;
const DUE_DAYS: { readonly [severity in Severity]: number } = { critical: 1, high: 3, medium: 10, low: 30 };
const TIER_FACTOR: { readonly [tier in RiskTier]: number } = { high: 1, medium: 2, low: 4 };

/** Known windows out of breach, in a row, after which a case resolves. */
export const QUIET_WINDOWS = 2;
/** A resolved case whose cause comes back within this time is reopened; later it is a new case. Milliseconds. */
export const REOPEN_WITHIN = 7 * DAY;

/** States in which a case waits for somebody: what `open` means in lists and metrics. */
export function isOpen(state: ExceptionState): boolean {
  return state === 'open' || state === 'acknowledged' || state === 'reopened';
}

/** When a case is due: by severity, twice as long for medium-tier models, four times for low. */
export function dueAt(opened: number, severity: Severity, tier: RiskTier): number {
  return opened + DUE_DAYS[severity] * TIER_FACTOR[tier] * DAY;
}

export interface NewCase {
  readonly id: string;
  readonly model: string;
  readonly cause: string;
  readonly subCauses: readonly string[];
  readonly severity: Severity;
  readonly tier: RiskTier;
  readonly owner: string;
  readonly email: string | null;
  readonly desk: string | null;
  readonly version: string;
  readonly title: string;
  readonly text: string;
  readonly evaluation: string | null;
  /** Domain time, milliseconds. */
  readonly now: number;
}

export function openCase(fields: NewCase): ExceptionCase {
  const { tier, now, ...rest } = fields;
  const openedAt = new Date(now).toISOString();
  return {
    ...rest,
    state: 'open',
    openedAt,
    dueAt: new Date(dueAt(now, fields.severity, tier)).toISOString(),
    rollbacks: [],
    quietWindows: 0,
    riskAcceptedUntil: null,
    ticket: null,
    escalations: [],
    history: [{ at: openedAt, state: 'open', by: null, why: fields.title }],
    rev: 0,
  };
}

/** Moves a case to a state, on its history. `by` is null when the program did it. */
export function moveCase(
  current: ExceptionCase,
  to: ExceptionState,
  step: { readonly now: number; readonly by: string | null; readonly why: string },
): ExceptionCase {
  const at = new Date(step.now).toISOString();
  return {
    ...current,
    state: to,
    history: [...current.history, { at, state: to, by: step.by, why: step.why }],
  };
}

/** What a window says about the cause of a case. `null`: nothing is known, which clears nothing and opens nothing. */
export type CauseSignal = 'breach' | 'quiet' | null;

/** What becomes of a case after a window: the case, and what happened to it if something did. */
export interface CaseStep {
  readonly exception: ExceptionCase;
  readonly happened: 'resolved' | 'reopened' | null;
}

/** One window later. `breach` starts the count of quiet windows anew; two quiet windows in a row resolve. */
export function afterWindow(
  current: ExceptionCase,
  signal: CauseSignal,
  step: { readonly now: number; readonly why: string },
): CaseStep {
  if (signal === null) return { exception: current, happened: null };
  if (signal === 'quiet') return quietWindow(current, step);
  if (current.state === 'risk_accepted' && riskAccepted(current, step.now))
    return { exception: { ...current, quietWindows: 0 }, happened: null };
  if (current.state === 'resolved' || current.state === 'risk_accepted') {
    const moved = moveCase({ ...current, quietWindows: 0, riskAcceptedUntil: null }, 'reopened', {
      now: step.now,
      by: null,
      why: step.why,
    });
    return { exception: moved, happened: 'reopened' };
  }
  return { exception: { ...current, quietWindows: 0 }, happened: null };
}

function quietWindow(current: ExceptionCase, step: { readonly now: number; readonly why: string }): CaseStep {
  if (current.state === 'resolved') return { exception: current, happened: null };
  const quietWindows = current.quietWindows + 1;
  if (quietWindows < QUIET_WINDOWS) return { exception: { ...current, quietWindows }, happened: null };
  const why = `${QUIET_WINDOWS} windows in a row out of breach: ${step.why}`;
  return {
    exception: moveCase({ ...current, quietWindows }, 'resolved', { now: step.now, by: null, why }),
    happened: 'resolved',
  };
}

function riskAccepted(current: ExceptionCase, now: number): boolean {
  return current.riskAcceptedUntil !== null && now < Date.parse(current.riskAcceptedUntil);
}

/** Whether a new breach of the cause belongs to this resolved case rather than to a new one. */
export function mayReopen(current: ExceptionCase, now: number): boolean {
  const resolved = current.history.at(-1);
  return (
    current.state === 'resolved' && resolved !== undefined && now - Date.parse(resolved.at) <= REOPEN_WITHIN
  );
}
