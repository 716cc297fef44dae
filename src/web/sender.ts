import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebDeps } from './deps.ts';
import { document } from './pages/layout.ts';
import { problemPage } from './pages/problem.ts';
import type { Problem } from './problem.ts';
import type { PageContent, Reply } from './route.ts';

export interface Sender {
  reply(reply: Reply, to: FastifyReply): Promise<FastifyReply>;
  problem(problem: Problem, request: FastifyRequest, to: FastifyReply): Promise<FastifyReply>;
}

export function sender(deps: WebDeps): Sender {
  let simulated = false;
  const page = async (content: PageContent, to: FastifyReply): Promise<FastifyReply> => {
    // A store that does not answer keeps the last known answer: the page of its failure needs the banner too.
    simulated = await deps.store.fact('simulated').then(
      (value) => value === '1',
      () => simulated,
    );
    const nonce = Buffer.from(deps.random(16)).toString('base64');
    const text = document(content, {
      nonce,
      now: deps.clocks.domain.now(),
      simulated,
      health: deps.health(),
      refreshSeconds: deps.refreshSeconds ?? 60,
      version: deps.version,
    }).text;
    return to
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .type('text/html; charset=utf-8')
      .send(text);
  };
  return {
    reply: async (reply, to) => {
      to.code(reply.status ?? 200).headers(reply.headers ?? {});
      if (reply.kind === 'page') return page(reply.page, to);
      if (reply.kind === 'json')
        return to.type('application/json; charset=utf-8').send(JSON.stringify(reply.body));
      return to.type(reply.type).send(reply.body);
    },
    problem: async (problem, request, to) => {
      to.code(problem.status);
      if (problem.status === 401) to.header('www-authenticate', 'Bearer realm="driftwarden"');
      if (expectsJson(request))
        return to.type('application/json; charset=utf-8').send(JSON.stringify(problem.body));
      return page(problemPage(problem), to);
    },
  };
}

/** People get a page, programs get JSON: by the route, or by the path where there is no route. */
function expectsJson(request: FastifyRequest): boolean {
  const { route } = request.routeOptions.config;
  if (route !== undefined) return route.answer.kind !== 'page';
  return request.method !== 'GET' || /^\/(api|-)\//.test(request.url);
}
