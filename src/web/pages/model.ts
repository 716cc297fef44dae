import type { Check, PolicyVerdict } from '../../judge/verdict.ts';
import { percent } from '../../judge/words.ts';
import type { StoredEvaluation } from '../../store/store.ts';
import { type Html, type HtmlValue, html, outsideLink, path } from '../html.ts';
import type { ModelPage } from '../model-data.ts';
import type { PageContent } from '../route.ts';
import { checksTable } from './checks.ts';
import { featureCards } from './features.ts';
import { baselineOf, exceptionsTable, rollbacksTable } from './records.ts';
import {
  baselineMark,
  cell,
  facts,
  type Now,
  plain,
  plural,
  prose,
  readinessText,
  relative,
  rollbackMark,
  stackedTable,
  time,
  toneBadge,
  verdictMark,
  whole,
  windowText,
} from './words.ts';

/** One model: how it is and why, what moved, what is served, what was done. */
export function modelDocument(page: ModelPage, now: Now): PageContent {
  const { config, verdict, newest } = page.overview;
  const record = newest?.record;
  const content = html`<p class="crumbs"><a href="/">Status</a></p>
<h1>${config.name} ${verdictMark(verdict)}</h1>
${why(page)}
<div class="card">${headFacts(page, now)}</div>
<h2>Verdicts</h2>
${record === undefined ? html`<p class="soft">There is no evaluation yet.</p>` : policyTable(record.policy)}
${record !== undefined && featureCards(page, record)}
<h2>Versions and traffic</h2>
${versions(page)}
${bakes(page)}
<h2>Rollbacks</h2>
${rollbacksTable(page.rollbacks)}
<h2>Exceptions</h2>
${exceptionsTable(page.exceptions, now)}
<h2>Evaluations</h2>
${evaluations(page)}
${record !== undefined && html`<h2>Every check of the newest window</h2><details><summary>${plural(record.checks.length, 'check')}</summary>${checksTable(bySubject(record.checks))}</details>`}`;
  return { title: `${config.name}${verdict === null ? '' : ` ${plain(verdict)}`}`, content };
}

/** The deciding sentence, and what goes on because of it. */
function why({ overview }: ModelPage): Html {
  const { newest, verdict, exceptions, rollback } = overview;
  if (newest === null) return html`<p class="lead">No window of this model has been evaluated yet.</p>`;
  const deciding = newest.record.policy.filter((policy) => policy.verdict === verdict);
  const words =
    verdict === 'ok'
      ? [html`Every check is within its limits.`]
      : deciding.map((policy) => html`${prose(policy.reason)} `);
  const running =
    rollback !== null &&
    html`<p class="lead">${rollbackMark(rollback.state)} <a href="${path('rollbacks', rollback.id)}">Rollback from v${rollback.from} to v${rollback.to}</a>: ${rollback.history.at(-1)?.why ?? ''}</p>`;
  const open = exceptions.map(
    (exception, index) =>
      html`${index > 0 && ', '}<a href="${path('exceptions', exception.id)}">${exception.title}</a>`,
  );
  return html`<p class="lead">${words}</p>${running}${open.length > 0 && html`<p class="lead">Open: ${open}.</p>`}`;
}

function headFacts({ overview, baselines }: ModelPage, now: Now): Html {
  const { config, status, newest } = overview;
  const baseline = newest?.record.baseline ?? null;
  const stored = baselines.find(({ id }) => id === baseline?.id);
  return facts([
    ...newestFacts(newest, now),
    ['Baseline', html`${baselineOf(baseline)} ${stored !== undefined && baselineMark(stored.state)}`],
    [
      'Owner',
      html`${status?.owner ?? config.owner ?? 'not known yet'}${status !== null && `, tier ${status.tier}`}`,
    ],
    ['Registered model', config.registeredModel],
    ['Endpoint', config.endpoint ?? 'none (batch)'],
    ['Rollback', html`mode ${config.rollback.mode}, on ${config.rollback.on.join(', ')}`],
    config.task === null ? null : ['Task', config.task],
    config.runbook === null ? null : ['Runbook', outsideLink(config.runbook, config.runbook)],
  ]);
}

function newestFacts(newest: StoredEvaluation | null, now: Now): readonly (readonly [string, HtmlValue])[] {
  if (newest === null) return [['Newest window', 'none yet']];
  const { record, endedAt } = newest;
  const revision = record.revision > 0 && ` revision ${record.revision}`;
  return [
    [
      'Newest window',
      html`<a href="${path('evaluations', record.evaluation)}">${windowText(record.window)}</a>${revision}, ${whole(record.rows)} rows`,
    ],
    ['Evaluated', html`${time(endedAt)} <span class="soft">${relative(endedAt, now.wall)}</span>`],
  ];
}

function policyTable(policy: readonly PolicyVerdict[]): Html {
  return stackedTable(
    ['Verdict', 'Check', 'Version', 'Decided by', 'Why'],
    policy.map(
      (entry) =>
        html`<tr>${cell('Verdict', verdictMark(entry.verdict))}${cell('Check', html`<span class="name">${entry.check}</span>`)}${cell('Version', entry.version)}${cell('Decided by', entry.worst ?? '–')}${cell('Why', prose(entry.reason))}</tr>`,
    ),
  );
}

/** What is served and what may be done about it now. */
function versions({ overview, holds, served }: ModelPage): Html {
  const { status } = overview;
  if (status === null)
    return html`<p class="soft">The registry and the endpoint have not been asked yet.</p>`;
  const known = [
    ...new Set([
      ...Object.keys(status.shares),
      status.championVersion,
      status.rollbackVersion,
      ...served.map(({ version }) => version),
    ]),
  ].filter((version) => version !== null);
  const rows = known
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((version) => {
      const roles = [
        version === status.servingVersion && 'serves most',
        version === status.championVersion && 'champion',
        version === status.rollbackVersion && 'has the rollback alias',
        holds.some((hold) => hold.version === version && hold.releasedAt === null) && 'held after a rollback',
      ].filter((role) => role !== false);
      const seen = served.find((entry) => entry.version === version)?.firstSeen;
      return html`<tr>${cell('Version', html`<span class="name">v${version}</span>`)}${cell('Share of traffic', percent(status.shares[version] ?? 0))}${cell('Is', roles.length === 0 ? '–' : roles.join(', '))}${cell('First seen', seen === undefined ? '–' : time(seen))}</tr>`;
    });
  const conformant = {
    true: toneBadge('ok', 'alias and traffic agree'),
    false: toneBadge('warn', 'alias and traffic differ'),
    null: toneBadge('unknown', 'alias and traffic: not known'),
  };
  return html`<p>${conformant[`${status.conformant}`]} <span class="soft small">rollback target: ${readinessText(status.readiness)}; seen ${time(status.at)}${status.trouble !== null && `; ${status.trouble}`}</span></p>${stackedTable(['Version', 'Share of traffic', 'Is', 'First seen'], rows)}${gates(status.gates)}`;
}

function gates(
  all: readonly { readonly gate: string; readonly held: boolean; readonly reason: string }[],
): Html | null {
  if (all.length === 0) return null;
  const held = all.filter((gate) => gate.held);
  const summary =
    held.length === 0
      ? 'A rollback could happen now: no gate holds it'
      : `A rollback would be held now by: ${held.map(({ gate }) => plain(gate)).join(', ')}`;
  return html`<details class="card"><summary>${summary}</summary><table class="numbers"><thead><tr><th scope="col">Gate</th><th scope="col">Now</th><th scope="col">Why</th></tr></thead><tbody>${all.map(({ gate, held, reason }) => html`<tr><td>${plain(gate)}</td><td>${held ? 'holds' : 'lets pass'}</td><td>${reason}</td></tr>`)}</tbody></table></details>`;
}

function evaluations({ evaluations }: ModelPage): Html {
  if (evaluations.length === 0) return html`<p class="soft">There has been none.</p>`;
  const rows = evaluations
    .slice(0, 30)
    .map(
      ({ record, endedAt }) =>
        html`<tr>${cell('Verdict', verdictMark(record.verdict))}${cell('Window', html`<a href="${path('evaluations', record.evaluation)}">${windowText(record.window)}</a>${record.revision > 0 && ` revision ${record.revision}`}`)}${cell('Rows', whole(record.rows))}${cell('Done', time(endedAt))}</tr>`,
    );
  return html`<details><summary>The newest ${rows.length}</summary>${stackedTable(['Verdict', 'Window', 'Rows', 'Done'], rows)}</details>`;
}

/** What the hours after the newest releases were like; nothing where there was none. */
function bakes({ bakes }: ModelPage): Html | null {
  if (bakes.length === 0) return null;
  const rows = bakes.map(
    ({ record }) =>
      html`<tr>${cell('Verdict', verdictMark(record.verdict))}${cell('Version', record.bake?.version ?? '')}${cell('Window', html`<a href="${path('evaluations', record.evaluation)}">${windowText(record.window)}</a>`)}${cell('Rows', whole(record.rows))}${cell('Why', record.policy.find((own) => own.check === 'prediction' && own.version === record.bake?.version)?.reason ?? '')}</tr>`,
  );
  return html`<h2>After a release</h2><details><summary>The newest ${plural(rows.length, 'window')}, gross failure only</summary>${stackedTable(['Verdict', 'Version', 'Window', 'Rows', 'Why'], rows)}</details>`;
}

function bySubject(checks: readonly Check[]): readonly Check[] {
  return [...checks].sort(
    (a, b) =>
      a.check.localeCompare(b.check) ||
      a.subject.localeCompare(b.subject) ||
      (a.method ?? '').localeCompare(b.method ?? ''),
  );
}
