import { isoTime } from '../clock.ts';
import { shortHash } from '../evaluation/assemble.ts';
import { increment } from '../metrics/counters.ts';
import { APPROVAL_TAG } from '../rollback/approval.ts';
import type { Rollback, RollbackState } from '../rollback/rollback.ts';
import { planLines } from '../rollback/words.ts';
import type { Change, Store } from '../store/store.ts';
import type { DeskAction, ExceptionCase } from './exception.ts';
import { moveCase, openCase } from './lifecycle.ts';
import { exceptionEntry, linksFor, messagesFor } from './messages.ts';
import type { ResolvedOwner } from './owner.ts';

/** States a case's owner is told about; the steps in between are in the rollback's own story. */
const TOLD: readonly RollbackState[] = [
  'awaiting_approval',
  'shifting_traffic',
  'moving_alias',
  'done',
  'superseded',
  'blocked',
  'needs_human',
  'cancelled',
  'expired',
];

export interface TellDeps {
  readonly store: Pick<Store, 'exception' | 'exceptions'>;
  /** Who answers for a model; for one that is no longer configured, whom `stored` was told to. */
  readonly owner: (model: string, stored: ExceptionCase | null) => Promise<ResolvedOwner>;
  readonly now: () => number;
  readonly publicUrl: () => string | null;
  readonly runbook?: (model: string) => string | null;
}

/**
 * What is committed with a state that a rollback has entered, for the owner's side: a word in the case of its cause, and a case of cause
 * `rollback` when a person is needed, or `conformance` when traffic was moved and the alias was not ours to move.
 */
export async function tellRollback(rollback: Rollback, deps: TellDeps): Promise<Partial<Change>> {
  const told = TOLD.includes(rollback.state) ? await updateCase(rollback, deps) : {};
  const cause = newCauseOf(rollback);
  if (cause === null) return told;
  const opened = await openRollbackCase(rollback, cause, deps);
  return { ...opened, queue: [...(told.queue ?? []), ...(opened.queue ?? [])] };
}

function newCauseOf({ state, plan, trigger, history }: Rollback): 'rollback' | 'conformance' | null {
  if (state === 'needs_human') return 'rollback';
  if (state === 'done' && plan.moves.includes('traffic') && !plan.moves.includes('alias'))
    return 'conformance';
  const firstState = history.filter((step) => step.state === state).length === 1;
  return trigger === 'manual' && state === 'planned' && firstState ? 'rollback' : null;
}

async function updateCase(rollback: Rollback, deps: TellDeps): Promise<Partial<Change>> {
  const exception = rollback.exception === null ? null : await deps.store.exception(rollback.exception);
  if (exception === null) return {};
  const over = exception.cause === 'rollback' && rollback.state === 'done' && exception.state !== 'resolved';
  if (over) return resolveWith(exception, rollback, deps);
  const queue = told(exception, rollback, { action: 'update', deps });
  return queue.length === 0 ? {} : { queue };
}

/** The case of a rollback that a person asked for ends with it. */
function resolveWith(exception: ExceptionCase, rollback: Rollback, deps: TellDeps): Partial<Change> {
  const why = `Rollback ${rollback.id} is done.`;
  const resolved = moveCase(exception, 'resolved', { now: deps.now(), by: null, why });
  return {
    exceptions: [resolved],
    audit: [exceptionEntry(resolved, why)],
    queue: told(resolved, rollback, { action: 'resolve', deps }),
  };
}

async function openRollbackCase(
  rollback: Rollback,
  cause: 'rollback' | 'conformance',
  deps: TellDeps,
): Promise<Partial<Change>> {
  const open = await deps.store.exceptions({ model: rollback.model, open: true });
  const existing = open.find((exception) => exception.cause === cause);
  if (existing !== undefined) {
    const queue = told(existing, rollback, { action: 'update', deps });
    // Noted, so that what becomes of this rollback is told there as well.
    const known = existing.rollbacks.includes(rollback.id);
    return known
      ? { queue }
      : { queue, exceptions: [{ ...existing, rollbacks: [...existing.rollbacks, rollback.id] }] };
  }
  const stored = rollback.exception === null ? null : await deps.store.exception(rollback.exception);
  const owner = await deps.owner(rollback.model, stored);
  const why = rollback.history.at(-1)?.why ?? '';
  const needed = cause === 'conformance' ? `Move the champion alias to version ${rollback.to} by hand.` : why;
  const exception = openCase({
    id: `ex-${shortHash([rollback.model, cause, rollback.id])}`,
    model: rollback.model,
    cause,
    subCauses: [],
    severity:
      cause === 'conformance'
        ? 'high'
        : rollback.trigger === 'manual' && rollback.state === 'planned'
          ? 'medium'
          : 'critical',
    tier: owner.tier,
    owner: owner.name,
    email: owner.email,
    desk: owner.desk,
    version: rollback.from,
    title: `${rollback.model}: rollback ${rollback.from} -> ${rollback.to} ${cause === 'conformance' ? 'left the alias to move' : rollback.state.replace('_', ' ')}`,
    text: needed,
    evaluation: rollback.evaluation,
    now: deps.now(),
  });
  const noted = { ...exception, rollbacks: [rollback.id] };
  return {
    exceptions: [noted],
    audit: [exceptionEntry(noted, needed)],
    queue: told(noted, rollback, { action: 'open', deps }),
    count: [increment('exceptions_opened_total', { model: rollback.model, cause })],
  };
}

function told(
  exception: ExceptionCase,
  rollback: Rollback,
  how: { readonly action: DeskAction; readonly deps: TellDeps },
) {
  const { id, state, from, to, history, planHash, plan, trigger } = rollback;
  const approve =
    state === 'awaiting_approval'
      ? [
          '',
          `The plan ${planHash}:`,
          ...planLines(plan).map((line) => `- ${line}`),
          `Approve it with: driftwarden rollback approve ${id} --by WHO, or through the API with a token of your own.`,
          ...(trigger === 'automatic'
            ? [`Or set the tag ${APPROVAL_TAG} of ${plan.registeredModel} to ${id}:${planHash}.`]
            : []),
        ].join('\n')
      : '';
  return messagesFor(exception, how.action, {
    text: `Rollback ${id}, version ${from} to ${to}: ${state.replaceAll('_', ' ')}. ${history.at(-1)?.why ?? ''}${approve}`,
    links: linksFor(
      { ...exception, rollbacks: [id] },
      {
        publicUrl: how.deps.publicUrl(),
        runbook: how.deps.runbook?.(rollback.model) ?? null,
      },
    ),
    queuedAt: isoTime(how.deps.now()),
    step: `${id}:${history.length}`,
  });
}
