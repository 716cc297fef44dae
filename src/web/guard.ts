import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Authenticate, authorize, type Caller } from './access.ts';
import { hostIsOurs, type OwnNames, originIsOurs } from './origin.ts';
import { single } from './plain-routes.ts';
import { HttpProblem } from './problem.ts';
import type { Route } from './route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export interface Rules {
  readonly authenticate: Authenticate;
  readonly own: OwnNames;
  readonly loopback: boolean;
  readonly openReads: boolean;
}

/** Before anything of a request is read: who asks, under which name, from which page, and whether they may. */
export function guard(app: FastifyInstance, rules: Rules): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    secure(reply);
    const { headers, method } = request;
    const caller = rules.authenticate(headers.authorization);
    request.caller = caller;
    const reading = method === 'GET' || method === 'HEAD';
    // The name is not asked of a reader who holds a token: no web page can make a browser send one.
    if (!(reading && caller !== null) && !hostIsOurs(headers.host, rules.own)) {
      throw new HttpProblem(
        421,
        `The Host header ${headers.host ?? '(none)'} does not name this server. Use the listen address, or set http.publicUrl.`,
      );
    }
    if (!reading) {
      const from = { host: headers.host, origin: headers.origin, site: single(headers['sec-fetch-site']) };
      if (!originIsOurs(from, rules.own)) {
        throw new HttpProblem(
          403,
          'This request comes from the page of another site. Pages cannot act here.',
        );
      }
    }
    const route = request.routeOptions.config.route;
    if (route === undefined) return;
    authorize(route.access, caller, rules);
    if (!reading) needsJson(route, headers['content-type']);
  });
}

/** A plain form of a foreign page cannot send this type. A request for a reload may come without a body. */
function needsJson(route: Route, type: string | undefined): void {
  if (route.answer.kind === 'text' && type === undefined) return;
  if (/^application\/json\s*(;|$)/i.test(type ?? '')) return;
  throw new HttpProblem(415, 'Send the header Content-Type: application/json.');
}

function secure(reply: FastifyReply): void {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
}
