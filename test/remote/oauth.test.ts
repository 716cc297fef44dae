import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { RemoteError } from '../../src/remote/error.ts';
import { createCredentials, createTokenSource } from '../../src/remote/oauth.ts';
import { expectFailure } from '../support/fails.ts';
import { type HttpFake, html, json, startHttpFake, text } from '../support/http-fake.ts';
import { type TestDeps, testDeps } from '../support/remote-deps.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('client credentials', () => {
  let fake: HttpFake;
  let deps: TestDeps;
  beforeEach(async () => {
    fake = await startHttpFake(
      json(200, { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 }),
    );
    deps = testDeps({ SECRET: 'dose/secret+1' });
  });
  afterEach(async () => {
    await fake.close();
  });

  function credentials(changes: Partial<TestDeps> = {}) {
    return createCredentials(
      { kind: 'oauth', clientId: 'client-1', clientSecret: { env: 'SECRET' } },
      { ...deps, ...changes, name: 'Workspace', baseUrl: fake.url, timeoutMs: 5_000, maxBytes: 10_000 },
    );
  }

  it('asks the workspace for a token with the form and login that the standard says', async () => {
    expect(await credentials().headers()).toEqual({ authorization: 'Bearer token-1' });
    const [seen] = fake.seen;
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/oidc/v1/token',
      body: 'grant_type=client_credentials&scope=all-apis',
    });
    expect(seen?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const login = Buffer.from(seen?.headers.authorization?.slice(6) ?? '', 'base64').toString('utf8');
    expect(login).toBe('client-1:dose%2Fsecret%2B1');
  });

  it('sends nothing and reads no secret before it is needed', async () => {
    let reads = 0;
    const source = credentials({
      readSecret: () => {
        reads += 1;
        return 'secret-1';
      },
    });
    expect([reads, fake.seen.length]).toEqual([0, 0]);
    await source.headers();
    expect([reads, fake.seen.length]).toEqual([1, 1]);
  });

  it.each([
    ['no secret', {}],
    ['an empty secret', { SECRET: '' }],
  ])('says where the secret should be when there is %s', async (_what, secrets) => {
    deps = testDeps(secrets);
    const error = await expectFailure(credentials().headers(), 'unauthorized');
    expect(error.message).toContain('environment variable SECRET');
    expect(fake.seen).toEqual([]);
  });

  it.each([
    [401, { error: 'invalid_client', error_description: 'no such client' }],
    [400, { error: 'invalid_client' }],
    [400, { error: 'unauthorized_client' }],
  ])('takes %i %j as wrong credentials, and asks once', async (status, body) => {
    fake.always(json(status, body));
    const error = await expectFailure(credentials().headers(), 'unauthorized');
    expect(error.message).toContain('client-1');
    expect(error.remedy).toContain('clientSecret');
    expect(fake.seen).toHaveLength(1);
  });

  it('takes another 400 as it is', async () => {
    fake.always(json(400, { error: 'invalid_scope' }));
    await expectFailure(credentials().headers(), 'rejected');
  });

  it.each([
    ['a page', html(200)],
    ['no token', json(200, { token_type: 'Bearer', expires_in: 3600 })],
    [
      'a token that breaks the header',
      json(200, { access_token: 'a\nb', token_type: 'Bearer', expires_in: 3600 }),
    ],
    ['another kind of token', json(200, { access_token: 'a', token_type: 'mac', expires_in: 3600 })],
    ['no lifetime', json(200, { access_token: 'a', token_type: 'Bearer' })],
    ['a lifetime of nothing', json(200, { access_token: 'a', token_type: 'Bearer', expires_in: 0 })],
  ])('refuses %s', async (_what, behaviour) => {
    fake.always(behaviour);
    const error = await expectFailure(credentials().headers(), 'bad_answer');
    expect(error.message).not.toContain('a\nb');
  });

  it('keeps secret and token out of errors and of the log', async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    fake.next(json(200, { access_token: 'token-of-this-test', token_type: 'bearer', expires_in: 3600 }));
    await credentials({ logger }).headers();
    logger.error('token-of-this-test and dose/secret+1');
    expect(lines.join('')).not.toMatch(/token-of-this-test|dose\/secret/);
    expect(lines.join('')).toContain('[secret]');
    fake.next(text(500, 'you sent dose/secret+1 and dose%2Fsecret%2B1'));
    const error = await expectFailure(credentials().headers(), 'unavailable');
    expect(error.message).not.toMatch(/dose/);
  });
});

describe('a token source', () => {
  let deps: TestDeps;
  let asked: number;
  let next: () => Promise<{ headers: { authorization: string }; lifetimeMs: number }>;
  beforeEach(() => {
    deps = testDeps();
    asked = 0;
    next = async () => ({ headers: { authorization: `Bearer ${asked}` }, lifetimeMs: HOUR });
  });

  function source() {
    return createTokenSource({ ...deps, name: 'Workspace' }, () => {
      asked += 1;
      return next();
    });
  }

  const unavailable = async (): Promise<never> => {
    throw new RemoteError({ reason: 'unavailable', place: 'token', message: 'down', remedy: 'wait' });
  };

  it.each([
    ['an hour', HOUR, 55 * MINUTE],
    ['25 minutes', 25 * MINUTE, 20 * MINUTE],
    ['a minute', MINUTE, 48_000],
  ])('keeps a token of %s until its margin, and then renews it', async (_what, lifetimeMs, renewAt) => {
    next = async () => ({ headers: { authorization: `Bearer ${asked}` }, lifetimeMs });
    const tokens = source();
    await tokens.headers();
    deps.advance(renewAt - 1);
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer 1' });
    deps.advance(1);
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer 2' });
  });

  it('asks once however many wait', async () => {
    const tokens = source();
    const all = await Promise.all(Array.from({ length: 20 }, () => tokens.headers()));
    expect(asked).toBe(1);
    expect(new Set(all.map((headers) => headers['authorization']))).toEqual(new Set(['Bearer 1']));
  });

  it('counts the lifetime from before the request', async () => {
    next = async () => {
      deps.advance(10 * MINUTE);
      return { headers: { authorization: `Bearer ${asked}` }, lifetimeMs: HOUR };
    };
    const tokens = source();
    await tokens.headers();
    deps.advance(45 * MINUTE);
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer 2' });
  });

  it('asks again after a failure', async () => {
    const good = next;
    next = unavailable;
    const tokens = source();
    await expectFailure(tokens.headers(), 'unavailable');
    next = good;
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer 2' });
  });

  it('goes on with the old token while it lives and the renewal fails for a passing reason', async () => {
    const tokens = source();
    await tokens.headers();
    next = unavailable;
    deps.advance(HOUR - 1);
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer 1' });
    deps.advance(1);
    await expectFailure(tokens.headers(), 'unavailable');
  });

  it('does not go on with the old token when the renewal was refused', async () => {
    const tokens = source();
    await tokens.headers();
    next = async () => {
      throw new RemoteError({ reason: 'unauthorized', place: 'token', message: 'no', remedy: 'look' });
    };
    deps.advance(HOUR - 1);
    await expectFailure(tokens.headers(), 'unauthorized');
  });

  it('drops a refused token once, even if many were refused with it', async () => {
    const tokens = source();
    const used = await tokens.headers();
    const refused = async (): Promise<unknown> => {
      expect(await tokens.renew(used)).toBe(true);
      return await tokens.headers();
    };
    await Promise.all([refused(), refused(), refused()]);
    await refused();
    expect(asked).toBe(2);
  });
});

describe('a static token', () => {
  const config = { kind: 'token', token: { file: '/run/secrets/token' } } as const;

  function credentials(readSecret: () => string) {
    const deps = testDeps({}, { readSecret });
    return createCredentials(config, { ...deps, name: 'Workspace', baseUrl: '', timeoutMs: 1, maxBytes: 1 });
  }

  it('is read once, and again after a refusal', async () => {
    const values = ['token-a', 'token-a', 'token-b'];
    const tokens = credentials(() => values.shift() ?? '');
    const first = await tokens.headers();
    expect(first).toEqual({ authorization: 'Bearer token-a' });
    expect(await tokens.headers()).toBe(first);
    expect(await tokens.renew(first)).toBe(false);
    expect(await tokens.renew(first)).toBe(true);
    expect(await tokens.headers()).toEqual({ authorization: 'Bearer token-b' });
  });

  it.each(['two\nlines', 'with blank', 'ünï'])(
    'is refused when a header cannot carry it: %j',
    async (token) => {
      const error = await expectFailure(credentials(() => token).headers(), 'unauthorized');
      expect(error.message).toContain('/run/secrets/token');
      expect(error.message).not.toContain(token);
    },
  );
});
