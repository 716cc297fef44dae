import type { ModelVersion, RegisteredModel } from '../registry/registry.ts';
import type { RemoteReason } from '../remote/error.ts';
import type { Endpoint, ServedEntity } from '../serving/serving.ts';

/** Something outside as it was read, or why it could not be read: a failure to look is a value here, not an exception. */
export type Seen<T> =
  | { readonly seen: true; readonly value: T }
  | {
      readonly seen: false;
      readonly reason: RemoteReason;
      readonly message: string;
      /** The other side itself says that there is no such thing; a wrong URL alone does not say so. */
      readonly missing: boolean;
    };

/** Registry and endpoint of one model at one moment. */
export interface World {
  readonly registered: Seen<RegisteredModel>;
  /** Null: there is no endpoint to look at (a batch model, or no serving system). */
  readonly endpoint: Seen<Endpoint> | null;
}

/** The world with what a rollback from `from` would need to know of its target. */
export interface WorldView extends World {
  /** The version that would be left; null when it cannot be told. */
  readonly from: string | null;
  readonly target: TargetChoice;
  /** The registry's record of the target version; `value` null when there is none. Null when there is no target. */
  readonly targetVersion: Seen<ModelVersion | null> | null;
}

/** Which version to go back to and where that was said; without a target the reason says why there is none. */
export interface TargetChoice {
  readonly version: string | null;
  readonly source: 'champion_alias' | 'rollback_alias' | 'rollback_tag' | null;
  readonly reason: string;
}

/** Version behind an alias; null where the alias does not exist. */
export function aliasOf(registered: Seen<RegisteredModel>, alias: string): Seen<string | null> {
  if (registered.seen) return { seen: true, value: registered.value.aliases[alias] ?? null };
  // A registered model that is gone has no aliases.
  return registered.missing ? { seen: true, value: null } : registered;
}

/** Tags of the registered model; null where the registry did not answer or does not tell them. */
export function tagsOf(world: World): { readonly [key: string]: string } | null {
  return world.registered.seen ? world.registered.value.tags : null;
}

/** Whether another update is on its way. A configuration that still waits after a failed update waits for nothing. */
export function isBusy(endpoint: Endpoint): boolean {
  return endpoint.update === 'in_progress' || (endpoint.pending && endpoint.update === 'none');
}

/** Share of live traffic per version of this model, 0 to 1. Versions on the endpoint without traffic stand with 0. */
export function sharesOf(
  endpoint: Endpoint,
  registeredModel: string,
): { readonly [version: string]: number } {
  const percent = new Map<string, number>();
  for (const entity of endpoint.entities) {
    if (entity.model !== registeredModel) continue;
    percent.set(entity.version, (percent.get(entity.version) ?? 0) + (endpoint.routes[entity.name] ?? 0));
  }
  return Object.fromEntries([...percent].map(([version, share]) => [version, share / 100]));
}

/** The version with the largest share of live traffic; null when none of this model has any. */
export function mainVersion(shares: { readonly [version: string]: number }): string | null {
  const [first] = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b, 'en', { numeric: true }));
  return first?.[0] ?? null;
}

/** The served entity that should take the traffic of a version: ready before not, warm before cold, busiest first. */
export function entityOf(endpoint: Endpoint, registeredModel: string, version: string): ServedEntity | null {
  const order = (entity: ServedEntity): number =>
    (entity.ready ? 1000 : 0) + (entity.warm ? 500 : 0) + (endpoint.routes[entity.name] ?? 0);
  const [best] = endpoint.entities
    .filter((entity) => entity.model === registeredModel && entity.version === version)
    .sort((a, b) => order(b) - order(a) || (a.name < b.name ? -1 : 1));
  return best ?? null;
}
