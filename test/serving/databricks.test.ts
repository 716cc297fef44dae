import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspaceClients } from '../../src/remote/workspace.ts';
import {
  createDatabricksServing,
  type DatabricksServingOptions,
} from '../../src/serving/databricks/serving.ts';
import { describeServing } from '../contracts/serving.ts';
import { expectFailure, failureOf } from '../support/fails.ts';
import { FakeEndpoints } from '../support/fake-endpoints.ts';
import { type HttpFake, html, json, reset, startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

function servingOn(url: string, changes: Partial<DatabricksServingOptions> = {}) {
  const clients = createWorkspaceClients(
    {
      url,
      reader: { kind: 'token', token: { env: 'READER' } },
      actor: { kind: 'token', token: { env: 'ACTOR' } },
    },
    testDeps({ READER: 'reader-token', ACTOR: 'actor-token' }),
  );
  return createDatabricksServing({ ...clients, ...changes });
}

describeServing('Databricks against a fake', async () => {
  const endpoints = new FakeEndpoints();
  const fake = await startHttpFake(endpoints.answer());
  return {
    serving: servingOn(fake.url),
    createEndpoint: async (entities) =>
      endpoints.add(
        `credit-pd-${endpoints.byName.size}`,
        entities.map(({ name, version, asleep }) => ({
          name,
          entity_name: 'main.risk.credit_pd',
          entity_version: version,
          scale_to_zero_enabled: asleep === true,
          state: {
            deployment: 'DEPLOYMENT_READY',
            deployment_state_message: asleep === true ? 'Scaled to zero' : '',
          },
        })),
        entities.map(({ name, percentage }) => ({
          served_entity_name: name,
          traffic_percentage: percentage,
        })),
      ),
    startUpdate: async (name) => endpoints.startUpdate(name),
    settle: async (name) => endpoints.settle(name),
    close: () => fake.close(),
  };
});

type Fields = { readonly [field: string]: unknown };

const ENTITY: Fields = {
  name: 'credit-1',
  id: 'e1',
  entity_name: 'main.risk.credit_pd',
  entity_version: '1',
  state: { deployment: 'DEPLOYMENT_READY', deployment_state_message: '' },
};

/** An endpoint with one entity, changed where a test says so. */
function answer(changes: { config?: Fields | null; state?: Fields; [field: string]: unknown } = {}): Fields {
  const { config, state, ...rest } = changes;
  return {
    name: 'credit-pd',
    creator: 'deployer@bank.example',
    state: { ready: 'READY', config_update: 'NOT_UPDATING', ...state },
    config: config === null ? undefined : { config_version: 4, served_entities: [ENTITY], ...config },
    ...rest,
  };
}

describe('Databricks serving', () => {
  let fake: HttpFake;
  beforeEach(async () => {
    fake = await startHttpFake();
  });
  afterEach(async () => {
    await fake.close();
  });

  /** The body of the PUT that a shift makes of an answer. */
  async function bodyOfShift(raw: Fields, routes: { [entity: string]: number }): Promise<Fields> {
    fake.next(json(200, raw), json(200, raw));
    const serving = servingOn(fake.url);
    await serving.shift(await serving.endpoint('credit-pd'), routes);
    const put = fake.seen.at(-1);
    expect([put?.method, put?.path]).toEqual(['PUT', '/api/2.0/serving-endpoints/credit-pd/config']);
    return JSON.parse(put?.body ?? '') as Fields;
  }

  it('gives a single entity without routes everything', async () => {
    fake.always(json(200, answer()));
    const found = await servingOn(fake.url).endpoint('credit-pd');
    expect(found).toMatchObject({
      routes: { 'credit-1': 100 },
      configVersion: 4,
      creator: 'deployer@bank.example',
    });
    expect(found.entities).toEqual([
      { name: 'credit-1', model: 'main.risk.credit_pd', version: '1', ready: true, warm: true, id: 'e1' },
    ]);
    expect(found.raw).toEqual(JSON.parse(JSON.stringify(answer())));
  });

  it.each([
    ['config_update', 'NOT_UPDATING', 'none'],
    ['config_update', 'IN_PROGRESS', 'in_progress'],
    ['config_update', 'UPDATE_FAILED', 'failed'],
    ['config_update', 'UPDATE_CANCELED', 'canceled'],
    ['update_state', 'IN_PROGRESS', 'in_progress'],
    ['update_state', 'NOT_UPDATING', 'none'],
  ])('reads %s %s', async (field, word, update) => {
    fake.always(json(200, answer({ state: { config_update: undefined, [field]: word } })));
    expect((await servingOn(fake.url).endpoint('credit-pd')).update).toBe(update);
  });

  it.each(['SOMETHING_NEW', 'constructor', undefined])(
    'does not guess what update state %s means',
    async (word) => {
      fake.always(json(200, answer({ state: { config_update: word } })));
      await expectFailure(servingOn(fake.url).endpoint('credit-pd'), 'bad_answer');
    },
  );

  it('tells a waiting configuration, and an empty one as none', async () => {
    fake.next(
      json(200, answer({ pending_config: { config_version: 5 } })),
      json(200, answer({ pending_config: {} })),
    );
    expect((await servingOn(fake.url).endpoint('credit-pd')).pending).toBe(true);
    expect((await servingOn(fake.url).endpoint('credit-pd')).pending).toBe(false);
  });

  it('tells an endpoint that is not ready, and one that has no configuration yet', async () => {
    fake.next(json(200, answer({ state: { ready: 'NOT_READY' }, config: null })));
    expect(await servingOn(fake.url).endpoint('credit-pd')).toMatchObject({
      ready: false,
      entities: [],
      routes: {},
      configVersion: null,
    });
  });

  it.each([
    { deployment: 'DEPLOYMENT_READY', message: 'Served entity is scaled to zero', ready: true, warm: false },
    { deployment: 'DEPLOYMENT_READY', message: 'Scaling up', ready: true, warm: true },
    { deployment: 'DEPLOYMENT_CREATING', message: 'Scaled to zero', ready: false, warm: false },
    { deployment: 'DEPLOYMENT_FAILED', message: '', ready: false, warm: false },
    { deployment: undefined, message: undefined, ready: false, warm: false },
  ])('takes $deployment with "$message" as ready $ready, warm $warm', async (known) => {
    const state = { deployment: known.deployment, deployment_state_message: known.message };
    fake.always(json(200, answer({ config: { served_entities: [{ ...ENTITY, state }] } })));
    const [found] = (await servingOn(fake.url).endpoint('credit-pd')).entities;
    expect(found).toMatchObject({ ready: known.ready, warm: known.warm });
  });

  const TWO = [ENTITY, { ...ENTITY, name: 'credit-2', entity_version: '2' }];
  it.each([
    ['another endpoint', answer({ name: 'other' })],
    ['two entities of one name', answer({ config: { served_entities: [ENTITY, ENTITY] } })],
    ['a route to a stranger', routed([{ served_entity_name: 'credit-9', traffic_percentage: 100 }])],
    ['a route to nobody', routed([{ traffic_percentage: 100 }])],
    [
      'a route to two',
      routed([{ served_entity_name: 'credit-1', served_model_name: 'credit-2', traffic_percentage: 100 }]),
    ],
    [
      'two routes to one',
      routed([
        { served_entity_name: 'credit-1', traffic_percentage: 50 },
        { served_entity_name: 'credit-1', traffic_percentage: 50 },
      ]),
    ],
    ['101 percent', routed([{ served_entity_name: 'credit-1', traffic_percentage: 101 }])],
    ['no state', { name: 'credit-pd' }],
  ])('refuses an answer with %s', async (_what, body) => {
    fake.always(json(200, body));
    await expectFailure(servingOn(fake.url).endpoint('credit-pd'), 'bad_answer');
  });

  function routed(routes: readonly Fields[]): Fields {
    return answer({ config: { served_entities: TWO, traffic_config: { routes } } });
  }

  it('sends back what an update may say, and nothing that is only the server’s to say', async () => {
    const rich = {
      ...ENTITY,
      creator: 'x',
      creation_timestamp: 1,
      foundation_model: { name: 'y' },
      environment_vars: { KEY: '{{secrets/scope/key}}' },
      instance_profile_arn: 'arn:aws:iam::1:instance-profile/p',
      scale_to_zero_enabled: false,
      workload_size: 'Small',
      workload_type: 'CPU',
      max_provisioned_throughput: null,
      burst_scaling_enabled: true,
    };
    const body = await bodyOfShift(answer({ config: { served_entities: [rich] } }), { 'credit-1': 100 });
    expect(body).toEqual({
      served_entities: [
        {
          name: 'credit-1',
          entity_name: 'main.risk.credit_pd',
          entity_version: '1',
          environment_vars: { KEY: '{{secrets/scope/key}}' },
          instance_profile_arn: 'arn:aws:iam::1:instance-profile/p',
          scale_to_zero_enabled: false,
          workload_size: 'Small',
          workload_type: 'CPU',
        },
      ],
      traffic_config: { routes: [{ served_entity_name: 'credit-1', traffic_percentage: 100 }] },
    });
  });

  it.each(['min_provisioned_concurrency', 'max_provisioned_concurrency'])(
    'leaves out a workload size next to %s, zero included',
    async (field) => {
      const entity = { ...ENTITY, workload_size: 'Small', [field]: 0 };
      const body = await bodyOfShift(answer({ config: { served_entities: [entity] } }), { 'credit-1': 100 });
      expect(body['served_entities']).toEqual([
        { name: 'credit-1', entity_name: 'main.risk.credit_pd', entity_version: '1', [field]: 0 },
      ]);
    },
  );

  it('sends back automatic capture as long as it is on, without its state', async () => {
    const capture = {
      catalog_name: 'main',
      schema_name: 'risk',
      table_name_prefix: 'credit',
      state: { payload_table: {} },
    };
    const on = await bodyOfShift(answer({ config: { auto_capture_config: { ...capture, enabled: true } } }), {
      'credit-1': 100,
    });
    expect(on['auto_capture_config']).toEqual({
      catalog_name: 'main',
      schema_name: 'risk',
      table_name_prefix: 'credit',
      enabled: true,
    });
    const off = await bodyOfShift(
      answer({ config: { auto_capture_config: { ...capture, enabled: false } } }),
      {
        'credit-1': 100,
      },
    );
    expect(off).not.toHaveProperty('auto_capture_config');
  });

  it('names routes as the server named them', async () => {
    const body = await bodyOfShift(
      routed([
        { served_model_name: 'credit-1', traffic_percentage: 0 },
        { served_entity_name: 'credit-2', served_model_name: 'credit-2', traffic_percentage: 100 },
      ]),
      { 'credit-1': 100, 'credit-2': 0 },
    );
    expect(body['traffic_config']).toEqual({
      routes: [
        { served_model_name: 'credit-1', traffic_percentage: 100 },
        { served_entity_name: 'credit-2', served_model_name: 'credit-2', traffic_percentage: 0 },
      ],
    });
  });

  it('reads an endpoint that has only the older served_models, and updates it under the newer name', async () => {
    const old = {
      name: 'credit-1',
      model_name: 'main.risk.credit_pd',
      model_version: '1',
      state: ENTITY['state'],
    };
    const raw = answer({ config: { served_entities: undefined, served_models: [old] } });
    const body = await bodyOfShift(raw, { 'credit-1': 100 });
    expect(body['served_entities']).toEqual([
      { name: 'credit-1', entity_name: 'main.risk.credit_pd', entity_version: '1' },
    ]);
    expect(body).not.toHaveProperty('served_models');
  });

  it('reads as the reader and acts as the actor, once', async () => {
    fake.next(json(200, answer()), reset());
    const serving = servingOn(fake.url);
    const endpoint = await serving.endpoint('credit-pd');
    await expectFailure(serving.shift(endpoint, { 'credit-1': 100 }), 'network');
    expect(fake.seen.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['GET', 'Bearer reader-token'],
      ['PUT', 'Bearer actor-token'],
    ]);
  });

  it.each([
    ['reading', 403, 'CAN VIEW'],
    ['reading', 404, 'exists in the workspace'],
    ['reading', 500, 'other side'],
    ['moving', 403, 'CAN MANAGE'],
    ['moving', 409, 'update of endpoint credit-pd'],
    ['moving', 422, 'other side'],
  ])('says after %s with %i what can be done', async (what, status, words) => {
    const serving = servingOn(fake.url);
    fake.next(json(200, answer()));
    const endpoint = await serving.endpoint('credit-pd');
    fake.always(json(status, {}));
    const call =
      what === 'reading' ? serving.endpoint('credit-pd') : serving.shift(endpoint, { 'credit-1': 100 });
    expect((await failureOf(call)).remedy).toContain(words);
  });

  it('does not act without an actor, and sends nothing', async () => {
    fake.next(json(200, answer()));
    const serving = servingOn(fake.url, { actor: null });
    await expectFailure(serving.shift(await serving.endpoint('credit-pd'), { 'credit-1': 100 }), 'forbidden');
    expect(fake.seen).toHaveLength(1);
  });

  it('takes a 400 that tells of a running update as a conflict', async () => {
    fake.next(
      json(200, answer()),
      json(400, { error_code: 'INVALID_STATE', message: 'Endpoint credit-pd is currently being updated.' }),
    );
    const serving = servingOn(fake.url);
    await expectFailure(serving.shift(await serving.endpoint('credit-pd'), { 'credit-1': 100 }), 'conflict');
  });

  it('takes a page in answer to the update for no answer', async () => {
    fake.next(json(200, answer()), html(200));
    const serving = servingOn(fake.url);
    await expectFailure(
      serving.shift(await serving.endpoint('credit-pd'), { 'credit-1': 100 }),
      'bad_answer',
    );
  });

  it('asks one entity by its own path, with the payload as it is', async () => {
    const serving = servingOn(fake.url);
    fake.next(json(200, answer()), json(200, { predictions: [0.2] }));
    const endpoint = await serving.endpoint('credit-pd');
    await serving.smoke?.(endpoint, 'credit-1', '{"inputs": [1]}');
    expect(fake.seen.at(-1)).toMatchObject({
      method: 'POST',
      path: '/serving-endpoints/credit-pd/served-models/credit-1/invocations',
      body: '{"inputs": [1]}',
    });
    expect(fake.seen.at(-1)?.headers.authorization).toBe('Bearer actor-token');
  });

  it.each([
    [{ predictions: [] }, false],
    [{ predictions: [0.1, null] }, false],
    [{ predictions: {} }, false],
    [{ predictions: null }, false],
    [{}, false],
    [[0.1], false],
    [{ predictions: [0] }, true],
    [{ predictions: [{ score: 0.1 }] }, true],
    [{ predictions: { score: [0.1] } }, true],
  ])('takes the answer %j to a smoke request for good: %s', async (body, good) => {
    const serving = servingOn(fake.url);
    fake.next(json(200, answer()), json(200, body));
    const endpoint = await serving.endpoint('credit-pd');
    const asked = serving.smoke?.(endpoint, 'credit-1', '{}') ?? Promise.reject(new Error('none'));
    if (good) await asked;
    else await expectFailure(asked, 'bad_answer');
  });
});
