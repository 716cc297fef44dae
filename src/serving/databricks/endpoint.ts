import { dictionary } from '../../remote/call.ts';
import type { Endpoint, ServedEntity } from '../serving.ts';
import {
  type ConfigAnswer,
  type EndpointAnswer,
  entitiesOf,
  entityOfRoute,
  type ServedEntityAnswer,
} from './schema.ts';

/** An endpoint as answered, or what about the answer cannot be true. `raw` is the answer as it came. */
export function endpointFrom(answer: EndpointAnswer, raw: unknown): Endpoint | { readonly untrue: string } {
  const { state, config } = answer;
  const word = state.config_update ?? state.update_state ?? null;
  const update = word === null ? undefined : UPDATES[word];
  // A word we do not know may mean anything, busy included; taking it for "no update" could lead to a write.
  if (update === undefined) return { untrue: `has an update state that is not known: ${word ?? 'none'}` };
  const entities = entitiesOf(config);
  if (new Set(entities.map((entity) => entity.name)).size !== entities.length) {
    return { untrue: 'has two served entities of one name' };
  }
  const routes = routesOf(config, entities);
  if ('untrue' in routes) return routes;
  return {
    name: answer.name,
    ready: state.ready === 'READY',
    update,
    pending: Object.keys(answer.pending_config ?? {}).length > 0,
    configVersion: config?.config_version ?? null,
    creator: answer.creator ?? null,
    fallback: fallbackIsOn(answer),
    entities: entities.map(servedEntity),
    routes: routes.percentages,
    raw,
  };
}

function fallbackIsOn({ ai_gateway }: EndpointAnswer): boolean {
  return ai_gateway?.fallback_config?.enabled === true;
}

const UPDATES: { readonly [word: string]: Endpoint['update'] } = dictionary([
  ['NOT_UPDATING', 'none'],
  ['IN_PROGRESS', 'in_progress'],
  ['UPDATE_FAILED', 'failed'],
  ['UPDATE_CANCELED', 'canceled'],
]);

function servedEntity(entity: ServedEntityAnswer): ServedEntity {
  const ready = entity.state?.deployment === 'DEPLOYMENT_READY';
  // An entity without compute counts as ready with the vendor; only its message tells that it has to start first.
  const asleep = /scaled? to zero/i.test(entity.state?.deployment_state_message ?? '');
  return {
    name: entity.name,
    model: entity.entity_name ?? entity.model_name ?? '',
    version: entity.entity_version ?? entity.model_version ?? '',
    ready,
    warm: ready && !asleep,
    id: entity.id ?? null,
  };
}

/** Percentage of every entity, 0 where no route names it. A single entity without routes gets everything. */
function routesOf(
  config: ConfigAnswer | null | undefined,
  entities: readonly ServedEntityAnswer[],
): { readonly percentages: Endpoint['routes'] } | { readonly untrue: string } {
  const routes = config?.traffic_config?.routes ?? [];
  const [only] = entities;
  if (routes.length === 0 && entities.length === 1 && only !== undefined) {
    return { percentages: dictionary([[only.name, 100]]) };
  }
  const percentages = new Map(entities.map((entity) => [entity.name, 0]));
  const seen = new Set<string>();
  for (const route of routes) {
    const name = entityOfRoute(route);
    if (name === null || !percentages.has(name)) return { untrue: 'has a route to no served entity' };
    if (seen.has(name)) return { untrue: `has two routes to served entity ${name}` };
    seen.add(name);
    percentages.set(name, route.traffic_percentage ?? 0);
  }
  return { percentages: dictionary(percentages) };
}
