import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatorError } from '../error.ts';
import type { ApiRequest } from './api.ts';

const MAX_BODY = 1_000_000;

/** What goes back on the wire; null breaks the connection instead. */
export type WireReply = {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly retryAfter?: number;
} | null;

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on loopback only. Port 0 takes a free one; a port in use throws `port_taken`. */
export async function listen(
  port: number,
  respond: (request: ApiRequest) => Promise<WireReply>,
): Promise<RunningServer> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, respond).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new SimulatorError('port_taken', `Port ${port} on 127.0.0.1 is in use; choose another one.`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: (request: ApiRequest) => Promise<WireReply>,
): Promise<void> {
  const body = await readBody(incoming);
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const method = incoming.method ?? 'GET';
  const reply =
    body === null
      ? { status: 413, contentType: 'text/plain', text: 'too large' }
      : await respond({ method, path: url.pathname, query: url.searchParams, headers, body });
  if (reply === null) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(reply.status, {
    'content-type': reply.contentType,
    'x-simulated': 'driftwarden',
    ...(reply.retryAfter === undefined ? {} : { 'retry-after': String(reply.retryAfter) }),
  });
  outgoing.end(reply.text);
}

/** The body as text, or null when it is larger than any honest one. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= MAX_BODY) chunks.push(bytes);
  }
  return size > MAX_BODY ? null : Buffer.concat(chunks).toString('utf8');
}
