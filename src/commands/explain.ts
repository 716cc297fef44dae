import type { RollbackConfig } from '../config/config.ts';
import { limitAlarmsPerYear } from '../judge/limit-chance.ts';
import { breachRatio } from '../judge/policy.ts';
import type { Check, Evaluation } from '../judge/verdict.ts';
import { isUnknown } from '../judge/verdict.ts';
import { percent, shortNumber, wholeNumber } from '../judge/words.ts';
import type { Rollback } from '../rollback/rollback.ts';
import { howToStop, planLines, readinessLine } from '../rollback/words.ts';
import type { ModelStatus } from '../store/store.ts';
import { type CommandContext, CommandError, EXIT, printResult } from './context.ts';
import { exceptionLines } from './exceptions.ts';
import { type Reader, withReader } from './reach.ts';
import { rollbackLines } from './rollback.ts';

/** Why: of a model, an evaluation, an exception or a rollback. The subject is found by its name. */
export async function explainCommand(subject: string, context: CommandContext): Promise<number> {
  const { document, lines } = await withReader(context, (reader) => explain(subject, reader));
  printResult(context, document, lines);
  return EXIT.ok;
}

interface Explanation {
  readonly document: object;
  readonly lines: readonly string[];
}

async function explain(subject: string, reader: Reader): Promise<Explanation> {
  const { store, config } = reader;
  if (Object.hasOwn(config.models, subject)) return explainModel(subject, reader);
  const evaluation = await store.evaluation(subject);
  if (evaluation !== null) return { document: evaluation.record, lines: evaluationStory(evaluation.record) };
  const exception = await store.exception(subject);
  if (exception !== null) {
    const opened = exception.evaluation === null ? null : await store.evaluation(exception.evaluation);
    return {
      document: { exception },
      lines: [
        ...exceptionLines(exception),
        ...(opened === null ? [] : ['', 'It was opened by this window:', ...evaluationStory(opened.record)]),
      ],
    };
  }
  const rollback = await store.rollback(subject);
  if (rollback !== null) {
    return {
      document: { rollback },
      lines: rollbackStory(rollback, config.models[rollback.model]?.rollback ?? null),
    };
  }
  throw new CommandError(
    `Nothing is called "${subject}": give a model (${Object.keys(config.models).join(', ')}), or the id of an evaluation, exception or rollback.`,
  );
}

/** Which version and why, what is changed and how fast, which gate held, what happens next, how to stop it. */
function rollbackStory(rollback: Rollback, config: RollbackConfig | null): readonly string[] {
  const { plan, history, approval } = rollback;
  const next = NEXT[rollback.state] ?? 'it has ended; nothing more happens by itself.';
  return [
    ...rollbackLines(rollback),
    ...planLines(plan),
    ...(config === null ? [] : [readinessLine(plan.readiness, config)]),
    '',
    `Why: ${history[0]?.why ?? ''}`,
    ...(approval === null ? [] : [`Approved by ${approval.by} (${approval.identity}) at ${approval.at}.`]),
    `What next: ${next}`,
    `How to stop it: ${howToStop(rollback)}`,
  ];
}

const NEXT: { readonly [state: string]: string } = {
  planned: 'the gates are asked once more, then traffic is moved.',
  awaiting_approval: 'another person approves it with "driftwarden rollback approve", or it expires.',
  shifting_traffic:
    'the endpoint is read until its configuration is the planned one. Changing the endpoint yourself supersedes it.',
  traffic_verified: 'the champion alias is moved next.',
  moving_alias: 'the registry is read until the alias is where the plan wants it.',
  alias_verified: 'it is watched for a while, then done.',
  dwelling: 'endpoint and alias are watched until the dwell time is over.',
  needs_human:
    'a person looks at endpoint and alias: the history says how far it came. Nothing is tried again by itself.',
  superseded: 'somebody else changed endpoint or alias; driftwarden keeps its hands off.',
  blocked: 'the gates are asked again at the next window in breach.',
  expired: 'the next window in breach plans anew.',
};

async function explainModel(name: string, { store }: Reader): Promise<Explanation> {
  const [evaluations, cases, rollbacks, statuses, baselines] = await Promise.all([
    store.evaluations({ model: name, limit: 1 }),
    store.exceptions({ model: name }),
    store.rollbacks({ model: name }),
    store.statuses(),
    store.baselines(name),
  ]);
  const newest = evaluations[0]?.record ?? null;
  const status = statuses.find(({ model }) => model === name) ?? null;
  const open = cases.filter(({ state }) => state !== 'resolved');
  const lines = [
    ...(newest === null ? [`${name} has not been evaluated yet.`] : evaluationStory(newest)),
    '',
    ...statusLines(status),
    ...baselines
      .filter(({ state }) => state === 'draft')
      .map(({ id }) => `Baseline ${id} is a draft: no rollback while it is one.`),
    '',
    open.length === 0
      ? 'No exception is open.'
      : `Open exceptions: ${open.map(({ id, cause, state }) => `${id} (${cause}, ${state})`).join(', ')}.`,
    ...rollbacks
      .slice(-3)
      .map(({ id, from, to, state }) => `Rollback ${id}: version ${from} -> ${to}, ${state}.`),
  ];
  return {
    document: {
      model: name,
      status,
      evaluation: newest,
      exceptions: open,
      rollbacks,
      baselines: baselines.map(({ id, state }) => ({ id, state })),
    },
    lines,
  };
}

function statusLines(status: ModelStatus | null): readonly string[] {
  if (status === null) return ['Registry and endpoint have not been looked at yet.'];
  const held = status.gates.filter((gate) => gate.held);
  const serves = `Version ${status.servingVersion ?? 'unknown'} serves most traffic, the champion alias says ${status.championVersion ?? 'nothing'}; the owner is ${status.owner}.`;
  return [
    serves,
    ...(status.trouble === null ? [] : [`Trouble outside: ${status.trouble}`]),
    held.length === 0 ? 'No gate would hold a rollback now.' : 'A rollback would be held now by:',
    ...held.map(({ gate, reason }) => `  ${gate}: ${reason}`),
  ];
}

/** A window in sentences: what was found, which cells carry it, what followed. */
export function evaluationStory(evaluation: Evaluation): readonly string[] {
  const { model, window, revision, verdict, rows, policy, checks, actions, bake } = evaluation;
  const loud = checks
    .filter((check) => check.verdict === 'breach' || check.verdict === 'warn')
    .sort((a, b) => (breachRatio(b) ?? 0) - (breachRatio(a) ?? 0));
  return [
    `${model}, window ${window.start} to ${window.end}${revision > 0 ? ` (revision ${revision})` : ''}${bake === undefined ? '' : ` after the release of version ${bake.version}`}: ${verdict} on ${wholeNumber(rows)} rows.`,
    ...policy.map(
      ({ check, version, verdict: found, reason }) =>
        `  ${check}${version === 'all' ? '' : ` of version ${version}`} is ${isUnknown(found) ? `unknown (${found})` : found}: ${reason}`,
    ),
    ...limitLine(evaluation),
    ...loud.slice(0, 5).flatMap((check) => [
      // What a policy check said above with the same words is not said twice.
      ...(policy.some(({ reason }) => reason === check.reason)
        ? [`  Where ${check.subject} has moved most:`]
        : [`  ${check.reason}`]),
      ...carriers(check).map((line) => `      ${line}`),
    ]),
    ...actions.map(({ action, reason }) => `  What followed: ${action.replaceAll('_', ' ')}. ${reason}`),
  ];
}

/** What the rule of fixed limits says of the same window, and how often it would say so by chance. */
function limitLine({ checks, window }: Evaluation): readonly string[] {
  const alarms = limitAlarmsPerYear(checks, window);
  if (alarms === null) return [];
  const count = (verdict: string): number => checks.filter(({ rules }) => rules?.limit === verdict).length;
  return [
    `  By fixed limits alone (rule limit) ${count('breach')} of ${checks.filter(({ rules }) => rules).length} values would be in breach and ${count('warn')} in warn. With so many rows chance alone, without any drift, puts ${times(alarms.breach)} over a breach limit and ${times(alarms.warn)} over a warn limit in a year.`,
  ];
}

function times(expected: number): string {
  if (expected < 0.01) return 'next to none';
  return `about ${shortNumber(Number(expected.toPrecision(2)))}`;
}

/** The three cells whose share moved most. */
export function carriers(check: Check): readonly string[] {
  if (check.cells === null) return [];
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const { labels, baseline, window } = check.cells;
  const [before, after] = [total(baseline), total(window)];
  if (before === 0 || after === 0) return [];
  return labels
    .map((label, cell) => ({ label, from: (baseline[cell] ?? 0) / before, to: (window[cell] ?? 0) / after }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, 3)
    .map(({ label, from, to }) => `${label}: ${percent(from)} of the baseline, ${percent(to)} of the window`);
}
