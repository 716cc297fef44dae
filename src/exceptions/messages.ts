import type { AuditEntry } from '../audit/record.ts';
import type { DeskAction, ExceptionCase, OutboxMessage } from './exception.ts';

export interface MessageFields {
  readonly text: string;
  readonly links: { readonly [name: string]: string };
  readonly queuedAt: string;
  /** The place in the history of the case or of its rollback. */
  readonly step: string;
}

/** The ticket changes for what happened to a case: one for its owner's desk, one for each desk it was escalated to; none without desks. */
export function messagesFor(
  exception: ExceptionCase,
  action: DeskAction,
  fields: MessageFields,
): readonly OutboxMessage[] {
  const desks = new Set([exception.desk, ...exception.escalations.map(({ desk }) => desk)]);
  return [...desks].flatMap((desk) =>
    desk === null ? [] : [messageTo(desk, exception, { ...fields, action })],
  );
}

/** The ticket change for one desk. The key names the case, the act, its place in the history, and a desk that is not the owner's own. */
export function messageTo(
  desk: string,
  exception: ExceptionCase,
  fields: MessageFields & { readonly action: DeskAction },
): OutboxMessage {
  const { action, step } = fields;
  return {
    key: `${exception.id}:${action}:${step}${desk === exception.desk ? '' : `:${desk}`}`,
    desk,
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
