import { type Clocks, isoTime } from '../clock.ts';
import type { Logger } from '../log.ts';
import { increment } from '../metrics/counters.ts';
import { RemoteError } from '../remote/error.ts';
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

/**
 * Delivers every waiting ticket change whose time has come, oldest first; changes of one case keep their order. A change is sent until
 * the desk took it: nothing is ever dropped, and a desk that sees the key twice has seen one change twice.
 * Returns how many still wait.
 */
export async function deliverDue(deps: OutboxDeps): Promise<number> {
  const blocked = new Set<string>();
  let waiting = 0;
  for (const message of await deps.store.waiting()) {
    if (blocked.has(message.exception) || message.notBefore > deps.clocks.wall.now()) {
      blocked.add(message.exception);
      waiting += 1;
    } else if (!(await deliver(message, deps))) {
      blocked.add(message.exception);
      waiting += 1;
    }
  }
  return waiting;
}

async function deliver(message: OutboxMessage, deps: OutboxDeps): Promise<boolean> {
  const exception = await deps.store.exception(message.exception);
  const desk = deps.desks[message.desk];
  if (exception === null)
    throw new Error(
      `message ${message.key} tells of exception ${message.exception}, which is not in the store`,
    );
  if (desk === undefined)
    return failed(message, deps, {
      text: `desk "${message.desk}" is not configured: add it under ticketDesks`,
      wait: null,
    });
  try {
    const ticket = await desk.deliver({ ...message, exception });
    await recordDelivery(message, deps, ticket);
    return true;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return failed(message, deps, { text: `${error.message} ${error.remedy}`, wait: error.retryAfter });
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
    const opened = exception.ticket === null;
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
): Promise<false> {
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
  return false;
}
