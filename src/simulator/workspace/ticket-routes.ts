import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Answer, type Call, failure, ok, parseJson, type Surroundings } from './answer.ts';
import type { Delivery, Ticket, WorkspaceState } from './state.ts';
import { sameText } from './tokens.ts';

const bodySchema = z.object({
  action: z.enum(['open', 'update', 'resolve', 'reopen', 'escalate']),
  exception: z.object({ id: z.string().min(1) }),
  title: z.string(),
});

/**
 * `POST /tickets`: the ticket desk. One ticket per exception; a delivery whose Idempotency-Key is known changes nothing and
 * gets the answer of the first one, so that a sender may send twice and the desk has one ticket.
 */
export function receiveTicket(call: Call, world: Surroundings): Answer {
  const { state, ticketSecret, clocks } = world;
  if (!signatureHolds(call, ticketSecret)) {
    return failure(401, 'BAD_SIGNATURE', 'X-Driftwarden-Signature does not fit timestamp and body.');
  }
  const key = call.headers['idempotency-key'];
  if (key === undefined || key === '') return failure(400, 'NO_KEY', 'Idempotency-Key is missing.');
  const body = bodySchema.safeParse(parseJson(call.body));
  if (!body.success) return failure(400, 'BAD_BODY', body.error.issues[0]?.message ?? 'not understood');

  const bodyHash = createHash('sha256').update(call.body).digest('hex');
  const known = deliveryOf(state, key);
  if (known !== null) {
    if (known.bodyHash !== bodyHash) {
      return failure(422, 'KEY_REUSED', `Idempotency-Key '${key}' came before with another body.`);
    }
    return ok(reply(known.ticket, world.url), withDuplicate(state, key));
  }
  const ticket = state.tickets.find((one) => one.exception === body.data.exception.id);
  const ticketKey = ticket?.key ?? `SIM-${state.tickets.length + 1}`;
  const at = clocks.domain.now();
  const delivery = { key, ticket: ticketKey, action: body.data.action, at, bodyHash, duplicates: 0 };
  const before = ticket ?? {
    key: ticketKey,
    exception: body.data.exception.id,
    title: body.data.title,
    state: 'open' as const,
    openedAt: at,
    resolvedAt: null,
    deliveries: [],
  };
  return {
    status: 201,
    body: reply(ticketKey, world.url),
    state: withTicket(state, deliver(before, delivery)),
  };
}

/** `GET /tickets` */
export function listTickets(_call: Call, { state }: Surroundings): Answer {
  return ok({ simulated: true, tickets: state.tickets });
}

/** `GET /tickets/{key}`: where the link of a ticket leads. */
export function getTicket(call: Call, { state }: Surroundings): Answer {
  const ticket = state.tickets.find((one) => one.key === call.parts['key']);
  if (ticket === undefined) return failure(404, 'NO_TICKET', `There is no ticket '${call.parts['key']}'.`);
  return ok({ simulated: true, ticket });
}

/** The header is `sha256=` and the hex HMAC-SHA256 of timestamp, a dot and the body as it came. */
function signatureHolds(call: Call, secret: string): boolean {
  const timestamp = call.headers['x-driftwarden-timestamp'] ?? '';
  const signature = call.headers['x-driftwarden-signature'] ?? '';
  const expected = createHmac('sha256', secret).update(`${timestamp}.${call.body}`).digest('hex');
  return timestamp !== '' && sameText(signature, `sha256=${expected}`);
}

function reply(key: string, url: string): object {
  return { simulated: true, key, url: `${url}/tickets/${key}` };
}

function deliver(ticket: Ticket, delivery: Delivery): Ticket {
  const deliveries = [...ticket.deliveries, delivery];
  if (delivery.action === 'resolve') {
    return { ...ticket, deliveries, state: 'resolved', resolvedAt: delivery.at };
  }
  if (delivery.action === 'reopen') return { ...ticket, deliveries, state: 'open', resolvedAt: null };
  return { ...ticket, deliveries };
}

function deliveryOf(state: WorkspaceState, key: string): Delivery | null {
  return state.tickets.flatMap((ticket) => ticket.deliveries).find((one) => one.key === key) ?? null;
}

function withTicket(state: WorkspaceState, ticket: Ticket): WorkspaceState {
  const known = state.tickets.some((one) => one.key === ticket.key);
  const tickets = known
    ? state.tickets.map((one) => (one.key === ticket.key ? ticket : one))
    : [...state.tickets, ticket];
  return { ...state, tickets };
}

function withDuplicate(state: WorkspaceState, key: string): WorkspaceState {
  const counted = (one: Delivery): Delivery =>
    one.key === key ? { ...one, duplicates: one.duplicates + 1 } : one;
  return {
    ...state,
    tickets: state.tickets.map((ticket) => ({ ...ticket, deliveries: ticket.deliveries.map(counted) })),
  };
}
