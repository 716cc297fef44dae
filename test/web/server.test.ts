import { createServer as listenOn } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { Refused } from '../../src/operations.ts';
import { StaleWrite, StoreError } from '../../src/store/store.ts';
import { WarehouseError } from '../../src/warehouse/warehouse.ts';
import { bearer, CLI_TOKEN, fakeOperations, sampleStore, start, TOKENS, tokenOf, withHttp } from './fake.ts';
import { find, parseMarkup, textOf } from './markup.ts';

const ACK = { method: 'POST', url: '/api/v1/exceptions/ex-1/ack' } as const;
const CLI = bearer(CLI_TOKEN);

describe('what machines ask for', () => {
  test('metrics come as the source renders them, for the Accept header of the scrape', async () => {
    const { server } = await start();
    const answer = await server.inject({ url: '/metrics', headers: { accept: 'text/plain;version=0.0.4' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4');
    expect(answer.body).toBe('up 1\n# text/plain;version=0.0.4\n');
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('metrics are gzipped for who takes it, and say what they depend on', async () => {
    const { server } = await start();
    const answer = await server.inject({ url: '/metrics', headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.headers['vary']).toBe('accept, accept-encoding');
    expect(gunzipSync(answer.rawPayload).toString()).toBe('up 1\n# \n');
  });

  test('metrics and health do not touch the store', async () => {
    const store = new Proxy(sampleStore(), {
      get: () => () => {
        throw new Error('touched');
      },
    });
    const { server } = await start({ store });
    for (const url of ['/metrics', '/-/healthy', '/-/ready']) {
      expect((await server.inject({ url })).statusCode).toBe(200);
    }
  });

  test.each([
    [true, true, 200, 'healthy: all\n', 200, 'ready: all\n'],
    [true, false, 200, 'healthy: all\n', 503, 'not ready: all\n'],
    [false, false, 503, 'not healthy: all\n', 503, 'not ready: all\n'],
  ])('healthy %s, ready %s', async (...row) => {
    const [healthy, ready, healthStatus, healthLine, readyStatus, readyLine] = row;
    const { server } = await start({ health: () => ({ healthy, ready, why: ' all\n' }) });
    const health = await server.inject({ url: '/-/healthy' });
    const readiness = await server.inject({ url: '/-/ready' });
    expect([health.statusCode, health.body]).toEqual([healthStatus, healthLine]);
    expect([readiness.statusCode, readiness.body]).toEqual([readyStatus, readyLine]);
  });

  test('HEAD answers like GET without a body', async () => {
    const { server } = await start();
    const answer = await server.inject({ method: 'HEAD', url: '/-/healthy' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

describe('reload', () => {
  test('needs a token, and no body', async () => {
    const claims: unknown[] = [];
    const { server } = await start({
      reload: async (claim) => {
        claims.push(claim);
        return { loaded: true, hash: 'beef' };
      },
    });
    const without = await server.inject({ method: 'POST', url: '/-/reload' });
    expect(without.statusCode).toBe(401);
    const { authorization } = CLI;
    const answer = await server.inject({ method: 'POST', url: '/-/reload', headers: { authorization } });
    expect([answer.statusCode, answer.body]).toEqual([200, 'configuration beef is in use\n']);
    expect(claims).toEqual([{ by: 'command line', identity: 'claimed', reason: null }]);
  });

  test('a bad configuration is refused with every problem', async () => {
    const problems = ['driftwarden.yaml:3: models.x: unknown key', 'driftwarden.yaml:9: warehouse: missing'];
    const { server } = await start({ reload: async () => ({ loaded: false, problems }) });
    const answer = await server.inject({
      method: 'POST',
      url: '/-/reload',
      headers: CLI,
      payload: { by: 'ann' },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.body.split('\n')).toEqual([
      'the configuration is refused, the old one stays',
      ...problems,
      '',
    ]);
  });
});

describe('who is let in', () => {
  test.each(['attacker.example', 'localhost.attacker.example:9469', '10.0.0.9'])(
    'Host %s is answered 421 everywhere',
    async (host) => {
      const { server, asked } = await start();
      for (const url of ['/', '/metrics', '/-/healthy', '/api/v1/models', '/nothing']) {
        expect((await server.inject({ url, headers: { host } })).statusCode).toBe(421);
      }
      const write = await server.inject({ ...ACK, headers: { ...CLI, host }, payload: { by: 'ann' } });
      expect(write.statusCode).toBe(421);
      expect(asked).toEqual([]);
    },
  );

  test('a reader with a token may use any name: a service behind its own DNS name is scraped', async () => {
    const { server } = await start(withHttp({ auth: TOKENS }));
    const headers = { ...bearer(tokenOf('viewer')), host: 'driftwarden:9469' };
    expect((await server.inject({ url: '/metrics', headers })).statusCode).toBe(200);
  });

  test.each([{ origin: 'https://attacker.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])(
    'a page of another site cannot act, even with a token: %j',
    async (foreign) => {
      const { server, asked } = await start();
      const answer = await server.inject({ ...ACK, headers: { ...CLI, ...foreign }, payload: { by: 'ann' } });
      expect(answer.statusCode).toBe(403);
      expect(asked).toEqual([]);
    },
  );

  test('without http.auth, reading is open and every POST is not', async () => {
    const { server, asked } = await start();
    for (const route of server.routes) {
      const url = route.path.replaceAll(/\{\w+\}/g, 'no-such');
      const headers = { 'content-type': 'application/json' };
      const { statusCode } = await server.inject({ method: route.method, url, headers });
      if (route.method === 'POST') expect([url, statusCode]).toEqual([url, 401]);
      else expect([200, 400, 404]).toContain(statusCode);
    }
    expect(asked).toEqual([]);
  });

  test('with http.auth, everything but health and the loopback scrape needs a token', async () => {
    const { server } = await start(withHttp({ auth: TOKENS }));
    const open: string[] = [];
    for (const { method, path } of server.routes) {
      const url = path.replaceAll(/\{\w+\}/g, 'no-such');
      const answer = await server.inject({ method, url, headers: { 'content-type': 'application/json' } });
      if (answer.statusCode !== 401) open.push(url);
      else expect(answer.headers['www-authenticate']).toBe('Bearer realm="driftwarden"');
    }
    expect(open).toEqual(['/metrics', '/-/healthy', '/-/ready']);
  });

  test('on another address the scrape needs a token too', async () => {
    const { server } = await start(withHttp({ host: '10.0.0.7', auth: TOKENS }));
    const host = '10.0.0.7:9469';
    expect((await server.inject({ url: '/metrics', headers: { host } })).statusCode).toBe(401);
    expect((await server.inject({ url: '/-/healthy', headers: { host } })).statusCode).toBe(200);
    const headers = { host, ...bearer(tokenOf('viewer')) };
    expect((await server.inject({ url: '/metrics', headers })).statusCode).toBe(200);
  });

  test('a page without a token says so to a person', async () => {
    const { server } = await start(withHttp({ auth: TOKENS }));
    const answer = await server.inject({ url: '/' });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(parseMarkup(answer.body))).toContain('A token is needed');
  });

  test('a role that may not is told which may', async () => {
    const { server, asked } = await start(withHttp({ auth: TOKENS }));
    const url = '/api/v1/rollbacks/rb-1/approve';
    const answer = await server.inject({
      method: 'POST',
      url,
      headers: bearer(tokenOf('operator')),
      payload: {},
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().error).toContain('the role approver is needed');
    expect(asked).toEqual([]);
  });
});

describe('bodies', () => {
  const post = async (payload: string, type = 'application/json') => {
    const { server, asked } = await start();
    const headers = { authorization: CLI.authorization, 'content-type': type };
    const { statusCode, body } = await server.inject({ ...ACK, headers, payload });
    return { statusCode, problem: JSON.parse(body) as { field?: string | null; error?: string }, asked };
  };

  test.each([
    ['{"by":"ann"}', 'application/json', 200],
    ['{"by":"ann"}', 'application/json; charset=utf-8', 200],
    ['{"by":"ann"}', 'text/plain', 415],
    ['by=ann', 'application/x-www-form-urlencoded', 415],
    ['{"by":"ann"}', 'application/jsonx', 415],
    ['{"by":', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['null', 'application/json', 400],
    ['"x"', 'application/json', 400],
    ['', 'application/json', 400],
    ['{"by":"ann","__proto__":{"identity":"verified"}}', 'application/json', 400],
    ['{"by":"ann","constructor":{"prototype":{"x":1}}}', 'application/json', 400],
  ])('%s as %s: %d', async (payload, type, status) => {
    const { statusCode, asked } = await post(payload, type);
    expect(statusCode).toBe(status);
    expect(asked).toHaveLength(status === 200 ? 1 : 0);
  });

  test.each([
    [65_535, 400],
    [65_536, 400],
    [65_537, 413],
  ])('%d bytes: %d', async (size, status) => {
    const payload = JSON.stringify({ by: 'ann', reason: 'x'.repeat(size - 24) });
    expect((await post(payload)).statusCode).toBe(status);
  });

  test.each([
    ['{"by":"ann","reasons":"typo"}', 'reasons'],
    ['{"by":7}', 'by'],
    ['{"by":"  "}', 'by'],
    ['{"by":"a\\u202eb"}', 'by'],
    ['{"by":"a\\nb"}', 'by'],
    ['{}', 'by'],
    ['{"by":"ann","reason":""}', 'reason'],
  ])('%s names the key', async (payload, field) => {
    const { statusCode, problem } = await post(payload);
    expect([statusCode, problem.field]).toEqual([400, field]);
  });

  test.each([
    [200, 200],
    [201, 400],
  ])('a name of %d characters: %d', async (length, status) => {
    expect((await post(JSON.stringify({ by: 'x'.repeat(length) }))).statusCode).toBe(status);
  });
});

describe('answers', () => {
  test('carry the headers that keep a browser from mischief', async () => {
    const { server } = await start();
    for (const url of ['/', '/api/v1/models', '/metrics', '/nothing']) {
      expect((await server.inject({ url })).headers).toMatchObject({
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    }
  });

  test('a page allows its own style sheet by a nonce of its own and nothing else', async () => {
    const { server } = await start();
    const [first, second] = [await server.inject({ url: '/' }), await server.inject({ url: '/' })];
    const policy = String(first.headers['content-security-policy']);
    const nonce = /style-src 'nonce-([\w+/=]+)'/.exec(policy)?.[1];
    expect(find(parseMarkup(first.body), 'style')[0]?.attributes['nonce']).toBe(nonce);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(second.headers['content-security-policy']).not.toBe(policy);
  });

  test.each([
    ['/nothing', 'text/html; charset=utf-8'],
    ['/models/nobody', 'text/html; charset=utf-8'],
    ['/models/__proto__', 'text/html; charset=utf-8'],
    ['/evaluations/nothing', 'text/html; charset=utf-8'],
    ['/api/v1/nothing', 'application/json; charset=utf-8'],
    ['/api/v1/models/nobody', 'application/json; charset=utf-8'],
    ['/api/v1/models/constructor', 'application/json; charset=utf-8'],
    ['/api/v1/rollbacks/nothing', 'application/json; charset=utf-8'],
    ['/audit-readiness', 'text/html; charset=utf-8'],
  ])('%s is not there, in the form its reader expects', async (url, type) => {
    const { server } = await start();
    const answer = await server.inject({ url });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, type]);
  });

  test('a broken address is a bad request', async () => {
    const { server } = await start();
    expect((await server.inject({ url: '/models/%E0%A4%A' })).statusCode).toBe(400);
  });

  test.each([
    [
      new Refused('The kill switch is on.', 'kill_switch'),
      409,
      { error: 'The kill switch is on.', gate: 'kill_switch', field: null },
    ],
    [new Refused('Already resolved.'), 409, { error: 'Already resolved.', gate: null, field: null }],
    [
      new StaleWrite('rev 3'),
      409,
      {
        error: 'Somebody else changed it at the same moment. Look at it again, then repeat.',
        gate: null,
        field: null,
      },
    ],
    [
      new StoreError('full', 'The disk is full.', 'Make room.'),
      503,
      { error: 'The disk is full. Make room.', gate: null, field: null },
    ],
    [
      new WarehouseError({ reason: 'timeout', message: 'No answer.', remedy: 'Try later.' }),
      502,
      { error: 'No answer. Try later.', gate: null, field: null },
    ],
  ])('%s is answered %d', async (error, status, body) => {
    const operations = fakeOperations([], {
      acknowledge: async () => {
        throw error;
      },
    });
    const { server } = await start({ operations });
    const answer = await server.inject({ ...ACK, headers: CLI, payload: { by: 'ann' } });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual(body);
  });

  test('a bug is logged with its stack, tells the asker nothing, and shows no header', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    const store = sampleStore({
      exception: async () => {
        throw new TypeError('secret detail');
      },
    });
    const { server } = await start({ store, log });
    const answer = await server.inject({ url: '/api/v1/exceptions/x?token=in-the-url', headers: CLI });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret detail');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ method: 'GET', route: '/api/v1/exceptions/:id' });
    expect(lines[0]).toContain('TypeError: secret detail');
    expect(lines[0]).not.toMatch(/in-the-url|cli-token/);
  });

  test('a store that does not answer is said on the page, and the simulation stays labelled', async () => {
    let broken = false;
    const failing = async (): Promise<never> => {
      throw new StoreError('unavailable', 'The store does not answer.', 'Look at its disk.');
    };
    const store = sampleStore({
      fact: async () => (broken ? failing() : '1'),
      statuses: async () => (broken ? failing() : []),
    });
    const { server } = await start({ store });
    expect((await server.inject({ url: '/' })).body).toContain('Simulated.');
    broken = true;
    const answer = await server.inject({ url: '/' });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('The store does not answer. Look at its disk.');
    expect(answer.body).toContain('Simulated.');
  });
});

describe('listening', () => {
  test('a port in use is said with the key and the way out', async () => {
    const other = listenOn();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { server } = await start(withHttp({ port }));
    await expect(server.listen()).rejects.toMatchObject({
      name: 'StartError',
      reason: 'in_use',
      message: `http.listen in /etc/driftwarden/driftwarden.yaml: 127.0.0.1:${port} is in use by another program. Stop that one, or choose another port.`,
    });
    await server.close();
    await new Promise((resolve) => {
      other.close(resolve);
    });
  });

  test('an address that is not of this machine is said so', async () => {
    const { server } = await start(withHttp({ host: '192.0.2.1', auth: TOKENS }));
    await expect(server.listen()).rejects.toMatchObject({ name: 'StartError', reason: 'address' });
    await server.close();
  });

  test('an address that others can reach is refused without tokens', async () => {
    await expect(start(withHttp({ host: '0.0.0.0' }))).rejects.toMatchObject({ reason: 'unprotected' });
  });

  test('answers over a socket, and is gone after close', async () => {
    const { server } = await start();
    const { url } = await server.listen();
    const answer = await fetch(`${url}/-/healthy`);
    expect([answer.status, await answer.text()]).toEqual([200, 'healthy: the store answers\n']);
    await server.close();
    await expect(fetch(`${url}/-/healthy`)).rejects.toThrow('fetch failed');
  });
});
