import { type Behaviour, json, type Seen } from './http-fake.ts';

type Fields = { readonly [field: string]: unknown };

interface FakeEndpoint {
  version: number;
  update: 'NOT_UPDATING' | 'IN_PROGRESS';
  entities: readonly Fields[];
  routes: readonly Fields[];
  pending: { entities: readonly Fields[]; routes: readonly Fields[] } | null;
}

/** Serving endpoints as the vendor describes them: whole-config updates that take a while, both names echoed. */
export class FakeEndpoints {
  readonly byName = new Map<string, FakeEndpoint>();

  add(name: string, entities: readonly Fields[], routes: readonly Fields[]): string {
    this.byName.set(name, { version: 1, update: 'NOT_UPDATING', entities, routes, pending: null });
    return name;
  }

  startUpdate(name: string): void {
    const endpoint = this.get(name);
    endpoint.update = 'IN_PROGRESS';
    endpoint.pending = { entities: endpoint.entities, routes: endpoint.routes };
  }

  settle(name: string): void {
    const endpoint = this.get(name);
    if (endpoint.pending === null) return;
    Object.assign(endpoint, endpoint.pending);
    endpoint.version += 1;
    endpoint.update = 'NOT_UPDATING';
    endpoint.pending = null;
  }

  answer(): Behaviour {
    return (seen, response) => {
      this.behaviour(seen)(seen, response);
    };
  }

  private behaviour(seen: Seen): Behaviour {
    const [, name = '', config] =
      /^\/api\/2\.0\/serving-endpoints\/([^/]+)(\/config)?$/.exec(seen.path) ?? [];
    const endpoint = this.byName.get(name);
    if (endpoint === undefined) {
      return json(404, {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `Endpoint with name '${name}' does not exist.`,
      });
    }
    if (seen.method === 'PUT' && config !== undefined) return put(endpoint, name, seen);
    return json(200, shown(name, endpoint));
  }

  private get(name: string): FakeEndpoint {
    const endpoint = this.byName.get(name);
    if (endpoint === undefined) throw new Error(`no endpoint ${name}`);
    return endpoint;
  }
}

function put(endpoint: FakeEndpoint, name: string, seen: Seen): Behaviour {
  if (endpoint.update === 'IN_PROGRESS') {
    return json(409, { error_code: 'RESOURCE_CONFLICT', message: `Endpoint ${name} is currently updating.` });
  }
  const body = JSON.parse(seen.body) as { served_entities: Fields[]; traffic_config: { routes: Fields[] } };
  const strange = body.served_entities.find((entity) => 'state' in entity || 'creator' in entity);
  if (strange !== undefined)
    return json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'read-only field' });
  const entities = body.served_entities.map((entity) => ({
    ...entity,
    state: { deployment: 'DEPLOYMENT_READY' },
  }));
  endpoint.pending = { entities, routes: body.traffic_config.routes };
  endpoint.update = 'IN_PROGRESS';
  return json(200, shown(name, endpoint));
}

function shown(name: string, endpoint: FakeEndpoint): unknown {
  return {
    name,
    creator: 'deployer@bank.example',
    state: { ready: 'READY', config_update: endpoint.update },
    config: config(endpoint.version, endpoint),
    ...(endpoint.pending === null ? {} : { pending_config: config(endpoint.version + 1, endpoint.pending) }),
  };
}

function config(
  version: number,
  { entities, routes }: { entities: readonly Fields[]; routes: readonly Fields[] },
): unknown {
  const echoed = routes.map((route) => {
    const entity = route['served_entity_name'] ?? route['served_model_name'];
    return { ...route, served_entity_name: entity, served_model_name: entity };
  });
  return { config_version: version, served_entities: entities, traffic_config: { routes: echoed } };
}
