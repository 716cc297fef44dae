import { type Answer, type Call, failure, type Handler, type Surroundings } from './answer.ts';
import {
  discoverTokens,
  findGroups,
  findServicePrincipals,
  findUsers,
  issueToken,
} from './identity-routes.ts';
import {
  deleteAlias,
  getAlias,
  getModel,
  getModelTags,
  getVersion,
  getVersionTags,
  listVersions,
  putAlias,
} from './registry-routes.ts';
import { getEndpoint, invoke, listEndpoints, putConfig } from './serving-routes.ts';
import { getTicket, listTickets, receiveTicket } from './ticket-routes.ts';
import { getWarehouse } from './warehouse-routes.ts';

/** The calls that the simulated workspace understands; `open` ones need no token. */
const ROUTES: readonly {
  readonly method: string;
  readonly path: string;
  readonly handler: Handler;
  readonly open?: true;
}[] = [
  {
    method: 'GET',
    path: '/oidc/.well-known/oauth-authorization-server',
    handler: discoverTokens,
    open: true,
  },
  { method: 'POST', path: '/oidc/v1/token', handler: issueToken, open: true },
  { method: 'GET', path: '/api/2.1/unity-catalog/models/:model', handler: getModel },
  { method: 'GET', path: '/api/2.1/unity-catalog/models/:model/versions', handler: listVersions },
  { method: 'GET', path: '/api/2.1/unity-catalog/models/:model/versions/:version', handler: getVersion },
  { method: 'GET', path: '/api/2.1/unity-catalog/models/:model/aliases/:alias', handler: getAlias },
  { method: 'PUT', path: '/api/2.1/unity-catalog/models/:model/aliases/:alias', handler: putAlias },
  { method: 'DELETE', path: '/api/2.1/unity-catalog/models/:model/aliases/:alias', handler: deleteAlias },
  { method: 'GET', path: '/api/2.0/mlflow/unity-catalog/registered-models/get', handler: getModelTags },
  { method: 'GET', path: '/api/2.0/mlflow/unity-catalog/model-versions/get', handler: getVersionTags },
  { method: 'GET', path: '/api/2.0/serving-endpoints', handler: listEndpoints },
  { method: 'GET', path: '/api/2.0/serving-endpoints/:name', handler: getEndpoint },
  { method: 'PUT', path: '/api/2.0/serving-endpoints/:name/config', handler: putConfig },
  { method: 'POST', path: '/serving-endpoints/:name/served-models/:entity/invocations', handler: invoke },
  { method: 'GET', path: '/api/2.0/sql/warehouses/:id', handler: getWarehouse },
  { method: 'GET', path: '/api/2.0/preview/scim/v2/Users', handler: findUsers },
  { method: 'GET', path: '/api/2.0/preview/scim/v2/Groups', handler: findGroups },
  { method: 'GET', path: '/api/2.0/preview/scim/v2/ServicePrincipals', handler: findServicePrincipals },
  { method: 'POST', path: '/tickets', handler: receiveTicket, open: true },
  { method: 'GET', path: '/tickets', handler: listTickets, open: true },
  { method: 'GET', path: '/tickets/:key', handler: getTicket, open: true },
];

export interface ApiRequest {
  readonly method: string;
  /** As it came, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/** Finds the route, asks for the token, and lets the handler answer. Pure: the caller stores the state and sends the answer. */
export function answerRequest(request: ApiRequest, world: Surroundings): Answer {
  for (const route of ROUTES) {
    if (route.method !== request.method) continue;
    const parts = matchPath(route.path, request.path);
    if (parts === null) continue;
    const token = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
    const role = token === undefined ? null : world.tokens.verify(token);
    if (role === null && route.open !== true) {
      return failure(401, 'UNAUTHENTICATED', 'The access token is missing, unknown or expired.');
    }
    const { query, headers, body, method } = request;
    const call: Call = { method, parts, query, headers, body, role };
    return route.handler(call, world);
  }
  return failure(404, 'ENDPOINT_NOT_FOUND', `No API found for '${request.method} ${request.path}'`);
}

function matchPath(pattern: string, path: string): { [name: string]: string } | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: { [name: string]: string } = {};
  for (const [index, piece] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!piece.startsWith(':')) {
      if (piece !== value) return null;
      continue;
    }
    const decoded = decodePiece(value);
    if (decoded === null || decoded === '') return null;
    parts[piece.slice(1)] = decoded;
  }
  return parts;
}

function decodePiece(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
