import type { Baseline } from '../../src/baseline/bins.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import { evaluationEntry, evaluationHash, evaluationId } from '../../src/evaluation/assemble.ts';
import { casesAfterWindow } from '../../src/evaluation/cases.ts';
import { resolveOwner } from '../../src/exceptions/owner.ts';
import type { Evaluation, Verdict } from '../../src/judge/verdict.ts';
import { look, servingVersion, type WorldPorts } from '../../src/rollback/view.ts';
import { answerWish } from '../../src/rollback/wish.ts';
import { StaleWrite, type Store } from '../../src/store/store.ts';
import { WINDOW } from './scenario.ts';

/** What the judge says of the rows of a window, by version. Drawn, not measured: measuring is tested elsewhere. */
export type Verdicts = { readonly [version: string]: Verdict };

export interface WindowDeps {
  readonly store: Store;
  readonly ports: WorldPorts;
  readonly config: Config;
  readonly killSwitch: () => boolean;
  readonly now: () => number;
  readonly say: (text: () => string) => void;
}

const iso = (time: number): string => new Date(time).toISOString();

/**
 * What the cycle does from the verdicts on: cases, gates, plan, one transaction, and all of it again when somebody was
 * faster. `newest`: only such a window may open a case or lead to a rollback.
 */
export async function judgeWindow(
  window: {
    readonly model: ModelConfig;
    readonly end: number;
    readonly newest: boolean;
    readonly verdicts: Verdicts;
  },
  deps: WindowDeps,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await judgeOnce(window, deps);
      return;
    } catch (error) {
      if (!(error instanceof StaleWrite) || attempt === 5) throw error;
    }
  }
}

async function judgeOnce(
  { model, end, newest, verdicts }: Parameters<typeof judgeWindow>[0],
  { store, ports, config, killSwitch, now: clock, say }: WindowDeps,
): Promise<void> {
  const now = clock();
  if ((await store.revisions(model.name, end)).length > 0) return;
  const [world, cases, baselines] = await Promise.all([
    look(ports, model),
    store.exceptions({ model: model.name }),
    store.baselines(model.name),
  ]);
  const serving = servingVersion(model, world);
  const evaluation = evaluationFor(model, end, { verdicts, baseline: baselines[0] ?? null });
  const breach = evaluation.policy.find(
    ({ verdict, version }) => verdict === 'breach' && (serving === null || version === serving),
  );
  const finding = {
    cause: 'prediction',
    version: breach?.version ?? serving ?? 'all',
    reason: breach?.reason ?? 'quiet',
  };
  const outcome = casesAfterWindow({
    model: model.name,
    findings: [{ ...finding, signal: breach === undefined ? 'quiet' : 'breach' }],
    cases,
    mayOpen: newest,
    counts: true,
    owner: resolveOwner(config, model, world.registered.seen ? world.registered.value.tags : null),
    evaluation: evaluation.evaluation,
    now,
    publicUrl: config.http.publicUrl,
  });
  const wanted =
    newest && breach !== undefined
      ? { cause: 'prediction', from: breach.version, reason: breach.reason }
      : null;
  const wish = await answerWish(
    { model, world, wanted, evaluation, baselines, outcome, cases, now },
    { store, ports, killSwitch, config },
  );
  for (const { action, key, reason } of wish.actions) {
    if (action === 'hold_rollback') say(() => `${model.name}: gate ${key} holds: ${reason}`);
  }
  const hash = evaluationHash(evaluation);
  await store.commit({
    evaluation: { record: evaluation, hash, endedAt: iso(now) },
    exceptions: wish.exceptions,
    rollbacks: wish.rollbacks,
    queue: [...outcome.queue, ...wish.queue],
    served: wish.served,
    count: [...outcome.count, ...wish.count],
    audit: [evaluationEntry(evaluation, hash), ...outcome.audit, ...wish.audit],
  });
}

function evaluationFor(
  model: ModelConfig,
  end: number,
  { verdicts, baseline }: { readonly verdicts: Verdicts; readonly baseline: Baseline | null },
): Evaluation {
  const window = { start: end - WINDOW, end };
  const policy = Object.entries(verdicts).map(([version, verdict]) => ({
    check: 'prediction' as const,
    kind: 'output_drift' as const,
    version,
    verdict,
    reason: `Version ${version} is ${verdict}.`,
    worst: null,
  }));
  return {
    evaluation: evaluationId(model.name, window, 0),
    model: model.name,
    window: { start: iso(window.start), end: iso(window.end) },
    revision: 0,
    verdict: policy.some(({ verdict }) => verdict === 'breach') ? 'breach' : 'ok',
    rows: 5000,
    baseline:
      baseline === null ? null : { id: baseline.id, hash: baseline.hash, rows: baseline.content.rows },
    policy,
    checks: [],
    actions: [],
  };
}
