import type { Baseline } from '../../src/baseline/bins.ts';
import type { ExceptionCase, OutboxMessage } from '../../src/exceptions/exception.ts';
import type { Evaluation, PolicyVerdict, Verdict } from '../../src/judge/verdict.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { Hold, ModelStatus } from '../../src/store/store.ts';

/** Small, complete records for store tests. Every builder takes what the test is about and fills in the rest. */

export const DAY = 86_400_000;
export const DAY_1 = Date.parse('2026-03-02T00:00:00.000Z');

export function policy(fields: Partial<PolicyVerdict> = {}): PolicyVerdict {
  return {
    check: 'drift',
    kind: 'input_drift',
    version: 'all',
    verdict: 'ok',
    reason: 'quiet',
    worst: null,
    ...fields,
  };
}

/** The evaluation of the day that ends at `end` (milliseconds). */
export function evaluationOf(
  model: string,
  end: number,
  fields: { revision?: number; verdict?: Verdict; policy?: readonly PolicyVerdict[]; id?: string } = {},
): Evaluation {
  const { revision = 0, verdict = 'ok' } = fields;
  return {
    evaluation: fields.id ?? `${model}-${new Date(end).toISOString().slice(0, 10)}-${revision}`,
    model,
    window: { start: new Date(end - DAY).toISOString(), end: new Date(end).toISOString() },
    revision,
    verdict,
    rows: 4812,
    baseline: { id: 'b1', hash: 'b'.repeat(64), rows: 51_955 },
    policy: fields.policy ?? [policy({ verdict })],
    checks: [],
    actions: [{ action: 'open_exception', key: 'k', reason: 'naïve – "quoted"\n' }],
  };
}

export function exceptionOf(id: string, fields: Partial<ExceptionCase> = {}): ExceptionCase {
  return {
    id,
    model: 'credit_pd',
    cause: 'drift',
    severity: 'high',
    state: 'open',
    owner: 'retail-credit',
    email: 'retail-credit@bank.example',
    openedAt: '2026-03-03T01:00:00.000Z',
    dueAt: '2026-03-04T01:00:00.000Z',
    version: 'all',
    title: 'credit_pd drifts',
    text: 'PSI of income is 0.31',
    evaluation: null,
    rollbacks: [],
    subCauses: [],
    quietWindows: 0,
    riskAcceptedUntil: null,
    escalations: [],
    desk: 'ops',
    ticket: null,
    history: [{ at: '2026-03-03T01:00:00.000Z', state: 'open', by: null, why: 'breach' }],
    rev: 0,
    ...fields,
  };
}

export function messageOf(key: string, fields: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    key,
    desk: 'ops',
    exception: 'e1',
    action: 'open',
    title: 't',
    text: 'x',
    links: {},
    queuedAt: '2026-03-03T01:00:00.000Z',
    state: 'waiting',
    attempts: 0,
    notBefore: 0,
    lastError: null,
    ...fields,
  };
}

export function rollbackOf(id: string, fields: Partial<Rollback> = {}): Rollback {
  return {
    id,
    model: 'credit_pd',
    endpoint: 'credit-pd',
    from: '7',
    to: '6',
    trigger: 'automatic',
    cause: 'prediction',
    state: 'planned',
    planHash: 'c'.repeat(64),
    plan: {
      model: 'credit_pd',
      registeredModel: 'main.risk.credit_pd',
      endpoint: 'credit-pd',
      from: '7',
      to: '6',
      moves: ['traffic', 'alias'],
      readiness: 'hot',
      servingBefore: { configVersion: 3, routes: { a: 100 }, versions: { a: '7' } },
      routesAfter: { b: 100 },
      alias: { name: 'champion', before: '7', after: '6' },
    },
    gates: [{ gate: 'mode', held: false, reason: 'auto' }],
    history: [{ at: '2026-03-03T01:00:00.000Z', state: 'planned', why: 'breach' }],
    exception: null,
    evaluation: null,
    requestedBy: 'driftwarden',
    approval: null,
    createdAt: '2026-03-03T01:00:00.000Z',
    approvalExpiresAt: null,
    deadlineAt: null,
    dwellUntil: null,
    wrote: false,
    configVersionAfter: null,
    endedAt: null,
    rev: 0,
    ...fields,
  };
}

export function holdOf(version: string, fields: Partial<Hold> = {}): Hold {
  return {
    model: 'credit_pd',
    version,
    rollback: 'r1',
    since: '2026-03-03T02:00:00.000Z',
    releasedBy: null,
    releasedAt: null,
    releaseReason: null,
    ...fields,
  };
}

export function statusOf(model: string, fields: Partial<ModelStatus> = {}): ModelStatus {
  return {
    model,
    at: '2026-03-03T01:00:00.000Z',
    owner: 'retail-credit',
    ownerResolved: true,
    tier: 'high',
    championVersion: '6',
    rollbackVersion: null,
    servingVersion: '7',
    shares: { '6': 0.1, '7': 0.9 },
    conformant: false,
    readiness: 'hot',
    gates: [],
    trouble: null,
    ...fields,
  };
}

export function baselineOf(id: string, fields: Partial<Baseline> = {}): Baseline {
  return {
    id,
    hash: 'd'.repeat(64),
    state: 'draft',
    frozenAt: '2026-03-01T00:00:00.000Z',
    approvedBy: null,
    approvedAt: null,
    approvalReason: null,
    content: {
      model: 'credit_pd',
      version: 'all',
      table: 'main.risk.credit_training',
      window: null,
      rows: 3,
      bins: 10,
      columns: [
        {
          name: 'income',
          bins: { kind: 'numeric', edges: [0.1, 0.30000000000000004], coarseEdges: [0.1] },
          counts: { cells: [1, 1, 1], missing: 0, nonFinite: 0, other: 0, unseen: 0 },
        },
      ],
      predictions: [],
    },
    ...fields,
  };
}
