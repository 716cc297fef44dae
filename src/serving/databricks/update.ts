import type { AddedEntity, EntityChanges } from '../serving.ts';
import {
  type ConfigAnswer,
  type EndpointAnswer,
  entitiesOf,
  entityOfRoute,
  type ServedEntityAnswer,
} from './schema.ts';

/**
 * What an update may say about an entity, as the vendor's own tools convert an answer into an update. Everything else
 * in an answer (state, creator, timestamps) is the server's to say and refused or misread when sent back.
 */
const SENT_BACK = [
  'name',
  'entity_name',
  'entity_version',
  'environment_vars',
  'external_model',
  'instance_profile_arn',
  'max_provisioned_concurrency',
  'min_provisioned_concurrency',
  'max_provisioned_throughput',
  'min_provisioned_throughput',
  'provisioned_model_units',
  'scale_to_zero_enabled',
  'workload_size',
  'workload_type',
] as const;

type Routes = { readonly [entity: string]: number };

/**
 * The whole configuration for `PUT .../config`, which replaces everything that it does not name: all entities as they
 * are but those that leave, the one that is deployed, the new percentages (0 for an entity that `routes` does not name), and automatic capture as long as it is on.
 */
export function updateBody(
  answer: EndpointAnswer,
  routes: Routes,
  { removes = [], adds }: EntityChanges = {},
): { readonly [field: string]: unknown } {
  const config = answer.config ?? {};
  const served = entitiesOf(config);
  const entities = [...served.filter(({ name }) => !removes.includes(name)), ...added(served, adds)];
  return {
    served_entities: entities.map(entityToSend),
    traffic_config: { routes: entities.map((entity) => routeToSend(config, entity.name, routes)) },
    ...captureToSend(config),
  };
}

/** The same entity in another version. Of the older and the newer name of that field one is set, and both are taken. */
function added(
  served: readonly ServedEntityAnswer[],
  adds: AddedEntity | undefined,
): readonly ServedEntityAnswer[] {
  const like = served.find(({ name }) => name === adds?.like);
  if (adds === undefined || like === undefined) return [];
  const { name, version } = adds;
  return [{ ...like, name, entity_version: version, model_version: version }];
}

function entityToSend(entity: ServedEntityAnswer): { readonly [field: string]: unknown } {
  const fields: { [field: string]: unknown } = {
    ...entity,
    entity_name: entity.entity_name ?? entity.model_name,
    entity_version: entity.entity_version ?? entity.model_version,
  };
  // The server fills in a workload size that nobody asked for, and refuses it next to a provisioned concurrency.
  const provisioned =
    isSet(fields['min_provisioned_concurrency']) || isSet(fields['max_provisioned_concurrency']);
  return Object.fromEntries(
    SENT_BACK.filter((field) => isSet(fields[field]) && !(provisioned && field === 'workload_size')).map(
      (field) => [field, fields[field]],
    ),
  );
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A route under the name or names under which the server told it: servers of different age know one, the other or both. */
function routeToSend(
  config: ConfigAnswer,
  entity: string,
  routes: Routes,
): { readonly [field: string]: unknown } {
  const told = config.traffic_config?.routes?.find((route) => entityOfRoute(route) === entity);
  return {
    ...((told?.served_entity_name ?? null) !== null || told === undefined
      ? { served_entity_name: entity }
      : {}),
    ...((told?.served_model_name ?? null) !== null ? { served_model_name: entity } : {}),
    traffic_percentage: routes[entity] ?? 0,
  };
}

/** Capture that was once switched off can never be switched on again, so `enabled: false` is never sent. */
function captureToSend(config: ConfigAnswer): { readonly [field: string]: unknown } {
  const capture = config.auto_capture_config;
  if (capture?.enabled !== true) return {};
  const { catalog_name, schema_name, table_name_prefix } = capture;
  const sent = Object.entries({ catalog_name, schema_name, table_name_prefix }).filter(([, value]) =>
    isSet(value),
  );
  return { auto_capture_config: { ...Object.fromEntries(sent), enabled: true } };
}
