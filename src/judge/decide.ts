import { type Breaches, completes, countBreaches } from './history.ts';
import { isUnknown, type PolicyVerdict, type Verdict } from './verdict.ts';

/** What a window says about one possible cause of an exception or a rollback. */
export interface Finding {
  readonly cause: string;
  readonly version: string;
  /** `breach`: counts windows and reaches m of n now. `quiet`: known and out of breach. Null: neither is known. */
  readonly signal: 'breach' | 'quiet' | null;
  readonly reason: string;
}

export interface DecisionQuestion {
  readonly verdicts: readonly PolicyVerdict[];
  /** Verdicts of earlier windows of one check and version, newest first. */
  readonly earlier: (check: string, version: string) => readonly Verdict[];
  readonly breaches: Breaches;
  /** Causes that may lead to a rollback. */
  readonly on: readonly string[];
  /** Version with the largest share of live traffic; null when unknown. */
  readonly servingVersion: string | null;
  /** Versions with any live traffic: a challenger with a tenth of it can be taken back too. Absent: the serving one alone. */
  readonly liveVersions?: readonly string[];
  /** Whether this is the newest closed window, judged for the first time: only such a window leads to a rollback. */
  readonly mayAct: boolean;
  /** Verdict of the whole evaluation, and for how long it has been unknown without a break (milliseconds, 0 when known). */
  readonly verdict: Verdict;
  readonly unknownFor: number;
  readonly unknownAfter: number;
  /** `problem`: why there is no owner. `unread`: whether that could not be found out. */
  readonly owner: { readonly problem: string | null; readonly unread: boolean };
}

export interface Decision {
  /** One per cause, most serious first. */
  readonly findings: readonly Finding[];
  readonly rollback: { readonly cause: string; readonly from: string | null; readonly reason: string } | null;
}

/** Which cause speaks first when several breach in one window. */
const CAUSE_ORDER = [
  'performance',
  'prediction',
  'challenger',
  'fairness',
  'data',
  'drift',
  'labels',
  'unknown',
  'conformance',
  'owner',
  'rollback',
];

/** From verdicts to what follows from them, as data. Only `breach` leads anywhere; unknown has a cause of its own. */
export function decide(question: DecisionQuestion): Decision {
  const findings = [...byCause(question), unknownFinding(question), ownerFinding(question)].sort(
    (a, b) => rank(a.cause) - rank(b.cause),
  );
  return { findings, rollback: question.mayAct ? wantedRollback(question) : null };
}

/** `performance:auc` is of the family `performance`. */
export function causeFamily(cause: string): string {
  return cause.split(':')[0] ?? cause;
}

function rank(cause: string): number {
  const place = CAUSE_ORDER.indexOf(causeFamily(cause));
  return place === -1 ? CAUSE_ORDER.length : place;
}

/** Each policy check is a cause. Versions of one check speak together: a breach of any opens, the serving version's calm closes. */
function byCause(question: DecisionQuestion): readonly Finding[] {
  const causes = [...new Set(question.verdicts.map((verdict) => verdict.check))];
  return causes.map((cause) => {
    const verdicts = question.verdicts.filter((verdict) => verdict.check === cause);
    const breach = verdicts.find((verdict) => reached(question, verdict));
    if (breach !== undefined)
      return { cause, version: breach.version, signal: 'breach', reason: breach.reason };
    const serving = servingVerdict(verdicts, question.servingVersion);
    if (serving === null || isUnknown(serving.verdict) || serving.verdict === 'breach') {
      return {
        cause,
        version: serving?.version ?? 'all',
        signal: null,
        reason: serving?.reason ?? 'No version has a verdict.',
      };
    }
    return { cause, version: serving.version, signal: 'quiet', reason: serving.reason };
  });
}

/** The verdict that tells whether the cause has gone: of all rows, or of the version that serves. */
function servingVerdict(verdicts: readonly PolicyVerdict[], serving: string | null): PolicyVerdict | null {
  const exact = verdicts.find((verdict) => verdict.version === 'all' || verdict.version === serving);
  if (exact !== undefined) return exact;
  return serving === null && verdicts.length === 1 ? (verdicts[0] ?? null) : null;
}

function reached(question: DecisionQuestion, verdict: PolicyVerdict): boolean {
  const verdicts = [verdict.verdict, ...question.earlier(verdict.check, verdict.version)];
  return completes(verdicts, question.breaches);
}

/** Whether a model has been without a verdict for too long. */
export function unknownFinding(
  question: Pick<DecisionQuestion, 'verdict' | 'verdicts' | 'unknownFor' | 'unknownAfter'>,
): Finding {
  const since = question.unknownFor > question.unknownAfter;
  const signal = since ? 'breach' : isUnknown(question.verdict) ? null : 'quiet';
  const why = question.verdicts.find(({ verdict }) => verdict === question.verdict)?.reason ?? '';
  const reason = isUnknown(question.verdict)
    ? `There has been no verdict for ${hours(question.unknownFor)}, longer than unknownAfter allows; now it is ${question.verdict}. ${why}`.trim()
    : 'The verdict is known again.';
  return { cause: 'unknown', version: 'all', signal, reason };
}

function ownerFinding({ owner }: DecisionQuestion): Finding {
  const about = { cause: 'owner', version: 'all' } as const;
  if (owner.problem !== null) return { ...about, signal: 'breach', reason: owner.problem };
  return owner.unread
    ? { ...about, signal: null, reason: 'The registry did not say who the owner is.' }
    : { ...about, signal: 'quiet', reason: 'The owner is known.' };
}

function wantedRollback(question: DecisionQuestion): Decision['rollback'] {
  const live = question.liveVersions ?? [question.servingVersion];
  const candidates = question.verdicts
    .filter((verdict) => question.on.includes(causeFamily(verdict.check)) && reached(question, verdict))
    .filter(
      (verdict) =>
        verdict.version === 'all' || question.servingVersion === null || live.includes(verdict.version),
    )
    .sort((a, b) => rank(a.check) - rank(b.check));
  const first = candidates[0];
  if (first === undefined) return null;
  const count = countBreaches(
    [first.verdict, ...question.earlier(first.check, first.version)],
    question.breaches.n,
  );
  const windows =
    question.breaches.n === 1
      ? ''
      : ` ${count} of the last ${question.breaches.n} known windows are in breach.`;
  const from = first.version === 'all' ? question.servingVersion : first.version;
  return { cause: first.check, from, reason: `${first.reason}${windows}` };
}

function hours(milliseconds: number): string {
  const whole = Math.round(milliseconds / 3_600_000);
  return whole === 1 ? '1 hour' : `${whole} hours`;
}
