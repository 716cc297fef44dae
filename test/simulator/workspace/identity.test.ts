import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askToken, CREDIT, type Rig, startRig } from '../support.ts';

const SCIM = '/api/2.0/preview/scim/v2';

type Group = { readonly members: readonly unknown[] };

describe('identity of the simulated workspace', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ tokenLifetime: 600 });
  });
  afterEach(() => rig.workspace.close());

  const get = (token: string) =>
    fetch(`${rig.workspace.url}${CREDIT}`, { headers: { authorization: `Bearer ${token}` } });

  it('gives a token to who knows the secret, and refuses everybody else', async () => {
    const [reader] = rig.workspace.principals;
    const good = await askToken(rig.workspace, `${reader?.clientId}:${reader?.clientSecret}`);
    expect(good.json()).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'all-apis' });
    for (const wrong of [`${reader?.clientId}:x`, `x:${reader?.clientSecret}`, '', ':']) {
      const refused = await askToken(rig.workspace, wrong);
      expect(refused.status).toBe(401);
      expect(refused.json()['error']).toBe('invalid_client');
    }
    const id = `${reader?.clientId}:${reader?.clientSecret}`;
    expect((await askToken(rig.workspace, id, 'grant_type=password&scope=all-apis')).status).toBe(400);
    expect((await askToken(rig.workspace, id, 'grant_type=client_credentials')).status).toBe(400);
  });

  it('tells a client that looks for it where tokens are', async () => {
    const path = '/oidc/.well-known/oauth-authorization-server';
    const found = await rig.caller.call('GET', path, { as: 'nobody' });
    expect(found.json()['token_endpoint']).toBe(`${rig.workspace.url}/oidc/v1/token`);
  });

  it('takes a token until it ends, to the millisecond', async () => {
    const token = await rig.caller.token('reader');
    rig.moveWall(600_000 - 1);
    expect((await get(token)).status).toBe(200);
    rig.moveWall(1);
    expect((await get(token)).status).toBe(401);
  });

  it('refuses no token, a made-up one, and one whose role or end was rewritten', async () => {
    const token = await rig.caller.token('reader');
    expect((await fetch(`${rig.workspace.url}${CREDIT}`)).status).toBe(401);
    const parts = token.split('.');
    const later = `${parts[0]}.${parts[1]}.${Number(parts[2]) + 1}.${parts[3]}`;
    for (const forged of ['x', 'a.b.c.d', token.replace('reader', 'actor'), later]) {
      expect((await get(forged)).status).toBe(401);
    }
  });

  it('revokes tokens', async () => {
    const token = await rig.caller.token('reader');
    rig.workspace.revokeTokens();
    expect((await get(token)).status).toBe(401);
    expect((await get(await rig.caller.token('reader'))).status).toBe(200);
  });

  it.each([
    ['Users', 'userName eq "ana.torres@bank.example"', 1],
    ['Users', 'username eq "ana.torres@bank.example"', 1],
    ['Users', 'userName eq "gone@bank.example"', 0],
    ['Users', 'userName sw "ana"', 0],
    ['Groups', 'displayName eq "retail-credit"', 1],
    ['Groups', 'displayName eq "a \\"b\\""', 0],
    ['ServicePrincipals', 'applicationId eq "5a1d0000-0000-4000-8000-000000000002"', 1],
    ['ServicePrincipals', 'applicationId eq "5a1d0000-0000-4000-8000-000000000009"', 0],
  ])('finds %s by %s: %i', async (kind, filter, hits) => {
    const answer = await rig.caller.call('GET', `${SCIM}/${kind}?filter=${encodeURIComponent(filter)}`);
    expect(answer.json()).toMatchObject({ totalResults: hits, startIndex: 1 });
    expect((answer.json()['Resources'] as unknown[] | undefined)?.length ?? 0).toBe(hits);
  });

  it.each([
    ['startIndex=1&count=2', 2, 1],
    ['startIndex=3&count=2', 1, 3],
    ['startIndex=4', 0, 4],
    ['count=0', 0, 1],
    ['startIndex=nonsense', 3, 1],
  ])('tells a page by %s', async (query, length, startIndex) => {
    const answer = (await rig.caller.call('GET', `${SCIM}/Users?${query}`)).json();
    expect(answer).toMatchObject({ totalResults: 3, startIndex, itemsPerPage: length });
    expect((answer['Resources'] as unknown[] | undefined)?.length ?? 0).toBe(length);
  });

  it('lists everybody without a filter, a group with its members', async () => {
    expect((await rig.caller.call('GET', `${SCIM}/Users`)).json()['totalResults']).toBe(3);
    const groups = (await rig.caller.call('GET', `${SCIM}/Groups`)).json() as unknown as {
      Resources: Group[];
    };
    expect(groups.Resources[0]?.members[0]).toEqual({ value: '1001', display: 'ana.torres@bank.example' });
  });

  it.each([
    ['GET', '/api/2.0/nothing'],
    ['GET', '/api/2.0/serving-endpoints/'],
    ['GET', '/api/2.0/serving-endpoints/%zz'],
    ['DELETE', CREDIT],
  ])('says that it knows no %s %s', async (method, path) => {
    const answer = await rig.caller.call(method, path);
    expect(answer.status).toBe(404);
    expect(answer.json()['error_code']).toBe('ENDPOINT_NOT_FOUND');
  });

  it('says on every answer that it is simulated, and refuses a body without end', async () => {
    const answer = await fetch(`${rig.workspace.url}/tickets`);
    expect(answer.headers.get('x-simulated')).toBe('driftwarden');
    const large = await rig.caller.call('POST', '/tickets', { body: 'x'.repeat(1_000_001) });
    expect(large.status).toBe(413);
  });
});
