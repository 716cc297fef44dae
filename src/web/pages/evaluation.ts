import type { ExceptionCase } from '../../exceptions/exception.ts';
import { requestsTold } from '../../judge/requests-told.ts';
import type { Evaluation } from '../../judge/verdict.ts';
import type { Rollback } from '../../rollback/rollback.ts';
import type { StoredEvaluation } from '../../store/store.ts';
import { histogram } from '../charts/histogram.ts';
import { type Html, html, path } from '../html.ts';
import { chartedChecks } from '../model-data.ts';
import type { PageContent } from '../route.ts';
import { chanceOfLimits, checksTable } from './checks.ts';
import { baselineOf, exceptionsTable, rollbacksTable } from './records.ts';
import {
  cell,
  facts,
  type Now,
  plain,
  prose,
  stackedTable,
  time,
  verdictMark,
  whole,
  windowText,
} from './words.ts';

export interface EvaluationStory {
  readonly evaluation: StoredEvaluation;
  /** Every revision of the same window, newest first. */
  readonly revisions: readonly StoredEvaluation[];
  /** Cases and rollbacks that this evaluation led to. */
  readonly exceptions: readonly ExceptionCase[];
  readonly rollbacks: readonly Rollback[];
}

function costText({ statements, seconds }: NonNullable<StoredEvaluation['cost']>): string {
  return `${statements} ${statements === 1 ? 'statement' : 'statements'} in ${seconds.toFixed(1)} s`;
}

/** One evaluation: what was measured, how it was judged, what followed. */
export function evaluationPage(story: EvaluationStory, now: Now): PageContent {
  const { record, hash, endedAt, cost } = story.evaluation;
  const content = html`<p class="crumbs"><a href="/">Status</a> · <a href="${path('models', record.model)}">${record.model}</a></p>
<h1>Window ${windowText(record.window)} ${verdictMark(record.verdict)}</h1>
${superseded(story)}
<div class="card">${facts([
    ['Model', html`<a href="${path('models', record.model)}">${record.model}</a>`],
    ['Rows', whole(record.rows)],
    ['Revision', String(record.revision)],
    ['Done', time(endedAt)],
    ...(cost === undefined ? [] : [['Asked of the warehouse', costText(cost)] as const]),
    ['Baseline', baselineOf(record.baseline)],
    ['SHA-256', html`<code>${hash}</code>`],
    ['As JSON', html`<a href="${path('api', 'v1', 'evaluations', record.evaluation)}">with every cell</a>`],
  ])}</div>
${requestsOf(record)}
<h2>Verdicts</h2>
${stackedTable(
  ['Verdict', 'Check', 'Version', 'Why'],
  record.policy.map(
    (entry) =>
      html`<tr>${cell('Verdict', verdictMark(entry.verdict))}${cell('Check', html`<span class="name">${entry.check}</span>`)}${cell('Version', entry.version)}${cell('Why', prose(entry.reason))}</tr>`,
  ),
)}
<h2>What followed</h2>
${followed(story, now)}
${charts(story)}
<h2>Every check</h2>
${chanceOfLimits(record)}
${checksTable(record.checks)}`;
  return { title: `${record.model} ${record.window.end.slice(0, 10)} ${plain(record.verdict)}`, content };
}

/** Where requests are logged as JSON: what became of each of them. */
function requestsOf({ payload }: Evaluation): Html | null {
  if (payload === undefined) return null;
  return html`<h2>Logged requests</h2>
<ul>${requestsTold(payload).map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

function superseded({ evaluation, revisions }: EvaluationStory): Html | null {
  const newest = revisions[0]?.record;
  if (newest === undefined || newest.revision <= evaluation.record.revision) return null;
  return html`<p class="lead">Late rows came: <a href="${path('evaluations', newest.evaluation)}">revision ${newest.revision}</a> has replaced this one.</p>`;
}

function followed({ evaluation, exceptions, rollbacks }: EvaluationStory, now: Now): Html {
  const { actions } = evaluation.record;
  if (actions.length === 0 && exceptions.length === 0 && rollbacks.length === 0) {
    return html`<p class="soft">Nothing.</p>`;
  }
  const list = actions.map(
    ({ action, reason }) => html`<li><strong>${plain(action)}</strong>: ${prose(reason)}</li>`,
  );
  return html`${list.length > 0 && html`<ul>${list}</ul>`}${exceptions.length > 0 && exceptionsTable(exceptions, now)}${rollbacks.length > 0 && rollbacksTable(rollbacks)}`;
}

function charts({ evaluation }: EvaluationStory): Html | null {
  const { charted } = chartedChecks(evaluation.record.checks);
  if (charted.length === 0) return null;
  return html`<h2>Baseline against window</h2><div class="pairs">${charted.map((check, index) => {
    const subject = check.version === 'all' ? check.subject : `${check.subject}, version ${check.version}`;
    return html`<section class="card"><div class="words"><h3>${subject}</h3><p>${verdictMark(check.verdict)}</p><p>${prose(check.reason)}</p></div>${check.cells !== null && histogram({ id: `e${index}`, subject }, check.cells)}</section>`;
  })}</div>`;
}
