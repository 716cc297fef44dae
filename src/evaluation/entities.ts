import type { ModelConfig } from '../config/config.ts';
import type { World } from '../rollback/world.ts';
import type { ServedVersion, Store } from '../store/store.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { servedByLog } from './served-log.ts';

/**
 * The model as its rows are read: with the version of every served entity that a cycle has stored, that is on the endpoint now, or that the
 * system table knows where the endpoint tells no ids. Rows of a payload table name nothing but the entity, and an endpoint
 * forgets the entities it no longer serves.
 */
export async function withEntities(
  model: ModelConfig,
  world: World,
  { store, warehouse }: { readonly store: Pick<Store, 'servedVersions'>; readonly warehouse: Warehouse },
): Promise<ModelConfig> {
  if (model.source.layout !== 'ai-gateway') return model;
  const logged = tellsIds(model, world) ? {} : await servedByLog(model, warehouse);
  const stored = versionsOf(await store.servedVersions(model.name));
  const entities = { ...logged, ...stored, ...servedNow(model, world) };
  return { ...model, source: { ...model.source, entities } };
}

/** An entity that has been two versions says of no row which: it is left out. */
function versionsOf(served: readonly ServedVersion[]): { readonly [entity: string]: string } {
  const versions = new Map<string, Set<string>>();
  for (const { entity, version } of served)
    versions.set(entity, (versions.get(entity) ?? new Set()).add(version));
  return Object.fromEntries(
    [...versions].flatMap(([entity, [version, ...more]]) =>
      version === undefined || more.length > 0 ? [] : [[entity, version]],
    ),
  );
}

/** Whether the endpoint tells the ids of its entities, which rows name them by; one that cannot be read tells nothing either way. */
function tellsIds(model: ModelConfig, { endpoint }: World): boolean {
  if (endpoint?.seen !== true) return true;
  return endpoint.value.entities.every(
    (entity) => entity.model !== model.registeredModel || entity.id !== null,
  );
}

function servedNow(model: ModelConfig, { endpoint }: World): { readonly [entity: string]: string } {
  if (endpoint?.seen !== true) return {};
  const own = endpoint.value.entities.filter((entity) => entity.model === model.registeredModel);
  return Object.fromEntries(own.map(({ id, name, version }) => [id ?? name, version]));
}
