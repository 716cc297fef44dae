import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SCHEMAS } from '../../../src/web/api/schemas.ts';
import type { WebServer } from '../../../src/web/server.ts';
import { bearer, CLI_TOKEN, start, TOKENS, tokenOf, withHttp } from '../fake.ts';
import { BASELINES, EVALUATIONS, EXCEPTION, HASH, OLD_ROLLBACK, ROLLBACK } from '../sample.ts';

const CLI = bearer(CLI_TOKEN);
const WHO = { by: 'ann', reason: 'because' };

async function read(url: string, server?: WebServer): Promise<{ readonly [key: string]: unknown }> {
  const answer = await (server ?? (await start()).server).inject({ url });
  expect([url, answer.statusCode]).toEqual([url, 200]);
  return answer.json();
}

/** A request to each route that the sample can answer. */
const EXAMPLES: readonly (readonly [method: 'GET' | 'POST', path: string, url: string, body?: object])[] = [
  ['GET', '/api/v1/models', '/api/v1/models'],
  ['GET', '/api/v1/models/{model}', '/api/v1/models/credit_pd'],
  ['GET', '/api/v1/models/{model}', '/api/v1/models/deposits'],
  ['GET', '/api/v1/evaluations', '/api/v1/evaluations?model=credit_pd'],
  ['GET', '/api/v1/evaluations/{id}', '/api/v1/evaluations/ev-credit_pd-57'],
  ['GET', '/api/v1/evaluations/{id}', '/api/v1/evaluations/ev-deposits-59'],
  ['GET', '/api/v1/exceptions', '/api/v1/exceptions'],
  ['GET', '/api/v1/exceptions/{id}', '/api/v1/exceptions/ex-1'],
  ['GET', '/api/v1/rollbacks', '/api/v1/rollbacks'],
  ['GET', '/api/v1/rollbacks/{id}', '/api/v1/rollbacks/rb-0'],
  ['GET', '/api/v1/baselines', '/api/v1/baselines'],
  ['GET', '/api/v1/baselines/{id}', '/api/v1/baselines/bl-credit_pd'],
  ['GET', '/api/v1/audit', '/api/v1/audit'],
  ['GET', '/api/v1/openapi.json', '/api/v1/openapi.json'],
  ['POST', '/api/v1/models/{model}/evaluate', '/api/v1/models/credit_pd/evaluate', {}],
  ['POST', '/api/v1/models/{model}/baselines', '/api/v1/models/credit_pd/baselines', { by: 'ann' }],
  ['POST', '/api/v1/models/{model}/rollbacks', '/api/v1/models/credit_pd/rollbacks', WHO],
  ['POST', '/api/v1/models/{model}/release', '/api/v1/models/credit_pd/release', { ...WHO, version: '7' }],
  ['POST', '/api/v1/silences', '/api/v1/silences', { ...WHO, model: 'm', until: null }],
  ['POST', '/api/v1/kill-switch', '/api/v1/kill-switch', { ...WHO, on: true }],
  ['POST', '/api/v1/baselines/{id}/approve', '/api/v1/baselines/bl-1/approve', WHO],
  ['POST', '/api/v1/rollbacks/{id}/approve', '/api/v1/rollbacks/rb-1/approve', { by: 'ann' }],
  ['POST', '/api/v1/exceptions/{id}/ack', '/api/v1/exceptions/ex-1/ack', { by: 'ann' }],
  ['POST', '/api/v1/exceptions/{id}/resolve', '/api/v1/exceptions/ex-1/resolve', WHO],
  [
    'POST',
    '/api/v1/exceptions/{id}/accept-risk',
    '/api/v1/exceptions/ex-1/accept-risk',
    { ...WHO, until: '2027-01-31T00:00:00+01:00' },
  ],
];

describe('the description', () => {
  test('describes every route and nothing else', async () => {
    const { server } = await start();
    const description = await read('/api/v1/openapi.json', server);
    const described = Object.entries(description['paths'] as { [path: string]: object }).flatMap(
      ([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(server.routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(described).toContain('GET /metrics');
  });

  test('every route that it names is there', async () => {
    const { server } = await start();
    for (const { method, path } of server.routes) {
      const url = path.replaceAll(/\{\w+\}/g, 'no-such');
      const payload = method === 'POST' ? { payload: {} } : {};
      const answer = await server.inject({ method, url, headers: CLI, ...payload });
      expect(answer.body).not.toContain('There is nothing at');
    }
  });

  test('its references lead somewhere, its parameters are those of the path', async () => {
    const description = await read('/api/v1/openapi.json');
    const { schemas } = description['components'] as { schemas: object };
    for (const [, name] of JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(schemas)).toContain(name);
    }
    for (const [path, operations] of Object.entries(
      description['paths'] as {
        [path: string]: { [m: string]: { parameters: { name: string; in: string }[] } };
      },
    )) {
      for (const { parameters } of Object.values(operations)) {
        const inPath = parameters
          .filter((parameter) => parameter.in === 'path')
          .map(({ name }) => `{${name}}`);
        expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
      }
    }
  });

  test('every example covers a route, and every route of the API has one', async () => {
    const { server } = await start();
    const api = server.routes
      .filter(({ path }) => path.startsWith('/api/'))
      .map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(EXAMPLES.map(([method, path]) => `${method} ${path}`))].sort()).toEqual(api.sort());
  });

  test.each(EXAMPLES.map((example) => ({ example, name: `${example[0]} ${example[2]}` })))(
    '$name answers as described',
    async ({ example }) => {
      const [method, path, url, body] = example;
      const { server } = await start();
      const answer = await server.inject({
        method,
        url,
        headers: CLI,
        ...(body === undefined ? {} : { payload: body }),
      });
      expect(answer.statusCode).toBe(200);
      const kind = server.routes.find((route) => route.method === method && route.path === path)?.answer;
      if (kind?.kind !== 'json') return expect(kind?.kind).toBe('description');
      const one = SCHEMAS[kind.schema];
      const inner = kind.list ? z.array(one) : one;
      const schema = kind.key === null ? inner : z.object({ [kind.key]: inner });
      expect(schema.safeParse(answer.json()).error?.issues).toBeUndefined();
      return undefined;
    },
  );
});

describe('reading', () => {
  test('an evaluation is the stored record and nothing more, so that its hash can be recomputed', async () => {
    const { server } = await start();
    const answer = await server.inject({ url: '/api/v1/evaluations/ev-credit_pd-57' });
    const stored = EVALUATIONS.find(({ record }) => record.evaluation === 'ev-credit_pd-57');
    expect(answer.json()).toEqual(stored?.record);
    expect(answer.headers['etag']).toBe(`"${HASH}"`);
  });

  test('lists carry the fields of the contract', async () => {
    const { exceptions } = (await read('/api/v1/exceptions')) as { exceptions: object[] };
    expect(exceptions[0]).toMatchObject({
      id: 'ex-1',
      model: 'credit_pd',
      cause: 'drift',
      severity: 'critical',
      state: 'acknowledged',
      owner: 'retail-credit',
      openedAt: EXCEPTION.openedAt,
      dueAt: EXCEPTION.dueAt,
      ticket: EXCEPTION.ticket,
    });
    const { rollbacks } = (await read('/api/v1/rollbacks')) as { rollbacks: object[] };
    const { id, model, endpoint, from, to, trigger, cause, state, planHash, gates, history } = ROLLBACK;
    expect(rollbacks[0]).toEqual({
      id,
      model,
      endpoint,
      from,
      to,
      trigger,
      cause,
      state,
      planHash,
      gates,
      history,
    });
  });

  test('one rollback tells its plan and who approved it', async () => {
    const { rollback } = (await read('/api/v1/rollbacks/rb-0')) as { rollback: object };
    expect(rollback).toMatchObject({ plan: OLD_ROLLBACK.plan, approval: OLD_ROLLBACK.approval, wrote: true });
    expect(rollback).not.toHaveProperty('rev');
  });

  test('models come worst first and say whether they are simulated', async () => {
    const answer = (await read('/api/v1/models')) as {
      models: { model: string; verdict: string }[];
      simulated: boolean;
    };
    expect(answer.models.map(({ model, verdict }) => [model, verdict])).toEqual([
      ['credit_pd', 'breach'],
      ['deposits', 'stale'],
      ['card_fraud', 'ok'],
    ]);
    expect(answer.simulated).toBe(false);
  });

  test.each([
    ['limit=3', ['ev-credit_pd-59', 'ev-credit_pd-58', 'ev-credit_pd-57']],
    ['limit=2&before=2026-11-22T00:00:00Z', ['ev-credit_pd-56', 'ev-credit_pd-55']],
  ])('evaluations can be paged: %s', async (query, ids) => {
    const { evaluations } = (await read(`/api/v1/evaluations?model=credit_pd&${query}`)) as {
      evaluations: { evaluation: string }[];
    };
    expect(evaluations.map(({ evaluation }) => evaluation)).toEqual(ids);
  });

  test.each([
    ['', 'model'],
    ['?model=credit_pd&limit=0', 'limit'],
    ['?model=credit_pd&limit=501', 'limit'],
    ['?model=credit_pd&limit=ten', 'limit'],
    ['?model=credit_pd&before=yesterday', 'before'],
    ['?model=credit_pd&mode=x', 'mode'],
    ['?model=a&model=b', 'model'],
  ])('a wrong query names its key: %j', async (query, field) => {
    const { server } = await start();
    const answer = await server.inject({ url: `/api/v1/evaluations${query}` });
    expect([answer.statusCode, answer.json().field]).toEqual([400, field]);
  });

  test.each([
    ['/api/v1/rollbacks?active=true', 'rollbacks', ['rb-1']],
    ['/api/v1/rollbacks?model=card_fraud', 'rollbacks', []],
    ['/api/v1/baselines?model=credit_pd', 'baselines', ['bl-credit_pd']],
    ['/api/v1/exceptions?model=deposits', 'exceptions', []],
  ])('%s', async (url, key, ids) => {
    const answer = (await read(url)) as { [key: string]: { id: string }[] };
    expect(answer[key]?.map(({ id }) => id)).toEqual(ids);
  });

  test('the audit chain is read in pieces', async () => {
    const first = (await read('/api/v1/audit?limit=2')) as {
      records: { seq: number }[];
      next: number | null;
    };
    expect([first.records.map(({ seq }) => seq), first.next]).toEqual([[1, 2], 3]);
    const last = (await read('/api/v1/audit?from=3')) as { records: { seq: number }[]; next: number | null };
    expect([last.records.map(({ seq }) => seq), last.next]).toEqual([[3], null]);
    expect(await read('/api/v1/audit?from=4')).toEqual({ records: [], next: null });
  });

  test('one baseline has its bins and counts', async () => {
    const { baseline } = (await read('/api/v1/baselines/bl-credit_pd')) as { baseline: { content: object } };
    expect(baseline.content).toEqual(BASELINES.find(({ id }) => id === 'bl-credit_pd')?.content);
  });
});

describe('acting', () => {
  const claim = { by: 'ann', identity: 'claimed', reason: 'because' };
  const without = { ...claim, reason: null };

  test.each([
    ['models/m/evaluate', {}, { what: 'evaluate', subject: 'm', claim: null, more: null }],
    [
      'models/m/evaluate',
      { windowEnd: '2026-11-24T00:00:00Z' },
      { what: 'evaluate', subject: 'm', claim: null, more: Date.parse('2026-11-24T00:00:00Z') },
    ],
    [
      'models/m/baselines',
      { by: 'ann' },
      { what: 'freezeBaseline', subject: 'm', claim: without, more: null },
    ],
    ['models/m/rollbacks', WHO, { what: 'applyRollback', subject: 'm', claim, more: null }],
    ['models/a%2Fb/rollbacks', WHO, { what: 'applyRollback', subject: 'a/b', claim, more: null }],
    ['models/m/release', { ...WHO, version: '7' }, { what: 'release', subject: 'm', claim, more: '7' }],
    [
      'silences',
      { ...WHO, model: 'm', until: '2027-01-31T00:00:00Z' },
      { what: 'silence', subject: 'm', claim, more: Date.parse('2027-01-31T00:00:00Z') },
    ],
    ['silences', { ...WHO, model: 'm', until: null }, { what: 'silence', subject: 'm', claim, more: null }],
    [
      'kill-switch',
      { ...WHO, on: false },
      { what: 'setKillSwitch', subject: 'kill_switch', claim, more: false },
    ],
    ['baselines/b/approve', WHO, { what: 'approveBaseline', subject: 'b', claim, more: null }],
    [
      'rollbacks/r/approve',
      { by: 'ann' },
      { what: 'approveRollback', subject: 'r', claim: without, more: null },
    ],
    ['exceptions/e/ack', WHO, { what: 'acknowledge', subject: 'e', claim, more: null }],
    ['exceptions/e/resolve', WHO, { what: 'resolve', subject: 'e', claim, more: null }],
    [
      'exceptions/e/accept-risk',
      { ...WHO, until: '2027-01-31T00:00:00+01:00' },
      { what: 'acceptRisk', subject: 'e', claim, more: Date.parse('2027-01-30T23:00:00Z') },
    ],
  ])('%s with %j', async (path, payload, expected) => {
    const { server, asked } = await start();
    const answer = await server.inject({ method: 'POST', url: `/api/v1/${path}`, headers: CLI, payload });
    expect(answer.statusCode).toBe(200);
    expect(asked).toEqual([expected]);
  });

  test.each([
    ['models/m/rollbacks', { by: 'ann' }, 'reason'],
    ['models/m/release', WHO, 'version'],
    ['silences', { ...WHO, model: 'm' }, 'until'],
    ['silences', { ...WHO, until: null }, 'model'],
    ['silences', { by: 'ann', model: 'm', until: null }, 'reason'],
    ['kill-switch', WHO, 'on'],
    ['kill-switch', { ...WHO, on: 'yes' }, 'on'],
    ['baselines/b/approve', { by: 'ann' }, 'reason'],
    ['exceptions/e/resolve', { by: 'ann' }, 'reason'],
    ['exceptions/e/accept-risk', WHO, 'until'],
    ['exceptions/e/accept-risk', { ...WHO, until: '2027-01-31' }, 'until'],
    ['models/m/evaluate', { windowEnd: 'now' }, 'windowEnd'],
    ['models/m/evaluate', { by: 'ann' }, 'by'],
  ])('%s with %j lacks %s', async (path, payload, field) => {
    const { server, asked } = await start();
    const answer = await server.inject({ method: 'POST', url: `/api/v1/${path}`, headers: CLI, payload });
    expect([answer.statusCode, answer.json().field]).toEqual([400, field]);
    expect(asked).toEqual([]);
  });

  test('a named token is verified under its own name', async () => {
    const { server, asked } = await start(withHttp({ auth: TOKENS }));
    const headers = bearer(tokenOf('approver'));
    const answer = await server.inject({
      method: 'POST',
      url: '/api/v1/rollbacks/r/approve',
      headers,
      payload: {},
    });
    expect(answer.statusCode).toBe(200);
    expect(asked[0]?.claim).toEqual({ by: 'approver of the tests', identity: 'verified', reason: null });
  });

  test('a named token cannot speak for somebody else, but may say its own name', async () => {
    const { server, asked } = await start(withHttp({ auth: TOKENS }));
    const post = (by: string) =>
      server.inject({
        method: 'POST',
        url: '/api/v1/rollbacks/r/approve',
        headers: bearer(tokenOf('approver')),
        payload: { by },
      });
    expect((await post('head of risk')).json().field).toBe('by');
    expect(asked).toEqual([]);
    expect((await post('approver of the tests')).statusCode).toBe(200);
  });

  test('what does not exist is 404 as a problem', async () => {
    const { server } = await start();
    const answer = await server.inject({
      method: 'POST',
      url: '/api/v1/models/no-such/evaluate',
      headers: CLI,
      payload: {},
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      { error: 'There is no such thing.', gate: null, field: null },
    ]);
  });
});
