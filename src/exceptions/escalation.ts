import { type Clock, isoTime } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type Change, StaleWrite, type Store } from '../store/store.ts';
import type { Escalation, ExceptionCase } from './exception.ts';
import { exceptionEntry, linksFor, messageTo, type ReadOn, readOn } from './messages.ts';
import { reach } from './owner.ts';

/**
 * Whom a case is escalated to now: it has waited, unacknowledged, for `escalateAfter` of whoever was told last. Each owner of a
 * chain is told once per waiting; a chain that leads back to somebody ends there. Null: nobody, or not yet.
 *
 * `now` is domain time in milliseconds.
 */
export function escalationDue(
  current: ExceptionCase,
  owners: Config['owners'],
  now: number,
): Escalation | null {
  if (current.state !== 'open' && current.state !== 'reopened') return null;
  const since = waitsSince(current);
  const told = current.escalations.filter(({ at }) => at >= since);
  const last = told.at(-1) ?? { to: current.owner, at: since };
  // An owner whom only the registry names is reached as `default` is.
  const waited = owners[last.to] ?? owners['default'] ?? NOBODY;
  const { escalateTo: to, escalateAfter } = waited;
  if (to === null || escalateAfter === null || now - Date.parse(last.at) < escalateAfter) return null;
  if (to === current.owner || told.some((escalation) => escalation.to === to)) return null;
  return { at: isoTime(now), to, ...reach(owners, to) };
}

const NOBODY = { escalateTo: null, escalateAfter: null };

/** When the case entered the state it waits in, ISO; what was noted there since then is no new waiting. */
function waitsSince({ history, openedAt, state }: ExceptionCase): string {
  const before = history.findLastIndex((entry) => entry.state !== state);
  return history[before + 1]?.at ?? openedAt;
}

/** What is committed with an escalation: the case that knows it, the record, and the word to the desk. */
export function escalate(current: ExceptionCase, escalation: Escalation, read: ReadOn): Change {
  const { at, to, desk } = escalation;
  const exception = { ...current, escalations: [...current.escalations, escalation] };
  const why = `Escalated to ${to}: ${current.state} since ${waitsSince(current)} and not acknowledged.`;
  const message = {
    action: 'escalate' as const,
    text: `${why} Owner: ${current.owner}. ${current.text}`,
    links: linksFor(exception, read),
    queuedAt: at,
    step: String(exception.escalations.length),
  };
  return {
    exceptions: [exception],
    audit: [exceptionEntry(exception, why)],
    queue: desk === null ? [] : [messageTo(desk, exception, message)],
  };
}

/** Escalates every case whose time has come. Answers their models. Throws StoreError. */
export async function escalateDue(deps: {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<readonly string[]> {
  const { store, config, clock, logger } = deps;
  const models: string[] = [];
  for (const current of await store.exceptions({ open: true })) {
    const escalation = escalationDue(current, config.owners, clock.now());
    if (escalation === null) continue;
    try {
      await store.commit(escalate(current, escalation, readOn(config, current.model)));
    } catch (error) {
      // Somebody wrote the case meanwhile, perhaps the acknowledgement: it is looked at anew.
      if (error instanceof StaleWrite) continue;
      throw error;
    }
    const { id, model, owner } = current;
    logger.warn(
      { exception: id, model, owner, to: escalation.to, desk: escalation.desk },
      'exception not acknowledged in time: escalated',
    );
    models.push(model);
  }
  return models;
}
