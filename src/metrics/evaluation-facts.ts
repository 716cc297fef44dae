import { limitAlarmsPerYear } from '../judge/limit-chance.ts';
import { breachRatio, worstVerdict } from '../judge/policy.ts';
import {
  type Check,
  type CheckKind,
  type Evaluation,
  isUnknown,
  type PolicyVerdict,
} from '../judge/verdict.ts';
import { METHODS, type Method } from '../statistics/measurement.ts';
import type { CheckFacts, EvaluationFacts, FeatureFacts, ScoreFacts } from './facts.ts';

export interface SummaryQuestion {
  readonly evaluation: Evaluation;
  /** Share of live traffic per version; empty when nobody could tell. */
  readonly shares: { readonly [version: string]: number };
  readonly topFeatures: number;
  /** Policy checks the model is configured for: none of them may vanish when an evaluation failed early. */
  readonly expected: readonly { readonly check: string; readonly kind: CheckKind }[];
}

/** What of an evaluation becomes metrics: per policy check one version and one subject, and the worst features. */
export function summariseEvaluation(question: SummaryQuestion): EvaluationFacts {
  const { evaluation, topFeatures } = question;
  const names = [...new Set(evaluation.policy.map((verdict) => verdict.check as string))];
  const checks = names.map((name) =>
    summariseCheck(
      question,
      evaluation.policy.filter((verdict) => verdict.check === name),
    ),
  );
  const features = featureRows(evaluation.checks);
  const drifted = [...features.values()].filter((rows) => rows.some((row) => row.verdict === 'breach'));
  return {
    checks: [...checks, ...missingChecks(question, names)],
    featuresMonitored: features.size,
    featuresDrifted: drifted.length,
    topFeatures: [...features]
      .map(([feature, rows]) => ({ feature, scores: rows.filter(isSeries).map(score) }))
      .sort(byRatio)
      .slice(0, topFeatures),
  };
}

/** An evaluation that is unknown as a whole says nothing about checks it never reached: they are unknown too. */
function missingChecks(question: SummaryQuestion, present: readonly string[]): readonly CheckFacts[] {
  const { verdict } = question.evaluation;
  if (!isUnknown(verdict)) return [];
  return question.expected
    .filter((expected) => !present.includes(expected.check))
    .map((expected) => ({
      ...expected,
      verdict,
      breachRatio: null,
      evidenceRatio: null,
      rows: null,
      scores: [],
    }));
}

function summariseCheck(question: SummaryQuestion, verdicts: readonly PolicyVerdict[]): CheckFacts {
  const [first] = verdicts;
  if (first === undefined) throw new Error('a policy check is summarised from at least one verdict');
  const chosen = worstLive(verdicts, question.shares);
  const name = { check: first.check as string, kind: first.kind };
  // The versions that were judged take no traffic any more: about the one that does, nothing is known yet.
  if (chosen === null)
    return { ...name, verdict: 'no_data', breachRatio: null, evidenceRatio: null, rows: null, scores: [] };
  const rows = question.evaluation.checks.filter(
    (row) => row.check === chosen.check && row.version === chosen.version && row.segment === 'all',
  );
  const scores = rows.filter((row) => row.subject === chosen.worst && isSeries(row)).map(score);
  const ratios = scores.flatMap((entry) => (entry.breachRatio === null ? [] : [entry.breachRatio]));
  return {
    ...name,
    verdict: chosen.verdict,
    breachRatio: ratios.length > 0 ? Math.max(...ratios) : null,
    evidenceRatio: evidenceRatio(rows),
    rules: { limit: worstBy('limit', rows), evidence: worstBy('evidence', rows) },
    limitAlarms: limitAlarmsPerYear(rows, question.evaluation.window),
    rows: rows[0]?.rows ?? question.evaluation.rows,
    scores,
  };
}

/** The worst known verdict that a rule has for any subject. */
function worstBy(rule: 'limit' | 'evidence', rows: readonly Check[]): PolicyVerdict['verdict'] | null {
  const known = rows.flatMap(({ rules }) => {
    const verdict = rules?.[rule] ?? null;
    return verdict === null || isUnknown(verdict) ? [] : [verdict];
  });
  return known.length === 0 ? null : worstVerdict(known);
}

function evidenceRatio(rows: readonly Check[]): number | null {
  const ratios = rows.flatMap(({ evidence, evidenceNeeded }) =>
    evidence === null || evidenceNeeded === null ? [] : [evidence / evidenceNeeded],
  );
  return ratios.length === 0 ? null : Math.max(0, ...ratios);
}

/** The worst verdict among the versions that take traffic; all of them when the shares are not known. */
function worstLive(
  verdicts: readonly PolicyVerdict[],
  shares: { readonly [version: string]: number },
): PolicyVerdict | null {
  const known = Object.keys(shares).length > 0;
  const live = verdicts.filter(
    ({ version }) => version === 'all' || !known || (Object.hasOwn(shares, version) && shares[version] !== 0),
  );
  if (live.length === 0) return null;
  const worst = worstVerdict(live.map((verdict) => verdict.verdict));
  return live.find((verdict) => verdict.verdict === worst) ?? null;
}

/** Rows of measured features, by feature. A row without a method says why nothing was measured and is no feature. */
function featureRows(checks: readonly Check[]): ReadonlyMap<string, readonly Check[]> {
  const features = new Map<string, Check[]>();
  for (const row of checks) {
    if (row.check !== 'drift' || row.segment !== 'all' || row.method === null) continue;
    features.set(row.subject, [...(features.get(row.subject) ?? []), row]);
  }
  return features;
}

/** Distances that are series although nothing is judged on them. */
const ALWAYS: readonly Method[] = ['psi', 'ks'];
const BESIDE: readonly string[] = METHODS.filter((method) => !ALWAYS.includes(method));

/** Further distances without a limit are on the page and in the JSON; as series they would cost threefold. */
function isSeries(row: Check): boolean {
  return row.method !== null && (row.breach !== null || !BESIDE.includes(row.method));
}

function score(row: Check): ScoreFacts {
  const { value, lower, noiseFloor, warn, breach } = row;
  return { method: row.method ?? '', value, lower, noiseFloor, warn, breach, breachRatio: breachRatio(row) };
}

/** Highest breach ratio first; equal ones by name, so that the choice does not flicker from window to window. */
function byRatio(a: FeatureFacts, b: FeatureFacts): number {
  const difference = highest(b) - highest(a);
  return difference !== 0 ? difference : a.feature < b.feature ? -1 : 1;
}

function highest(feature: FeatureFacts): number {
  return Math.max(-1, ...feature.scores.map((entry) => entry.breachRatio ?? -1));
}
