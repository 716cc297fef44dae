import { SimulatorError } from '../error.ts';
import { beginUpdate } from './endpoint.ts';
import { withAlias } from './registry-routes.ts';
import {
  type EndpointState,
  type ModelState,
  type WorkspaceState,
  withEndpoint,
  withModel,
} from './state.ts';

/** What people do to the workspace without asking driftwarden: edits for `change` and `perform`. */
export type Edit = (state: WorkspaceState, at: number) => WorkspaceState;

/** Somebody changes the traffic of an endpoint, by model version; it takes as long as any update. Throws `busy` during one. */
export function moveTraffic(who: {
  readonly endpoint: string;
  readonly shares: { readonly [version: string]: number };
  readonly by: string;
}): Edit {
  return (state, at) => {
    const endpoint = endpointOf(state, who.endpoint);
    if (endpoint.pending !== null) {
      throw new SimulatorError('busy', `${who.endpoint}: an update is in progress; wait for it.`);
    }
    const entities = endpoint.config.served_entities;
    const routes = Object.fromEntries(
      entities.map((entity) => [entity.name, who.shares[entity.entity_version] ?? 0]),
    );
    return withEndpoint(
      state,
      beginUpdate(endpoint, { served_entities: entities, routes }, { by: who.by, at }),
    );
  };
}

/** Somebody points an alias at a version, or removes it (`version: null`). */
export function moveAlias(who: {
  readonly model: string;
  readonly alias: string;
  readonly version: number | null;
}): Edit {
  return (state) => withModel(state, withAlias(modelOf(state, who.model), who.alias, who.version));
}

/** The next update of the endpoint will fail when its time has come. */
export function failNextUpdate(endpoint: string): Edit {
  return (state) => withEndpoint(state, { ...endpointOf(state, endpoint), nextUpdateFails: true });
}

/** How long updates of the endpoint take from now on, in seconds of domain time. */
export function setUpdateSeconds(endpoint: string, seconds: EndpointState['seconds']): Edit {
  return (state) => withEndpoint(state, { ...endpointOf(state, endpoint), seconds });
}

/** Several edits as one change. */
export function together(...edits: readonly Edit[]): Edit {
  return (state, at) => edits.reduce((sofar, edit) => edit(sofar, at), state);
}

function endpointOf(state: WorkspaceState, name: string): EndpointState {
  const endpoint = state.endpoints[name];
  if (endpoint === undefined) {
    throw new SimulatorError('no_such_object', `The simulated workspace has no endpoint '${name}'.`);
  }
  return endpoint;
}

function modelOf(state: WorkspaceState, name: string): ModelState {
  const model = state.models[name];
  if (model === undefined) {
    throw new SimulatorError('no_such_object', `The simulated workspace has no model '${name}'.`);
  }
  return model;
}
