import type { EndpointConfigState, EndpointState, StoredEntity, WorkspaceState } from './state.ts';
import { withEndpoint } from './state.ts';

/**
 * The update machine of a serving endpoint, as pure functions over its state: an accepted configuration is pending for a
 * while, the old one serves meanwhile, then it becomes active with a new configuration version, or it fails and the old one stays.
 */

/** A configuration that was accepted, on its way to become active. `at` is domain time. */
export function beginUpdate(
  endpoint: EndpointState,
  wanted: Omit<EndpointConfigState, 'config_version'>,
  who: { readonly by: string; readonly at: number },
): EndpointState {
  const config = { ...wanted, config_version: endpoint.config.config_version + 1 };
  const seconds = deploysSomething(endpoint.config, config)
    ? endpoint.seconds.deploy
    : endpoint.seconds.routes;
  const pending = { config, by: who.by, startedAt: who.at, activeAt: who.at + seconds * 1000 };
  return { ...endpoint, pending, update: 'IN_PROGRESS', updated: who.at };
}

/** The state at `now`: updates whose time has come have become active, or have failed. The same object if nothing was due. */
export function settle(state: WorkspaceState, now: number): WorkspaceState {
  let settled = state;
  for (const endpoint of Object.values(state.endpoints)) {
    if (endpoint.pending === null || endpoint.pending.activeAt > now) continue;
    settled = withEndpoint(settled, finishUpdate(endpoint));
  }
  return settled;
}

function finishUpdate(endpoint: EndpointState): EndpointState {
  const { pending, ...rest } = endpoint;
  if (pending === null) return endpoint;
  if (endpoint.nextUpdateFails) {
    return { ...rest, pending: null, update: 'UPDATE_FAILED', nextUpdateFails: false };
  }
  const traffic = [...endpoint.traffic, { at: pending.activeAt, shares: sharesOf(pending.config) }];
  return { ...rest, pending: null, update: 'NOT_UPDATING', config: pending.config, traffic };
}

/** When the next pending update becomes active, or null when none is pending. */
export function nextUpdateAt(state: WorkspaceState): number | null {
  const times = Object.values(state.endpoints).flatMap((endpoint) =>
    endpoint.pending === null ? [] : [endpoint.pending.activeAt],
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** Percentage of the traffic per model version. */
export function sharesOf(config: EndpointConfigState): { [version: string]: number } {
  const shares: { [version: string]: number } = {};
  for (const entity of config.served_entities) {
    shares[entity.entity_version] = (shares[entity.entity_version] ?? 0) + (config.routes[entity.name] ?? 0);
  }
  return shares;
}

/** Whether two served entities would run the same container in the same size. */
export function sameDeployment(one: StoredEntity, other: StoredEntity): boolean {
  return deploymentKey(one) === deploymentKey(other);
}

function deploymentKey(entity: StoredEntity): string {
  const { creator: _creator, creation_timestamp: _created, ...asked } = entity;
  return JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function deploysSomething(now: EndpointConfigState, wanted: EndpointConfigState): boolean {
  return wanted.served_entities.some(
    (entity) => !now.served_entities.some((served) => sameDeployment(served, entity)),
  );
}
