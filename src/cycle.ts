import { assembleEvaluation, evaluationHash, sameCounts, withActions } from './evaluation/assemble.ts';
import { changeOf } from './evaluation/change.ts';
import { readConformance } from './evaluation/conformance.ts';
import { withEntities } from './evaluation/entities.ts';
import { conclude } from './evaluation/findings.ts';
import { judgeWindow } from './evaluation/judge-window.ts';
import { readyBaselines } from './evaluation/own-baselines.ts';
import { readWindow } from './evaluation/read.ts';
import { recall } from './evaluation/recall.ts';
import type { CycleDeps, CycleTask, Outcome } from './evaluation/task.ts';
import { look } from './rollback/view.ts';
import { answerWish } from './rollback/wish.ts';
import { StaleWrite } from './store/store.ts';
import { createMeter, meteredBy } from './warehouse/meter.ts';

/**
 * The one line through the program, for one model and one window: remember, read, measure and judge, decide. Nothing is
 * written and nothing outside is changed: the answer holds the evaluation and the change that {@link runCycle} commits.
 * Asked again with equal counts it answers what is stored.
 */
export async function evaluateWindow(task: CycleTask, deps: CycleDeps): Promise<Outcome> {
  const { model, window } = task;
  const { config, store, clocks } = deps;
  const meter = createMeter();
  const warehouse = meteredBy(deps.warehouse, meter);
  const now = clocks.domain.now();
  const [memory, world] = await Promise.all([recall(model.name, window, store), look(deps.ports, model)]);
  const read = { model: await withEntities(model, world, { store, warehouse }), warehouse, now };
  const baselines = [...memory.baselines, ...(await readyBaselines({ ...read, memory }))];
  const reading = await readWindow({ ...read, window, baselines });

  const { checks, states } = judgeWindow({ model, window, reading, memory, libraries: deps.libraries, now });
  const judged = assembleEvaluation({
    model: model.name,
    window,
    revision: revisionAfter(memory),
    reading,
    checks,
  });
  if (memory.stored !== null && sameCounts(memory.stored.record, judged))
    return { evaluation: memory.stored.record, change: null, cost: meter.total() };

  const known = [...baselines, ...reading.frozen];
  const conformance = await readConformance(model, world, deps);
  const { owner, wanted, cases } = conclude({ task, judged, memory, world, conformance, now }, config);
  const wish = await answerWish(
    { model, world, wanted, evaluation: judged, baselines: known, outcome: cases, cases: memory.cases, now },
    deps,
  );

  const evaluation = withActions(judged, [...cases.actions, ...wish.actions]);
  const hash = evaluationHash(evaluation);
  const endedAt = clocks.wall.now();
  const cost = meter.total();
  const parts = {
    evaluation,
    hash,
    task,
    reading,
    baselines,
    memory,
    owner,
    cases,
    conformance,
    wish,
    states,
    cost,
    now,
    endedAt,
  };
  return { evaluation, change: changeOf(parts), cost };
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
