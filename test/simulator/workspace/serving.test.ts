import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failNextUpdate, moveTraffic, setUpdateSeconds } from '../../../src/simulator/workspace/people.ts';
import {
  type ConfigBody,
  CREDIT,
  creditConfig,
  type EndpointWire,
  type Rig,
  START,
  startRig,
} from '../support.ts';

const CONFIG = `${CREDIT}/config`;

describe('serving endpoints of the simulated workspace', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.workspace.close());

  const credit = () => rig.workspace.snapshot().endpoints['credit-pd']!;
  const put = (body: unknown, as: 'reader' | 'actor' = 'actor') =>
    rig.caller.call('PUT', CONFIG, { as, body });
  const get = async () => (await rig.caller.call('GET', CREDIT)).json() as unknown as EndpointWire;
  const shares = (endpoint: EndpointWire) =>
    endpoint.config.traffic_config.routes.map((route) => route.traffic_percentage);

  it('tells an endpoint with both names in every route and what the server fills in', async () => {
    const endpoint = await get();
    expect(endpoint.state).toEqual({ ready: 'READY', config_update: 'NOT_UPDATING' });
    expect(endpoint.config.config_version).toBe(11);
    expect(endpoint.config.traffic_config.routes).toEqual([
      { served_model_name: 'credit_pd-6', served_entity_name: 'credit_pd-6', traffic_percentage: 100 },
      { served_model_name: 'credit_pd-7', served_entity_name: 'credit_pd-7', traffic_percentage: 0 },
    ]);
    expect(endpoint.config.served_entities[0]).toMatchObject({
      name: 'credit_pd-6',
      entity_version: '6',
      creator: 'ana.torres@bank.example',
      state: { deployment: 'DEPLOYMENT_READY', deployment_state_message: '' },
    });
    expect(endpoint).not.toHaveProperty('pending_config');
    expect(endpoint.permission_level).toBe('CAN_VIEW');
    expect(endpoint.tags).toContainEqual({ key: 'simulated', value: 'true' });
  });

  it('lists endpoints, and says 404 for one that does not exist', async () => {
    const list = await rig.caller.call('GET', '/api/2.0/serving-endpoints');
    const { endpoints } = list.json() as unknown as { endpoints: { name: string }[] };
    expect(endpoints.map((one) => one.name)).toEqual(['credit-pd', 'mortgage-pd']);
    const missing = await rig.caller.call('GET', '/api/2.0/serving-endpoints/nope');
    expect(missing.status).toBe(404);
    expect(missing.json()['error_code']).toBe('RESOURCE_DOES_NOT_EXIST');
  });

  it('serves the old configuration until the update has taken its time, to the second', async () => {
    const accepted = await put(creditConfig(0, 100));
    expect(accepted.status).toBe(200);
    const during = await get();
    expect(during.state).toEqual({ ready: 'READY', config_update: 'IN_PROGRESS' });
    expect(during.config.config_version).toBe(11);
    expect(shares(during)).toEqual([100, 0]);
    expect(during.pending_config).toMatchObject({ config_version: 12, start_time: START });

    rig.clock.advanceTo(START + 90_000 - 1);
    expect((await get()).config.config_version).toBe(11);
    rig.clock.advanceTo(START + 90_000);
    const after = await get();
    expect(after.state['config_update']).toBe('NOT_UPDATING');
    expect(after.config.config_version).toBe(12);
    expect(shares(after)).toEqual([0, 100]);
    expect(after).not.toHaveProperty('pending_config');
  });

  it('keeps when which share went where', async () => {
    rig.clock.advanceTo(START + 1000);
    await put(creditConfig(30, 70));
    rig.clock.advanceTo(START + 500_000);
    expect(credit().traffic).toEqual([
      { at: START, shares: { '6': 100, '7': 0 } },
      { at: START + 91_000, shares: { '6': 30, '7': 70 } },
    ]);
  });

  it('refuses an update during another one, and counts what was effective and what was not', async () => {
    await put(creditConfig(0, 100));
    const busy = await put(creditConfig(100, 0));
    expect(busy.status).toBe(409);
    expect(busy.json()).toMatchObject({
      error_code: 'RESOURCE_CONFLICT',
      message: expect.stringContaining('currently updating'),
    });
    expect(credit().puts).toEqual({ effective: 1, refused: 1 });
    rig.clock.advanceTo(START + 90_000);
    expect((await put(creditConfig(100, 0))).status).toBe(200);
    expect(credit().puts).toEqual({ effective: 2, refused: 1 });
  });

  it('lets the reader look and not touch', async () => {
    const refused = await put(creditConfig(0, 100), 'reader');
    expect(refused.status).toBe(403);
    expect(refused.json()['error_code']).toBe('PERMISSION_DENIED');
    expect(credit().pending).toBeNull();
  });

  it('takes a body as the whole configuration: what it leaves out is gone', async () => {
    const body = creditConfig(100, 0);
    delete body.served_entities[0]['environment_vars'];
    await put(body);
    rig.clock.advanceTo(START + 900_000);
    expect((await get()).config.served_entities[0]).not.toHaveProperty('environment_vars');
  });

  it('deploys longer than it re-routes', async () => {
    const body = creditConfig(100, 0);
    body.served_entities[1]['max_provisioned_concurrency'] = 16;
    await put(body);
    expect(credit().pending?.activeAt).toBe(START + 900_000);
    expect((await get()).pending_config.served_entities.map((one) => one.state['deployment'])).toEqual([
      'DEPLOYMENT_READY',
      'DEPLOYMENT_CREATING',
    ]);
  });

  it('names an entity, sizes it and routes to it when nothing is said', async () => {
    await put({ served_entities: [{ entity_name: 'main.risk.credit_pd', entity_version: '6' }] });
    rig.clock.advanceTo(START + 900_000);
    const { config } = await get();
    expect(config.served_entities).toHaveLength(1);
    expect(config.served_entities[0]).toMatchObject({
      name: 'credit_pd-6',
      workload_size: 'Small',
      workload_type: 'CPU',
      scale_to_zero_enabled: false,
    });
    expect(config.traffic_config.routes[0]).toMatchObject({
      served_entity_name: 'credit_pd-6',
      traffic_percentage: 100,
    });
  });

  it('tells an entity without traffic that may sleep as scaled to zero, ready all the same', async () => {
    const body = creditConfig(100, 0);
    body.served_entities[1]['scale_to_zero_enabled'] = true;
    await put(body);
    rig.clock.advanceTo(START + 900_000);
    const [, challenger] = (await get()).config.served_entities;
    expect(challenger?.state).toEqual({
      deployment: 'DEPLOYMENT_READY',
      deployment_state_message: 'Scaled to zero',
    });
  });

  it.each<[string, (body: ConfigBody) => void, RegExp]>([
    ['a sum of 99', (b) => (b.traffic_config.routes[0]['traffic_percentage'] = 99), /sum to 99/],
    ['a sum of 101', (b) => (b.traffic_config.routes[1]['traffic_percentage'] = 1), /sum to 101/],
    ['a fraction', (b) => (b.traffic_config.routes[0]['traffic_percentage'] = 99.5), /traffic_percentage/],
    [
      'a negative share',
      (b) => (b.traffic_config.routes[0]['traffic_percentage'] = -1),
      /traffic_percentage/,
    ],
    ['a stranger', (b) => (b.traffic_config.routes[0]['served_entity_name'] = 'x'), /No served entity/],
    [
      'two routes to one',
      (b) => (b.traffic_config.routes[0]['served_entity_name'] = 'credit_pd-7'),
      /Two routes/,
    ],
    ['an entity without a route', (b) => b.traffic_config.routes.pop(), /has no route/],
    ['names that disagree', (b) => (b.traffic_config.routes[0]['served_model_name'] = 'x'), /names one/],
    ['no routes for two', (b) => Reflect.deleteProperty(b, 'traffic_config'), /traffic_config is required/],
    ['no entities', (b) => b.served_entities.splice(0), /served_entities/],
    ['an entity twice', (b) => (b.served_entities[1]['name'] = 'credit_pd-6'), /stands twice/],
    ['a read-only field', (b) => (b.served_entities[0]['state'] = {}), /state/],
    ['a version as a number', (b) => (b.served_entities[0]['entity_version'] = 6), /entity_version/],
    [
      'a version that does not exist',
      (b) => (b.served_entities[0]['entity_version'] = '5'),
      /credit_pd\/5 does not exist/,
    ],
    ['two kinds of size', (b) => (b.served_entities[1]['workload_size'] = 'Small'), /exclude each other/],
  ])('refuses %s and changes nothing', async (_what, spoil, message) => {
    const body = creditConfig(100, 0);
    spoil(body);
    const refused = await put(body);
    expect(refused.status).toBe(400);
    expect(refused.json()['message']).toMatch(message);
    expect(credit()).toMatchObject({ pending: null, puts: { effective: 0, refused: 1 } });
  });

  it.each(['', '{', '[]', '"x"'])('refuses the body %j', async (body) => {
    expect((await put(body)).status).toBe(400);
  });

  it('refuses a version that is not ready', async () => {
    rig.workspace.change((state) => {
      const model = state.models['main.risk.credit_pd']!;
      const versions = model.versions.map((one) => ({ ...one, status: 'PENDING_REGISTRATION' }));
      return { ...state, models: { ...state.models, [model.name]: { ...model, versions } } };
    });
    expect((await put(creditConfig(0, 100))).json()['message']).toContain('not READY');
  });

  it('keeps the old configuration when an update fails, and takes another one afterwards', async () => {
    rig.workspace.change(failNextUpdate('credit-pd'));
    await put(creditConfig(0, 100));
    rig.clock.advanceTo(START + 90_000);
    const failed = await get();
    expect(failed.state).toEqual({ ready: 'READY', config_update: 'UPDATE_FAILED' });
    expect(failed.config.config_version).toBe(11);
    expect(credit().traffic).toHaveLength(1);
    expect((await put(creditConfig(0, 100))).status).toBe(200);
    rig.clock.advanceTo(START + 200_000);
    expect((await get()).config.config_version).toBe(12);
  });

  it('lets a person move traffic without HTTP, and only while nothing runs', async () => {
    const move = moveTraffic({ endpoint: 'credit-pd', shares: { 7: 100 }, by: 'someone@bank.example' });
    rig.workspace.change(setUpdateSeconds('credit-pd', { routes: 5, deploy: 5 }));
    rig.workspace.change(move);
    expect(() => rig.workspace.change(move)).toThrow(/in progress/);
    expect(rig.workspace.nextUpdateAt()).toBe(START + 5000);
    rig.clock.advanceTo(START + 5000);
    expect(rig.workspace.nextUpdateAt()).toBeNull();
    expect(shares(await get())).toEqual([0, 100]);
    expect(credit().puts.effective).toBe(0);
    expect(() => rig.workspace.change(moveTraffic({ endpoint: 'x', shares: {}, by: 'y' }))).toThrow(
      /no endpoint 'x'/,
    );
  });

  it('answers a smoke request to one entity', async () => {
    const path = '/serving-endpoints/credit-pd/served-models/credit_pd-6/invocations';
    const answer = await rig.caller.call('POST', path, { body: { dataframe_records: [{}, {}] } });
    expect(answer.json()['predictions']).toHaveLength(2);
    expect((await rig.caller.call('POST', path, { body: {} })).status).toBe(400);
    expect((await rig.caller.call('POST', path.replace('pd-6', 'pd-5'), { body: {} })).status).toBe(404);
  });
});
