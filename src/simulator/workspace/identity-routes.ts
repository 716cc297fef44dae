import { type Answer, type Call, ok, type Surroundings } from './answer.ts';

/** `GET /oidc/.well-known/oauth-authorization-server`: where clients that discover look first. */
export function discoverTokens(_call: Call, { url }: Surroundings): Answer {
  return ok({
    issuer: `${url}/oidc`,
    authorization_endpoint: `${url}/oidc/v1/authorize`,
    token_endpoint: `${url}/oidc/v1/token`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  });
}

/** `POST /oidc/v1/token`: client credentials, the client named in Basic authentication. */
export function issueToken(call: Call, { tokens }: Surroundings): Answer {
  const form = new URLSearchParams(call.body);
  if (form.get('grant_type') !== 'client_credentials') {
    return {
      status: 400,
      body: { error: 'unsupported_grant_type', error_description: 'Use client_credentials.' },
    };
  }
  if (form.get('scope') !== 'all-apis') {
    return {
      status: 400,
      body: { error: 'invalid_scope', error_description: 'Ask for the scope all-apis.' },
    };
  }
  const [id, secret] = basicCredentials(call.headers['authorization']);
  const issued = tokens.issue(id, secret);
  if (issued === null) {
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Client authentication failed.' },
    };
  }
  return ok({
    access_token: issued.token,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    scope: 'all-apis',
  });
}

/** `GET /api/2.0/preview/scim/v2/Users?filter=userName eq "..."` */
export function findUsers(call: Call, { state }: Surroundings): Answer {
  const wanted = filterValue(call, 'userName');
  return found(
    call,
    state.users.filter((user) => wanted === null || user.userName === wanted),
  );
}

/** `GET /api/2.0/preview/scim/v2/Groups?filter=displayName eq "..."` */
export function findGroups(call: Call, { state }: Surroundings): Answer {
  const wanted = filterValue(call, 'displayName');
  const groups = state.groups.filter((group) => wanted === null || group.displayName === wanted);
  return found(
    call,
    groups.map((group) => ({
      id: group.id,
      displayName: group.displayName,
      members: group.members.map((member) => ({
        value: state.users.find((user) => user.userName === member)?.id ?? member,
        display: member,
      })),
    })),
  );
}

/** `GET /api/2.0/preview/scim/v2/ServicePrincipals?filter=applicationId eq "..."` */
export function findServicePrincipals(call: Call, { tokens }: Surroundings): Answer {
  const wanted = filterValue(call, 'applicationId');
  const all = tokens.principals.map((one) => ({
    id: one.clientId.slice(-4),
    applicationId: one.clientId,
    displayName: `simulated driftwarden ${one.role}`,
    active: true,
  }));
  return found(
    call,
    all.filter((one) => wanted === null || one.applicationId === wanted),
  );
}

/** One page, as SCIM has them: `startIndex` counts from 1, and clients ask on until a page is empty. */
function found(call: Call, all: readonly object[]): Answer {
  const startIndex = Math.max(1, numberIn(call, 'startIndex') ?? 1);
  const count = Math.max(0, numberIn(call, 'count') ?? all.length);
  const page = all.slice(startIndex - 1, startIndex - 1 + count);
  return ok({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: all.length,
    startIndex,
    itemsPerPage: page.length,
    ...(page.length > 0 ? { Resources: page } : {}),
  });
}

function numberIn(call: Call, name: string): number | null {
  const text = call.query.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The value of a filter `attribute eq "value"`; null without a filter, an impossible value for any other filter. */
function filterValue(call: Call, attribute: string): string | null {
  const filter = call.query.get('filter');
  if (filter === null) return null;
  const match = /^(\w+) eq "((?:[^"\\]|\\.)*)"$/i.exec(filter);
  if (match?.[1]?.toLowerCase() !== attribute.toLowerCase()) return '\u0000';
  return (match[2] ?? '').replace(/\\(.)/g, '$1');
}

function basicCredentials(header: string | undefined): [string, string] {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1] ?? '';
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [id, secret.join(':')];
}
