import { expect, test } from 'vitest';
import { withEntities } from '../../src/evaluation/entities.ts';
import { aModel, anEndpoint, anEntity, MODEL } from '../rollback/support.ts';

const NOTHING = { seen: false, reason: 'network', message: 'down', missing: false } as const;

function payloadModel() {
  const model = aModel();
  return { ...model, source: { ...model.source, layout: 'ai-gateway' as const } };
}

function stored(served: Readonly<Record<string, readonly string[]>>) {
  const rows = Object.entries(served).flatMap(([entity, versions]) =>
    versions.map((version) => ({ model: 'credit_pd', entity, version, firstSeen: '' })),
  );
  return { servedVersions: async () => rows };
}

test('what a cycle stored and what the endpoint serves now, which knows better', async () => {
  const entities = [
    anEntity('8', { id: 'e8' }),
    anEntity('9', { id: null, name: 'nine' }),
    anEntity('3', { id: 'e3', model: `${MODEL}_other` }),
  ];
  const world = { registered: NOTHING, endpoint: { seen: true, value: anEndpoint({ entities }) } } as const;
  const { source } = await withEntities(payloadModel(), world, stored({ e7: ['7'], e8: ['0'] }));
  expect(source.entities).toEqual({ e7: '7', e8: '8', nine: '9' });
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
