import { type Clocks, isoTime } from '../clock.ts';
import type { Logger } from '../log.ts';
import { increment } from '../metrics/counters.ts';
import { withRemedy } from '../remedy.ts';
import { RemoteError, type RemoteReason } from '../remote/error.ts';
import { type Change, StaleWrite, type Store } from '../store/store.ts';
import type { TicketDesk } from '../tickets/desk.ts';
import type { ExceptionCase, OutboxMessage } from './exception.ts';

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 15 * 60_000;

export interface OutboxDeps {
  readonly store: Store;
  readonly desks: { readonly [name: string]: TicketDesk };
  readonly clocks: Clocks;
  readonly logger: Logger;
}

/** Reasons that lie with the desk and not with the message: its other messages would meet the same. */
const DESK_IS_DOWN: readonly RemoteReason[] = ['timeout', 'network', 'unavailable', 'rate_limited'];

/**
 * Delivers every waiting ticket change whose time has come, oldest first; changes of one case keep their order at a desk. A change is sent until
 * the desk took it: nothing is ever dropped, and a desk that sees the key twice has seen one change twice. A desk that is down is
 * asked once a round, so that the others need not wait for all its deadlines.
 * Returns how many still wait.
 */
export async function deliverDue(deps: OutboxDeps): Promise<number> {
  const blocked = new Set<string>();
  const down = new Set<string>();
  let waiting = 0;
  for (const message of await deps.store.waiting()) {
    const { exception, desk, notBefore } = message;
    const told = `${exception} ${desk}`;
    const rests = blocked.has(told) || down.has(desk) || notBefore > deps.clocks.wall.now();
    const failure = rests ? 'later' : await deliver(message, deps);
    if (failure === null) continue;
    blocked.add(told);
    if (failure === 'desk') down.add(desk);
    waiting += 1;
  }
  return waiting;
}

/** Null: delivered. Else whether it failed for the message's sake or for the desk's. */
async function deliver(message: OutboxMessage, deps: OutboxDeps): Promise<'message' | 'desk' | null> {
  const exception = await deps.store.exception(message.exception);
  const desk = deps.desks[message.desk];
  if (exception === null)
    throw new Error(
      `message ${message.key} tells of exception ${message.exception}, which is not in the store`,
    );
  if (desk === undefined) {
    const text = `desk "${message.desk}" is not configured: add it under ticketDesks`;
    await failed(message, deps, { text, wait: null });
    return 'message';
  }
  try {
    const ticket = await desk.deliver({ ...message, exception });
    await recordDelivery(message, deps, ticket);
    return null;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    await failed(message, deps, { text: withRemedy(error), wait: error.retryAfter });
    return DESK_IS_DOWN.includes(error.reason) ? 'desk' : 'message';
  }
}

/** The ticket exists by now, so a lost race for the case is run again; the delivery itself is never repeated for it. */
async function recordDelivery(
  message: OutboxMessage,
  deps: OutboxDeps,
  ticket: { readonly key: string; readonly url: string | null },
): Promise<void> {
  for (;;) {
    const exception = await deps.store.exception(message.exception);
    if (exception === null) return;
    // The ticket of a case is the one at its owner's desk; what it was escalated to counts only where there is no such desk.
    const opened = exception.ticket === null && (exception.desk ?? message.desk) === message.desk;
    try {
      await deps.store.commit(deliveredChange({ message, exception, ticket, opened }));
      break;
    } catch (error) {
      if (!(error instanceof StaleWrite)) throw error;
    }
  }
  deps.logger.info(
    { exception: message.exception, desk: message.desk, action: message.action, ticket: ticket.key },
    'ticket change delivered',
  );
}

function deliveredChange(fields: {
  message: OutboxMessage;
  exception: ExceptionCase;
  ticket: { readonly key: string; readonly url: string | null };
  opened: boolean;
}): Change {
  const { message, exception, ticket, opened } = fields;
  const labels = { model: exception.model, desk: message.desk };
  return {
    audit: [
      {
        kind: 'ticket',
        body: {
          exception: exception.id,
          desk: message.desk,
          action: message.action,
          key: message.key,
          outcome: 'delivered',
          ticket: ticket.key,
        },
      },
    ],
    messages: [{ ...message, state: 'delivered', attempts: message.attempts + 1, lastError: null }],
    exceptions: opened ? [{ ...exception, ticket: { desk: message.desk, ...ticket } }] : [],
    count: [
      increment('ticket_deliveries_total', { desk: message.desk }),
      ...(message.action === 'open' ? [increment('tickets_opened_total', labels)] : []),
    ],
  };
}

async function failed(
  message: OutboxMessage,
  deps: OutboxDeps,
  why: { readonly text: string; readonly wait: number | null },
): Promise<void> {
  const attempts = message.attempts + 1;
  const wait = why.wait ?? Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(attempts - 1, 20));
  const notBefore = deps.clocks.wall.now() + wait;
  const first = message.attempts === 0;
  await deps.store.commit({
    audit: first
      ? [
          {
            kind: 'ticket',
            body: {
              exception: message.exception,
              desk: message.desk,
              action: message.action,
              key: message.key,
              outcome: 'failed',
              why: why.text,
            },
          },
        ]
      : [],
    messages: [{ ...message, attempts, notBefore, lastError: why.text }],
    count: [
      increment('ticket_deliveries_total', { desk: message.desk }),
      increment('ticket_delivery_failures_total', { desk: message.desk }),
    ],
  });
  const fields = {
    exception: message.exception,
    desk: message.desk,
    attempts,
    nextTry: isoTime(notBefore),
    why: why.text,
  };
  deps.logger.warn(fields, 'ticket change not delivered, it waits in the outbox');
}
