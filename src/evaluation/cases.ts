import type { AuditEntry } from '../audit/record.ts';
import { caseChange } from '../exceptions/change.ts';
import type { DeskAction, ExceptionCase, OutboxMessage, Severity } from '../exceptions/exception.ts';
import type { CauseSignal } from '../exceptions/lifecycle.ts';
import { afterWindow, mayReopen, openCase } from '../exceptions/lifecycle.ts';
import type { ReadOn } from '../exceptions/messages.ts';
import type { ResolvedOwner } from '../exceptions/owner.ts';
import { causeFamily, type Finding } from '../judge/decide.ts';
import type { PlannedAction } from '../judge/verdict.ts';
import type { Counter } from '../store/store.ts';
import { shortHash } from './assemble.ts';

export interface CasesQuestion extends ReadOn {
  readonly model: string;
  readonly findings: readonly Finding[];
  /** Every case of the model, resolved ones too. */
  readonly cases: readonly ExceptionCase[];
  /** Only the newest window may open a case. */
  readonly mayOpen: boolean;
  /** Whether this window is judged for the first time, in its turn: only then does it count as one more quiet window. */
  readonly counts: boolean;
  readonly owner: ResolvedOwner;
  readonly evaluation: string;
  readonly now: number;
}

/** What a window does to the cases of a model, ready to be committed with it. */
export interface CasesOutcome {
  readonly exceptions: readonly ExceptionCase[];
  readonly queue: readonly OutboxMessage[];
  readonly audit: readonly AuditEntry[];
  readonly actions: readonly PlannedAction[];
  readonly count: readonly Counter[];
}

const NOTHING: CasesOutcome = { exceptions: [], queue: [], audit: [], actions: [], count: [] };

/** Causes that speak of driftwarden's own footing, not of the model: never folded into another case. */
const APART = new Set(['unknown', 'owner', 'conformance', 'rollback']);

const SEVERITY: { readonly [cause: string]: Severity } = {
  performance: 'high',
  prediction: 'high',
  challenger: 'high',
  fairness: 'high',
  data: 'high',
  drift: 'medium',
  labels: 'medium',
  unknown: 'medium',
  conformance: 'high',
  owner: 'low',
  rollback: 'critical',
};

export function severityOf(cause: string): Severity {
  return SEVERITY[causeFamily(cause)] ?? 'medium';
}

/** Existing cases take the window first; what breaches and is in no case then opens one. */
export function casesAfterWindow(question: CasesQuestion): CasesOutcome {
  const touched = question.cases.filter(
    (current) => current.state !== 'resolved' || reopens(current, question),
  );
  const stepped = touched.map((current) => stepCase(current, question));
  const covered = new Set(touched.flatMap((current) => [current.cause, ...current.subCauses]));
  const fresh = question.mayOpen
    ? question.findings.filter(({ cause, signal }) => signal === 'breach' && !covered.has(cause))
    : [];
  const together = fresh.filter(({ cause }) => !APART.has(cause));
  const opened = [
    ...(together[0] === undefined ? [] : [openFor(together[0], together.slice(1), question)]),
    ...fresh.filter(({ cause }) => APART.has(cause)).map((finding) => openFor(finding, [], question)),
  ];
  return joinOutcomes([...stepped, ...opened]);
}

/** A resolved case comes back when its own cause breaches again in time and nothing newer covers it. */
function reopens(current: ExceptionCase, question: CasesQuestion): boolean {
  const breaches = question.findings.some(
    ({ cause, signal }) => cause === current.cause && signal === 'breach',
  );
  const covered = question.cases.some(
    (other) => other.state !== 'resolved' && [other.cause, ...other.subCauses].includes(current.cause),
  );
  const newest = question.cases
    .filter((other) => other.cause === current.cause)
    .every((other) => other.openedAt <= current.openedAt);
  return question.mayOpen && breaches && !covered && newest && mayReopen(current, question.now);
}

/** The case's causes together: any in breach keeps it, all of them quiet let it rest. */
function signalFor(
  current: ExceptionCase,
  findings: readonly Finding[],
): { readonly signal: CauseSignal; readonly reason: string } {
  const own = findings.filter(({ cause }) => [current.cause, ...current.subCauses].includes(cause));
  const breach = own.find(({ signal }) => signal === 'breach');
  if (breach !== undefined) return { signal: 'breach', reason: breach.reason };
  const allQuiet = own.length > 0 && own.every(({ signal }) => signal === 'quiet');
  return { signal: allQuiet ? 'quiet' : null, reason: own.map(({ reason }) => reason).join(' ') };
}

function stepCase(current: ExceptionCase, question: CasesQuestion): CasesOutcome {
  if (!question.counts && !question.mayOpen) return NOTHING;
  const { signal, reason } = signalFor(current, question.findings);
  // The same window again is no further quiet one.
  if (!question.counts && signal === 'quiet') return NOTHING;
  const { exception, happened } = afterWindow(current, signal, { now: question.now, why: reason });
  if (exception === current) return NOTHING;
  if (happened === null) return { ...NOTHING, exceptions: [exception] };
  return told(
    exception,
    {
      action: happened === 'resolved' ? 'resolve' : 'reopen',
      text: exception.history.at(-1)?.why ?? reason,
    },
    question,
  );
}

function openFor(finding: Finding, others: readonly Finding[], question: CasesQuestion): CasesOutcome {
  const { model, owner, evaluation, now } = question;
  const exception = openCase({
    id: `ex-${shortHash([model, finding.cause, evaluation])}`,
    model,
    cause: finding.cause,
    subCauses: others.map(({ cause }) => cause),
    severity: severityOf(finding.cause),
    tier: owner.tier,
    owner: owner.name,
    email: owner.email,
    desk: owner.desk,
    version: finding.version,
    title: `${model}: ${headline(finding)}`,
    text: [finding.reason, ...others.map(({ cause, reason }) => `Also ${cause}: ${reason}`)].join('\n'),
    evaluation,
    now,
  });
  return told(exception, { action: 'open', text: exception.text }, question);
}

function headline({ cause, version }: Finding): string {
  if (cause === 'unknown') return 'no verdict for too long';
  if (cause === 'owner') return 'no owner';
  if (cause === 'conformance') return `version ${version} serves and is not what was approved`;
  return `${cause} in breach${version === 'all' ? '' : ` of version ${version}`}`;
}

/** A change of state with everything that goes with it, and the action that the evaluation shows. */
function told(
  exception: ExceptionCase,
  what: { readonly action: DeskAction; readonly text: string },
  question: CasesQuestion,
): CasesOutcome {
  return {
    ...caseChange(exception, { ...what, now: question.now }, question),
    actions: [{ action: `${what.action}_exception`, key: exception.id, reason: what.text }],
  };
}

export function joinOutcomes(outcomes: readonly CasesOutcome[]): CasesOutcome {
  return {
    exceptions: outcomes.flatMap(({ exceptions }) => exceptions),
    queue: outcomes.flatMap(({ queue }) => queue),
    audit: outcomes.flatMap(({ audit }) => audit),
    actions: outcomes.flatMap(({ actions }) => actions),
    count: outcomes.flatMap(({ count }) => count),
  };
}
