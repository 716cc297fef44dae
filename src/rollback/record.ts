import type { AuditEntry } from '../audit/record.ts';
import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import { increment } from '../metrics/counters.ts';
import type { Change, Counter, Hold } from '../store/store.ts';
import { firstHeld } from './gates/gates.ts';
import { hasIntent } from './machine.ts';
import { hashOfPlan, rollbackId } from './plan.ts';
import { FINAL_STATES, type GateResult, type Rollback, type RollbackPlan } from './rollback.ts';
import type { Step } from './step.ts';

/** Who driftwarden is when it asks for a rollback itself. */
export const ITSELF = 'driftwarden';

export interface NewRollback {
  readonly model: ModelConfig;
  readonly plan: RollbackPlan;
  readonly gates: readonly GateResult[];
  readonly trigger: 'automatic' | 'manual';
  readonly cause: string;
  readonly why: string;
  readonly requestedBy: string;
  readonly evaluation: string | null;
  readonly exception: string | null;
  /** Domain time, milliseconds. */
  readonly now: number;
}

/**
 * A rollback in its first state, to be committed with {@link rollbackEntry}. In mode `approve` it needs an approval,
 * also when a person asks: the mode says that two agree. Throws when the plan cannot be carried out; a gate holds those.
 */
export function newRollback(fields: NewRollback): Rollback {
  const { model, plan, now, trigger, evaluation } = fields;
  if (plan.moves.includes('traffic') && plan.endpoint !== null && plan.routesAfter === null) {
    throw new Error(
      `a rollback of ${model.name} to version ${plan.to} that no endpoint serves is held by a gate`,
    );
  }
  const at = isoTime(now);
  const { mode, approvalExpires } = model.rollback;
  return {
    id: rollbackId(plan, trigger === 'automatic' && evaluation !== null ? evaluation : at),
    model: model.name,
    endpoint: plan.endpoint,
    from: plan.from,
    to: plan.to,
    trigger,
    cause: fields.cause,
    state: 'planned',
    planHash: hashOfPlan(plan),
    plan,
    gates: fields.gates,
    history: [{ at, state: 'planned', why: fields.why }],
    exception: fields.exception,
    evaluation,
    requestedBy: fields.requestedBy,
    approval: null,
    createdAt: at,
    approvalExpiresAt: mode === 'approve' ? isoTime(now + approvalExpires) : null,
    deadlineAt: null,
    dwellUntil: null,
    wrote: false,
    configVersionAfter: null,
    endedAt: null,
    rev: 0,
  };
}

/** The rollback after a step, with the state on its history; the gates as they were last asked. */
export function afterStep(
  rollback: Rollback,
  step: Step,
  at: { readonly now: number; readonly gates: readonly GateResult[] | null },
): Rollback {
  const time = isoTime(at.now);
  return {
    ...rollback,
    ...step.changes,
    state: step.state,
    gates: at.gates ?? rollback.gates,
    history: [...rollback.history, { at: time, state: step.state, why: step.why }],
    endedAt: FINAL_STATES.includes(step.state) ? time : null,
  };
}

/** The audit record of the state a rollback has entered, committed before the effect of that state. */
export function rollbackEntry(rollback: Rollback): AuditEntry {
  const { id, model, endpoint, from, to, state, trigger, cause, planHash, evaluation, exception } = rollback;
  const why = rollback.history.at(-1)?.why ?? '';
  const gate = state === 'blocked' ? { gate: firstHeld(rollback.gates)?.gate ?? null } : {};
  return {
    kind: 'rollback',
    body: {
      rollback: id,
      model,
      endpoint,
      from,
      to,
      state,
      reason: why,
      trigger,
      cause,
      planHash,
      evaluation,
      exception,
      requestedBy: rollback.requestedBy,
      ...gate,
    },
  };
}

/** What a wish for a rollback leaves when a gate holds it: an audit record and a count, under the first gate that holds. */
export function heldWish(wish: {
  readonly model: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly cause: string;
  readonly evaluation: string | null;
  readonly gates: readonly GateResult[];
}): { readonly audit: AuditEntry; readonly count: Counter } | null {
  const { model, from, to, cause, evaluation, gates } = wish;
  const first = firstHeld(gates);
  if (first === null) return null;
  const held = gates.filter((gate) => gate.held).map((gate) => ({ gate: gate.gate, reason: gate.reason }));
  const body = { rollback: null, model, from, to, state: 'blocked', gate: first.gate, reason: first.reason };
  return {
    audit: { kind: 'rollback', body: { ...body, cause, evaluation, held } },
    count: increment('rollbacks_suppressed_total', { model, reason: first.gate }),
  };
}

/** When a rollback first meant to write; null while it has not. Domain time, milliseconds. */
export function firstIntentAt(rollback: Rollback): number | null {
  const first = rollback.history.find((entry) => hasIntent(entry.state));
  return first === undefined ? null : Date.parse(first.at);
}

/**
 * Everything that is committed with a state: the record, its audit record, the counters, and the hold on the failing
 * version. It is held from the first intent on, and also where a rollback was called off: somebody wanted it to stay.
 */
export function changeOfState(next: Rollback, previous: Rollback): Change {
  const { model, trigger } = next;
  const firstWrite = next.wrote && !previous.wrote;
  const failed = next.state === 'needs_human' && previous.wrote;
  const gate = next.state === 'blocked' ? firstHeld(next.gates) : null;
  return {
    audit: [rollbackEntry(next)],
    rollbacks: [next],
    holds: firstWrite || next.state === 'cancelled' ? [holdOf(next)] : [],
    count: [
      ...(firstWrite ? [increment('rollbacks_total', { model, trigger })] : []),
      ...(failed ? [increment('rollback_failures_total', { model, trigger })] : []),
      ...(gate === null ? [] : [increment('rollbacks_suppressed_total', { model, reason: gate.gate })]),
    ],
  };
}

function holdOf(rollback: Rollback): Hold {
  return {
    model: rollback.model,
    version: rollback.from,
    rollback: rollback.id,
    since: rollback.history.at(-1)?.at ?? rollback.createdAt,
    releasedBy: null,
    releasedAt: null,
    releaseReason: null,
  };
}
