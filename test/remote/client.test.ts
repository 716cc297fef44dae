import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { jsonBody, type RemoteCall } from '../../src/remote/call.ts';
import { type ClientOptions, createClient } from '../../src/remote/client.ts';
import { basicHeader, type Credentials } from '../../src/remote/credentials.ts';
import { isRetryable } from '../../src/remote/error.ts';
import { everythingIn, expectFailure, failureOf } from '../support/fails.ts';
import * as fakes from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

const { json, html, text } = fakes;

const READ: RemoteCall = {
  method: 'GET',
  path: '/thing',
  query: { name: 'sekret-query' },
  place: 'reading a thing',
};

function fixed(authorization: string): Credentials {
  return { headers: async () => ({ authorization }), renew: async () => false };
}

describe('the HTTP client', () => {
  let fake: fakes.HttpFake;
  beforeEach(async () => {
    fake = await fakes.startHttpFake();
  });
  afterEach(async () => {
    await fake.close();
  });

  function client(changes: Partial<ClientOptions> = {}) {
    const { fetch, clock, logger } = testDeps();
    return createClient({
      name: 'Warden test system',
      baseUrl: fake.url,
      credentials: fixed('Bearer sekret-token'),
      fetch,
      clock,
      logger,
      timeoutMs: 5_000,
      maxBytes: 1_000,
      ...changes,
    });
  }

  it('sends method, path, query, headers and body, and answers the parsed JSON', async () => {
    fake.next(json(200, { a: [1, null] }));
    const answer = await client().request({
      method: 'PUT',
      path: '/models/a%2Fb',
      query: { q: 'x y&z' },
      body: jsonBody({ version: 2 }),
      headers: { 'x-extra': '1' },
      place: 'writing',
    });
    expect(answer).toEqual({ a: [1, null] });
    const [seen] = fake.seen;
    expect(seen).toMatchObject({ method: 'PUT', path: '/models/a/b', body: '{"version":2}' });
    expect(seen?.query.get('q')).toBe('x y&z');
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer sekret-token',
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'driftwarden',
      'x-extra': '1',
    });
  });

  it.each([json(200, {}), json(201, {}), json(200, null, { 'content-type': 'text/plain' })])(
    'takes any 2xx with JSON, whatever it calls itself',
    async (behaviour) => {
      fake.next(behaviour);
      expect([{}, null]).toContainEqual(await client().request(READ));
    },
  );

  it.each([
    [400, 'rejected'],
    [401, 'unauthorized'],
    [402, 'rejected'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'rejected'],
    [408, 'timeout'],
    [409, 'conflict'],
    [422, 'rejected'],
    [425, 'unavailable'],
    [429, 'rate_limited'],
    [499, 'rejected'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [599, 'unavailable'],
  ] as const)('takes status %i as %s, with JSON, a page or nothing', async (status, reason) => {
    fake.next(
      json(status, { error_code: 'SOME_CODE', message: 'what it says' }),
      html(status),
      text(status, ''),
    );
    const error = await expectFailure(client().request(READ), reason);
    expect(error.message).toContain(`status ${status}: SOME_CODE "what it says"`);
    expect(error.code).toBe('SOME_CODE');
    const page = await expectFailure(client().request(READ), reason);
    expect(page.message).not.toContain('<');
    expect(page.code).toBeNull();
    await expectFailure(client().request(READ), reason);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with status %i', async (status) => {
    fake.next(text(status, '', { location: `${fake.url}/elsewhere` }));
    const error = await expectFailure(client().request(READ), 'bad_answer');
    expect(error.message).toContain('redirect');
    expect(fake.seen).toHaveLength(1);
  });

  it.each([
    ['a web page', html(200), 'a web page'],
    [
      'a page that calls itself JSON',
      text(200, '\n <html>', { 'content-type': 'application/json' }),
      'a web page',
    ],
    ['an empty body', text(200, ''), 'empty'],
    ['blanks', text(200, ' \n'), 'empty'],
    ['204', text(204, ''), 'empty'],
    ['half of a document', text(200, '{"a":'), 'not JSON'],
    ['two documents', text(200, '{}{}'), 'not JSON'],
    ['a body that breaks off', fakes.truncated(), 'broke off'],
    ['no UTF-8', rawBytes(Buffer.from([0x22, 0xff, 0x22])), 'UTF-8'],
  ])('takes %s with status 200 for no answer', async (_what, behaviour, words) => {
    fake.next(behaviour);
    const error = await expectFailure(client().request(READ), 'bad_answer');
    expect(error.message).toContain(words);
    expect(isRetryable(error.reason)).toBe(false);
  });

  it('reads up to the size limit and not a byte more', async () => {
    fake.next(fakes.huge(999), fakes.huge(1_000), fakes.huge(1_001));
    expect(await client().request(READ)).toHaveLength(997);
    expect(await client().request(READ)).toHaveLength(998);
    const error = await expectFailure(client().request(READ), 'bad_answer');
    expect(error.message).toContain('more than 1000 bytes');
  });

  it('counts what a compressed answer becomes, not what was sent', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    expect(bomb.length).toBeLessThan(100_000);
    fake.next(rawBytes(bomb, { 'content-encoding': 'gzip' }));
    await expectFailure(client({ maxBytes: 100_000 }).request(READ), 'bad_answer');
  });

  it.each([
    ['that never says anything', fakes.silent()],
    ['that never ends its answer', fakes.dripping()],
  ])('gives up at the deadline on a server %s', async (_what, behaviour) => {
    fake.next(behaviour);
    const error = await expectFailure(client({ timeoutMs: 30 }).request(READ), 'timeout');
    expect(error.message).toContain('within 30 ms');
  });

  it('leaves no timer behind, which would keep the program alive after its last call', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await client({ fetch: async () => new Response('{}') }).request(READ);
      await failureOf(client({ fetch: () => Promise.reject(new Error('x')) }).request(READ));
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('knows a refusal even if its text never ends or breaks off', async () => {
    const refusing = client({ timeoutMs: 5, fetch: fakes.endless(403) });
    await expectFailure(refusing.request(READ), 'forbidden');
    fake.next(fakes.truncated(503), text(401, 'x'.repeat(100_000)));
    await expectFailure(client().request(READ), 'unavailable');
    await expectFailure(client({ maxBytes: 1_000_000 }).request(READ), 'unauthorized');
  });

  it('puts letters together that arrive in pieces', async () => {
    const bytes = Buffer.from(JSON.stringify('größer 🙂'), 'utf8');
    fake.next((_seen, response) => {
      response.writeHead(200);
      // Each byte in a write of its own, so that letters of several bytes come apart.
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await client().request(READ)).toBe('größer 🙂');
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await client({ fetch: async () => new Response(pieces) }).request(READ)).toBe('größer 🙂');
  });

  it.each([
    ['nothing', new TypeError('fetch failed'), 'no reason given'],
    ['a code', new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), '(ENOTFOUND)'],
    ['a code of its own', Object.assign(new Error('x'), { code: 'EPIPE' }), '(EPIPE)'],
    ['a code that is none', new TypeError('x', { cause: { code: 'http://sekret/?a' } }), 'no reason given'],
    ['a number', new TypeError('x', { cause: { code: 7 } }), 'no reason given'],
    ['null for a cause', new TypeError('sekret', { cause: null }), 'no reason given'],
    ['a word for a cause', new TypeError('sekret', { cause: 'sekret' }), 'no reason given'],
  ])('tells of a failed connection that has %s', async (_what, thrown, words) => {
    const failing = client({ fetch: () => Promise.reject(thrown) });
    const error = await expectFailure(failing.request(READ), 'network');
    expect(error.message).toContain(words);
    expect(everythingIn(error)).not.toContain('http://sekret');
  });

  it('writes one line to the log for an answer, without credentials and query', async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    let now = 1_000;
    const clock = { now: () => (now += 250) };
    await client({ logger, clock }).request(READ);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ place: 'reading a thing', status: 200, ms: 250 });
    expect(lines[0]).not.toMatch(/sekret/);
  });

  it('names the cause when there is no connection', async () => {
    fake.next(fakes.reset());
    await expectFailure(client().request(READ), 'network');
    const refused = await expectFailure(
      client({ baseUrl: `http://127.0.0.1:${await closedPort()}` }).request(READ),
      'network',
    );
    expect(refused.message).toContain('ECONNREFUSED');
  });

  it.each([
    ['of a rate limit', 429, '7', 7_000],
    ['of an outage', 503, '0', 0],
    ['as a date', 429, 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['as a date gone by', 429, 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['as a fraction', 429, '1.5', null],
    ['in words', 429, 'soon', null],
    ['as a year', 429, '2030-01-01', null],
    ['below nothing', 429, '-1', null],
    ['not at all', 429, undefined, null],
  ] as const)('reads Retry-After %s', async (...row) => {
    const [, status, header, expected] = row;
    fake.next(json(status, {}, header === undefined ? {} : { 'retry-after': header }));
    expect((await failureOf(client().request(READ))).retryAfter).toBe(expected);
  });

  it.each([
    'Endpoint x is currently updating.',
    'Endpoint x is currently being updated',
    'An update is already in progress for endpoint x',
    'Endpoint is in the process of being updated',
  ])('takes a 400 that says "%s" as a conflict', async (message) => {
    fake.next(json(400, { error_code: 'INVALID_STATE', message }));
    await expectFailure(client().request(READ), 'conflict');
  });

  it('does not take every 400 about an update as a conflict', async () => {
    fake.next(
      json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Cannot update: workload_size is wrong' }),
    );
    await expectFailure(client().request(READ), 'rejected');
  });

  it('names system, call and remedy, and takes a remedy made for the call', async () => {
    fake.always(json(403, { message: 'no' }));
    const error = await expectFailure(client().request(READ), 'forbidden');
    expect(error.message).toContain('Warden test system, reading a thing');
    const own = await failureOf(
      client().request({ ...READ, remedy: (reason, said) => `${reason}: ${said}` }),
    );
    expect(own.remedy).toBe('forbidden: no');
  });

  it.each([
    ['a bearer token', 'Bearer sekret-token', 'sekret-token'],
    ['a password', basicHeader('user', 'pass wörd'), 'pass wörd'],
    ['a login', basicHeader('user', 'pass wörd'), basicHeader('user', 'pass wörd')],
    ['a form-encoded secret', basicHeader('user', encodeURIComponent('s/k+t')), 's/k+t'],
  ])('never repeats %s, nor the query', async (_what, authorization, secret) => {
    const echo = `you sent ${secret} to ${fake.url}/thing?name=sekret-query`;
    fake.next(json(403, { error_code: 'DENIED', message: echo }), text(500, echo), fakes.reset());
    for (let call = 0; call < 3; call += 1) {
      const error = await failureOf(client({ credentials: fixed(authorization) }).request(READ));
      const told = everythingIn(error);
      expect(told).not.toContain(secret);
      expect(told).not.toContain('sekret-query');
    }
  });

  it('quotes the other side on one short line', async () => {
    fake.next(json(400, { message: `line one\nline two\u2028\u0007${'🙂'.repeat(300)}` }));
    const { message } = await failureOf(client({ maxBytes: 10_000 }).request(READ));
    expect(message).toContain('line one line two');
    expect(message).not.toMatch(/[\p{Cc}\u2028]/u);
    expect(message.length).toBeLessThan(600);
    expect(message).toMatch(/🙂\.\.\."$/u);
  });

  it.each([199, 200, 201])('quotes up to 200 letters, and says when it cut: %i', async (length) => {
    fake.next(json(400, { message: 'x'.repeat(length) }));
    const { message } = await failureOf(client().request(READ));
    expect(message.includes('x...')).toBe(length > 200);
    expect(message).toContain('x'.repeat(Math.min(200, length)));
    expect(message).not.toContain('x'.repeat(201));
  });

  it.each([
    ['a code that is no code', { error_code: 'x y\nz', message: 'm' }, null, '"m"'],
    ['OAuth', { error: 'invalid_client', error_description: 'unknown' }, 'invalid_client', '"unknown"'],
    ['SCIM', { scimType: 'invalidFilter', detail: 'bad' }, 'invalidFilter', '"bad"'],
    ['a list', [1], null, 'status 400'],
    ['fields of other kinds', { error_code: 7, message: { a: 1 } }, null, 'status 400'],
  ])('reads the error shape of %s', async (...row) => {
    const [, body, code, words] = row;
    fake.next(json(400, body));
    const error = await failureOf(client().request(READ));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  describe('after a 401', () => {
    function renewing(can: boolean): Credentials & { readonly used: string[] } {
      const used: string[] = [];
      return {
        used,
        headers: async () => ({ authorization: `Bearer token-${used.length}` }),
        renew: async (headers) => {
          used.push(headers['authorization'] ?? '');
          return can;
        },
      };
    }

    it.each(['GET', 'PUT'] as const)('sends a %s once more with new credentials', async (method) => {
      fake.next(html(401), json(200, { ok: true }));
      const credentials = renewing(true);
      expect(await client({ credentials }).request({ ...READ, method })).toEqual({ ok: true });
      expect(credentials.used).toEqual(['Bearer token-0']);
      expect(fake.seen.map((seen) => seen.headers.authorization)).toEqual([
        'Bearer token-0',
        'Bearer token-1',
      ]);
    });

    it('does not send a third time', async () => {
      fake.always(html(401));
      await expectFailure(client({ credentials: renewing(true) }).request(READ), 'unauthorized');
      expect(fake.seen).toHaveLength(2);
    });

    it('sends once when there are no other credentials', async () => {
      fake.always(html(401));
      await expectFailure(client({ credentials: renewing(false) }).request(READ), 'unauthorized');
      await expectFailure(client({ credentials: null }).request(READ), 'unauthorized');
      expect(fake.seen).toHaveLength(2);
    });

    it('renews for nothing else', async () => {
      const credentials = renewing(true);
      fake.next(json(403, {}), json(500, {}), fakes.reset());
      for (let call = 0; call < 3; call += 1) await failureOf(client({ credentials }).request(READ));
      expect(credentials.used).toEqual([]);
    });
  });

  describe('where only the status counts', () => {
    const any: RemoteCall = { method: 'POST', path: '', answer: 'any', place: 'telling' };

    it.each([
      ['JSON', json(202, { key: 'T-1' }), { key: 'T-1' }],
      ['nothing', text(204, ''), null],
      ['a word', text(200, 'ok'), null],
      ['a page', html(200), null],
      ['a body that breaks off', fakes.truncated(), null],
      ['too much', fakes.huge(5_000), null],
    ])('takes 2xx with %s as done', async (_what, behaviour, expected) => {
      fake.next(behaviour);
      expect(await client().request(any)).toEqual(expected);
    });

    it('takes 2xx with a body that never ends as done', async () => {
      expect(await client({ timeoutMs: 5, fetch: fakes.endless(202) }).request(any)).toBeNull();
    });

    it('takes silence and redirects as not done', async () => {
      fake.next(fakes.silent(), fakes.redirect('/login'));
      await expectFailure(client({ timeoutMs: 30 }).request(any), 'timeout');
      await expectFailure(client().request(any), 'bad_answer');
    });
  });
});

function rawBytes(bytes: Buffer, headers: { readonly [name: string]: string } = {}): fakes.Behaviour {
  return (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(bytes);
  };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
