import type { AuditEntry } from '../audit/record.ts';
import type { DeskAction, ExceptionCase, OutboxMessage } from './exception.ts';

/** The ticket change for what happened to a case; null when its owner has no desk. The key names the case, the act and its place in the history. */
export function messageFor(
  exception: ExceptionCase,
  action: DeskAction,
  fields: {
    readonly text: string;
    readonly links: { readonly [name: string]: string };
    readonly queuedAt: string;
    readonly step: string;
  },
): OutboxMessage | null {
  if (exception.desk === null) return null;
  return {
    key: `${exception.id}:${action}:${fields.step}`,
    desk: exception.desk,
    exception: exception.id,
    action,
    title: exception.title,
    text: fields.text,
    links: fields.links,
    queuedAt: fields.queuedAt,
    state: 'waiting',
    attempts: 0,
    notBefore: 0,
    lastError: null,
  };
}

/** The audit record of a state a case has entered. */
export function exceptionEntry(exception: ExceptionCase, why: string): AuditEntry {
  const { id, model, cause, state, severity, owner } = exception;
  return { kind: 'exception', body: { exception: id, model, cause, state, severity, owner, reason: why } };
}

/** Where a case is read about: the daemon's own pages, where people reach them, and what its model's runbook says to do. */
export interface ReadOn {
  readonly publicUrl: string | null;
  readonly runbook?: string | null;
}

export function readOn(
  config: {
    readonly http: { readonly publicUrl: string | null };
    readonly models: { readonly [name: string]: { readonly runbook: string | null } };
  },
  model: string,
): ReadOn {
  return { publicUrl: config.http.publicUrl, runbook: config.models[model]?.runbook ?? null };
}

/** Links that a ticket can carry. Without a public URL the pages have no address that means anything outside this machine. */
export function linksFor(
  exception: ExceptionCase,
  { publicUrl, runbook }: ReadOn,
): { readonly [name: string]: string } {
  const links: Record<string, string> = runbook === undefined || runbook === null ? {} : { runbook };
  if (publicUrl === null) return links;
  links['exception'] = `${publicUrl}/exceptions/${exception.id}`;
  links['model'] = `${publicUrl}/models/${encodeURIComponent(exception.model)}`;
  if (exception.evaluation !== null) links['evaluation'] = `${publicUrl}/evaluations/${exception.evaluation}`;
  const rollback = exception.rollbacks.at(-1);
  if (rollback !== undefined) links['rollback'] = `${publicUrl}/rollbacks/${rollback}`;
  return links;
}
