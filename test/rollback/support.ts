import type { ModelConfig } from '../../src/config/config.ts';
import type { ModelVersion, RegisteredModel } from '../../src/registry/registry.ts';
import { NOTHING_SEEN } from '../../src/rollback/memory.ts';
import { buildPlan } from '../../src/rollback/plan.ts';
import { newRollback } from '../../src/rollback/record.ts';
import type { GateResult, Rollback, RollbackPlan, RollbackState } from '../../src/rollback/rollback.ts';
import type { Observation } from '../../src/rollback/step.ts';
import { chooseTarget } from '../../src/rollback/target.ts';
import type { Seen, WorldView } from '../../src/rollback/world.ts';
import type { Endpoint, ServedEntity } from '../../src/serving/serving.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const T0 = Date.parse('2026-11-24T10:00:00.000Z');
export const MODEL = 'main.risk.credit_pd';
export const ENDPOINT = 'credit-pd';

export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export function aModel(
  rollback: Partial<ModelConfig['rollback']> = {},
  fields: Partial<ModelConfig> = {},
): ModelConfig {
  return {
    name: 'credit_pd',
    registeredModel: MODEL,
    endpoint: ENDPOINT,
    owner: 'retail-credit',
    riskTier: 'high',
    runbook: null,
    task: 'binary',
    source: {
      table: 'main.risk.credit_scores',
      layout: 'columns',
      requestId: 'request_id',
      timestamp: 'at',
      version: 'version',
      status: null,
      latency: null,
      where: null,
      cluster: null,
    },
    features: null,
    prediction: { name: 'score', kind: 'numeric', threshold: null, favourable: null },
    baseline: {
      kind: 'table',
      table: 'main.risk.training',
      bins: 10,
      where: null,
      columns: {},
      version: null,
    },
    since: null,
    catchUp: 30 * DAY,
    minRows: 200,
    schedule: null,
    window: { kind: 'fixed', milliseconds: DAY },
    lateness: HOUR,
    revisions: 3 * DAY,
    unknownAfter: 2 * DAY,
    falseAlarmsPerYear: 1,
    drift: { rule: 'limit', psi: { warn: 0.1, breach: 0.25 }, ks: null, features: {} },
    rollback: {
      mode: 'auto',
      on: ['prediction'],
      moves: ['traffic', 'alias'],
      breaches: { m: 1, n: 1 },
      championAlias: 'champion',
      rollbackAlias: 'rollback',
      cooldown: DAY,
      approvalExpires: 4 * HOUR,
      deadline: { hot: 5 * MINUTE, cold: 30 * MINUTE, absent: 60 * MINUTE },
      dwell: 30 * MINUTE,
      bake: { for: 86_400_000, window: 3_600_000 },
      requireTags: {},
      smoke: null,
      requireVerified: false,
      ...rollback,
    },
    ...fields,
  };
}

export function anEntity(version: string, fields: Partial<ServedEntity> = {}): ServedEntity {
  return {
    name: `pd-${version}`,
    model: MODEL,
    version,
    ready: true,
    warm: true,
    id: `id-${version}`,
    ...fields,
  };
}

/** Version 7 serves everything, version 6 stands by. */
export function anEndpoint(fields: Partial<Endpoint> = {}): Endpoint {
  return {
    name: ENDPOINT,
    ready: true,
    update: 'none',
    pending: false,
    configVersion: 11,
    creator: 'mrm@bank.example',
    entities: [anEntity('7'), anEntity('6')],
    routes: { 'pd-7': 100, 'pd-6': 0 },
    raw: {},
    ...fields,
  };
}

/** The champion alias has followed the challenger; the rollback alias names what was good before. */
export function aRegisteredModel(fields: Partial<RegisteredModel> = {}): RegisteredModel {
  return { name: MODEL, owner: 'mrm', tags: {}, aliases: { champion: '7', rollback: '6' }, ...fields };
}

export function aVersion(version: string, fields: Partial<ModelVersion> = {}): ModelVersion {
  return { version, ready: true, status: 'READY', tags: {}, ...fields };
}

export function seen<T>(value: T): Seen<T> {
  return { seen: true, value };
}

export function unseen(fields: { missing?: boolean } = {}): Extract<Seen<never>, { seen: false }> {
  return { seen: false, reason: 'unavailable', message: 'HTTP 503', missing: false, ...fields };
}

export function aView(
  parts: {
    endpoint?: Seen<Endpoint> | null;
    registered?: Seen<RegisteredModel>;
    targetVersion?: WorldView['targetVersion'];
    from?: string | null;
  } = {},
): WorldView {
  const registered = parts.registered ?? seen(aRegisteredModel());
  const from = parts.from === undefined ? '7' : parts.from;
  const target =
    from === null
      ? { version: null, source: null, reason: 'no version of this model serves' }
      : chooseTarget(registered, from, aModel().rollback);
  const { version } = target;
  return {
    registered,
    endpoint: parts.endpoint === undefined ? seen(anEndpoint()) : parts.endpoint,
    from,
    target,
    targetVersion: parts.targetVersion ?? (version === null ? null : seen(aVersion(version))),
  };
}

export function aPlan(model: ModelConfig = aModel(), view: WorldView = aView()): RollbackPlan {
  const plan = buildPlan(model, view);
  if (plan === null) throw new Error('this view gives no plan');
  return plan;
}

export const OPEN: readonly GateResult[] = [{ gate: 'mode', held: false, reason: 'rollback.mode is auto' }];
export const HELD: readonly GateResult[] = [
  { gate: 'mode', held: false, reason: 'rollback.mode is auto' },
  { gate: 'kill_switch', held: true, reason: 'the kill switch is on' },
];

export function aRollback(fields: Partial<Rollback> = {}, model: ModelConfig = aModel()): Rollback {
  const fresh = newRollback({
    model,
    plan: fields.plan ?? aPlan(model),
    gates: OPEN,
    trigger: 'automatic',
    cause: 'prediction',
    why: 'PSI of score is 0.4.',
    requestedBy: 'driftwarden',
    evaluation: 'ev-1',
    exception: null,
    now: T0,
  });
  return { ...fresh, ...fields };
}

/** A rollback as it stands after it has come to a state by the normal way. */
export function rollbackIn(state: RollbackState, fields: Partial<Rollback> = {}): Rollback {
  const wrote = !['planned', 'awaiting_approval', 'blocked', 'cancelled', 'expired'].includes(state);
  const verified = ['traffic_verified', 'moving_alias', 'alias_verified', 'dwelling', 'done'].includes(state);
  return aRollback({
    state,
    wrote,
    approvalExpiresAt: state === 'awaiting_approval' ? iso(T0 + 4 * HOUR) : null,
    deadlineAt: wrote ? iso(T0 + 5 * MINUTE) : null,
    configVersionAfter: verified ? 12 : null,
    dwellUntil: state === 'dwelling' ? iso(T0 + 30 * MINUTE) : null,
    ...fields,
  });
}

/** The endpoint as the plan wants it, after our own write. */
export function shiftedEndpoint(fields: Partial<Endpoint> = {}): Endpoint {
  return anEndpoint({ configVersion: 12, routes: { 'pd-7': 0, 'pd-6': 100 }, ...fields });
}

export function anObservation(fields: Partial<Observation> = {}): Observation {
  return {
    // Just now, whenever that is.
    lookedAt: Number.POSITIVE_INFINITY,
    endpoint: seen(anEndpoint()),
    alias: seen('7'),
    gates: OPEN,
    killSwitch: false,
    attempt: { kind: 'none' },
    remembered: NOTHING_SEEN,
    givenUp: null,
    cancel: null,
    timing: { deadline: 5 * MINUTE, dwell: 30 * MINUTE },
    ...fields,
  };
}
