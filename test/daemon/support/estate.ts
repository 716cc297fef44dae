import type { EndpointState, ModelState, WorkspaceState } from '../../../src/simulator/workspace/state.ts';

/** A registered model with an endpoint of its own, as a test wants it at the beginning. */
export interface Product {
  /** `credit` becomes `main.t.credit` on endpoint `credit`. */
  readonly name: string;
  readonly aliases?: { readonly [alias: string]: number };
  /** Percentage per version; version 1 and 2 exist. */
  readonly shares?: { readonly [version: string]: number };
  readonly tags?: { readonly [key: string]: string };
  /** Versions on the endpoint; both where it is not said. */
  readonly served?: readonly string[];
  /** Whether the champion sleeps while it has no traffic. */
  readonly scaleToZero?: boolean;
}

const BY = 'somebody@bank.example';

export function registeredName(product: string): string {
  return `main.t.${product}`;
}

/** Version 2 serves everything and version 1, the champion, stands by: what a rollback has to undo. */
export function estateOf(products: readonly Product[]): (at: number) => WorkspaceState {
  return (at) => ({
    format: 1,
    simulated: true,
    models: Object.fromEntries(
      products.map((product) => [registeredName(product.name), modelOf(product, at)]),
    ),
    endpoints: Object.fromEntries(products.map((product) => [product.name, endpointOf(product, at)])),
    users: [{ id: '1001', userName: BY, active: true }],
    groups: [],
    tickets: [],
    performed: {},
  });
}

function modelOf({ name, aliases = { champion: 1 }, tags = {} }: Product, at: number): ModelState {
  return {
    name: registeredName(name),
    owner: BY,
    created: at,
    tags,
    aliases,
    versions: [1, 2].map((version) => ({
      version,
      status: 'READY',
      created: at,
      createdBy: BY,
      runId: `run${version}`,
      tags: {},
    })),
    aliasPuts: 0,
  };
}

function endpointOf(product: Product, at: number): EndpointState {
  const { name, shares = { '1': 0, '2': 100 }, served = ['1', '2'], scaleToZero = false } = product;
  const entities = served.map((version) => ({
    name: `${name}-${version}`,
    entity_name: registeredName(name),
    entity_version: version,
    workload_size: 'Small',
    workload_type: 'CPU',
    scale_to_zero_enabled: scaleToZero,
    environment_vars: { NOTE: `kept for version ${version}` },
    creator: BY,
    creation_timestamp: at,
  }));
  return {
    name,
    id: `id-of-${name}`,
    creator: BY,
    created: at,
    updated: at,
    tags: {},
    fallback: false,
    config: {
      config_version: 5,
      served_entities: entities,
      routes: Object.fromEntries(entities.map((entity) => [entity.name, shares[entity.entity_version] ?? 0])),
    },
    pending: null,
    update: 'NOT_UPDATING',
    nextUpdateFails: false,
    seconds: { routes: 90, deploy: 900 },
    traffic: [{ at, shares }],
    puts: { effective: 0, refused: 0 },
  };
}
