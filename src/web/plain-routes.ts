import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CLAIM } from './api/bodies.ts';
import { NONCE_HEADER, PROOF_HEADER, proofOf } from './cli-token.ts';
import type { WebDeps } from './deps.ts';
import { wantsGzip } from './negotiate.ts';
import { claimOf, getRoute, postRoute, type RawCall, type Reply, type Route } from './route.ts';

const compress = promisify(gzip);

/** What machines ask for in plain text: metrics, health, reload. */
export function plainRoutes(deps: WebDeps): readonly Route[] {
  return [
    metricsRoute(deps),
    getRoute({
      path: '/-/healthy',
      summary: 'Whether the process works',
      access: 'open',
      answer: { kind: 'text', describe: 'It does; one line says why', failure: 503 },
      handle: ({ headers }) => {
        const { healthy, why } = deps.health();
        const line = oneLine(healthy ? 'healthy' : 'not healthy', why);
        return { ...text(healthy ? 200 : 503, line), headers: proof(deps.cliToken, headers) };
      },
    }),
    getRoute({
      path: '/-/ready',
      summary: 'Whether everything that is needed to serve is there',
      access: 'open',
      answer: { kind: 'text', describe: 'It is; one line says why', failure: 503 },
      handle: () => {
        const { ready, why } = deps.health();
        return text(ready ? 200 : 503, oneLine(ready ? 'ready' : 'not ready', why));
      },
    }),
    postRoute({
      path: '/-/reload',
      summary: 'Load the configuration anew; a bad one is refused whole and the old one stays',
      access: 'reload',
      body: CLAIM,
      answer: { kind: 'text', describe: 'The new configuration is in use', failure: 500 },
      handle: async ({ caller, body }) => {
        // Whoever reloads by curl with the command line's token has no name to give.
        const claim = claimOf(
          caller,
          caller?.kind === 'command_line' ? { by: 'command line', ...body } : body,
        );
        const result = await deps.reload(claim);
        if (result.loaded) return text(200, `configuration ${result.hash} is in use`);
        return text(500, ['the configuration is refused, the old one stays', ...result.problems].join('\n'));
      },
    }),
  ];
}

function metricsRoute({ metrics }: WebDeps): Route {
  return getRoute({
    path: '/metrics',
    summary: 'Prometheus text 0.0.4, or OpenMetrics 1.0.0 when asked for',
    access: 'scrape',
    answer: { kind: 'text', describe: 'Every metric, as it stands in memory' },
    handle: async ({ headers }) => {
      const { contentType, body } = await metrics(single(headers['accept']));
      const zipped = wantsGzip(single(headers['accept-encoding']));
      return {
        kind: 'text',
        type: contentType,
        body: zipped ? await compress(body, { level: 1 }) : body,
        headers: { vary: 'accept, accept-encoding', ...(zipped ? { 'content-encoding': 'gzip' } : {}) },
      };
    },
  });
}

/** Shows a command on this machine that here listens the daemon of its own store, before it sends its token. */
function proof(token: string, headers: RawCall['headers']): { readonly [name: string]: string } {
  const nonce = single(headers[NONCE_HEADER]);
  return nonce === undefined || !/^[0-9a-f]{32,128}$/.test(nonce)
    ? {}
    : { [PROOF_HEADER]: proofOf(token, nonce) };
}

function text(status: number, line: string): Reply {
  return { kind: 'text', status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}

function oneLine(state: string, why: string): string {
  return `${state}: ${why.replace(/\s+/g, ' ').trim()}`;
}

export function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
