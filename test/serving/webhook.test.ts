import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookServing } from '../../src/serving/webhook/serving.ts';
import { describeServing } from '../contracts/serving.ts';
import { expectFailure } from '../support/fails.ts';
import { type HttpFake, html, json, reset, startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

const MODEL = 'main.risk.credit_pd';

function servingOn(url: string, secret: string | null = null) {
  const deps = testDeps(secret === null ? {} : { HOOK: secret });
  const config = { kind: 'webhook', url, secret: secret === null ? null : { env: 'HOOK' } } as const;
  return createWebhookServing({ config, registeredModels: { 'credit-pd': MODEL } }, deps);
}

interface Deployed {
  readonly versions: readonly { readonly version: string; readonly share: number; readonly warm: boolean }[];
  readonly revision: number;
  readonly updating: boolean;
}

/** A deployer that keeps the promises of the page: one revision more for each change, 409 while it is busy. */
function deployer() {
  const live = new Map<string, Deployed>();
  const change = (name: string, fields: Partial<Deployed>): void => {
    const before = live.get(name);
    if (before === undefined) throw new Error(`no endpoint ${name}`);
    live.set(name, { ...before, ...fields });
  };
  return {
    live,
    change,
    answer: (): Parameters<typeof startHttpFake>[0] => (seen, response) => {
      const name = seen.query.get('endpoint') ?? '';
      const found = live.get(name);
      if (found === undefined) return json(404, { error: `no endpoint ${name}` })(seen, response);
      if (seen.method === 'GET') return json(200, found)(seen, response);
      const plan = JSON.parse(seen.body) as Deployed;
      if (found.updating || plan.revision !== found.revision) return json(409, {})(seen, response);
      const warm = new Map(found.versions.map((each) => [each.version, each.warm]));
      const versions = plan.versions.map((each) => ({ ...each, warm: warm.get(each.version) ?? false }));
      change(name, { versions, revision: found.revision + 1 });
      return json(200, live.get(name))(seen, response);
    },
  };
}

// Versions are the entities here, so they go by the names that the contract seeds.
describeServing('a deployer behind a webhook', async () => {
  const deployed = deployer();
  const fake = await startHttpFake(deployed.answer());
  const names = new Map<string, string>();
  const inner = servingOn(fake.url);
  return {
    serving: {
      ...inner,
      endpoint: async (name) => {
        const found = await inner.endpoint(name);
        const entities = found.entities.map((entity) => ({
          ...entity,
          version: names.get(entity.name) ?? '',
        }));
        return { ...found, entities };
      },
      shift: async (endpoint, routes, { adds } = {}) => {
        await inner.shift(
          { ...endpoint, entities: endpoint.entities.map((entity) => ({ ...entity, version: entity.name })) },
          routes,
          adds === undefined ? {} : { adds: { ...adds, version: adds.name } },
        );
        if (adds !== undefined) names.set(adds.name, adds.version);
      },
    },
    createEndpoint: async (entities) => {
      const name = `credit-pd-${deployed.live.size}`;
      for (const { name: entity, version } of entities) names.set(entity, version);
      deployed.live.set(name, {
        versions: entities.map(({ name: version, percentage, asleep }) => ({
          version,
          share: percentage / 100,
          warm: asleep !== true,
        })),
        revision: 1,
        updating: false,
      });
      return name;
    },
    startUpdate: async (name) => deployed.change(name, { updating: true }),
    settle: async (name) => deployed.change(name, { updating: false }),
    close: () => fake.close(),
  };
});

describe('a deployer behind a webhook', () => {
  let fake: HttpFake;
  beforeEach(async () => {
    fake = await startHttpFake();
  });
  afterEach(() => fake.close());

  const LIVE = {
    versions: [
      { version: '7', share: 1 },
      { version: 6, share: 0 },
    ],
    revision: 3,
  };

  it('tells versions as entities of the registered model', async () => {
    fake.next(json(200, LIVE));
    expect(await servingOn(`${fake.url}/deploy?team=risk`).endpoint('credit-pd')).toMatchObject({
      name: 'credit-pd',
      ready: true,
      update: 'none',
      configVersion: 3,
      creator: null,
      entities: [
        { name: '7', model: MODEL, version: '7', ready: true, warm: true },
        { name: '6', model: MODEL, version: '6', ready: true, warm: true },
      ],
      routes: { 7: 100, 6: 0 },
    });
    expect(fake.seen[0]).toMatchObject({ method: 'GET', path: '/deploy' });
    expect(Object.fromEntries(fake.seen[0]?.query ?? [])).toEqual({ team: 'risk', endpoint: 'credit-pd' });
  });

  it('sends the whole plan on the revision that was read, signed, with a key', async () => {
    const serving = servingOn(fake.url, 'shared');
    fake.next(json(200, LIVE), json(200, LIVE), json(200, LIVE), json(200, LIVE));
    const endpoint = await serving.endpoint('credit-pd');
    await serving.shift(endpoint, { 7: 0, 6: 100 });
    await serving.shift(endpoint, { 6: 100 }, { removes: ['7'] });
    await serving.shift(endpoint, { 5: 100 }, { adds: { name: '5', version: '5', like: '7' } });
    const [get, post, leaving, deployed] = fake.seen;
    const plan =
      '{"endpoint":"credit-pd","revision":3,"versions":[{"version":"7","share":0},{"version":"6","share":1}]}';
    expect(post).toMatchObject({ method: 'POST', body: plan });
    expect(JSON.parse(leaving?.body ?? '')).toMatchObject({ versions: [{ version: '6', share: 1 }] });
    expect(JSON.parse(deployed?.body ?? '').versions).toEqual([
      { version: '7', share: 0 },
      { version: '6', share: 0 },
      { version: '5', share: 1 },
    ]);
    for (const seen of [get, post]) {
      const stamp = String(seen?.headers['x-driftwarden-timestamp']);
      const mac = createHmac('sha256', 'shared').update(`${stamp}.${seen?.body}`).digest('hex');
      expect(seen?.headers['x-driftwarden-signature']).toBe(`sha256=${mac}`);
    }
    expect(post?.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
    expect(leaving?.headers['idempotency-key']).not.toBe(post?.headers['idempotency-key']);
  });

  it.each([
    ['7f3a', null, '7f3a'],
    [null, null, null],
    [undefined, null, null],
    [0, 0, 0],
  ])('takes revision %j for configuration version %j', async (revision, configVersion, sent) => {
    const serving = servingOn(fake.url);
    fake.next(json(200, { ...LIVE, revision }), json(200, LIVE));
    const endpoint = await serving.endpoint('credit-pd');
    expect(endpoint.configVersion).toBe(configVersion);
    await serving.shift(endpoint, { 6: 100 });
    expect(JSON.parse(fake.seen[1]?.body ?? '')).toMatchObject({ revision: sent });
    expect('idempotency-key' in (fake.seen[1]?.headers ?? {})).toBe(sent !== null);
  });

  it.each([
    ['shares of 0.999', { versions: [{ version: '7', share: 0.999 }] }],
    [
      'shares of 1.001',
      {
        versions: [
          { version: '7', share: 1 },
          { version: '6', share: 0.001 },
        ],
      },
    ],
    ['a share in percent', { versions: [{ version: '7', share: 100 }] }],
    [
      'a version twice',
      {
        versions: [
          { version: '7', share: 0.5 },
          { version: 7, share: 0.5 },
        ],
      },
    ],
    ['no versions', {}],
    ['a list', [LIVE]],
  ])('does not believe %s', async (_what, body) => {
    fake.next(json(200, body));
    await expectFailure(servingOn(fake.url).endpoint('credit-pd'), 'bad_answer');
  });

  it('believes shares as they are written in binary, nothing live, and a version that is not ready', async () => {
    const serving = servingOn(fake.url);
    const thirds = [0.07, 0.93].map((share, at) => ({ version: String(at), share, ready: at === 0 }));
    fake.next(json(200, { versions: thirds }), json(200, { versions: [] }));
    const found = await serving.endpoint('credit-pd');
    expect(found.routes).toEqual({ 0: 7, 1: 93 });
    expect(found.entities.map(({ ready, warm }) => [ready, warm])).toEqual([
      [true, true],
      [false, false],
    ]);
    expect((await serving.endpoint('credit-pd')).entities).toEqual([]);
  });

  it('leaves open what became of a plan that got a page, a strange answer or none', async () => {
    const serving = servingOn(fake.url);
    fake.next(json(200, LIVE), html(200), json(200, {}), reset());
    const endpoint = await serving.endpoint('credit-pd');
    await expectFailure(serving.shift(endpoint, { 6: 100 }), 'bad_answer');
    await expectFailure(serving.shift(endpoint, { 6: 100 }), 'bad_answer');
    await expectFailure(serving.shift(endpoint, { 6: 100 }), 'network');
    expect(fake.seen).toHaveLength(4);
  });

  it('needs its secret, and takes no smoke requests', async () => {
    const config = { kind: 'webhook', url: fake.url, secret: { env: 'GONE' } } as const;
    const serving = createWebhookServing({ config, registeredModels: {} }, testDeps());
    await expectFailure(serving.endpoint('credit-pd'), 'unauthorized');
    expect(serving.smoke).toBeUndefined();
    expect(fake.seen).toEqual([]);
  });
});
