import { z } from 'zod';
import { isoTime } from '../clock.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Claim, Operations } from '../operations.ts';
import { planOnRequest } from '../requests/rollbacks.ts';
import type { DaemonClient } from '../web/client.ts';

const Named = z.object({ id: z.string() });
const BaselineAnswer = z.object({ baseline: Named });
const RollbackAnswer = z.object({ rollback: Named });
const ExceptionAnswer = z.object({ exception: Named });
const HoldAnswer = z.object({
  hold: z.object({
    model: z.string(),
    version: z.string(),
    rollback: z.string(),
    since: z.string(),
    releasedBy: z.string().nullable(),
    releasedAt: z.string().nullable(),
    releaseReason: z.string().nullable(),
  }),
});

const SilenceAnswer = z.object({
  silence: z.object({
    model: z.string(),
    until: z.string(),
    by: z.string(),
    identity: z.enum(['claimed', 'verified']),
    reason: z.string().nullable(),
    at: z.string(),
  }),
});
const KillSwitchAnswer = z.object({ killSwitch: z.object({ on: z.boolean(), file: z.string() }) });

/**
 * The operations, carried out by the running daemon. What comes back over HTTP is only the identifier: the record itself is read
 * from the store, where the daemon has committed it.
 */
export function createDaemonOperations(daemon: DaemonClient, cycle: CycleDeps): Operations {
  const { store } = cycle;
  const ask = async (path: string, body: { readonly [key: string]: unknown }): Promise<unknown> =>
    daemon.post(`/api/v1${path}`, body);
  const part = encodeURIComponent;

  async function rollback(path: string, body: { readonly [key: string]: unknown }) {
    const { id } = RollbackAnswer.parse(await ask(path, body)).rollback;
    return stored(await store.rollback(id), id);
  }
  async function baseline(path: string, claim: Claim) {
    const { id } = BaselineAnswer.parse(await ask(path, bodyOf(claim))).baseline;
    return stored(await store.baseline(id), id);
  }
  async function exception(id: string, verb: string, body: { readonly [key: string]: unknown }) {
    ExceptionAnswer.parse(await ask(`/exceptions/${part(id)}/${verb}`, body));
    return stored(await store.exception(id), id);
  }

  return {
    evaluate: async (model, windowEnd) =>
      (await ask(
        `/models/${part(model)}/evaluate`,
        windowEnd === null ? {} : { windowEnd: isoTime(windowEnd) },
      )) as Evaluation,
    freezeBaseline: (model, claim) => baseline(`/models/${part(model)}/baselines`, claim),
    approveBaseline: (id, claim) => baseline(`/baselines/${part(id)}/approve`, claim),
    planRollback: async (model) => planOnRequest(model, { trigger: 'manual', by: 'a person' }, cycle),
    applyRollback: (model, claim) => rollback(`/models/${part(model)}/rollbacks`, bodyOf(claim)),
    approveRollback: (id, claim) => rollback(`/rollbacks/${part(id)}/approve`, bodyOf(claim)),
    // A hold that is released is not among the holds of the store any more: here the answer itself is the record.
    release: async ({ model, version, claim }) =>
      HoldAnswer.parse(await ask(`/models/${part(model)}/release`, { version, ...bodyOf(claim) })).hold,
    silence: async ({ model, until, claim }) =>
      SilenceAnswer.parse(
        await ask('/silences', { model, until: until === null ? null : isoTime(until), ...bodyOf(claim) }),
      ).silence,
    setKillSwitch: async (on, claim) =>
      KillSwitchAnswer.parse(await ask('/kill-switch', { on, ...bodyOf(claim) })).killSwitch,
    acknowledge: (id, claim) => exception(id, 'ack', bodyOf(claim)),
    acceptRisk: (request) =>
      exception(request.exception, 'accept-risk', {
        until: isoTime(request.until),
        ...bodyOf(request.claim),
      }),
    resolve: (id, claim) => exception(id, 'resolve', bodyOf(claim)),
  };
}

function bodyOf({ by, reason }: Claim): { readonly [key: string]: unknown } {
  return reason === null ? { by } : { by, reason };
}

function stored<T>(record: T | null, id: string): T {
  if (record === null)
    throw new Error(`the daemon answered about ${id}, which is not in the store of this configuration`);
  return record;
}
