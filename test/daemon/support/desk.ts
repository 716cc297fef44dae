import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request at the ticket desk, whatever was answered to it. */
export interface Delivery {
  readonly key: string;
  /** Whether signature and timestamp are right by the rules of the contract. */
  readonly signed: boolean;
  readonly answered: number | 'nothing';
  readonly body: {
    readonly action: string;
    readonly key: string;
    readonly exception: { readonly [field: string]: unknown };
    readonly title: string;
    readonly text: string;
    readonly links: { readonly [name: string]: string };
  };
}

type Behaviour = 'take' | 'reset' | 'lost' | 'hang' | number;

/** A ticket desk that checks signatures with code of its own, and can be down in several ways. */
export interface FakeDesk {
  readonly url: string;
  readonly secret: string;
  readonly deliveries: readonly Delivery[];
  /** What it does from now on: take, refuse with a status, break the connection, take it and break the connection, or say nothing. */
  behave(how: Behaviour): void;
  taken(): readonly Delivery[];
  close(): Promise<void>;
}

export async function startDesk(): Promise<FakeDesk> {
  const secret = 'a shared secret of the desk, 32 bytes';
  const deliveries: Delivery[] = [];
  const cases: string[] = [];
  let how: Behaviour = 'take';
  const silent: ServerResponse[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await read(request);
    const answered = how === 'take' ? 201 : typeof how === 'number' ? how : 'nothing';
    const body = JSON.parse(text) as Delivery['body'];
    const key = String(request.headers['idempotency-key'] ?? '');
    const signed = isSigned(request, text, secret);
    deliveries.push({ key, signed, answered: how === 'lost' ? 201 : answered, body });
    if (how === 'hang') silent.push(response);
    else if (answered === 'nothing') response.destroy();
    else response.writeHead(answered, { 'content-type': 'application/json' }).end(ticket(body, answered));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ticket = (body: Delivery['body'], status: number): string => {
    if (status !== 201) return '{}';
    const id = String(body.exception['id']);
    if (!cases.includes(id)) cases.push(id);
    const number = cases.indexOf(id) + 1;
    return JSON.stringify({ key: `CASE-${number}`, url: `http://127.0.0.1:${port}/case/${number}` });
  };
  return {
    url: `http://127.0.0.1:${port}/hook`,
    secret,
    deliveries,
    behave: (next) => {
      how = next;
      for (const response of silent.splice(0)) response.destroy();
    },
    taken: () => deliveries.filter(({ answered }) => answered === 201),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function isSigned(request: IncomingMessage, text: string, secret: string): boolean {
  const timestamp = String(request.headers['x-driftwarden-timestamp']);
  const mac = createHmac('sha256', secret).update(`${timestamp}.${text}`, 'utf8').digest('hex');
  return /^\d{10}/.test(timestamp) && request.headers['x-driftwarden-signature'] === `sha256=${mac}`;
}
