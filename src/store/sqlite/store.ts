import type { CheckpointPolicy } from '../../audit/checkpoint.ts';
import type { AuditRecord } from '../../audit/record.ts';
import type { Signer } from '../../audit/signer.ts';
import type { Clock } from '../../clock.ts';
import { type Change, type Store, StoreError } from '../store.ts';
import { appendAudit, auditFrom, auditHead, auditLines } from './audit-log.ts';
import {
  exception,
  exceptions,
  messagesOf,
  queueMessages,
  updateMessages,
  waitingMessages,
  writeExceptions,
} from './cases.ts';
import type { Connection } from './connection.ts';
import { evaluation, evaluations, revisions, verdicts, writeEvaluation } from './evaluations.ts';
import {
  baseline,
  baselines,
  checkStates,
  progress,
  servedVersions,
  statuses,
  writeBaselines,
  writeCheckStates,
  writeProgress,
  writeServed,
  writeStatus,
} from './models.ts';
import { holds, rollback, rollbacks, writeHolds, writeRollbacks } from './rollbacks.ts';
import { addCounters, counters, fact, writeFacts } from './tallies.ts';

/** What writing needs; null for a store opened to read. */
export interface Writing {
  readonly clock: Clock;
  readonly signer: Signer;
  readonly checkpointEvery: CheckpointPolicy;
}

/**
 * The store port on one connection. Every method runs to its end before it yields, so commits are serialised and a read
 * sees a commit whole or not at all.
 */
export function storeOn(connection: Connection, writing: Writing | null, close: () => void): Store {
  return {
    commit: async (change) => commit(connection, change, writing),

    progress: async (model) => progress(connection, model),
    statuses: async () => statuses(connection),
    evaluations: async (query) => evaluations(connection, query),
    evaluation: async (id) => evaluation(connection, id),
    revisions: async (model, windowEnd) => revisions(connection, model, windowEnd),
    verdicts: async (query) => verdicts(connection, query),
    checkStates: async (model) => checkStates(connection, model),

    baselines: async (model) => baselines(connection, model),
    baseline: async (id) => baseline(connection, id),

    exceptions: async (query) => exceptions(connection, query),
    exception: async (id) => exception(connection, id),

    rollbacks: async (query) => rollbacks(connection, query),
    rollback: async (id) => rollback(connection, id),
    holds: async (model) => holds(connection, model),

    waiting: async () => waitingMessages(connection),
    messages: async (exception) => messagesOf(connection, exception),

    servedVersions: async (model) => servedVersions(connection, model),

    auditFrom: async (seq, limit) => auditFrom(connection, seq, limit),
    auditHead: async () => auditHead(connection),
    auditLines: async (from, limit) => auditLines(connection, from, limit),
    counters: async () => counters(connection),

    fact: async (name) => fact(connection, name),

    close: async () => close(),
  };
}

function commit(connection: Connection, change: Change, writing: Writing | null): readonly AuditRecord[] {
  if (writing === null) {
    throw new StoreError(
      'read_only',
      'the store was opened to read only',
      'Open it for writing, or send the change through the running daemon.',
    );
  }
  const { clock, signer, checkpointEvery } = writing;
  return connection.transaction(() => {
    writeJudgement(connection, change);
    writeActions(connection, change);
    addCounters(connection, change.count ?? []);
    writeFacts(connection, change.facts ?? {});
    return appendAudit(connection, change.audit, { signer, checkpointEvery, now: clock.now() });
  });
}

/** What was seen and concluded. */
function writeJudgement(connection: Connection, change: Change): void {
  if (change.evaluation !== undefined) writeEvaluation(connection, change.evaluation);
  if (change.bake !== undefined) writeEvaluation(connection, change.bake, 'bake');
  if (change.progress !== undefined) writeProgress(connection, change.progress);
  if (change.status !== undefined) writeStatus(connection, change.status);
  writeCheckStates(connection, change.checkStates ?? []);
  writeBaselines(connection, change.baselines ?? []);
  writeServed(connection, change.served ?? []);
}

/** What is to be done about it. Exceptions come before the messages that refer to them. */
function writeActions(connection: Connection, change: Change): void {
  writeExceptions(connection, change.exceptions ?? []);
  writeRollbacks(connection, change.rollbacks ?? []);
  writeHolds(connection, change.holds ?? []);
  queueMessages(connection, change.queue ?? []);
  updateMessages(connection, change.messages ?? []);
}
