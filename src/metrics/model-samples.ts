import { SEVERITIES } from '../exceptions/exception.ts';
import { isUnknown, POLICY_CHECKS, VERDICTS } from '../judge/verdict.ts';
import { GATES } from '../rollback/rollback.ts';
import { canonicalLabels, counterKey, SKIP_REASONS } from './counters.ts';
import type { CheckFacts, EvaluationFacts, ModelFacts } from './facts.ts';
import type { CounterName, LabelsOf } from './families.ts';
import { createSampleSet, type SampleSet } from './sample-set.ts';

/** Causes a case can have in this version; their counters exist from the start, so that the first case is an increase. */
const CAUSES: readonly string[] = [...POLICY_CHECKS, 'unknown', 'conformance', 'owner', 'rollback'];

const TRIGGERS = ['automatic', 'manual'] as const;
/** How long after its end an evaluation still speaks for the present: two windows may be missed, and five minutes. */
const SLACK_SECONDS = 300;

/** All series of one model. `now` decides whether its newest evaluation is still fresh. */
export function modelSamples(facts: ModelFacts, now: number): SampleSet {
  const samples = createSampleSet();
  addModel(samples, facts);
  addCounters(samples, facts);
  addRollbacks(samples, facts);
  addExceptions(samples, facts);
  if (facts.evaluation !== null) {
    if (now <= freshUntil(facts)) addEvaluation(samples, facts.model, facts.evaluation);
    else
      for (const check of facts.evaluation.checks)
        addUnknown(samples, facts.model, { ...check, verdict: 'stale' });
  }
  return samples;
}

/** Until when the newest evaluation speaks for the present, milliseconds: the same rule as the alert DriftwardenEvaluationStale. */
export function freshUntil(facts: ModelFacts): number {
  const { lastCompletion, intervalSeconds } = facts;
  return (lastCompletion ?? Number.NEGATIVE_INFINITY) + (2 * intervalSeconds + SLACK_SECONDS) * 1000;
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function addModel(samples: SampleSet, facts: ModelFacts): void {
  const { model, live } = facts;
  samples.add('model_info', { model, model_owner: facts.owner, model_tier: facts.tier }, 1);
  samples.add('evaluation_interval_seconds', { model }, facts.intervalSeconds);
  samples.add('false_alarm_budget_per_year', { model }, facts.falseAlarmsPerYear);
  samples.add('evaluation_last_success_timestamp_seconds', { model }, seconds(facts.lastSuccess));
  samples.add('evaluation_last_completion_timestamp_seconds', { model }, seconds(facts.lastCompletion));
  samples.add('evaluation_last_duration_seconds', { model }, facts.lastDurationSeconds);
  samples.add('window_end_timestamp_seconds', { model }, seconds(facts.windowEnd));
  if (live === null) return;
  if (live.activeVersion !== null)
    samples.add('model_active_version_info', { model, model_version: live.activeVersion }, 1);
  for (const [version, share] of Object.entries(live.shares))
    samples.add('traffic_share_ratio', { model, model_version: version }, share);
  samples.add('owner_resolved', { model }, flag(live.ownerResolved));
  samples.add('champion_conformant', { model }, live.conformant === null ? null : flag(live.conformant));
  samples.add('rollback_ready', { model, readiness: live.readiness }, 1);
  for (const reason of live.heldGates) samples.add('rollback_gate_held', { model, reason }, 1);
}

/** Counters exist at 0 from the start: an increase from absent to 1 is invisible to `increase()`. */
function addCounters(samples: SampleSet, facts: ModelFacts): void {
  const { model, totals } = facts;
  const add = <Name extends CounterName>(name: Name, labels: LabelsOf<Name>): void =>
    samples.add(name, labels, totals[counterKey(name, canonicalLabels(labels))] ?? 0);
  add('evaluations_total', { model });
  add('evaluation_failures_total', { model });
  add('warehouse_statements_total', { model });
  add('warehouse_seconds_total', { model });
  for (const verdict of VERDICTS) add('bake_windows_total', { model, verdict });
  for (const reason of SKIP_REASONS) add('windows_skipped_total', { model, reason });
  for (const trigger of TRIGGERS) {
    add('rollbacks_total', { model, trigger });
    add('rollback_failures_total', { model, trigger });
  }
  for (const reason of GATES) add('rollbacks_suppressed_total', { model, reason });
  for (const cause of CAUSES) add('exceptions_opened_total', { model, cause });
  for (const desk of facts.desks) add('tickets_opened_total', { model, desk });
}

function addRollbacks(samples: SampleSet, facts: ModelFacts): void {
  const { model, rollbacks } = facts;
  samples.add('rollback_in_progress', { model }, flag(rollbacks.running));
  samples.add('rollback_deadline_timestamp_seconds', { model }, seconds(rollbacks.deadline));
  samples.add('rollback_last_timestamp_seconds', { model }, seconds(rollbacks.lastEnded));
  if (rollbacks.newestState !== null)
    samples.add('rollback_state', { model, state: rollbacks.newestState }, 1);
}

function addExceptions(samples: SampleSet, facts: ModelFacts): void {
  const { model, exceptions } = facts;
  for (const severity of SEVERITIES)
    samples.add('exceptions_open', { model, severity }, exceptions.open[severity]);
  samples.add('exception_earliest_due_timestamp_seconds', { model }, seconds(exceptions.earliestDue));
  for (const desk of facts.desks) {
    const tickets = exceptions.tickets[desk] ?? { open: 0, oldest: null };
    samples.add('tickets_open', { model, desk }, tickets.open);
    samples.add('ticket_oldest_open_timestamp_seconds', { model, desk }, seconds(tickets.oldest));
  }
}

function addEvaluation(samples: SampleSet, model: string, evaluation: EvaluationFacts): void {
  for (const check of evaluation.checks) addCheck(samples, model, check);
  samples.add('features_monitored', { model }, evaluation.featuresMonitored);
  samples.add('features_drifted', { model }, evaluation.featuresDrifted);
  for (const { feature, scores } of evaluation.topFeatures) {
    for (const score of scores) {
      const labels = { model, feature, method: score.method };
      samples.add('feature_drift_score', labels, score.value);
      samples.add('feature_drift_noise_floor', labels, score.noiseFloor);
      samples.add('feature_breach_ratio', labels, score.breachRatio);
    }
  }
}

function addCheck(samples: SampleSet, model: string, facts: CheckFacts): void {
  const { check, kind, verdict } = facts;
  const labels = { model, check, check_kind: kind };
  if (isUnknown(verdict)) addUnknown(samples, model, facts);
  else
    samples.add('check_status', labels, { ok: 0, warn: 1, breach: 2 }[verdict as 'ok' | 'warn' | 'breach']);
  samples.add('check_insufficient_data', labels, flag(verdict === 'insufficient'));
  samples.add('check_breach_ratio', labels, facts.breachRatio);
  samples.add('check_evidence_ratio', { model, check }, facts.evidenceRatio);
  samples.add('check_window_rows', { model, check }, facts.rows);
  addRules(samples, model, facts);
  for (const score of facts.scores) {
    const { method } = score;
    samples.add('check_score', { ...labels, method }, score.value);
    samples.add('check_lower_bound', { model, check, method }, score.lower);
    samples.add('check_noise_floor', { model, check, method }, score.noiseFloor);
    samples.add('check_threshold', { model, check, method, level: 'warning' }, score.warn);
    samples.add('check_threshold', { model, check, method, level: 'breach' }, score.breach);
  }
}

const STATUS: { readonly [verdict: string]: number } = { ok: 0, warn: 1, breach: 2 };

/** Both rules side by side, whichever decides. */
function addRules(samples: SampleSet, model: string, { check, rules, limitAlarms = null }: CheckFacts): void {
  for (const rule of ['limit', 'evidence'] as const)
    samples.add('check_rule_status', { model, check, rule }, STATUS[rules?.[rule] ?? ''] ?? null);
  samples.add(
    'check_limit_false_alarms_per_year',
    { model, check, level: 'warning' },
    limitAlarms?.warn ?? null,
  );
  samples.add(
    'check_limit_false_alarms_per_year',
    { model, check, level: 'breach' },
    limitAlarms?.breach ?? null,
  );
}

function addUnknown(samples: SampleSet, model: string, facts: CheckFacts): void {
  const { check, kind, verdict } = facts;
  samples.add('check_unknown', { model, check, check_kind: kind, reason: verdict }, 1);
}
