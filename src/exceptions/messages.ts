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

/** Where a person reads on. Without a public URL the links are paths. */
export function linksFor(
  exception: ExceptionCase,
  publicUrl: string | null,
): { readonly [name: string]: string } {
  const base = publicUrl ?? '';
  const links: Record<string, string> = {
    exception: `${base}/exceptions/${exception.id}`,
    model: `${base}/models/${exception.model}`,
  };
  if (exception.evaluation !== null) links['evaluation'] = `${base}/evaluations/${exception.evaluation}`;
  const rollback = exception.rollbacks.at(-1);
  if (rollback !== undefined) links['rollback'] = `${base}/rollbacks/${rollback}`;
  return links;
}
