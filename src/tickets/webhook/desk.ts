import { z } from 'zod';
import type { WebhookDeskConfig } from '../../config/config.ts';
import type { RemoteClient } from '../../remote/call.ts';
import { createClient } from '../../remote/client.ts';
import { RemoteError, type RemoteReason } from '../../remote/error.ts';
import { signatureHeaders } from '../../remote/signature.ts';
import { clientDeps, type RemoteDeps } from '../../remote/workspace.ts';
import type { DeskRequest, TicketDesk } from '../desk.ts';
import { webhookBody } from './body.ts';

/**
 * A desk that is told by `POST`. Any 2xx is delivery; the answer may name the ticket as `{ "key", "url" }`. Refusals that
 * will be the same tomorrow (4xx except 408, 409, 425, 429) are thrown as `rejected`. Nothing is sent twice here: the
 * outbox repeats, with the same `Idempotency-Key`.
 */
export function createWebhookDesk(name: string, config: WebhookDeskConfig, deps: RemoteDeps): TicketDesk {
  const client = createClient({
    ...clientDeps(deps),
    name: `ticket desk ${name}`,
    baseUrl: config.url,
    credentials: null,
  });
  return {
    async deliver(request) {
      const body = webhookBody(request);
      const place = `telling it to ${request.action} the case ${request.exception.id}`;
      const signature = await signatureHeaders(
        { place: `ticket desk ${name}`, secret: config.secret },
        body,
        deps,
      );
      const answer = await send(client, { request, body, place, signature });
      return ticketFrom(answer, name, request);
    },
  };
}

interface Sending {
  readonly request: DeskRequest;
  readonly body: string;
  readonly place: string;
  readonly signature: { readonly [header: string]: string };
}

async function send(client: RemoteClient, { request, body, place, signature }: Sending): Promise<unknown> {
  try {
    return await client.request({
      method: 'POST',
      path: '',
      headers: { 'idempotency-key': request.key, ...signature },
      body: { type: 'application/json', text: body },
      answer: 'any',
      place,
    });
  } catch (error) {
    throw error instanceof RemoteError ? asFinal(error) : error;
  }
}

/** Reasons that come from a 4xx which no repetition changes. */
const FINAL: readonly RemoteReason[] = ['unauthorized', 'forbidden', 'not_found'];

function asFinal(error: RemoteError): RemoteError {
  if (!FINAL.includes(error.reason)) return error;
  const { place, message, remedy, code } = error;
  return new RemoteError({ reason: 'rejected', place, message, remedy, code });
}

// What a desk answers ends up on pages: a key is one short line, a link leads to the web and nowhere else.
const TicketAnswer = z.object({
  key: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^[^\p{C}]{1,200}$/u))
    .nullish()
    .catch(null),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullish()
    .catch(null),
});

/** The ticket as the desk named it, else as it was known before, else under the case's own id, which never changes. */
function ticketFrom(
  answer: unknown,
  desk: string,
  request: DeskRequest,
): { readonly key: string; readonly url: string | null } {
  const told = TicketAnswer.safeParse(answer);
  const { exception } = request;
  const before = exception.ticket?.desk === desk ? exception.ticket : null;
  return {
    key: (told.success ? told.data.key : null) ?? before?.key ?? exception.id,
    url: (told.success ? told.data.url : null) ?? before?.url ?? null,
  };
}
