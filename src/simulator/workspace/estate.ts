import type { EndpointState, ModelState, StoredEntity, WorkspaceState } from './state.ts';

const DAY = 86_400_000;
const PEOPLE = ['ana.torres@bank.example', 'kofi.mensah@bank.example', 'li.wei@bank.example'];

/** A model of the lender as the estate begins: which versions there are, and which of them serves. */
interface Product {
  readonly name: string;
  readonly endpoint: string;
  readonly owner: string;
  readonly riskTier: string;
  readonly versions: readonly number[];
  readonly serving: number;
  readonly aliases: { readonly [alias: string]: number };
}

const PRODUCTS: readonly Product[] = [
  {
    name: 'main.risk.credit_pd',
    endpoint: 'credit-pd',
    owner: 'retail-credit',
    riskTier: 'high',
    versions: [6, 7],
    serving: 6,
    aliases: { champion: 6, challenger: 7 },
  },
  {
    name: 'main.risk.mortgage_pd',
    endpoint: 'mortgage-pd',
    owner: 'home-loans',
    riskTier: 'medium',
    versions: [3],
    serving: 3,
    aliases: { champion: 3 },
  },
];

/** The lender as it is at the beginning of the story: the champions serve, the credit challenger stands by, warm, at 0 %. */
export function lendersEstate(at: number): WorkspaceState {
  return {
    format: 1,
    simulated: true,
    models: Object.fromEntries(PRODUCTS.map((product) => [product.name, modelOf(product, at)])),
    endpoints: Object.fromEntries(PRODUCTS.map((product) => [product.endpoint, endpointOf(product, at)])),
    users: PEOPLE.map((userName, index) => ({ id: String(1001 + index), userName, active: true })),
    groups: [
      { id: '2001', displayName: 'retail-credit', members: PEOPLE.slice(0, 2) },
      { id: '2002', displayName: 'home-loans', members: PEOPLE.slice(2) },
    ],
    tickets: [],
    performed: {},
  };
}

/**
 * The same estate with version 5 of the credit model standing by as well, and named by the tag `rollback_version`: before the
 * promotion and after the rollback the champion itself serves, and then that is the only way back.
 */
export function estateWithWayBack(at: number): WorkspaceState {
  const estate = lendersEstate(at);
  const [credit] = PRODUCTS;
  const model = estate.models[credit?.name ?? ''];
  const endpoint = estate.endpoints[credit?.endpoint ?? ''];
  if (credit === undefined || model === undefined || endpoint === undefined)
    throw new Error('the estate has no credit model');
  const whole = { ...credit, versions: [5, ...credit.versions] };
  const standby = endpointOf(whole, at);
  return {
    ...estate,
    models: {
      ...estate.models,
      [model.name]: {
        ...modelOf(whole, at),
        tags: { ...model.tags, rollback_version: '5' },
      },
    },
    endpoints: { ...estate.endpoints, [endpoint.name]: standby },
  };
}

function modelOf(product: Product, at: number): ModelState {
  return {
    name: product.name,
    owner: product.owner,
    created: at - 400 * DAY,
    tags: { owner: product.owner, risk_tier: product.riskTier, simulated: 'true' },
    aliases: product.aliases,
    versions: product.versions.map((version) => ({
      version,
      status: 'READY',
      created: at - (version === product.serving ? 120 : 20) * DAY,
      createdBy: 'ana.torres@bank.example',
      runId: `run${String(version).padStart(29, '0')}`,
      tags: { validation: 'approved', simulated: 'true' },
    })),
    aliasPuts: 0,
  };
}

function endpointOf(product: Product, at: number): EndpointState {
  const entities = product.versions.map((version) => entityOf(product, version, at));
  const share = (version: string): number => (Number(version) === product.serving ? 100 : 0);
  return {
    name: product.endpoint,
    id: `5e1f${product.endpoint.length.toString(16).padStart(28, '0')}`,
    creator: 'ana.torres@bank.example',
    created: at - 400 * DAY,
    updated: at - 20 * DAY,
    tags: { simulated: 'true' },
    fallback: false,
    config: {
      config_version: 11,
      served_entities: entities,
      routes: Object.fromEntries(entities.map((entity) => [entity.name, share(entity.entity_version)])),
    },
    pending: null,
    update: 'NOT_UPDATING',
    nextUpdateFails: false,
    seconds: { routes: 90, deploy: 900 },
    traffic: [{ at, shares: Object.fromEntries(product.versions.map((v) => [v, share(String(v))])) }],
    puts: { effective: 0, refused: 0 },
  };
}

/** Versions are sized differently and carry settings, so that a write that forgets something is noticed. */
function entityOf(product: Product, version: number, at: number): StoredEntity {
  const base = {
    name: `${product.name.split('.').at(-1)}-${version}`,
    entity_name: product.name,
    entity_version: String(version),
    workload_type: 'CPU',
    scale_to_zero_enabled: false,
    environment_vars: { SCORECARD: `v${version}`, LOG_LEVEL: 'info' },
    creator: 'ana.torres@bank.example',
    creation_timestamp: at - 20 * DAY,
  };
  return version === 7
    ? { ...base, min_provisioned_concurrency: 4, max_provisioned_concurrency: 8 }
    : { ...base, workload_size: 'Small' };
}
