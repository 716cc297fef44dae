import type { ModelConfig } from '../config/config.ts';
import type { World } from '../rollback/world.ts';
import type { ServedVersion, Store } from '../store/store.ts';

/**
 * The model as its rows are read: with the version of every served entity that a cycle has stored or that is on the endpoint now. Rows of
 * a payload table name nothing but the entity, and an endpoint forgets the entities it no longer serves.
 */
export async function withEntities(
  model: ModelConfig,
  world: World,
  store: Pick<Store, 'servedVersions'>,
): Promise<ModelConfig> {
  if (model.source.layout !== 'ai-gateway') return model;
  const entities = { ...versionsOf(await store.servedVersions(model.name)), ...servedNow(model, world) };
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

function servedNow(model: ModelConfig, { endpoint }: World): { readonly [entity: string]: string } {
  if (endpoint?.seen !== true) return {};
  const own = endpoint.value.entities.filter((entity) => entity.model === model.registeredModel);
  return Object.fromEntries(own.map(({ id, name, version }) => [id ?? name, version]));
}
