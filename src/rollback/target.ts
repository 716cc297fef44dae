import type { ModelConfig, RollbackConfig } from '../config/config.ts';
import type { RegisteredModel } from '../registry/registry.ts';
import type { AddedEntity, ServedEntity } from '../serving/serving.ts';
import type { Readiness } from './rollback.ts';
import { entityOf, type Seen, type TargetChoice, type World, type WorldView } from './world.ts';

/** Registry tag of a model that names the last good version, for registries where a second alias is not wanted. */
export const ROLLBACK_TAG = 'rollback_version';

/**
 * Which version to go back to. While something else than the champion fails, that is the champion. Once the champion
 * alias itself points to the failing version it says nothing about what was good before, so the rollback alias is asked,
 * then the tag. A missing champion alias means that nobody says what is good: then there is no target.
 */
export function chooseTarget(
  registered: Seen<RegisteredModel>,
  failing: string,
  config: Pick<RollbackConfig, 'championAlias' | 'rollbackAlias'>,
): TargetChoice {
  if (!registered.seen) return none(`the registry did not answer: ${registered.message}`);
  const { aliases, tags } = registered.value;
  const champion = aliases[config.championAlias] ?? null;
  if (champion === null) return none(`the alias ${config.championAlias} does not exist`);
  if (champion !== failing) {
    const reason = `the alias ${config.championAlias} points to version ${champion}`;
    return { version: champion, source: 'champion_alias', reason };
  }
  const itself = `the alias ${config.championAlias} points to version ${failing} itself`;
  const earlier = aliases[config.rollbackAlias] ?? failing;
  if (earlier !== failing) {
    const reason = `${itself}, the alias ${config.rollbackAlias} to version ${earlier}`;
    return { version: earlier, source: 'rollback_alias', reason };
  }
  const tagged = tags?.[ROLLBACK_TAG]?.trim() ?? '';
  if (tagged !== '' && tagged !== failing) {
    return {
      version: tagged,
      source: 'rollback_tag',
      reason: `${itself}, the tag ${ROLLBACK_TAG} names version ${tagged}`,
    };
  }
  return none(
    `${itself}, and neither the alias ${config.rollbackAlias} nor the tag ${ROLLBACK_TAG} names another version`,
  );
}

function none(reason: string): TargetChoice {
  return { version: null, source: null, reason };
}

/** How fast the target could take over, and whether it may at all; the reason says what was found. */
export interface TargetState {
  readonly readiness: Readiness;
  readonly fit: boolean;
  /** Whether that is so only because endpoint or registry could not be read. */
  readonly unread?: boolean;
  readonly reason: string;
}

/**
 * Whether a rollback of this model sends traffic anywhere: not for a batch model, not without a serving system, and not
 * where the configuration moves the alias alone.
 */
export function movesTraffic(model: ModelConfig, world: World): boolean {
  return world.endpoint !== null && model.rollback.moves.includes('traffic');
}

/**
 * The readiness class of the target. Where no traffic is moved there is nothing to warm up: `hot`. A target that is not
 * on the endpoint is deployed by the update that gives it the traffic: `absent`.
 */
export function stateOfTarget(model: ModelConfig, view: WorldView): TargetState {
  const version = view.target.version;
  if (version === null) {
    const unread = !view.registered.seen || view.endpoint?.seen === false;
    return { readiness: 'none', fit: false, ...(unread ? { unread } : {}), reason: view.target.reason };
  }
  const onEndpoint = endpointState(model, view, version);
  const trouble = registryTrouble(view, version);
  if (trouble === null) return onEndpoint;
  const unread = view.targetVersion?.seen === false;
  return { readiness: onEndpoint.readiness, fit: false, ...(unread ? { unread } : {}), reason: trouble };
}

function registryTrouble(view: WorldView, version: string): string | null {
  const record = view.targetVersion;
  if (record === null) return `version ${version} was not looked up in the registry`;
  if (!record.seen) return `the registry did not answer about version ${version}: ${record.message}`;
  if (record.value === null) return `version ${version} does not exist in the registry`;
  if (!record.value.ready) return `version ${version} has status ${record.value.status} in the registry`;
  return null;
}

function endpointState(model: ModelConfig, view: WorldView, version: string): TargetState {
  if (view.endpoint === null || !movesTraffic(model, view)) {
    return { readiness: 'hot', fit: true, reason: `version ${version} is ready in the registry` };
  }
  const name = model.endpoint ?? '';
  if (!view.endpoint.seen) {
    const reason = `endpoint ${name} could not be read: ${view.endpoint.message}`;
    return { readiness: 'none', fit: false, unread: true, reason };
  }
  const entity = entityOf(view.endpoint.value, model.registeredModel, version);
  if (entity === null) return absentState(model, view, version);
  const readiness = entity.warm ? 'hot' : 'cold';
  if (!entity.ready) {
    const reason = `version ${version} is on endpoint ${name} as ${entity.name}, but not ready`;
    return { readiness, fit: false, reason };
  }
  const how = entity.warm ? 'warm' : 'ready but scaled to zero';
  return {
    readiness,
    fit: true,
    reason: `version ${version} is ${how} on endpoint ${name} as ${entity.name}`,
  };
}

/** A smoke request needs something to answer it: where one is configured, nothing gets traffic that was not asked. */
function absentState(model: ModelConfig, view: WorldView, version: string): TargetState {
  const readiness = 'absent';
  const missing = `version ${version} is not on endpoint ${model.endpoint ?? ''}`;
  const byHand = 'add it as a served entity with 0 % of the traffic';
  const adds = entityToDeploy(model, view);
  if (adds === null) {
    const reason = `${missing}, which serves no version whose settings it could be deployed with: ${byHand}`;
    return { readiness, fit: false, reason };
  }
  if (model.rollback.smoke !== null) {
    const reason = `${missing}, so it cannot answer rollback.smoke before it gets traffic: ${byHand}`;
    return { readiness, fit: false, reason };
  }
  const reason = `${missing}: it is deployed as ${adds.name} with the settings of ${adds.like}, and ${adds.like} serves until it is ready`;
  return { readiness, fit: true, reason };
}

/**
 * The entity that an update would deploy for the target, as the failing version is deployed; null where no traffic is moved,
 * the target is on the endpoint already, or the failing version is not.
 */
export function entityToDeploy(model: ModelConfig, view: WorldView): AddedEntity | null {
  const { version } = view.target;
  if (version === null || view.from === null || view.endpoint?.seen !== true || !movesTraffic(model, view))
    return null;
  const endpoint = view.endpoint.value;
  const like = entityOf(endpoint, model.registeredModel, view.from);
  if (like === null || entityOf(endpoint, model.registeredModel, version) !== null) return null;
  const taken = endpoint.entities.map(({ name }) => name);
  return { name: nameLike(like, version, taken), version, like: like.name };
}

/** Named as the other one is, with this version: `credit-7` gives `credit-6`. */
function nameLike(like: ServedEntity, version: string, taken: readonly string[]): string {
  const stem = like.name.endsWith(like.version) ? like.name.slice(0, -like.version.length) : `${like.name}-`;
  const name = `${stem}${version}`;
  return taken.includes(name) ? `${name}-rollback` : name;
}
