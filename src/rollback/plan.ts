import { canonicalJson, sha256Hex } from '../audit/canonical.ts';
import type { ModelConfig } from '../config/config.ts';
import type { Endpoint } from '../serving/serving.ts';
import type { RollbackPlan, ServingSnapshot } from './rollback.ts';
import { sameRoutes, snapshotOf } from './snapshot.ts';
import { entityToDeploy, movesTraffic, stateOfTarget } from './target.ts';
import { aliasOf, entityOf, type WorldView } from './world.ts';

/**
 * The plan to go from the failing version to the target, made of one view of the world: the same view gives the same
 * plan and hash. Null when there is no target, no failing version, or no alias to move because the registry did not
 * answer. A plan may stand although gates hold it; `routesAfter` is null where traffic stays or the target is not served.
 */
export function buildPlan(model: ModelConfig, view: WorldView): RollbackPlan | null {
  const { from, target } = view;
  if (from === null || target.version === null) return null;
  const to = target.version;
  const { championAlias, moves } = model.rollback;
  const champion = aliasOf(view.registered, championAlias);
  if (!champion.seen) return null;
  return {
    model: model.name,
    registeredModel: model.registeredModel,
    endpoint: view.endpoint === null ? null : model.endpoint,
    from,
    to,
    moves,
    readiness: stateOfTarget(model, view).readiness,
    ...servingPart(model, view, to),
    alias: moves.includes('alias') ? { name: championAlias, before: champion.value, after: to } : null,
  };
}

/** What is served now, and what the plan makes of it. */
function servingPart(
  model: ModelConfig,
  view: WorldView,
  to: string,
): Pick<RollbackPlan, 'servingBefore' | 'routesAfter' | 'removes' | 'adds'> {
  if (view.endpoint?.seen !== true) return { servingBefore: null, routesAfter: null };
  const endpoint = view.endpoint.value;
  const servingBefore = snapshotOf(endpoint, model.registeredModel);
  if (!movesTraffic(model, view)) return { servingBefore, routesAfter: null };
  const removes = leaving(model, view);
  const adds = entityToDeploy(model, view);
  const target = adds?.name ?? entityOf(endpoint, model.registeredModel, to)?.name ?? null;
  return {
    servingBefore,
    routesAfter: routesTo(endpoint, { target, removes }),
    ...(removes.length === 0 ? {} : { removes }),
    ...(adds === null ? {} : { adds }),
  };
}

/** All traffic to the target's entity and none to any other of the endpoint; null when there is and will be no such entity. */
function routesTo(
  endpoint: Endpoint,
  { target, removes }: { readonly target: string | null; readonly removes: readonly string[] },
): { readonly [entity: string]: number } | null {
  if (target === null) return null;
  const others = endpoint.entities.map(({ name }) => name).filter((name) => !removes.includes(name));
  return { ...Object.fromEntries(others.map((name) => [name, 0])), [target]: 100 };
}

/**
 * Entities of the failing version that must leave the endpoint: with fallback on, requests that fail elsewhere are sent
 * to every entity in turn, also to one without traffic, and the failing version would go on answering.
 */
function leaving(model: ModelConfig, view: WorldView): readonly string[] {
  const endpoint = view.endpoint?.seen === true ? view.endpoint.value : null;
  if (endpoint?.fallback !== true || !movesTraffic(model, view)) return [];
  return endpoint.entities
    .filter((entity) => entity.model === model.registeredModel && entity.version === view.from)
    .map(({ name }) => name);
}

/** SHA-256 of the canonical JSON of the plan: what an approval binds to. */
export function hashOfPlan(plan: RollbackPlan): string {
  return sha256Hex(canonicalJson(plan));
}

/**
 * The same wish has the same name: an evaluation that is run twice plans one rollback. `asked` is the id of the
 * evaluation, or the ISO time of a person's request.
 */
export function rollbackId(plan: RollbackPlan, asked: string): string {
  const { model, endpoint, from } = plan;
  return `rb-${sha256Hex(canonicalJson({ model, endpoint, from, asked })).slice(0, 20)}`;
}

/**
 * Why carrying out this plan would be wrong or change nothing; null when it makes sense. Three versions can be in play:
 * traffic is only taken from the failing version, never from a third one that somebody has put there meanwhile.
 */
export function pointless(plan: RollbackPlan): string | null {
  const { alias, servingBefore, routesAfter, from, to } = plan;
  const aliasMoves = alias !== null && alias.before === from && alias.after !== from;
  if (plan.endpoint === null || !plan.moves.includes('traffic')) return aliasMoves ? null : aliasStays(plan);
  // An endpoint that was not read is the business of the gate champion_not_ready.
  if (servingBefore === null || shareOf(servingBefore, from) > 0) return null;
  const served = routesAfter !== null && sameRoutes(servingBefore.routes, routesAfter);
  if (!served) return `version ${from} takes no traffic on endpoint ${plan.endpoint}`;
  return aliasMoves
    ? null
    : `version ${to} already takes all the traffic of endpoint ${plan.endpoint}, and ${aliasStays(plan)}`;
}

function aliasStays({ alias, from, moves }: RollbackPlan): string {
  if (alias === null) return `rollback.moves is ${moves.join(' and ')}: the alias is not to be moved`;
  return alias.before === null
    ? `the alias ${alias.name} does not exist`
    : `the alias ${alias.name} points to version ${alias.before} and stays there: it is moved only away from version ${from}`;
}

function shareOf(serving: ServingSnapshot, version: string): number {
  return Object.entries(serving.routes)
    .filter(([entity]) => serving.versions[entity] === version)
    .reduce((sum, [, percent]) => sum + percent, 0);
}
