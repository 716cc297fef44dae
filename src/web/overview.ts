import type { Config, ModelConfig } from '../config/config.ts';
import type { ExceptionCase } from '../exceptions/exception.ts';
import { breachRatio } from '../judge/policy.ts';
import { type Check, type Evaluation, VERDICT_ORDER, type Verdict } from '../judge/verdict.ts';
import type { Rollback } from '../rollback/rollback.ts';
import type { ModelStatus, Store, StoredEvaluation } from '../store/store.ts';

/** One model in one line: what the status page and the list of models show. */
export interface Overview {
  readonly config: ModelConfig;
  readonly status: ModelStatus | null;
  /** Null before the first evaluation. */
  readonly newest: StoredEvaluation | null;
  readonly verdict: Verdict | null;
  readonly worst: Check | null;
  /** Open cases, the most urgent first. */
  readonly exceptions: readonly ExceptionCase[];
  /** The rollback that runs now. */
  readonly rollback: Rollback | null;
}

/** Every configured model, the worst first. */
export async function overviews(store: Store, config: Config): Promise<readonly Overview[]> {
  const [statuses, exceptions, rollbacks] = await Promise.all([
    store.statuses(),
    store.exceptions({ open: true }),
    store.rollbacks({ active: true }),
  ]);
  const all = await Promise.all(
    Object.values(config.models).map(async (model): Promise<Overview> => {
      const newest = (await store.evaluations({ model: model.name, limit: 1 }))[0] ?? null;
      return {
        config: model,
        status: statuses.find((status) => status.model === model.name) ?? null,
        newest,
        verdict: newest?.record.verdict ?? null,
        worst: newest === null ? null : worstCheck(newest.record),
        exceptions: exceptions.filter((exception) => exception.model === model.name).sort(byUrgency),
        rollback: rollbacks.find((rollback) => rollback.model === model.name) ?? null,
      };
    }),
  );
  return [...all].sort(worstFirst);
}

/** The measurement nearest to (or farthest beyond) its breach limit among those that decided the verdict. */
export function worstCheck(evaluation: Evaluation): Check | null {
  const deciding = evaluation.checks.filter((check) => check.verdict === evaluation.verdict);
  const candidates = deciding.length > 0 ? deciding : evaluation.checks;
  return [...candidates].sort((a, b) => (breachRatio(b) ?? -1) - (breachRatio(a) ?? -1))[0] ?? null;
}

/** By verdict, then by what is going on, then by name. A model that was never evaluated stands before those that are fine. */
function worstFirst(a: Overview, b: Overview): number {
  return (
    rank(a.verdict) - rank(b.verdict) ||
    Number(b.rollback !== null) - Number(a.rollback !== null) ||
    b.exceptions.length - a.exceptions.length ||
    (a.config.name < b.config.name ? -1 : 1)
  );
}

function rank(verdict: Verdict | null): number {
  return verdict === null ? VERDICT_ORDER.indexOf('ok') - 0.5 : VERDICT_ORDER.indexOf(verdict);
}

const SEVERITY_ORDER = ['critical', 'high', 'medium', 'low'];

export function byUrgency(a: ExceptionCase, b: ExceptionCase): number {
  return (
    SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) || a.dueAt.localeCompare(b.dueAt)
  );
}
