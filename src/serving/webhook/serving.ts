import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { WebhookServingConfig } from '../../config/config.ts';
import type { RemoteCall } from '../../remote/call.ts';
import { createClient } from '../../remote/client.ts';
import { badAnswer, fit } from '../../remote/parse.ts';
import { refuse } from '../../remote/refuse.ts';
import { withReadRetries } from '../../remote/retry.ts';
import { signatureHeaders } from '../../remote/signature.ts';
import { clientDeps, type RemoteDeps, readRetries } from '../../remote/workspace.ts';
import { whyNotRoutable } from '../routable.ts';
import type { Endpoint, EntityChanges, Serving } from '../serving.ts';

const NAME = 'serving webhook';

/**
 * What a deployer answers. `share` is 0 to 1. A `revision` that is a whole number must grow by one with every change, and
 * then no change of anybody goes unseen; with any other, what serves is compared by content alone.
 */
const Live = z.looseObject({
  versions: z
    .array(
      z.looseObject({
        version: z.union([z.string().min(1), z.int().transform(String)]),
        share: z.number().min(0).max(1),
        ready: z.boolean().nullish(),
        warm: z.boolean().nullish(),
      }),
    )
    .max(1000),
  revision: z.union([z.int(), z.string()]).nullish(),
  /** Whether a change is on its way. */
  updating: z.boolean().nullish(),
});
type Live = z.infer<typeof Live>;

export interface WebhookServingOptions {
  readonly config: WebhookServingConfig;
  /** Registered model of each endpoint: the deployer knows versions only. */
  readonly registeredModels: { readonly [endpoint: string]: string };
}

/**
 * A deployer of one's own: `GET url?endpoint=NAME` tells what is live, `POST` to it takes a plan. Both are signed as
 * ticket webhooks are (a `GET` over the empty text), both answer `{ versions: [{ version, share }], revision }`.
 */
export function createWebhookServing(
  { config, registeredModels }: WebhookServingOptions,
  deps: RemoteDeps,
): Serving {
  const { origin, pathname, searchParams } = new URL(config.url);
  const once = createClient({
    ...clientDeps(deps),
    name: NAME,
    baseUrl: `${origin}${pathname}`,
    credentials: null,
  });
  const reading = withReadRetries(once, readRetries(deps));

  async function call(
    name: string,
    what: Pick<RemoteCall, 'method' | 'place'> & { readonly body: string; readonly key?: string },
  ): Promise<RemoteCall> {
    const signature = await signatureHeaders({ place: NAME, secret: config.secret }, what.body, deps);
    return {
      method: what.method,
      path: '',
      query: { ...Object.fromEntries(searchParams), endpoint: name },
      headers: { ...signature, ...(what.key === undefined ? {} : { 'idempotency-key': what.key }) },
      ...(what.method === 'GET' ? {} : { body: { type: 'application/json', text: what.body } }),
      place: what.place,
    };
  }

  return {
    async endpoint(name) {
      const asked = await call(name, { method: 'GET', place: `reading endpoint ${name}`, body: '' });
      const raw = await reading.request(asked);
      const live = fit(Live, raw, { client: once, place: asked.place });
      const endpoint = endpointFrom(name, live, registeredModels[name] ?? '');
      if ('untrue' in endpoint) throw badAnswer(once, asked.place, endpoint.untrue);
      return endpoint;
    },
    async shift(endpoint, routes, changes = {}) {
      const place = `moving traffic of endpoint ${endpoint.name}`;
      const why = whyNotRoutable(endpoint, routes, changes);
      if (why !== null) throw refuse(place, why, 'make the plan anew from the endpoint as it is now');
      const body = planBody(endpoint, routes, changes);
      const key = createHash('sha256').update(body, 'utf8').digest('hex');
      const asked = await call(endpoint.name, {
        method: 'POST',
        place,
        body,
        // Without a revision the same change may be wanted again later, and must not be taken for a repetition.
        ...(revisionOf(endpoint) === null ? {} : { key }),
      });
      fit(Live, await once.request(asked), { client: once, place });
    },
  };
}

function endpointFrom(name: string, live: Live, model: string): Endpoint | { readonly untrue: string } {
  const names = live.versions.map(({ version }) => version);
  if (new Set(names).size !== names.length) return { untrue: 'names a version twice' };
  const sum = live.versions.reduce((total, { share }) => total + share, 0);
  if (names.length > 0 && Math.abs(sum - 1) > 1e-6)
    return { untrue: `has shares that sum to ${sum}, not to 1` };
  return {
    name,
    ready: true,
    update: live.updating === true ? 'in_progress' : 'none',
    pending: false,
    configVersion: typeof live.revision === 'number' ? live.revision : null,
    creator: null,
    entities: live.versions.map(({ version, ready, warm }) => ({
      name: version,
      model,
      version,
      ready: ready !== false,
      warm: ready !== false && warm !== false,
      id: null,
    })),
    // Shares such as 0.07 are no whole percentage in binary.
    routes: Object.fromEntries(
      live.versions.map(({ version, share }) => [version, Number((share * 100).toFixed(6))]),
    ),
    raw: live,
  };
}

/** The whole of what shall be live, on top of the revision that was read: a deployer may refuse another one with 409. */
function planBody(
  endpoint: Endpoint,
  routes: { readonly [entity: string]: number },
  { removes = [], adds }: EntityChanges,
): string {
  const stay = endpoint.entities.filter(({ name }) => !removes.includes(name));
  const versions = [...stay, ...(adds === undefined ? [] : [adds])].map(({ name, version }) => ({
    version,
    share: (routes[name] ?? 0) / 100,
  }));
  return JSON.stringify({ endpoint: endpoint.name, revision: revisionOf(endpoint), versions });
}

function revisionOf(endpoint: Endpoint): number | string | null {
  const parsed = Live.safeParse(endpoint.raw);
  return parsed.success ? (parsed.data.revision ?? null) : null;
}
