import type { AuditKind, AuditRecord } from '../../src/audit/record.ts';
import { isoTime } from '../../src/clock.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import type { ExceptionCase, OutboxMessage } from '../../src/exceptions/exception.ts';
import type { Check, Evaluation, PolicyVerdict } from '../../src/judge/verdict.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { Counter, ModelStatus, Store, StoredEvaluation } from '../../src/store/store.ts';

export const NOW = Date.parse('2026-03-10T12:00:00.000Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export function modelConfig(name: string, over: Partial<ModelConfig> = {}): ModelConfig {
  const base = {
    name,
    registeredModel: `main.risk.${name}`,
    endpoint: name,
    owner: 'retail-credit',
    riskTier: 'high',
    prediction: { name: 'score', kind: 'numeric', threshold: null, favourable: null },
    window: { kind: 'fixed', milliseconds: DAY },
    falseAlarmsPerYear: 1,
  };
  return { ...base, ...over } as unknown as ModelConfig;
}

export function fleetConfig(
  models: readonly ModelConfig[],
  over: { topFeatures?: number; maxSeries?: number; desks?: readonly string[] } = {},
): Config {
  const desks = over.desks ?? ['jira-risk', 'pager'];
  return {
    metrics: { topFeatures: over.topFeatures ?? 20, maxSeries: over.maxSeries ?? 100_000 },
    models: Object.fromEntries(models.map((model) => [model.name, model])),
    ticketDesks: Object.fromEntries(
      desks.map((desk) => [desk, { kind: 'webhook', url: 'https://hooks.bank.example', secret: null }]),
    ),
  } as unknown as Config;
}

export function check(over: Partial<Check> = {}): Check {
  return {
    check: 'drift',
    kind: 'input_drift',
    subject: 'income',
    method: 'psi',
    segment: 'all',
    version: 'all',
    verdict: 'ok',
    reason: 'PSI of income is 0.02 on 4 812 rows, within the warn limit 0.10.',
    value: 0.02,
    lower: 0.01,
    upper: 0.03,
    noiseFloor: 0.0037,
    warn: 0.1,
    breach: 0.25,
    evidence: 1.2,
    evidenceNeeded: 4.8,
    rules: { limit: 'warn', evidence: 'ok', chance: { warn: 0.02, breach: 0 } },
    clusters: null,
    window: null,
    rows: 4812,
    baselineRows: 51_955,
    cells: null,
    ...over,
  };
}

export function policy(over: Partial<PolicyVerdict> = {}): PolicyVerdict {
  return {
    check: 'drift',
    kind: 'input_drift',
    version: 'all',
    verdict: 'ok',
    reason: '',
    worst: 'income',
    ...over,
  };
}

export function evaluation(over: Partial<Evaluation> = {}): Evaluation {
  return {
    evaluation: 'ev-1',
    model: 'credit_pd',
    window: { start: isoTime(NOW - DAY - HOUR), end: isoTime(NOW - HOUR) },
    revision: 0,
    verdict: 'ok',
    rows: 4812,
    baseline: null,
    policy: [policy()],
    checks: [check()],
    actions: [],
    ...over,
  };
}

export function stored(record: Evaluation, endedAt: number = NOW - 60_000): StoredEvaluation {
  return { record, hash: 'f'.repeat(64), endedAt: isoTime(endedAt) };
}

export function status(over: Partial<ModelStatus> = {}): ModelStatus {
  return {
    model: 'credit_pd',
    at: isoTime(NOW),
    owner: 'retail-credit',
    ownerResolved: true,
    tier: 'high',
    championVersion: '3',
    rollbackVersion: '3',
    servingVersion: '7',
    shares: { '7': 0.9, '3': 0.1 },
    conformant: false,
    readiness: 'hot',
    gates: [
      { gate: 'mode', held: true, reason: 'mode is observe' },
      { gate: 'freeze', held: false, reason: 'no freeze' },
    ],
    trouble: null,
    ...over,
  };
}

export function rollback(over: Partial<Rollback> = {}): Rollback {
  return {
    id: 'rb-1',
    model: 'credit_pd',
    trigger: 'automatic',
    state: 'done',
    createdAt: isoTime(NOW - 2 * HOUR),
    deadlineAt: isoTime(NOW - 2 * HOUR + 300_000),
    endedAt: isoTime(NOW - HOUR),
    wrote: true,
    ...over,
  } as Rollback;
}

export function exceptionCase(over: Partial<ExceptionCase> = {}): ExceptionCase {
  return {
    id: 'ex-1',
    model: 'credit_pd',
    cause: 'drift',
    severity: 'high',
    state: 'open',
    openedAt: isoTime(NOW - 2 * DAY),
    dueAt: isoTime(NOW + DAY),
    desk: 'jira-risk',
    ...over,
  } as ExceptionCase;
}

export function message(over: Partial<OutboxMessage> = {}): OutboxMessage {
  return { key: 'm-1', desk: 'jira-risk', queuedAt: isoTime(NOW - HOUR), ...over } as OutboxMessage;
}

export function auditRecord(seq: number, kind: AuditKind, time: number = NOW): AuditRecord {
  return { seq, kind, time: isoTime(time), prev: '', hash: '', body: {} };
}

export interface MemoryState {
  statuses: ModelStatus[];
  evaluations: StoredEvaluation[];
  rollbacks: Rollback[];
  exceptions: ExceptionCase[];
  counters: Counter[];
  waiting: OutboxMessage[];
  audit: AuditRecord[];
  /** Queries asked so far, by name. */
  asked: string[];
}

export function memoryState(over: Partial<MemoryState> = {}): MemoryState {
  return {
    statuses: [],
    evaluations: [],
    rollbacks: [],
    exceptions: [],
    counters: [],
    waiting: [],
    audit: [],
    asked: [],
    ...over,
  };
}

/** What the metrics read of a store, out of plain lists. Evaluations are given newest window first. */
export function memoryStore(state: MemoryState): Store {
  const of = <Row extends { readonly model: string }>(
    rows: readonly Row[],
    model: string | undefined,
  ): Row[] => rows.filter((row) => model === undefined || row.model === model);
  const answer = async <Answer>(name: string, value: Answer): Promise<Answer> => {
    state.asked.push(name);
    return value;
  };
  const store: Partial<Store> = {
    statuses: () => answer('statuses', state.statuses),
    evaluations: ({ model, limit, before }) =>
      answer(
        `evaluations ${model}`,
        state.evaluations
          .filter((entry) => entry.record.model === model)
          .filter((entry) => before === undefined || Date.parse(entry.record.window.end) < before)
          .slice(0, limit),
      ),
    rollbacks: ({ model }) => answer(`rollbacks ${model}`, of(state.rollbacks, model)),
    exceptions: ({ model }) => answer(`exceptions ${model}`, of(state.exceptions, model)),
    counters: () => answer('counters', state.counters),
    waiting: () => answer('waiting', state.waiting),
    auditHead: () => {
      const last = state.audit.at(-1);
      return answer('auditHead', last === undefined ? null : { seq: last.seq, hash: last.hash });
    },
    auditFrom: (seq, limit) =>
      answer('auditFrom', state.audit.filter((record) => record.seq >= seq).slice(0, limit)),
  };
  return store as Store;
}

/** Every sample of an exposition, by its series as written. */
export function samplesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = new Map<string, number>();
  for (const line of lines) {
    const at = line.lastIndexOf(' ');
    const series = line.slice(0, at);
    if (samples.has(series)) throw new Error(`series exposed twice: ${series}`);
    samples.set(series, Number(line.slice(at + 1)));
  }
  return samples;
}
