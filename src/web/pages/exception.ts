import type { ExceptionCase, OutboxMessage } from '../../exceptions/exception.ts';
import type { Rollback } from '../../rollback/rollback.ts';
import { type Html, html, path } from '../html.ts';
import type { PageContent } from '../route.ts';
import { due, rollbacksTable, steps, ticketOf } from './records.ts';
import {
  cell,
  exceptionMark,
  facts,
  type Now,
  prose,
  severityMark,
  stackedTable,
  time,
  toneBadge,
} from './words.ts';

/** One case: what is wrong, whose it is, what was done, what can be done. */
export function exceptionPage(
  story: {
    readonly exception: ExceptionCase;
    readonly rollbacks: readonly Rollback[];
    readonly messages: readonly OutboxMessage[];
  },
  now: Now,
): PageContent {
  const { exception, rollbacks, messages } = story;
  const { model, evaluation } = exception;
  const content = html`<p class="crumbs"><a href="/">Status</a> · <a href="${path('models', model)}">${model}</a></p>
<h1>${exception.title} ${exceptionMark(exception.state)}</h1>
<p class="lead">${prose(exception.text)}</p>
<div class="card">${facts([
    ['Model', html`<a href="${path('models', model)}">${model}</a>, version ${exception.version}`],
    [
      'Cause',
      html`${exception.cause}${exception.subCauses.length > 0 && `, with ${exception.subCauses.join(', ')}`}`,
    ],
    ['Severity', severityMark(exception.severity)],
    [
      'Owner',
      html`${exception.owner}${exception.email !== null && html` <span class="soft">${exception.email}</span>`}`,
    ],
    exception.escalations.length === 0
      ? null
      : [
          'Escalated',
          html`${exception.escalations.map(({ at, to }, index) => html`${index > 0 && ', '}to ${to} ${time(at)}`)}`,
        ],
    ['Opened', time(exception.openedAt)],
    ['Due', due(exception, now)],
    ['Ticket', ticketOf(exception)],
    evaluation === null
      ? null
      : ['Found by', html`<a href="${path('evaluations', evaluation)}">this evaluation</a>`],
    exception.riskAcceptedUntil === null ? null : ['Risk accepted until', time(exception.riskAcceptedUntil)],
    exception.state === 'resolved'
      ? null
      : ['Windows out of breach', `${exception.quietWindows} of the 2 that resolve it`],
  ])}</div>
<h2>What happened</h2>
<div class="card">${steps(
    exception.history.map(({ at, state, by, why }) => ({
      at,
      mark: exceptionMark(state),
      why: html`${prose(why)}${by !== null && html` <span class="soft">– ${by}</span>`}`,
    })),
  )}</div>
${rollbacks.length > 0 && html`<h2>Rollbacks told in this case</h2>${rollbacksTable(rollbacks)}`}
${messages.length > 0 && html`<h2>Ticket deliveries</h2>${deliveries(messages)}`}
${exception.state !== 'resolved' && ways(exception)}`;
  return { title: exception.title, content };
}

function deliveries(messages: readonly OutboxMessage[]): Html {
  const tones = { waiting: 'busy', delivered: 'ok', failed: 'breach' } as const;
  return stackedTable(
    ['State', 'Change', 'Desk', 'Queued', 'Attempts', 'Last trouble'],
    messages.map(
      (message) =>
        html`<tr>${cell('State', toneBadge(tones[message.state], message.state))}${cell('Change', message.action)}${cell('Desk', message.desk)}${cell('Queued', time(message.queuedAt))}${cell('Attempts', message.attempts)}${cell('Last trouble', message.lastError ?? '–')}</tr>`,
    ),
  );
}

/** Pages change nothing; they say how. */
function ways(exception: ExceptionCase): Html {
  const { id } = exception;
  const acknowledge =
    exception.state !== 'acknowledged' &&
    html`<p>Somebody works on it:</p><pre>driftwarden exceptions ack ${id} --by WHO --reason TEXT</pre>`;
  return html`<h2>What can be done</h2><div class="card">${acknowledge}<p>The risk is accepted until a date:</p><pre>driftwarden exceptions accept-risk ${id} --until 2030-01-31T00:00:00Z --by WHO --reason TEXT</pre><p>It is settled:</p><pre>driftwarden exceptions resolve ${id} --by WHO --reason TEXT</pre></div>`;
}
