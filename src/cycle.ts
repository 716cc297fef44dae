import { assembleEvaluation, evaluationHash, sameCounts, withActions } from './evaluation/assemble.ts';
import { casesAfterWindow } from './evaluation/cases.ts';
import { changeOf } from './evaluation/change.ts';
import { findingsOf } from './evaluation/findings.ts';
import { judgeWindow } from './evaluation/judge-window.ts';
import { readyBaselines } from './evaluation/own-baselines.ts';
import { readWindow } from './evaluation/read.ts';
import { recall } from './evaluation/recall.ts';
import type { CycleDeps, CycleTask, Outcome } from './evaluation/task.ts';
import { resolveOwner } from './exceptions/owner.ts';
import { look, servingVersion } from './rollback/view.ts';
import { answerWish } from './rollback/wish.ts';
import { StaleWrite } from './store/store.ts';

/**
 * The one line through the program, for one model and one window: remember, read, measure and judge, decide. Nothing is
 * written and nothing outside is changed: the answer holds the evaluation and the change that {@link runCycle} commits.
 * Asked again with equal counts it answers what is stored.
 */
export async function evaluateWindow(task: CycleTask, deps: CycleDeps): Promise<Outcome> {
  const { model, window } = task;
  const now = deps.clocks.domain.now();
  const memory = await recall(model.name, window, deps.store);
  const baselines = [
    ...memory.baselines,
    ...(await readyBaselines({ model, memory, warehouse: deps.warehouse, now })),
  ];
  const [reading, world] = await Promise.all([
    readWindow({ model, window, warehouse: deps.warehouse, baselines, now }),
    look(deps.ports, model),
  ]);

  const checks = judgeWindow(model, reading, memory.lastVersions);
  const revision = revisionAfter(memory);
  const judged = assembleEvaluation({ model: model.name, window, revision, reading, checks });
  if (memory.stored !== null && sameCounts(memory.stored.record, judged))
    return { evaluation: memory.stored.record, change: null };

  const owner = resolveOwner(deps.config, model, world.registered.seen ? world.registered.value.tags : null);
  const serving = servingVersion(model, world);
  const decision = findingsOf({ task, judged, memory, serving, ownerProblem: owner.problem, now });
  const cases = casesAfterWindow({
    model: model.name,
    findings: decision.findings,
    cases: memory.cases,
    mayOpen: task.newest,
    owner,
    evaluation: judged.evaluation,
    now,
    publicUrl: deps.config.http.publicUrl,
  });
  const wish = await answerWish(
    {
      model,
      world,
      wanted: decision.rollback,
      evaluation: judged,
      baselines: [...baselines, ...reading.frozen],
      outcome: cases,
      cases: memory.cases,
      now,
    },
    deps,
  );

  const evaluation = withActions(judged, [...cases.actions, ...wish.actions]);
  const hash = evaluationHash(evaluation);
  return {
    evaluation,
    change: changeOf({
      endedAt: deps.clocks.wall.now(),
      evaluation,
      hash,
      task,
      reading,
      baselines,
      memory,
      owner,
      cases,
      wish,
      now,
    }),
  };
}

/** Somebody else wrote to a case of the model meanwhile (a delivery, a person): read again, so often at most. */
const TRIES = 5;

/** The line with its end: one transaction that holds everything the window led to. */
export async function runCycle(task: CycleTask, deps: CycleDeps): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await evaluateWindow(task, deps);
    try {
      if (outcome.change !== null) await deps.store.commit(outcome.change);
      return outcome;
    } catch (error) {
      if (!(error instanceof StaleWrite) || attempt === TRIES) throw error;
    }
  }
}

/** The first known judgement of a window is revision 0; an attempt that ended in an error was none. */
function revisionAfter(memory: {
  readonly stored: { readonly record: { readonly revision: number; readonly verdict: string } } | null;
}): number {
  const { stored } = memory;
  if (stored === null || stored.record.verdict === 'error') return stored?.record.revision ?? 0;
  return stored.record.revision + 1;
}
