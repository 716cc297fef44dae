import { type Decision, decide } from '../judge/decide.ts';
import { type Evaluation, isUnknown } from '../judge/verdict.ts';
import { earlierVerdicts, type Memory, progressAfter } from './recall.ts';
import type { CycleTask } from './task.ts';

export interface FindingsQuestion {
  readonly task: CycleTask;
  readonly judged: Evaluation;
  readonly memory: Memory;
  /** Version with the largest share of live traffic; null when unknown. */
  readonly serving: string | null;
  readonly ownerProblem: string | null;
  readonly now: number;
}

/** Puts the window's verdicts and the memory of earlier ones before the judge. */
export function findingsOf(question: FindingsQuestion): Decision {
  const { task, judged, memory, now } = question;
  const { model, window } = task;
  const { unknownSince } = progressAfter(memory, { model: model.name, window, verdict: judged.verdict });
  const firstJudgement = memory.stored === null || memory.stored.record.verdict === 'error';
  return decide({
    verdicts: judged.policy,
    earlier: (check, version) => earlierVerdicts(memory, check, version),
    breaches: model.rollback.breaches,
    on: model.rollback.on,
    servingVersion: question.serving,
    mayAct: task.newest && firstJudgement,
    verdict: judged.verdict,
    unknownFor: isUnknown(judged.verdict) && unknownSince !== null ? Math.max(0, now - unknownSince) : 0,
    unknownAfter: model.unknownAfter,
    ownerProblem: question.ownerProblem,
  });
}
