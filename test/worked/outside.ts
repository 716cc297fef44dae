import { vi } from 'vitest';
import type { Alias, Request, RollbackStory, WorkspaceGiven } from './fixture.ts';
import type { StoryClock } from './site.ts';

/** A delivery at the ticket desk, as it came. */
export interface Delivery {
  readonly at: string;
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
}

/** Everything outside of the program: a simulated workspace and a simulated ticket desk, and what they were sent. */
export interface Outside {
  readonly writes: readonly Request[];
  readonly deliveries: readonly Delivery[];
  /** Who read: names of tokens. */
  readonly readers: ReadonlySet<string>;
  /** Lets calls out again. */
  close(): void;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

type Answer = readonly [status: number, body: unknown];

/** Answers every call that leaves the program, until it is closed. A call that the story knows nothing of is a 404. */
export function startOutside({ given }: RollbackStory, clock: Pick<StoryClock, 'now'>): Outside {
  const { workspace, desk, configuration } = given;
  const origin = (configuration['workspace'] as { readonly url: string }).url;
  const answer = simulatedWorkspace(workspace, clock);
  const writes: Request[] = [];
  const deliveries: Delivery[] = [];
  const readers = new Set<string>();
  const at = (): string => new Date(clock.now()).toISOString();

  vi.stubGlobal('fetch', async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(address);
    const method = init.method ?? 'GET';
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const text = typeof init.body === 'string' ? init.body : '';
    if (url.origin !== origin) {
      deliveries.push({ at: at(), headers, text });
      return response([201, desk.ticket]);
    }
    const sender = whoSent(workspace, headers['authorization']);
    const body: unknown = text === '' ? null : JSON.parse(text);
    if (method === 'GET') readers.add(sender);
    else writes.push({ at: at(), as: sender, method, url: url.href, body });
    return response(
      answer({ method, path: decodeURIComponent(url.pathname), query: url.searchParams, body }),
    );
  });
  return { writes, deliveries, readers, close: () => vi.unstubAllGlobals() };
}

function whoSent({ tokens }: WorkspaceGiven, authorization: string | undefined): string {
  const found = Object.entries(tokens).find(([, token]) => authorization === `Bearer ${token}`);
  return found?.[0] ?? 'nobody';
}

function response([status, body]: Answer): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** The endpoint that takes its time to update, and the registered model with its aliases. */
function simulatedWorkspace(given: WorkspaceGiven, clock: Pick<StoryClock, 'now'>): (call: Call) => Answer {
  const endpoint = simulatedEndpoint(given, clock);
  const { full_name: model, aliases: begin } = given.model;
  let aliases = begin;
  const registry = `/api/2.1/unity-catalog/models/${model}`;
  const face = '/api/2.0/mlflow/unity-catalog';

  return ({ method, path, query, body }) => {
    const [, alias] = path.split(`${registry}/aliases/`);
    const [, version] = path.split(`${registry}/versions/`);
    if (method === 'PUT' && path === endpoint.configPath) return endpoint.put(body);
    if (method === 'PUT' && alias !== undefined) {
      const { version_num } = body as Alias;
      aliases = [
        ...aliases.filter(({ alias_name }) => alias_name !== alias),
        { alias_name: alias, version_num },
      ];
      return [200, { alias_name: alias, version_num }];
    }
    if (method !== 'GET') return [404, { error_code: 'ENDPOINT_NOT_FOUND', message: path }];
    if (path === endpoint.path) return [200, endpoint.get()];
    if (path === registry) return [200, { ...given.model, aliases }];
    const found = version === undefined ? undefined : given.versions[version];
    if (found !== undefined) return [200, found];
    if (path === `${face}/registered-models/get`)
      return [200, { registered_model: { name: query.get('name'), tags: given.tags } }];
    if (path === `${face}/model-versions/get`)
      return [200, { model_version: { version: query.get('version'), tags: given.tags } }];
    return [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: path }];
  };
}

function simulatedEndpoint({ endpoint, updateSeconds }: WorkspaceGiven, clock: Pick<StoryClock, 'now'>) {
  const path = `/api/2.0/serving-endpoints/${endpoint.name}`;
  let current = endpoint.config;
  let pending: { readonly config: typeof current; readonly activeAt: number } | null = null;
  return {
    path,
    configPath: `${path}/config`,
    put(body: unknown): Answer {
      if (pending !== null) return [409, { error_code: 'RESOURCE_CONFLICT', message: 'updating' }];
      const config = { ...current, ...(body as object), config_version: current.config_version + 1 };
      pending = { config, activeAt: clock.now() + updateSeconds * 1000 };
      return [200, { ...endpoint, config: current }];
    },
    get(): unknown {
      if (pending !== null && clock.now() >= pending.activeAt) {
        const sizes = new Map(current.served_entities.map((entity) => [entity['name'], entity]));
        const entities = pending.config.served_entities.map((sent) => ({
          ...sizes.get(sent['name']),
          ...sent,
        }));
        current = { ...pending.config, served_entities: entities };
        pending = null;
      }
      if (pending === null) return { ...endpoint, config: current };
      const state = { ready: 'READY', config_update: 'IN_PROGRESS' };
      return { ...endpoint, state, config: current, pending_config: pending.config };
    },
  };
}
