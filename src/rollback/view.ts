import type { ModelConfig } from '../config/config.ts';
import type { Directory } from '../identity/directory.ts';
import type { Registry } from '../registry/registry.ts';
import { RemoteError, saysMissing } from '../remote/error.ts';
import type { Serving } from '../serving/serving.ts';
import type { ModelStatus } from '../store/store.ts';
import type { GateResult } from './rollback.ts';
import { chooseTarget, stateOfTarget } from './target.ts';
import { aliasOf, mainVersion, type Seen, sharesOf, type World, type WorldView } from './world.ts';

/** The outside systems a rollback looks at; `serving` is null where there is none. */
export interface WorldPorts {
  readonly registry: Registry;
  readonly serving: Serving | null;
  /** Absent: nobody can be asked about. */
  readonly directory?: Directory;
}

/** A read whose expected failures are values. Bugs still throw. */
export async function see<T>(read: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { seen: true, value: await read() };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return { seen: false, reason: error.reason, message: error.message, missing: saysMissing(error) };
  }
}

/** Registry and endpoint as they are now, read side by side. Never throws a RemoteError. */
export async function look(
  ports: WorldPorts,
  names: { readonly registeredModel: string; readonly endpoint: string | null },
): Promise<World> {
  const { registry, serving } = ports;
  const { endpoint } = names;
  const [registered, served] = await Promise.all([
    see(() => registry.model(names.registeredModel)),
    serving === null || endpoint === null ? null : see(() => serving.endpoint(endpoint)),
  ]);
  return { registered, endpoint: served };
}

/**
 * The world with the target of a rollback from `from`; without `from`, of the version that serves now (the champion for
 * a model without an endpoint). Used by the cycle before a rollback exists and again before its first write.
 */
export async function readWorld(
  ports: WorldPorts,
  model: ModelConfig,
  from: string | null = null,
): Promise<WorldView> {
  return withTarget(ports, model, { world: await look(ports, model), from });
}

/** Adds target and target version to a world that has been looked at. */
export async function withTarget(
  ports: WorldPorts,
  model: ModelConfig,
  known: { readonly world: World; readonly from: string | null },
): Promise<WorldView> {
  const { world } = known;
  const from = known.from ?? servingVersion(model, world);
  const target =
    from === null
      ? { version: null, source: null, reason: unknownServing(world) }
      : chooseTarget(world.registered, from, model.rollback);
  const { version } = target;
  const targetVersion =
    version === null ? null : await see(() => ports.registry.version(model.registeredModel, version));
  return { ...world, from, target, targetVersion };
}

/** Version with the largest share of live traffic; of a model without an endpoint, what its champion alias names. */
export function servingVersion(model: ModelConfig, world: World): string | null {
  if (world.endpoint === null) {
    const champion = aliasOf(world.registered, model.rollback.championAlias);
    return champion.seen ? champion.value : null;
  }
  return world.endpoint.seen ? mainVersion(sharesOf(world.endpoint.value, model.registeredModel)) : null;
}

/** Versions with any share of live traffic; of a model without an endpoint, what its champion alias names. */
export function liveVersions(model: ModelConfig, world: World): readonly string[] {
  if (world.endpoint?.seen === true) {
    const shares = sharesOf(world.endpoint.value, model.registeredModel);
    return Object.keys(shares).filter((version) => (shares[version] ?? 0) > 0);
  }
  const serving = servingVersion(model, world);
  return serving === null ? [] : [serving];
}

function unknownServing(world: World): string {
  if (world.endpoint !== null && !world.endpoint.seen)
    return `the endpoint could not be read: ${world.endpoint.message}`;
  if (!world.registered.seen) return `the registry did not answer: ${world.registered.message}`;
  return 'no version of this model serves';
}

/** The part of a model's status that comes from outside: versions, shares, readiness, and every gate as asked now. */
export function statusOf(
  model: ModelConfig,
  view: WorldView,
  gates: readonly GateResult[],
): Omit<ModelStatus, 'model' | 'at' | 'owner' | 'ownerResolved' | 'tier'> {
  const { championAlias, rollbackAlias } = model.rollback;
  const champion = aliasOf(view.registered, championAlias);
  const rollback = aliasOf(view.registered, rollbackAlias);
  const endpoint = view.endpoint?.seen === true ? view.endpoint.value : null;
  const shares = endpoint === null ? {} : sharesOf(endpoint, model.registeredModel);
  const serving = mainVersion(shares);
  const championVersion = champion.seen ? champion.value : null;
  const troubles = [view.registered, view.endpoint, view.targetVersion].flatMap((part) =>
    part === null || part.seen ? [] : [part.message],
  );
  return {
    championVersion,
    rollbackVersion: rollback.seen ? rollback.value : null,
    servingVersion: serving,
    shares,
    conformant:
      endpoint === null || !champion.seen ? null : championVersion !== null && championVersion === serving,
    readiness: stateOfTarget(model, view).readiness,
    gates,
    trouble: troubles.length === 0 ? null : troubles.join('; '),
  };
}
