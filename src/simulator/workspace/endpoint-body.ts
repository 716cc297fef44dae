import { z } from 'zod';
import { sameDeployment } from './endpoint.ts';
import type { EndpointConfigState, EndpointState, StoredEntity, WorkspaceState } from './state.ts';

/**
 * The body of `PUT .../config`, read the way the real server reads it, or more strictly where that finds a careless client:
 * it replaces the whole configuration, and fields that a GET only reports (`state`, `creator`, ...) are refused.
 */

const entitySchema = z.strictObject({
  name: z.string().min(1).optional(),
  entity_name: z.string().min(1),
  entity_version: z.string().regex(/^[1-9][0-9]*$/),
  workload_size: z.enum(['Small', 'Medium', 'Large']).optional(),
  min_provisioned_concurrency: z.number().int().min(0).optional(),
  max_provisioned_concurrency: z.number().int().min(0).optional(),
  workload_type: z.string().optional(),
  scale_to_zero_enabled: z.boolean().optional(),
  environment_vars: z.record(z.string(), z.string()).optional(),
  instance_profile_arn: z.string().optional(),
});

const routeSchema = z.strictObject({
  served_entity_name: z.string().optional(),
  served_model_name: z.string().optional(),
  traffic_percentage: z.number().int().min(0).max(100),
});

const bodySchema = z.strictObject({
  name: z.string().optional(),
  served_entities: z.array(entitySchema).min(1).max(15),
  traffic_config: z.strictObject({ routes: z.array(routeSchema).min(1) }).optional(),
});

export type WantedConfig = Omit<EndpointConfigState, 'config_version'>;

/** The configuration that the body asks for, or what is wrong with it. */
export function readConfigBody(
  body: unknown,
  context: { state: WorkspaceState; endpoint: EndpointState; by: string; at: number },
): { readonly wanted: WantedConfig } | { readonly problem: string } {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { problem: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}` };
  }
  const entities = parsed.data.served_entities.map((asked) => completed(asked, context));
  const problem = entityProblem(entities, context);
  if (problem !== null) return { problem };
  const routes = readRoutes(parsed.data.traffic_config?.routes, entities);
  if (typeof routes === 'string') return { problem: routes };
  return { wanted: { served_entities: entities, routes } };
}

/** Fills in what the server fills in: the name, the size, the kind of machine, who made it and when. */
function completed(
  asked: z.infer<typeof entitySchema>,
  context: { endpoint: EndpointState; by: string; at: number },
): StoredEntity {
  const shortName = asked.entity_name.split('.').at(-1) ?? asked.entity_name;
  const { workload_size, ...rest } = withoutUndefined(asked);
  const size = workload_size ?? (isSizedByNumbers(asked) ? undefined : 'Small');
  const entity: StoredEntity = {
    ...rest,
    name: asked.name ?? `${shortName}-${asked.entity_version}`,
    entity_name: asked.entity_name,
    entity_version: asked.entity_version,
    ...(size === undefined ? {} : { workload_size: size }),
    workload_type: asked.workload_type ?? 'CPU',
    scale_to_zero_enabled: asked.scale_to_zero_enabled ?? false,
    creator: context.by,
    creation_timestamp: context.at,
  };
  const served = context.endpoint.config.served_entities.find((one) => sameDeployment(one, entity));
  return served ?? entity;
}

function isSizedByNumbers(entity: {
  readonly min_provisioned_concurrency?: number | undefined;
  readonly max_provisioned_concurrency?: number | undefined;
}): boolean {
  return entity.min_provisioned_concurrency !== undefined || entity.max_provisioned_concurrency !== undefined;
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Present<T>;
}

function entityProblem(entities: readonly StoredEntity[], context: { state: WorkspaceState }): string | null {
  const names = new Set<string>();
  for (const entity of entities) {
    if (names.has(entity.name)) return `Served entity names must be unique: '${entity.name}' stands twice.`;
    names.add(entity.name);
    if (entity.workload_size !== undefined && isSizedByNumbers(entity)) {
      return `'${entity.name}': workload_size and provisioned concurrency exclude each other.`;
    }
    const version = context.state.models[entity.entity_name]?.versions.find(
      (one) => String(one.version) === entity.entity_version,
    );
    if (version === undefined) {
      return `Model version ${entity.entity_name}/${entity.entity_version} does not exist.`;
    }
    if (version.status !== 'READY') {
      return `Model version ${entity.entity_name}/${entity.entity_version} is ${version.status}, not READY.`;
    }
  }
  return null;
}

/** Percentages per served entity, or what is wrong with them. One entity alone gets all traffic if no routes are given. */
function readRoutes(
  asked: readonly z.infer<typeof routeSchema>[] | undefined,
  entities: readonly StoredEntity[],
): { [entity: string]: number } | string {
  const [first] = entities;
  if (asked === undefined) {
    if (entities.length === 1 && first !== undefined) return { [first.name]: 100 };
    return 'traffic_config is required with more than one served entity.';
  }
  const routes: { [entity: string]: number } = {};
  for (const route of asked) {
    const name = routeName(route);
    if (name === null) return 'A route names one served entity (served_entity_name).';
    if (!entities.some((entity) => entity.name === name)) return `No served entity is called '${name}'.`;
    if (routes[name] !== undefined) return `Two routes name '${name}'.`;
    routes[name] = route.traffic_percentage;
  }
  const missing = entities.find((entity) => routes[entity.name] === undefined);
  if (missing !== undefined) return `Served entity '${missing.name}' has no route.`;
  const sum = Object.values(routes).reduce((total, share) => total + share, 0);
  return sum === 100 ? routes : `The traffic percentages sum to ${sum}, not to 100.`;
}

/** Either name will do, and both if they agree. */
function routeName(route: z.infer<typeof routeSchema>): string | null {
  const { served_entity_name: entity, served_model_name: model } = route;
  if (entity !== undefined && model !== undefined && entity !== model) return null;
  return entity ?? model ?? null;
}
