import { afterAll, expect, test } from 'vitest';
import { withEntities } from '../../src/evaluation/entities.ts';
import { SERVED_LOG, servedByLog } from '../../src/evaluation/served-log.ts';
import { aModel, anEndpoint, anEntity, ENDPOINT, MODEL } from '../rollback/support.ts';
import { seededLake } from '../warehouse/duckdb/lake.ts';

const NOTHING = { seen: false, reason: 'network', message: 'down', missing: false } as const;

function payloadModel() {
  const model = aModel();
  return { ...model, source: { ...model.source, layout: 'ai-gateway' as const } };
}

const row = (entity: string, name: string, version: string, endpoint = ENDPOINT) => [
  ...[endpoint, entity, name, version],
];
const lake = await seededLake([
  {
    name: SERVED_LOG,
    columns: { endpoint_name: 'text', served_entity_id: 'text', entity_name: 'text', entity_version: 'text' },
    rows: [
      row('old', MODEL, '5'),
      row('old', MODEL, '5'),
      row('e8', MODEL, '8'),
      row('two', MODEL, '3'),
      row('two', MODEL, '4'),
      row('other', `${MODEL}_other`, '5'),
      row('elsewhere', MODEL, '6', 'another'),
    ],
  },
]);
const without = await seededLake([]);
afterAll(() => lake.close());
afterAll(() => without.close());

function stored(served: Readonly<Record<string, readonly string[]>>) {
  const rows = Object.entries(served).flatMap(([entity, versions]) =>
    versions.map((version) => ({ model: 'credit_pd', entity, version, firstSeen: '' })),
  );
  return { store: { servedVersions: async () => rows }, warehouse: lake };
}

test('what a cycle stored and what the endpoint serves now, which knows better', async () => {
  const entities = [
    anEntity('8', { id: 'e8' }),
    anEntity('9', { id: null, name: 'nine' }),
    anEntity('3', { id: 'e3', model: `${MODEL}_other` }),
  ];
  const world = { registered: NOTHING, endpoint: { seen: true, value: anEndpoint({ entities }) } } as const;
  const { source } = await withEntities(payloadModel(), world, stored({ e7: ['7'], e8: ['0'] }));
  expect(source.entities).toEqual({ old: '5', e7: '7', e8: '8', nine: '9' });
});

test('an entity that has been two versions is no version', async () => {
  const world = { registered: NOTHING, endpoint: NOTHING };
  const { source } = await withEntities(payloadModel(), world, stored({ e7: ['7', '6'], e8: ['8'] }));
  expect(source.entities).toEqual({ e8: '8' });
});

test('a table that tells its versions needs none', async () => {
  const model = aModel();
  expect(await withEntities(model, { registered: NOTHING, endpoint: null }, stored({ e7: ['7'] }))).toBe(
    model,
  );
});

test('an endpoint that tells the ids of its entities is not looked up in the system table', async () => {
  const world = { registered: NOTHING, endpoint: { seen: true, value: anEndpoint() } } as const;
  const { source } = await withEntities(payloadModel(), world, stored({}));
  expect(source.entities).toEqual({ 'id-6': '6', 'id-7': '7' });
});

test('the system table: entities of this endpoint and model that were one version, or nothing', async () => {
  expect(await servedByLog(aModel(), lake)).toEqual({ old: '5', e8: '8' });
  expect(await servedByLog(aModel(), without)).toEqual({});
  expect(await servedByLog(aModel({}, { endpoint: null }), lake)).toEqual({});
});
