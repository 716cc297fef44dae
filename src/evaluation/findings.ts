import type { Config } from '../config/config.ts';
import { readOn } from '../exceptions/messages.ts';
import { type ResolvedOwner, resolveOwner } from '../exceptions/owner.ts';
import { type Decision, decide, type Finding } from '../judge/decide.ts';
import { type Evaluation, isUnknown } from '../judge/verdict.ts';
import type { Conformance } from '../rollback/conformance.ts';
import { liveVersions, servingVersion } from '../rollback/view.ts';
import type { World } from '../rollback/world.ts';
import { type CasesOutcome, casesAfterWindow } from './cases.ts';
import { earlierVerdicts, type Memory, progressAfter } from './recall.ts';
import type { CycleTask } from './task.ts';

interface FindingsQuestion {
  readonly task: CycleTask;
  readonly judged: Evaluation;
  readonly memory: Memory;
  /** Version with the largest share of live traffic; null when unknown. */
  readonly serving: string | null;
  /** Versions with any live traffic. */
  readonly live: readonly string[];
  readonly owner: ResolvedOwner;
  readonly now: number;
}

/** What a judged window means for the model's cases and for a rollback. */
export interface Conclusion {
  readonly owner: ResolvedOwner;
  readonly wanted: Decision['rollback'];
  readonly cases: CasesOutcome;
}

/** Decides on the verdicts and takes the model's cases one window further. */
export function conclude(
  question: Omit<FindingsQuestion, 'serving' | 'live' | 'owner'> & {
    readonly world: World;
    readonly conformance: Conformance;
  },
  config: Config,
): Conclusion {
  const { task, judged, memory, world, now } = question;
  const { model } = task;
  const owner = resolveOwner(config, model, world.registered.seen ? world.registered.value.tags : 'unread');
  const decision = findingsOf({
    task,
    judged,
    memory,
    serving: servingVersion(model, world),
    live: liveVersions(model, world),
    owner,
    now,
  });
  const about = {
    model: model.name,
    evaluation: judged.evaluation,
    owner,
    now,
    ...readOn(config, model.name),
  };
  const findings = [...decision.findings, question.conformance.finding];
  const news = task.newest ? findings : brokenByLateRows(question, findings);
  const cases = casesAfterWindow({
    ...about,
    findings: news.length > 0 ? news : findings,
    cases: memory.cases,
    mayOpen: news.length > 0,
    counts: judgedFirst(memory, task),
  });
  return { owner, wanted: decision.rollback, cases };
}

/**
 * What late rows have turned into a breach, while the window may still be revised: that opens a case, though younger windows have been
 * judged. A cause that was in breach before has its case already, or had it.
 */
function brokenByLateRows(
  { task, memory, now }: Pick<FindingsQuestion, 'task' | 'memory' | 'now'>,
  findings: readonly Finding[],
): readonly Finding[] {
  const { model, window } = task;
  const before = memory.stored?.record ?? null;
  const open = now < window.end + model.lateness + model.revisions;
  if (before === null || before.verdict === 'error' || !open) return [];
  return findings.filter(
    ({ cause, version, signal }) =>
      signal === 'breach' &&
      before.policy.some(
        (policy) => policy.check === cause && policy.version === version && policy.verdict !== 'breach',
      ),
  );
}

/** Whether the window has its first judgement now, and no younger one has been judged. */
function judgedFirst(memory: Memory, task: CycleTask): boolean {
  const first = memory.stored === null || memory.stored.record.verdict === 'error';
  return first && task.window.end >= (memory.progress?.windowEnd ?? 0);
}

/** Puts the window's verdicts and the memory of earlier ones before the judge. */
function findingsOf(question: FindingsQuestion): Decision {
  const { task, judged, memory, now } = question;
  const { model, window } = task;
  const { unknownSince } = progressAfter(memory, { model: model.name, window, verdict: judged.verdict });
  return decide({
    verdicts: judged.policy,
    earlier: (check, version) => earlierVerdicts(memory, check, version),
    breaches: model.rollback.breaches,
    on: model.rollback.on,
    servingVersion: question.serving,
    liveVersions: question.live,
    mayAct: task.newest && judgedFirst(memory, task),
    verdict: judged.verdict,
    unknownFor: isUnknown(judged.verdict) && unknownSince !== null ? Math.max(0, now - unknownSince) : 0,
    unknownAfter: model.unknownAfter,
    owner: question.owner,
  });
}
