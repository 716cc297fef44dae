import type { Baseline } from '../../baseline/bins.ts';
import type { ModelConfig } from '../../config/config.ts';
import type { ExceptionCase } from '../../exceptions/exception.ts';
import type { Rollback } from '../../rollback/rollback.ts';
import type { Hold, ModelStatus, StoredEvaluation } from '../../store/store.ts';
import type { ModelPage } from '../model-data.ts';
import type { Overview } from '../overview.ts';

/** What leaves the program as JSON, field by field, so that a new field of a record is not published by accident. */

export function exceptionLine(exception: ExceptionCase) {
  const { id, model, cause, severity, state, owner, openedAt, dueAt, ticket, version, title } = exception;
  return { id, model, cause, severity, state, owner, openedAt, dueAt, ticket, version, title };
}

export function exceptionView(exception: ExceptionCase) {
  const {
    text,
    evaluation,
    rollbacks,
    subCauses,
    quietWindows,
    riskAcceptedUntil,
    email,
    desk,
    escalations,
    history,
  } = exception;
  return {
    ...exceptionLine(exception),
    text,
    evaluation,
    rollbacks,
    subCauses,
    quietWindows,
    riskAcceptedUntil,
    email,
    desk,
    escalations,
    history,
  };
}

export function rollbackLine(rollback: Rollback) {
  const { id, model, endpoint, from, to, trigger, cause, state, planHash, gates, history } = rollback;
  return { id, model, endpoint, from, to, trigger, cause, state, planHash, gates, history };
}

export function rollbackView(rollback: Rollback) {
  const { plan, exception, evaluation, requestedBy, approval, createdAt } = rollback;
  const { approvalExpiresAt, deadlineAt, dwellUntil, wrote, endedAt } = rollback;
  return {
    ...rollbackLine(rollback),
    plan,
    exception,
    evaluation,
    requestedBy,
    approval,
    createdAt,
    approvalExpiresAt,
    deadlineAt,
    dwellUntil,
    wrote,
    endedAt,
  };
}

export function baselineLine(baseline: Baseline) {
  const { id, hash, state, frozenAt, approvedBy, approvedAt, approvalReason, content } = baseline;
  return {
    id,
    model: content.model,
    hash,
    state,
    version: content.version,
    table: content.table,
    window: content.window,
    rows: content.rows,
    frozenAt,
    approvedBy,
    approvedAt,
    approvalReason,
  };
}

export function baselineView(baseline: Baseline) {
  return { ...baselineLine(baseline), content: baseline.content };
}

export function evaluationLine({ record, hash, endedAt }: StoredEvaluation) {
  const { evaluation, model, window, revision, verdict, rows } = record;
  return { evaluation, model, window, revision, verdict, rows, hash, endedAt };
}

export function holdView(hold: Hold) {
  const { model, version, rollback, since, releasedBy, releasedAt, releaseReason } = hold;
  return { model, version, rollback, since, releasedBy, releasedAt, releaseReason };
}

export function modelLine(overview: Overview) {
  const { config, status, newest, verdict, worst, exceptions, rollback } = overview;
  return {
    model: config.name,
    verdict,
    registeredModel: config.registeredModel,
    endpoint: config.endpoint,
    rollbackMode: config.rollback.mode,
    evaluation: newest === null ? null : evaluationLine(newest),
    worst: worst === null ? null : worstView(worst),
    ...(status === null ? statusNotKnown(config) : statusView(status)),
    openExceptions: exceptions.length,
    rollback: rollback === null ? null : { id: rollback.id, state: rollback.state },
  };
}

/** Who owns the model and what is served, as the last cycle saw it. */
function statusView(status: ModelStatus) {
  const { owner, tier, championVersion, servingVersion, rollbackVersion } = status;
  const { shares, conformant, readiness, trouble } = status;
  return {
    owner,
    tier,
    championVersion,
    servingVersion,
    rollbackVersion,
    shares,
    conformant,
    readiness,
    trouble,
  };
}

/** Before the first cycle nothing is known but what is configured. */
function statusNotKnown(config: ModelConfig) {
  return {
    owner: config.owner,
    tier: config.riskTier,
    championVersion: null,
    servingVersion: null,
    rollbackVersion: null,
    shares: {},
    conformant: null,
    readiness: null,
    trouble: null,
  };
}

function worstView(check: NonNullable<Overview['worst']>) {
  const { subject, method, segment, version, verdict, reason, value, noiseFloor, warn, breach } = check;
  return {
    check: check.check,
    subject,
    method,
    segment,
    version,
    verdict,
    reason,
    value,
    noiseFloor,
    warn,
    breach,
  };
}

export function modelView(page: ModelPage) {
  return {
    ...modelLine(page.overview),
    policy: page.overview.newest?.record.policy ?? [],
    gates: page.overview.status?.gates ?? [],
    holds: page.holds.map(holdView),
    baselines: page.baselines.map(baselineLine),
    exceptions: page.exceptions.map(exceptionLine),
    rollbacks: page.rollbacks.map(rollbackLine),
  };
}
