import { FINAL_STATES, type Rollback, type RollbackPlan } from '../../rollback/rollback.ts';
import type { Hold } from '../../store/store.ts';
import { type Html, html, path } from '../html.ts';
import type { PageContent } from '../route.ts';
import { steps } from './records.ts';
import {
  cell,
  facts,
  type Now,
  plain,
  prose,
  readinessText,
  relative,
  rollbackMark,
  stackedTable,
  time,
  toneBadge,
} from './words.ts';

/** One rollback: what it was to do, what let it pass, how far it came. */
export function rollbackPage(
  { rollback, holds }: { readonly rollback: Rollback; readonly holds: readonly Hold[] },
  now: Now,
): PageContent {
  const { model, from, to, exception, evaluation } = rollback;
  const content = html`<p class="crumbs"><a href="/">Status</a> · <a href="${path('models', model)}">${model}</a></p>
<h1>Rollback of ${model} from v${from} to v${to} ${rollbackMark(rollback.state)}</h1>
<p class="lead">${rollback.history.at(-1)?.why ?? ''}</p>
<div class="card">${facts([
    ['Model', html`<a href="${path('models', model)}">${model}</a>`],
    [
      'Cause',
      html`${rollback.cause}${evaluation !== null && html`, <a href="${path('evaluations', evaluation)}">seen in this evaluation</a>`}`,
    ],
    exception === null
      ? null
      : ['Told in', html`<a href="${path('exceptions', exception)}">its exception</a>`],
    ['Asked for by', `${rollback.requestedBy} (${rollback.trigger})`],
    ['Planned', time(rollback.createdAt)],
    ['Approval', approval(rollback, now)],
    rollback.deadlineAt === null ? null : ['To be verified by', time(rollback.deadlineAt)],
    rollback.dwellUntil === null ? null : ['Watched until', time(rollback.dwellUntil)],
    ['Ended', rollback.endedAt === null ? 'still running' : time(rollback.endedAt)],
    ['Plan', html`<code>${rollback.planHash}</code>`],
  ])}</div>
${nextStep(rollback, holds)}
<h2>What happened</h2>
<div class="card">${steps(rollback.history.map(({ at, state, why }) => ({ at, mark: rollbackMark(state), why: prose(why) })))}</div>
<h2>What the plan changes</h2>
${changes(rollback.plan)}
<h2>Gates when it was planned</h2>
${stackedTable(
  ['Gate', 'Answer', 'Why'],
  rollback.gates.map(
    ({ gate, held, reason }) =>
      html`<tr>${cell('Gate', html`<span class="name">${plain(gate)}</span>`)}${cell('Answer', held ? toneBadge('warn', 'holds') : toneBadge('ok', 'lets pass'))}${cell('Why', prose(reason))}</tr>`,
  ),
)}`;
  return { title: `Rollback of ${model}, ${plain(rollback.state)}`, content };
}

function approval(rollback: Rollback, now: Now): Html {
  if (rollback.approval !== null) {
    const { by, identity, at } = rollback.approval;
    return html`${by} (${identity}), ${time(at)}`;
  }
  if (rollback.state !== 'awaiting_approval' || rollback.approvalExpiresAt === null)
    return html`none needed or given`;
  return html`awaited, expires ${time(rollback.approvalExpiresAt)} <span class="soft">${relative(rollback.approvalExpiresAt, now.domain)}</span>`;
}

/** What a person can do now. */
function nextStep(rollback: Rollback, holds: readonly Hold[]): Html | null {
  if (rollback.state === 'awaiting_approval') {
    return html`<div class="card"><p>It waits for the approval of a person${rollback.trigger === 'manual' && ` other than ${rollback.requestedBy}`}. To approve exactly this plan:</p><pre>driftwarden rollback approve ${rollback.id} --by WHO</pre></div>`;
  }
  if (rollback.state === 'needs_human') {
    return html`<div class="card"><p>${toneBadge('breach', 'needs human')} driftwarden has stopped and changes nothing more here. Look at endpoint and alias yourself, then settle the exception.</p></div>`;
  }
  const held = holds.find((hold) => hold.rollback === rollback.id && hold.releasedAt === null);
  if (!FINAL_STATES.includes(rollback.state) || held === undefined) return null;
  return html`<div class="card"><p>Version ${held.version} is held: it is not rolled back a second time until somebody releases it.</p><pre>driftwarden rollback release ${held.model} --version ${held.version} --by WHO --reason TEXT</pre></div>`;
}

function changes(plan: RollbackPlan): Html {
  const rows = [...trafficRows(plan), ...aliasRows(plan)];
  return html`${stackedTable(['What', 'Before', 'After'], rows)}<p class="soft small">How fast the target could take traffic: ${readinessText(plan.readiness)}.</p>`;
}

function trafficRows(plan: RollbackPlan): readonly Html[] {
  const { routesAfter, servingBefore, adds } = plan;
  if (routesAfter === null) return [];
  const before = servingBefore?.routes ?? {};
  const entities = [...new Set([...Object.keys(before), ...Object.keys(routesAfter)])];
  return entities.map((entity) => {
    const deployed = adds?.name === entity ? adds : null;
    const version = deployed?.version ?? servingBefore?.versions[entity];
    const name = html`traffic to ${entity}${version !== undefined && ` (v${version})`}`;
    const now = deployed === null ? `${before[entity] ?? 0} %` : 'not on the endpoint';
    return change(name, now, after(plan, entity));
  });
}

function aliasRows({ alias, registeredModel }: RollbackPlan): readonly Html[] {
  if (alias === null) return [];
  const { name, before, after } = alias;
  const what = html`alias ${name} of ${registeredModel}`;
  return [change(what, before === null ? 'none' : `v${before}`, `v${after}`)];
}

function after({ removes = [], routesAfter }: RollbackPlan, entity: string): string {
  return removes.includes(entity) ? 'leaves the endpoint' : `${routesAfter?.[entity] ?? 0} %`;
}

function change(what: Html, before: string, after: string): Html {
  return html`<tr>${cell('What', what)}${cell('Before', before)}${cell('After', after)}</tr>`;
}
