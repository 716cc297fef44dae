import { z } from 'zod';
import { AUDIT_KINDS } from '../../audit/record.ts';
import { EXCEPTION_STATES, SEVERITIES } from '../../exceptions/exception.ts';
import { GATES, ROLLBACK_STATES } from '../../rollback/rollback.ts';
import {
  check,
  count,
  evaluation,
  evaluationLine,
  hash,
  nullableText,
  number,
  numbers,
  policy,
  problem,
  text,
  time,
  verdict,
  window,
} from './evaluation-schemas.ts';

/**
 * The JSON that this program answers with, as schemas: the API description is generated from them, and the tests hold
 * every answer against them.
 */

const tier = z.enum(['high', 'medium', 'low']);

const ticket = z.strictObject({ desk: text, key: text, url: nullableText });

const exceptionLine = z.strictObject({
  id: text,
  model: text,
  cause: text,
  severity: z.enum(SEVERITIES),
  state: z.enum(EXCEPTION_STATES),
  owner: text,
  openedAt: time,
  dueAt: time,
  ticket: ticket.nullable(),
  version: text,
  title: text,
});

const exception = exceptionLine.extend({
  text,
  evaluation: nullableText,
  rollbacks: z.array(text),
  subCauses: z.array(text),
  quietWindows: count,
  riskAcceptedUntil: time.nullable(),
  email: nullableText,
  desk: nullableText,
  escalations: z.array(z.strictObject({ at: time, to: text, email: nullableText, desk: nullableText })),
  history: z.array(
    z.strictObject({ at: time, state: z.enum(EXCEPTION_STATES), by: nullableText, why: text }),
  ),
});

const gate = z.strictObject({ gate: z.enum(GATES), held: z.boolean(), reason: text });

const rollbackLine = z.strictObject({
  id: text,
  model: text,
  endpoint: nullableText,
  from: text,
  to: text,
  trigger: z.enum(['automatic', 'manual']),
  cause: text,
  state: z.enum(ROLLBACK_STATES),
  planHash: hash,
  gates: z.array(gate),
  history: z.array(z.strictObject({ at: time, state: z.enum(ROLLBACK_STATES), why: text })),
});

const readiness = z.enum(['hot', 'cold', 'absent', 'none']);

const plan = z.strictObject({
  model: text,
  registeredModel: text,
  endpoint: nullableText,
  from: text,
  to: text,
  moves: z.array(z.enum(['traffic', 'alias'])),
  readiness,
  servingBefore: z
    .strictObject({ configVersion: number, routes: numbers, versions: z.record(z.string(), text) })
    .nullable(),
  routesAfter: numbers.nullable(),
  removes: z.array(z.string()).optional(),
  adds: z.strictObject({ name: text, version: text, like: text }).optional(),
  alias: z.strictObject({ name: text, before: nullableText, after: text }).nullable(),
});

const rollback = rollbackLine.extend({
  plan,
  exception: nullableText,
  evaluation: nullableText,
  requestedBy: text,
  approval: z.strictObject({ by: text, identity: z.enum(['claimed', 'verified']), at: time }).nullable(),
  createdAt: time,
  approvalExpiresAt: time.nullable(),
  deadlineAt: time.nullable(),
  dwellUntil: time.nullable(),
  wrote: z.boolean().describe('Whether a first write may have left this program'),
  endedAt: time.nullable(),
});

const baselineLine = z.strictObject({
  id: text,
  model: text,
  hash,
  state: z.enum(['draft', 'approved', 'retired']),
  version: text,
  table: text,
  window: window.nullable(),
  rows: count,
  frozenAt: time,
  approvedBy: nullableText,
  approvedAt: time.nullable(),
  approvalReason: nullableText,
});

const baseline = baselineLine.extend({
  content: z
    .record(z.string(), z.unknown())
    .describe('Frozen bins and counts; `hash` is over its canonical JSON'),
});

const hold = z.strictObject({
  model: text,
  version: text,
  rollback: text,
  since: time,
  releasedBy: nullableText,
  releasedAt: time.nullable(),
  releaseReason: nullableText,
});

const modelLine = z.strictObject({
  model: text,
  verdict: verdict.nullable(),
  registeredModel: text,
  endpoint: nullableText,
  owner: nullableText,
  tier: tier.nullable(),
  rollbackMode: z.enum(['observe', 'approve', 'auto']),
  evaluation: evaluationLine.nullable(),
  worst: check
    .pick({ check: true, subject: true, method: true, segment: true, version: true, verdict: true })
    .extend({ reason: text, value: number, noiseFloor: number, warn: number, breach: number })
    .nullable(),
  championVersion: nullableText,
  servingVersion: nullableText,
  rollbackVersion: nullableText,
  shares: numbers.describe('Share of live traffic per version, 0 to 1'),
  conformant: z.boolean().nullable(),
  readiness: readiness.nullable(),
  trouble: nullableText,
  openExceptions: count,
  rollback: z.strictObject({ id: text, state: z.enum(ROLLBACK_STATES) }).nullable(),
});

const model = modelLine.extend({
  policy: z.array(policy),
  gates: z.array(gate),
  holds: z.array(hold),
  baselines: z.array(baselineLine),
  exceptions: z.array(exceptionLine),
  rollbacks: z.array(rollbackLine),
});

const auditRecord = z.strictObject({
  body: z.record(z.string(), z.unknown()),
  hash,
  kind: z.enum(AUDIT_KINDS),
  prev: hash,
  seq: z.int().min(1),
  time,
});

const silence = z.object({
  model: z.string(),
  until: time,
  by: z.string(),
  identity: z.enum(['claimed', 'verified']),
  reason: z.string().nullable(),
  at: time,
});

const killSwitch = z.object({ on: z.boolean(), file: z.string() });

/** By the names they have in the API description. */
export const SCHEMAS = {
  Problem: problem,
  ModelLine: modelLine,
  Model: model,
  EvaluationLine: evaluationLine,
  Evaluation: evaluation,
  ExceptionLine: exceptionLine,
  Exception: exception,
  RollbackLine: rollbackLine,
  Rollback: rollback,
  BaselineLine: baselineLine,
  Baseline: baseline,
  Hold: hold,
  Silence: silence,
  KillSwitch: killSwitch,
  AuditRecord: auditRecord,
} as const;
export type SchemaName = keyof typeof SCHEMAS;
