import type { Endpoint } from '../serving/serving.ts';
import type { ServingSnapshot } from './rollback.ts';

/**
 * What of an endpoint must stay as it is until our own write: compared before every effect. Entities of other models on
 * the same endpoint are part of it; their versions carry the model's name, so that they are never taken for ours.
 */
export function snapshotOf(endpoint: Endpoint, registeredModel: string): ServingSnapshot {
  return {
    configVersion: endpoint.configVersion,
    routes: endpoint.routes,
    versions: Object.fromEntries(
      endpoint.entities.map(({ name, model, version }) => [
        name,
        model === registeredModel ? version : `${model}/${version}`,
      ]),
    ),
  };
}

/** Equal percentages; an entity without a route has 0. */
export function sameRoutes(
  a: { readonly [entity: string]: number },
  b: { readonly [entity: string]: number },
): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((entity) => (a[entity] ?? 0) === (b[entity] ?? 0));
}
