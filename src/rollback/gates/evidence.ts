import type { Baseline } from '../../baseline/bins.ts';
import type { ModelConfig } from '../../config/config.ts';
import type { Evaluation, PolicyVerdict, Verdict } from '../../judge/verdict.ts';
import type { Store } from '../../store/store.ts';
import type { Rollback } from '../rollback.ts';
import type { GateFacts } from './facts.ts';

const DAY = 86_400_000;

/** What a rollback rests on. */
export interface Evidence {
  readonly windowEnd: number;
  readonly baseline: GateFacts['baseline'];
  readonly targetVerdict: Verdict | null;
  readonly data: GateFacts['data'];
}

/**
 * How old evidence may be and still lead to an action: until the next window would have closed and been judged, since
 * from then on that one says more; in mode `approve` as much longer as a person is given to approve. Milliseconds.
 */
export function maxEvidenceAge(model: ModelConfig): number {
  const { lateness, rollback } = model;
  return longestWindow(model) + lateness + (rollback.mode === 'approve' ? rollback.approvalExpires : 0);
}

/** The longest that a window of the model can last. Milliseconds. */
export function longestWindow({ window }: ModelConfig): number {
  const calendar = { month: 31 * DAY, quarter: 92 * DAY };
  return window.kind === 'fixed' ? window.milliseconds : calendar[window.unit];
}

/** The baseline over all rows that evaluations compare with: the newest that is not retired, approved before draft. */
export function baselineInUse(baselines: readonly Baseline[]): GateFacts['baseline'] {
  const [first] = baselines
    .filter((baseline) => baseline.state !== 'retired' && baseline.content.version === 'all')
    .sort((a, b) => a.state.localeCompare(b.state) || b.frozenAt.localeCompare(a.frozenAt));
  return first === undefined ? null : { id: first.id, state: first.state };
}

/** Checks of what goes into a model: every version is fed the same, so a verdict on all rows is every version's. */
const CHECKS_OF_INPUT: readonly string[] = ['drift', 'data'];

/** The target's own verdict on the window that speaks against the failing version; null when it has none. */
export function verdictOfTarget(
  policy: readonly PolicyVerdict[],
  cause: string,
  target: string | null,
): Verdict | null {
  const own = policy.filter(({ check }) => check === cause);
  const shared = CHECKS_OF_INPUT.includes(cause) ? own.find(({ version }) => version === 'all') : undefined;
  return (own.find(({ version }) => version === target) ?? shared)?.verdict ?? null;
}

/** What the window says about the data themselves; a breach of any of them speaks first. */
function verdictOnData(policy: readonly PolicyVerdict[]): GateFacts['data'] {
  const own = policy.filter(({ check }) => check === 'data');
  const first = own.find(({ verdict }) => verdict === 'breach') ?? own[0];
  return first === undefined ? null : { verdict: first.verdict, reason: first.reason };
}

/** What a wish for a rollback says about itself. */
export interface Wish {
  readonly cause: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The evidence that one evaluation gives for going from the failing version to the target. */
export function evidenceFrom(evaluation: Evaluation, wish: Wish, baselines: readonly Baseline[]): Evidence {
  return {
    windowEnd: Date.parse(evaluation.window.end),
    baseline: baselineBehind(evaluation, wish, baselines),
    targetVerdict: verdictOfTarget(evaluation.policy, wish.cause, wish.to),
    data: verdictOnData(evaluation.policy),
  };
}

/** The evidence of a committed rollback, from the evaluation it was planned on; null when a person asked without one. */
export async function evidenceOf(
  rollback: Rollback,
  store: Pick<Store, 'evaluation' | 'baselines'>,
): Promise<Evidence | null> {
  if (rollback.evaluation === null) return null;
  const [stored, baselines] = await Promise.all([
    store.evaluation(rollback.evaluation),
    store.baselines(rollback.model),
  ]);
  return stored === null ? null : evidenceFrom(stored.record, rollback, baselines);
}

/**
 * The baseline that the cause was judged on. Predictions of a version that the reference table does not name are
 * compared with that version's own first windows, which are a baseline of their own and a draft until approved.
 */
function baselineBehind(
  evaluation: Evaluation,
  wish: Wish,
  baselines: readonly Baseline[],
): GateFacts['baseline'] {
  const main = baselines.find((baseline) => baseline.id === evaluation.baseline?.id);
  // A bake judges a release that has no baseline of its own yet, by what was before it.
  if (evaluation.bake !== undefined) return main === undefined ? null : { id: main.id, state: main.state };
  const named = main?.content.predictions.some(({ version }) => version === wish.from || version === 'all');
  const own = baselines.find(({ state, content }) => state !== 'retired' && content.version === wish.from);
  const behind = wish.cause === 'prediction' && named !== true ? own : main;
  return behind === undefined ? null : { id: behind.id, state: behind.state };
}
