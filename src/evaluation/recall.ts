import type { Baseline } from '../baseline/bins.ts';
import type { ExceptionCase } from '../exceptions/exception.ts';
import { isUnknown, type PolicyVerdict, type Verdict } from '../judge/verdict.ts';
import type { CheckState, ModelProgress, Store, StoredEvaluation, StoredVerdict } from '../store/store.ts';
import type { Window } from '../windows/window.ts';

/** Windows of history asked of the store: more than any m of n with unknown windows in between needs. */
const HISTORY = 200;

/** What the store remembers that a window is judged with. */
export interface Memory {
  readonly baselines: readonly Baseline[];
  readonly cases: readonly ExceptionCase[];
  readonly progress: ModelProgress | null;
  /** What checks carry from window to window. */
  readonly states: readonly CheckState[];
  /** Newest revision of this very window; null when it has not been judged. */
  readonly stored: StoredEvaluation | null;
  /** Earlier windows, newest first. */
  readonly earlier: readonly StoredEvaluation[];
  /** Versions that had traffic in the newest earlier window that could be read. */
  readonly lastVersions: readonly string[];
}

export async function recall(model: string, window: Window, store: Store): Promise<Memory> {
  const [baselines, cases, progress, revisions, evaluations, states] = await Promise.all([
    store.baselines(model),
    store.exceptions({ model }),
    store.progress(model),
    store.revisions(model, window.end),
    store.evaluations({ model, limit: HISTORY, before: window.end }),
    store.checkStates(model),
  ]);
  const earlier = evaluations.filter(({ record }) => Date.parse(record.window.end) < window.end);
  return {
    baselines,
    cases,
    progress,
    states,
    stored: revisions[0] ?? null,
    earlier,
    lastVersions: lastVersions(earlier),
  };
}

function lastVersions(earlier: readonly StoredEvaluation[]): readonly string[] {
  const read = earlier.find(({ record }) => record.rows > 0);
  const policy = read?.record.policy ?? earlier[0]?.record.policy ?? [];
  return policy.filter(({ check }) => check === 'prediction').map(({ version }) => version);
}

/** Verdicts of one check and version in earlier windows, newest first. */
export function earlierVerdicts(memory: Memory, check: string, version: string): readonly Verdict[] {
  return memory.earlier.flatMap(({ record }) =>
    record.policy
      .filter((policy) => policy.check === check && policy.version === version)
      .map(({ verdict }) => verdict),
  );
}

/** The last verdict of a policy check before this one: of an earlier revision of the window, else of an earlier window. */
export function verdictBefore(memory: Memory, policy: PolicyVerdict): StoredVerdict | null {
  const candidates = memory.stored === null ? memory.earlier : [memory.stored, ...memory.earlier];
  for (const { record } of candidates) {
    const found = record.policy.find(
      ({ check, version }) => check === policy.check && version === policy.version,
    );
    if (found === undefined) continue;
    return {
      windowEnd: Date.parse(record.window.end),
      revision: record.revision,
      verdict: found.verdict,
      evaluation: record.evaluation,
      worst: found.worst,
    };
  }
  return null;
}

/** Since when the model has been without a known verdict, and the progress that goes with a newly judged window. */
export function progressAfter(
  memory: Memory,
  judged: { readonly model: string; readonly window: Window; readonly verdict: Verdict },
): ModelProgress {
  const { progress } = memory;
  const { model, window, verdict } = judged;
  const newest = progress === null || window.end >= progress.windowEnd;
  const unknownSince = isUnknown(verdict) ? (progress?.unknownSince ?? window.end) : null;
  return {
    model,
    windowEnd: Math.max(progress?.windowEnd ?? 0, window.end),
    firstStart: progress?.firstStart ?? window.start,
    unknownSince: newest ? unknownSince : (progress?.unknownSince ?? null),
  };
}
