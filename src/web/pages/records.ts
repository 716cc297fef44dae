import type { ExceptionCase } from '../../exceptions/exception.ts';
import type { Evaluation } from '../../judge/verdict.ts';
import type { Rollback } from '../../rollback/rollback.ts';
import { type Html, html, outsideLink, path } from '../html.ts';
import {
  cell,
  exceptionMark,
  type Now,
  relative,
  rollbackMark,
  severityMark,
  stackedTable,
  time,
  timeToSecond,
  whole,
} from './words.ts';

export function baselineOf(baseline: Evaluation['baseline']): Html {
  if (baseline === null) return html`none yet`;
  return html`<a href="${path('api', 'v1', 'baselines', baseline.id)}">${baseline.id.slice(0, 12)}</a>, ${whole(baseline.rows)} rows`;
}

/** Cases as rows that lead to their pages. */
export function exceptionsTable(exceptions: readonly ExceptionCase[], now: Now): Html {
  if (exceptions.length === 0) return html`<p class="soft">There has been none.</p>`;
  const head = ['State', 'Severity', 'Cause', 'Owner', 'Opened', 'Due', 'Ticket'];
  return stackedTable(
    head,
    exceptions.map(
      (exception) =>
        html`<tr>${cell('State', exceptionMark(exception.state))}${cell('Severity', severityMark(exception.severity))}${cell('Cause', html`<a href="${path('exceptions', exception.id)}">${exception.cause}</a> <span class="soft small">version ${exception.version}</span>`)}${cell('Owner', exception.owner)}${cell('Opened', time(exception.openedAt))}${cell('Due', due(exception, now))}${cell('Ticket', ticketOf(exception))}</tr>`,
    ),
  );
}

export function due(exception: ExceptionCase, now: Now): Html {
  if (exception.state === 'resolved') return time(exception.dueAt);
  const late = Date.parse(exception.dueAt) < now.domain;
  return html`${time(exception.dueAt)} <span class="soft small">${late ? 'overdue, ' : ''}${relative(exception.dueAt, now.domain)}</span>`;
}

export function ticketOf(exception: ExceptionCase): Html {
  const { ticket, desk } = exception;
  if (ticket === null)
    return html`<span class="soft">${desk === null ? 'no desk' : `on its way to ${desk}`}</span>`;
  const name = `${ticket.desk} ${ticket.key}`;
  return ticket.url === null ? html`${name}` : outsideLink(ticket.url, name);
}

export function rollbacksTable(rollbacks: readonly Rollback[]): Html {
  if (rollbacks.length === 0) return html`<p class="soft">There has been none.</p>`;
  const head = ['State', 'From and to', 'Trigger', 'Cause', 'Planned', 'Ended'];
  return stackedTable(
    head,
    rollbacks.map(
      (rollback) =>
        html`<tr>${cell('State', rollbackMark(rollback.state))}${cell('From and to', html`<a href="${path('rollbacks', rollback.id)}">v${rollback.from} to v${rollback.to}</a>`)}${cell('Trigger', rollback.trigger)}${cell('Cause', rollback.cause)}${cell('Planned', time(rollback.createdAt))}${cell('Ended', rollback.endedAt === null ? html`<span class="soft">running</span>` : time(rollback.endedAt))}</tr>`,
    ),
  );
}

/** What happened, oldest first: when, what, why. */
export function steps(
  entries: readonly { readonly at: string; readonly mark: Html; readonly why: Html | string }[],
): Html {
  return html`<ol class="steps">${entries.map(
    ({ at, mark, why }) => html`<li>${timeToSecond(at)}<div>${mark}</div><div>${why}</div></li>`,
  )}</ol>`;
}
