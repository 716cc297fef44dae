import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { endpointFrom } from '../../src/serving/databricks/endpoint.ts';
import { EndpointAnswer } from '../../src/serving/databricks/schema.ts';
import { updateBody } from '../../src/serving/databricks/update.ts';
import { whyNotRoutable } from '../../src/serving/routable.ts';

/** Endpoints with up to five entities, each with some of the fields a server may tell, and what their traffic shall be. */
const cases = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/), { minLength: 1, maxLength: 5 })
  .chain((names) =>
    fc.record({
      names: fc.constant(names),
      extras: fc.tuple(...names.map(() => extras)),
      cuts: fc.array(fc.integer({ min: 0, max: 100 }), {
        minLength: names.length - 1,
        maxLength: names.length - 1,
      }),
    }),
  );

const extras = fc.record(
  {
    creator: fc.string(),
    creation_timestamp: fc.integer(),
    state: fc.constant({ deployment: 'DEPLOYMENT_READY' }),
    workload_size: fc.constantFrom('Small', 'Medium', null),
    workload_type: fc.constantFrom('CPU', 'GPU_SMALL'),
    scale_to_zero_enabled: fc.boolean(),
    min_provisioned_concurrency: fc.option(fc.integer({ min: 0, max: 64 })),
    environment_vars: fc.dictionary(fc.stringMatching(/^[A-Z_]+$/), fc.string()),
  },
  { requiredKeys: [] },
);

const READ_ONLY = ['state', 'creator', 'creation_timestamp', 'id'];

it('an update keeps every entity in its place, moves only the traffic, and says nothing that the server refuses', () => {
  fc.assert(
    fc.property(cases, ({ names, extras, cuts }) => {
      const entities = names.map((name, index) => ({
        ...extras[index],
        name,
        entity_name: 'main.risk.credit_pd',
        entity_version: String(index + 1),
      }));
      const routes = percentages(names, cuts);
      const raw = {
        name: 'credit-pd',
        state: { ready: 'READY', config_update: 'NOT_UPDATING' },
        config: { config_version: 1, served_entities: entities, traffic_config: { routes: [] } },
      };
      const answer = EndpointAnswer.parse(raw);
      const endpoint = endpointFrom(answer, raw);
      if ('untrue' in endpoint) throw new Error(endpoint.untrue);
      expect(whyNotRoutable(endpoint, routes)).toBeNull();

      const body = updateBody(answer, routes) as {
        served_entities: { readonly [field: string]: unknown }[];
        traffic_config: { routes: { served_entity_name: string; traffic_percentage: number }[] };
      };
      expect(body.served_entities.map((entity) => entity['name'])).toEqual(names);
      for (const [index, sent] of body.served_entities.entries()) {
        const told: { readonly [field: string]: unknown } = entities[index] ?? {};
        expect(Object.entries(sent).every(([field, value]) => told[field] === value && value !== null)).toBe(
          true,
        );
        expect(READ_ONLY.filter((field) => field in sent)).toEqual([]);
        expect('workload_size' in sent && 'min_provisioned_concurrency' in sent).toBe(false);
        expect(sent['scale_to_zero_enabled']).toBe(told['scale_to_zero_enabled']);
      }
      const sent = body.traffic_config.routes;
      expect(
        Object.fromEntries(sent.map((route) => [route.served_entity_name, route.traffic_percentage])),
      ).toEqual(routes);
      expect(sent.reduce((sum, route) => sum + route.traffic_percentage, 0)).toBe(100);
    }),
  );
});

/** Whole percentages that sum to 100: the distances between sorted cuts. */
function percentages(
  names: readonly string[],
  cuts: readonly number[],
): { readonly [entity: string]: number } {
  const ends = [...cuts.toSorted((a, b) => a - b), 100];
  return Object.fromEntries(names.map((name, index) => [name, (ends[index] ?? 0) - (ends[index - 1] ?? 0)]));
}

it('an update leaves out the entities that go, and only where they take no traffic', () => {
  const entities = ['a', 'b', 'c'].map((name) => ({ name, entity_name: 'm', entity_version: '1' }));
  const raw = {
    name: 'credit-pd',
    state: { ready: 'READY', config_update: 'NOT_UPDATING' },
    config: {
      config_version: 1,
      served_entities: entities,
      traffic_config: {
        routes: entities.map(({ name }, at) => ({
          served_model_name: name,
          traffic_percentage: at === 0 ? 100 : 0,
        })),
      },
    },
  };
  const answer = EndpointAnswer.parse(raw);
  const endpoint = endpointFrom(answer, raw);
  if ('untrue' in endpoint) throw new Error(endpoint.untrue);
  expect(updateBody(answer, { b: 100, c: 0 }, { removes: ['a'] })).toEqual({
    served_entities: entities.slice(1),
    traffic_config: {
      routes: [
        { served_model_name: 'b', traffic_percentage: 100 },
        { served_model_name: 'c', traffic_percentage: 0 },
      ],
    },
  });
  expect(whyNotRoutable(endpoint, { b: 100, c: 0 }, { removes: ['a'] })).toBeNull();
  expect(whyNotRoutable(endpoint, { a: 0, b: 100 }, { removes: ['a'] })).toBeNull();
  expect(whyNotRoutable(endpoint, { a: 1, b: 99 }, { removes: ['a'] })).toContain('cannot leave');
  expect(whyNotRoutable(endpoint, { b: 100 }, { removes: ['d'] })).toContain('not a served entity');
});

it.each([
  [{ fallback_config: { enabled: true } }, true],
  [{ fallback_config: { enabled: false } }, false],
  [{ fallback_config: {} }, false],
  [{}, false],
  [null, false],
  [undefined, false],
])('an answer with ai_gateway %j has fallback %s', (ai_gateway, fallback) => {
  const raw = { name: 'x', state: { ready: 'READY', config_update: 'NOT_UPDATING' }, ai_gateway };
  expect(endpointFrom(EndpointAnswer.parse(raw), raw)).toMatchObject({ fallback });
});

it('an update deploys an entity with the settings of another one, whichever name its fields have', () => {
  const adds = { name: 'pd-6', version: '6', like: 'pd-7' };
  const settings = { workload_size: 'Small', environment_vars: { A: '1' }, scale_to_zero_enabled: false };
  const reported = { ...settings, id: 'x', creator: 'ann', state: { deployment: 'DEPLOYMENT_READY' } };
  for (const fields of [
    { entity_name: 'm', entity_version: '7' },
    { model_name: 'm', model_version: '7' },
    { entity_name: 'm', entity_version: '7', model_name: 'm', model_version: '7' },
  ]) {
    const answer = EndpointAnswer.parse({
      name: 'credit-pd',
      state: { ready: 'READY', config_update: 'NOT_UPDATING' },
      config: { config_version: 1, served_entities: [{ name: 'pd-7', ...fields, ...reported }] },
    });
    const sent = updateBody(answer, { 'pd-7': 0, 'pd-6': 100 }, { adds });
    expect(sent['served_entities']).toEqual([
      { name: 'pd-7', entity_name: 'm', entity_version: '7', ...settings },
      { name: 'pd-6', entity_name: 'm', entity_version: '6', ...settings },
    ]);
    expect(sent['traffic_config']).toEqual({
      routes: [
        { served_entity_name: 'pd-7', traffic_percentage: 0 },
        { served_entity_name: 'pd-6', traffic_percentage: 100 },
      ],
    });
  }
});
