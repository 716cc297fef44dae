import type { AuditEntry } from '../audit/record.ts';
import type { Baseline } from '../baseline/bins.ts';
import { isoTime } from '../clock.ts';
import type { ResolvedOwner } from '../exceptions/owner.ts';
import type { Evaluation } from '../judge/verdict.ts';
import { increment } from '../metrics/counters.ts';
import type { Conformance } from '../rollback/conformance.ts';
import type { WishOutcome } from '../rollback/wish.ts';
import type { Change, CheckState, Counter } from '../store/store.ts';
import type { StatementCost } from '../warehouse/warehouse.ts';
import { evaluationEntry, verdictEntries } from './assemble.ts';
import type { CasesOutcome } from './cases.ts';
import { conformanceFacts } from './conformance.ts';
import type { Reading } from './read.ts';
import { type Memory, progressAfter, verdictBefore } from './recall.ts';
import type { CycleTask } from './task.ts';

export interface ChangeParts {
  readonly evaluation: Evaluation;
  readonly hash: string;
  readonly task: CycleTask;
  readonly reading: Reading;
  /** Stored baselines and those frozen since; the new ones are written. */
  readonly baselines: readonly Baseline[];
  readonly memory: Memory;
  readonly owner: ResolvedOwner;
  readonly cases: CasesOutcome;
  readonly conformance: Conformance;
  readonly wish: WishOutcome;
  readonly states: readonly CheckState[];
  /** What was asked of the warehouse for this window. */
  readonly cost: StatementCost;
  readonly now: number;
  /** Wall time: when the evaluation ended for those who watch this machine. */
  readonly endedAt: number;
}

/** Everything a window led to, as one transaction. */
export function changeOf(parts: ChangeParts): Change {
  const { evaluation, hash, task, memory, owner, cases, wish, now } = parts;
  const model = task.model.name;
  const frozen = [...parts.baselines, ...parts.reading.frozen].filter(
    ({ id }) => !memory.baselines.some((stored) => stored.id === id),
  );
  return {
    evaluation: { record: evaluation, hash, endedAt: isoTime(parts.endedAt), cost: parts.cost },
    progress: progressAfter(memory, { model, window: task.window, verdict: evaluation.verdict }),
    status: {
      model,
      at: isoTime(now),
      owner: owner.name,
      ownerResolved: owner.problem === null,
      tier: owner.tier,
      ...wish.status,
    },
    baselines: frozen,
    checkStates: parts.states,
    exceptions: wish.exceptions,
    rollbacks: wish.rollbacks,
    queue: [...cases.queue, ...wish.queue],
    served: wish.served,
    facts: conformanceFacts(model, parts.conformance),
    count: [...cases.count, ...wish.count, ...counted(evaluation, parts.cost)],
    audit: [
      ...frozen.map(baselineEntry),
      evaluationEntry(evaluation, hash),
      ...verdictEntries(evaluation, (policy) => verdictBefore(memory, policy)),
      ...cases.audit,
      ...wish.audit,
    ],
  };
}

/** The audit record of a baseline's state. `by` null: driftwarden froze it itself. */
export function baselineEntry(baseline: Baseline): AuditEntry {
  const { id, hash, state, content, approvedBy } = baseline;
  return {
    kind: 'baseline',
    body: {
      baseline: id,
      model: content.model,
      hash,
      state,
      by: approvedBy,
      version: content.version,
      table: content.table,
      rows: content.rows,
    },
  };
}

function counted(evaluation: Evaluation, cost: StatementCost): readonly Counter[] {
  const { model } = evaluation;
  const failed = evaluation.verdict === 'error' ? [increment('evaluation_failures_total', { model })] : [];
  return [increment('evaluations_total', { model }), ...costCounters(model, cost), ...failed];
}

/** What the statements of a model cost, for its counters. */
export function costCounters(model: string, cost: StatementCost): readonly Counter[] {
  return [
    increment('warehouse_statements_total', { model }, cost.statements),
    increment('warehouse_seconds_total', { model }, cost.seconds),
  ];
}
