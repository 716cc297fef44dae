import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a fake got it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a fake does with one request. */
export type Behaviour = (seen: Seen, response: ServerResponse) => void;

export interface HttpFake {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** These, one per request, before the standing behaviour. */
  next(...behaviours: Behaviour[]): void;
  /** From now on. */
  always(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that can behave as badly as servers do. */
export async function startHttpFake(standing: Behaviour = json(200, {})): Promise<HttpFake> {
  const seen: Seen[] = [];
  const queued: Behaviour[] = [];
  let current = standing;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const got: Seen = {
        method: request.method ?? '',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      seen.push(got);
      (queued.shift() ?? current)(got, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    next: (...behaviours) => {
      queued.push(...behaviours);
    },
    always: (behaviour) => {
      current = behaviour;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Headers = { readonly [name: string]: string };

export function json(status: number, value: unknown, headers: Headers = {}): Behaviour {
  return text(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

export function html(status: number, page = '<!doctype html><title>Sign in</title>'): Behaviour {
  return text(status, page, { 'content-type': 'text/html; charset=utf-8' });
}

export function text(status: number, body: string, headers: Headers = {}): Behaviour {
  return (_seen, response) => {
    response.writeHead(status, headers).end(body);
  };
}

export function redirect(to: string): Behaviour {
  return text(302, '', { location: to });
}

/** Sends the head and part of the body that it announced, and hangs up. */
export function truncated(status = 200): Behaviour {
  return (_seen, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"name":', () => response.destroy());
  };
}

/** Takes the request and hangs up. */
export function reset(): Behaviour {
  return (_seen, response) => {
    response.socket?.resetAndDestroy();
  };
}

/** Takes the request and never says anything. */
export function silent(): Behaviour {
  return () => undefined;
}

/** Sends a byte now and then and never ends. */
export function dripping(): Behaviour {
  return (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  };
}

/** Well-formed JSON of this many bytes. */
export function huge(bytes: number): Behaviour {
  return json(200, 'x'.repeat(bytes - 2));
}

/**
 * A fetch whose answer has come, head first, and whose body only ends when the caller gives up. No network, so the head is
 * there before any deadline, however busy the machine is.
 */
export function endless(status: number): typeof globalThis.fetch {
  return async (_url, init) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from('{'));
        init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
    return new Response(body, { status });
  };
}
