import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CALL_TIMEOUT_MS,
  clientDeps,
  createWorkspaceClients,
  MAX_ANSWER_BYTES,
} from '../../src/remote/workspace.ts';
import { expectFailure } from '../support/fails.ts';
import { type HttpFake, html, json, type Seen, startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

const CALL = { method: 'GET', path: '/api/thing', place: 'reading a thing' } as const;

/** Gives every client a token of its own, numbered; `revoked` ones are answered 401. */
function workspace(revoked: ReadonlySet<string>) {
  let tokens = 0;
  return (seen: Seen, response: Parameters<ReturnType<typeof json>>[1]): void => {
    const login = Buffer.from(seen.headers.authorization?.slice(6) ?? '', 'base64').toString('utf8');
    if (seen.path === '/oidc/v1/token') {
      tokens += 1;
      const access_token = `${login.split(':')[0]}-${tokens}`;
      json(200, { access_token, token_type: 'Bearer', expires_in: 3600 })(seen, response);
      return;
    }
    const token = seen.headers.authorization?.slice(7) ?? '';
    (revoked.has(token) ? html(401) : json(200, { token }))(seen, response);
  };
}

describe('the clients of a workspace', () => {
  let fake: HttpFake;
  const revoked = new Set<string>();
  beforeEach(async () => {
    revoked.clear();
    fake = await startHttpFake(workspace(revoked));
  });
  afterEach(async () => {
    await fake.close();
  });

  function clients(actor: boolean, secrets: { [name: string]: string }) {
    const oauth = (name: string) => ({ kind: 'oauth', clientId: name, clientSecret: { env: name } }) as const;
    const deps = testDeps(secrets);
    return createWorkspaceClients(
      { url: fake.url, reader: oauth('reader'), actor: actor ? oauth('actor') : null },
      deps,
    );
  }

  it('are two principals with a token each', async () => {
    const { reader, actor } = clients(true, { reader: 'reader-secret', actor: 'actor-secret' });
    expect(await reader.request(CALL)).toEqual({ token: 'reader-1' });
    expect(await actor?.request(CALL)).toEqual({ token: 'actor-2' });
    expect(await reader.request(CALL)).toEqual({ token: 'reader-1' });
    expect([reader.name, actor?.name]).toEqual([
      'Databricks workspace as reader',
      'Databricks workspace as actor',
    ]);
  });

  it('give every call a deadline and every answer a limit, whatever is configured', () => {
    const { timeoutMs, maxBytes } = clientDeps(testDeps());
    expect({ timeoutMs, maxBytes }).toEqual({ timeoutMs: CALL_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
    expect(clientDeps(testDeps({}, { timeoutMs: 5, maxBytes: 6 }))).toMatchObject({
      timeoutMs: 5,
      maxBytes: 6,
    });
  });

  it('have no actor where none is configured', () => {
    expect(clients(false, {}).actor).toBeNull();
  });

  it('do not need the actor’s secret as long as nothing acts', async () => {
    const { reader, actor } = clients(true, { reader: 'reader-secret' });
    expect(await reader.request(CALL)).toEqual({ token: 'reader-1' });
    await expectFailure(actor?.request(CALL) ?? Promise.resolve(), 'unauthorized');
  });

  it('get a new token when the old one is refused, once for all callers', async () => {
    const { reader } = clients(true, { reader: 'reader-secret' });
    await reader.request(CALL);
    revoked.add('reader-1');
    const answers = await Promise.all([reader.request(CALL), reader.request(CALL), reader.request(CALL)]);
    expect(answers).toEqual([{ token: 'reader-2' }, { token: 'reader-2' }, { token: 'reader-2' }]);
    expect(fake.seen.filter((seen) => seen.path === '/oidc/v1/token')).toHaveLength(2);
  });

  it('repeat reads after an outage, the token included', async () => {
    fake.next(json(503, {}, { 'retry-after': '2' }));
    const deps = testDeps({ reader: 'reader-secret' });
    const { reader } = createWorkspaceClients(
      {
        url: fake.url,
        reader: { kind: 'oauth', clientId: 'reader', clientSecret: { env: 'reader' } },
        actor: null,
      },
      deps,
    );
    expect(await reader.request(CALL)).toEqual({ token: 'reader-1' });
    expect(deps.waits).toEqual([2_000]);
  });
});
