import { VERDICT_ORDER, type Verdict } from '../../judge/verdict.ts';
import { shortNumber } from '../../judge/words.ts';
import { bullet } from '../charts/bullet.ts';
import { type TimelineData, timeline } from '../charts/timeline.ts';
import { type Html, html, path } from '../html.ts';
import type { Overview } from '../overview.ts';
import type { PageContent } from '../route.ts';
import {
  cell,
  type Now,
  plural,
  prose,
  relative,
  rollbackMark,
  severityMark,
  stackedTable,
  time,
  toneBadge,
  verdictMark,
  whole,
  windowText,
} from './words.ts';

/** All models, worst first, and what their newest windows were found to be. */
export function statusPage(models: readonly Overview[], history: TimelineData, now: Now): PageContent {
  const head = ['State', 'Model', 'Worst check', 'Versions', 'Exceptions', 'Rollback', 'Last evaluation'];
  const table =
    models.length === 0
      ? html`<p class="card">No model is configured.</p>`
      : stackedTable(
          head,
          models.map((model, index) => row(model, index, now)),
        );
  return {
    title: headline(models),
    content: html`<h1>Models</h1>${totals(models)}${table}${historyCard(history)}`,
  };
}

function headline(models: readonly Overview[]): string {
  const verdict = models[0]?.verdict ?? null;
  return verdict === null ? 'Status' : `${verdict.replace('_', ' ')} – status`;
}

/** How many models there are of each state, and what needs somebody. */
function totals(models: readonly Overview[]): Html {
  const count = (verdict: Verdict | null): number =>
    models.filter((model) => model.verdict === verdict).length;
  const verdicts: readonly (Verdict | null)[] = [...VERDICT_ORDER, null];
  const open = models.reduce((sum, model) => sum + model.exceptions.length, 0);
  const running = models.filter((model) => model.rollback !== null).length;
  return html`<ul class="totals">${verdicts
    .filter((verdict) => count(verdict) > 0)
    .map(
      (verdict) => html`<li>${verdictMark(verdict)} ${count(verdict)}</li>`,
    )}<li class="soft">${plural(open, 'open exception')}, ${plural(running, 'rollback')} running</li></ul>`;
}

function row(model: Overview, index: number, now: Now): Html {
  const { config, status, newest } = model;
  const owner = status?.owner ?? config.owner;
  return html`<tr>${cell('State', verdictMark(model.verdict))}${cell(
    'Model',
    html`<a class="name" href="${path('models', config.name)}">${config.name}</a><div class="soft small nowrap">${owner ?? 'owner not known yet'}${status !== null && html` · tier ${status.tier}`}</div>`,
  )}${cell('Worst check', worst(model, index))}${cell('Versions', versions(model))}${cell(
    'Exceptions',
    exceptions(model),
    model.exceptions.length === 0 ? 'none' : '',
  )}${cell('Rollback', rollback(model), model.rollback === null ? 'none' : '')}${cell(
    'Last evaluation',
    newest === null
      ? html`<span class="soft">none yet</span>`
      : html`<a href="${path('evaluations', newest.record.evaluation)}">${windowText(newest.record.window)}</a><div class="soft small nowrap">${whole(newest.record.rows)} rows, ${relative(newest.endedAt, now.wall)}</div>`,
  )}</tr>`;
}

function worst(model: Overview, index: number): Html {
  const check = model.worst;
  if (check === null) return html`<span class="soft">–</span>`;
  const name = check.subject === 'all' ? check.check : check.subject;
  const title = html`${name}${check.method !== null && html` <span class="soft">${check.method}</span>`}`;
  if (check.value === null) return html`${title}<div class="soft small reason">${prose(check.reason)}</div>`;
  const { value, lower, upper, noiseFloor, warn, breach, verdict } = check;
  const limits = [
    warn !== null && `warn ${shortNumber(warn)}`,
    breach !== null && `breach ${shortNumber(breach)}`,
    noiseFloor !== null && `noise floor ${shortNumber(noiseFloor)}`,
  ].filter((text) => text !== false);
  const drawing = bullet(`b${index}`, {
    measure: `${check.method ?? 'value'} of ${name}`,
    value,
    lower,
    upper,
    noiseFloor,
    warn,
    breach,
    verdict,
  });
  return html`${title} <strong>${shortNumber(value)}</strong><div class="bullet">${drawing}</div><div class="soft small">${limits.join(', ')}</div>`;
}

function versions({ status }: Overview): Html {
  if (status === null) return html`<span class="soft">not known yet</span>`;
  const serving = status.servingVersion === null ? 'not known' : `v${status.servingVersion}`;
  const champion = status.championVersion === null ? 'none' : `v${status.championVersion}`;
  const agree = status.conformant === false && html`<div>${toneBadge('warn', 'alias differs')}</div>`;
  const trouble = status.trouble !== null && html`<div class="soft small">${status.trouble}</div>`;
  return html`<div class="nowrap">serving ${serving}</div><div class="soft small nowrap">champion ${champion}</div>${agree}${trouble}`;
}

function exceptions({ exceptions }: Overview): Html {
  const first = exceptions[0];
  if (first === undefined) return html`<span class="soft">none</span>`;
  const more = exceptions.length > 1 && html`<div class="soft small">and ${exceptions.length - 1} more</div>`;
  return html`${severityMark(first.severity)} <a href="${path('exceptions', first.id)}">${first.cause}</a><div class="soft small nowrap">due ${time(first.dueAt)}</div>${more}`;
}

function rollback({ rollback }: Overview): Html {
  if (rollback === null) return html`<span class="soft">none</span>`;
  return html`${rollbackMark(rollback.state)}<div class="small"><a href="${path('rollbacks', rollback.id)}">v${rollback.from} to v${rollback.to}</a></div>`;
}

function historyCard(history: TimelineData): Html | null {
  if (history.lanes.every((lane) => lane.windows.length === 0)) return null;
  return html`<h2>Newest windows</h2><div class="card"><p class="soft small">The taller the bar, the worse: ok, warn, breach. Hatched: unknown. A triangle marks a rollback.</p><div class="wide">${timeline('tl-w', 1140, history)}</div><div class="narrow">${timeline('tl-n', 360, history)}</div></div>`;
}
