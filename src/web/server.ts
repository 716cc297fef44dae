import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { InjectOptions, Response } from 'light-my-request';
import { isLoopback } from '../config/addresses.ts';
import { createAuthenticate } from './access.ts';
import type { WebDeps } from './deps.ts';
import { StartError } from './error.ts';
import { guard } from './guard.ts';
import { ownNames } from './origin.ts';
import { HttpProblem, problemOf } from './problem.ts';
import type { RawCall, Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { type Sender, sender } from './sender.ts';

export interface WebServer {
  /** Opens the configured address; answers where it is reached. Throws StartError when it cannot be had. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no new requests, ends the idle connections, waits for the answers under way. */
  close(): Promise<void>;
  /** A request without a socket, for tests. */
  inject(options: InjectOptions): Promise<Response>;
  readonly routes: readonly Route[];
}

const BODY_LIMIT = 64 * 1024;

/** The HTTP server of contract section 5. Throws StartError when `http` cannot be served safely. */
export async function createServer(deps: WebDeps): Promise<WebServer> {
  const { http, path: configPath } = deps.config();
  if (!isLoopback(http.host) && http.auth === null) {
    throw new StartError(
      'unprotected',
      `http.listen in ${configPath}: ${http.host} can be reached from other machines, and there is no http.auth. Listen on 127.0.0.1 or give tokens.`,
    );
  }
  const authenticate = await createAuthenticate({
    http,
    cliToken: deps.cliToken,
    readSecret: deps.readSecret,
  });
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  });
  const routes = allRoutes(deps);
  parseOnlyJson(app);
  guard(app, {
    authenticate,
    own: ownNames(http),
    loopback: isLoopback(http.host),
    openReads: http.auth === null,
  });
  const send = sender(deps);
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.bug) logBug(deps, request, error);
    return send.problem(problem, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    send.problem(
      problemOf(new HttpProblem(404, `There is nothing at ${request.url.split('?')[0] ?? ''}.`)),
      request,
      reply,
    ),
  );
  for (const route of routes) register(app, route, send);
  await app.ready();
  return {
    routes,
    listen: () => listen(app, { host: http.host, port: http.port, configPath }),
    close: () => app.close(),
    inject: (options) => app.inject(options),
  };
}

function parseOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, {});
    else void parse(request, body, done);
  });
}

function register(app: FastifyInstance, route: Route, send: Sender): void {
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { route },
    handler: async (request, reply) => {
      const call: RawCall = {
        params: request.params as { [name: string]: string },
        query: request.query,
        body: request.body,
        caller: request.caller,
        headers: request.headers,
      };
      return send.reply(await route.handle(call), reply);
    },
  });
}

/** Never the headers or the query: tokens and names stand there. */
function logBug(deps: WebDeps, request: FastifyRequest, error: unknown): void {
  const route = request.routeOptions.url ?? 'no route';
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  deps.log.error({ method: request.method, route, stack }, 'a request failed');
}

async function listen(
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number; readonly configPath: string },
): Promise<{ readonly url: string; readonly port: number }> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    throw bindError(error, at);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return { url: `http://${host}:${port}`, port };
}

function bindError(
  error: unknown,
  at: { readonly host: string; readonly port: number; readonly configPath: string },
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const place = `http.listen in ${at.configPath}: ${at.host}:${at.port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(
        'in_use',
        `${place} is in use by another program. Stop that one, or choose another port.`,
      );
    case 'EACCES':
      return new StartError(
        'forbidden',
        `${place} may not be opened by this user. Choose a port from 1024 on.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError('address', `${place} is no address of this machine.`);
    default:
      return error;
  }
}
