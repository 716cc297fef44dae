import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScimDirectory } from '../../../src/identity/databricks/directory.ts';
import { createUnityCatalogRegistry } from '../../../src/registry/unity-catalog/registry.ts';
import { createWorkspaceClients, type WorkspaceClients } from '../../../src/remote/workspace.ts';
import { createDatabricksServing } from '../../../src/serving/databricks/serving.ts';
import { moveAlias } from '../../../src/simulator/workspace/people.ts';
import type { EndpointState, ModelState, StoredEntity } from '../../../src/simulator/workspace/state.ts';
import { withEndpoint, withModel } from '../../../src/simulator/workspace/state.ts';
import type { SimulatedWorkspace } from '../../../src/simulator/workspace/workspace.ts';
import { createWebhookDesk } from '../../../src/tickets/webhook/desk.ts';
import { describeRegistry } from '../../contracts/registry.ts';
import { describeServing, type SeededEntity } from '../../contracts/serving.ts';
import { describeTicketDesk } from '../../contracts/ticket-desk.ts';
import { testDeps } from '../../support/remote-deps.ts';
import { CREDIT, creditConfig, type Rig, START, startRig } from '../support.ts';

/** The product's own clients, each with the identity it has in production, against the simulated workspace. */
function clientsOf(workspace: SimulatedWorkspace): WorkspaceClients {
  const secrets = Object.fromEntries(workspace.principals.map((one) => [one.role, one.clientSecret]));
  const credentials = (role: string) => ({
    kind: 'oauth' as const,
    clientId: workspace.principals.find((one) => one.role === role)?.clientId ?? '',
    clientSecret: { env: role },
  });
  const config = { url: workspace.url, reader: credentials('reader'), actor: credentials('actor') };
  return createWorkspaceClients(config, testDeps(secrets));
}

describeServing('Databricks against the simulated workspace', async () => {
  const rig = await startRig();
  let made = 0;
  return {
    serving: createDatabricksServing(clientsOf(rig.workspace)),
    createEndpoint: async (entities) => {
      made += 1;
      const name = `credit-pd-${made}`;
      rig.workspace.change((state) => {
        const model = withVersions(state.models['main.risk.credit_pd'] as ModelState, 2);
        const endpoint = withEntities(state.endpoints['credit-pd'] as EndpointState, name, entities);
        return withEndpoint(withModel(state, model), endpoint);
      });
      return name;
    },
    startUpdate: async (name) => {
      const wanted = rig.workspace.snapshot().endpoints[name]?.config as EndpointState['config'];
      const pending = { config: wanted, by: 'someone', startedAt: START, activeAt: rig.clock.now() + 1000 };
      rig.workspace.change((state) =>
        withEndpoint(state, {
          ...(state.endpoints[name] as EndpointState),
          pending,
          update: 'IN_PROGRESS',
        }),
      );
    },
    settle: async () => rig.clock.advanceTo(rig.clock.now() + 900_000),
    close: () => rig.workspace.close(),
  };
});

describeRegistry('Unity Catalog against the simulated workspace', async () => {
  const rig = await startRig();
  let made = 0;
  return {
    registry: createUnityCatalogRegistry(clientsOf(rig.workspace)),
    tellsTags: true,
    createModel: async ({ versions, tags = {}, versionTags = {} }) => {
      made += 1;
      const name = `main.risk.made_${made}`;
      rig.workspace.change((state) => {
        const like = state.models['main.risk.credit_pd'] as ModelState;
        const model = withVersions({ ...like, name, aliases: {}, tags }, versions);
        const tagged = model.versions.map((one) => ({ ...one, tags: versionTags[one.version] ?? {} }));
        return withModel(state, { ...model, versions: tagged });
      });
      return name;
    },
    pointAlias: async ({ model, alias, version }) =>
      rig.workspace.change(moveAlias({ model, alias, version: Number(version) })),
    close: () => rig.workspace.close(),
  };
});

describeTicketDesk('webhook against the simulated desk', async () => {
  const { workspace } = await startRig();
  const config = { kind: 'webhook', url: `${workspace.url}/tickets`, secret: { env: 'HOOK' } } as const;
  return {
    desk: createWebhookDesk('simulated-desk', config, testDeps({ HOOK: workspace.ticketSecret })),
    accepted: async () =>
      workspace.snapshot().tickets.flatMap(({ deliveries }) => deliveries.map(({ key }) => key)),
    refuseNext: async (status) =>
      workspace.fault({ match: { path: '/tickets' }, trouble: { kind: 'status', status } }),
    close: () => workspace.close(),
  };
});

describe('the product’s clients in the simulated workspace', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.workspace.close());

  it('move the traffic and lose nothing of the configuration on the way', async () => {
    const before = rig.workspace.snapshot().endpoints['credit-pd']?.config;
    const serving = createDatabricksServing(clientsOf(rig.workspace));
    await serving.shift(await serving.endpoint('credit-pd'), { 'credit_pd-6': 40, 'credit_pd-7': 60 });
    rig.clock.advanceTo(START + 90_000);
    const after = rig.workspace.snapshot().endpoints['credit-pd']?.config;
    expect(after?.served_entities).toEqual(before?.served_entities);
    expect(after?.routes).toEqual({ 'credit_pd-6': 40, 'credit_pd-7': 60 });
  });

  it('say why the reader may not act', async () => {
    const { reader } = clientsOf(rig.workspace);
    const serving = createDatabricksServing({ reader, actor: reader });
    const endpoint = await serving.endpoint('credit-pd');
    await expect(serving.shift(endpoint, { 'credit_pd-6': 100 })).rejects.toMatchObject({
      reason: 'forbidden',
    });
  });

  it('go on with a new token when theirs was revoked', async () => {
    const { reader } = clientsOf(rig.workspace);
    const serving = createDatabricksServing({ reader, actor: null });
    await serving.endpoint('credit-pd');
    rig.workspace.revokeTokens();
    expect((await serving.endpoint('credit-pd')).name).toBe('credit-pd');
  });

  it('find out that a write whose answer was lost has happened', async () => {
    const serving = createDatabricksServing(clientsOf(rig.workspace));
    const before = await serving.endpoint('credit-pd');
    rig.workspace.fault({ match: { path: `${CREDIT}/config` }, trouble: { kind: 'lost-response' } });
    await expect(serving.shift(before, { 'credit_pd-6': 100 })).rejects.toMatchObject({ reason: 'network' });
    expect((await serving.endpoint('credit-pd')).update).toBe('in_progress');
    rig.clock.advanceTo(rig.clock.now() + 90_000);
    expect((await serving.endpoint('credit-pd')).routes).toEqual({ 'credit_pd-6': 100, 'credit_pd-7': 0 });
  });

  it('tell who still exists', async () => {
    const { reader } = clientsOf(rig.workspace);
    const directory = createScimDirectory(reader);
    expect(await directory.lookup('retail-credit')).toBe('active');
    expect(await directory.lookup('ana.torres@bank.example')).toBe('active');
    expect(await directory.lookup('gone@bank.example')).toBe('inactive');
    expect(await directory.lookup(rig.workspace.principals[1]?.clientId ?? '')).toBe('active');
  });

  it('are told the same body rules as anybody: a careful write of one’s own is taken too', async () => {
    const { actor } = clientsOf(rig.workspace);
    const body = { type: 'application/json' as const, text: JSON.stringify(creditConfig(0, 100)) };
    const answer = await actor?.request({ method: 'PUT', path: `${CREDIT}/config`, body, place: 'test' });
    expect(answer).toMatchObject({ state: { config_update: 'IN_PROGRESS' } });
  });
});

function withVersions(model: ModelState, count: number): ModelState {
  const [like] = model.versions;
  if (like === undefined) throw new Error('the estate has a version');
  return {
    ...model,
    versions: Array.from({ length: count }, (_, index) => ({ ...like, version: index + 1 })),
  };
}

function withEntities(like: EndpointState, name: string, entities: readonly SeededEntity[]): EndpointState {
  const [first] = like.config.served_entities;
  const served = entities.map((entity) => ({
    ...(first as StoredEntity),
    name: entity.name,
    entity_version: entity.version,
    scale_to_zero_enabled: entity.asleep === true,
  }));
  const routes = Object.fromEntries(entities.map((entity) => [entity.name, entity.percentage]));
  return { ...like, name, config: { ...like.config, served_entities: served, routes } };
}

describe('an endpoint that falls back to other entities', () => {
  const PLAN = { 'credit_pd-6': 100 } as const;
  const read = async () => {
    const rig = await startRig();
    rig.workspace.change((state) =>
      withEndpoint(state, { ...(state.endpoints['credit-pd'] as EndpointState), fallback: true }),
    );
    const serving = createDatabricksServing(clientsOf(rig.workspace));
    return { rig, serving, before: await serving.endpoint('credit-pd') };
  };

  it('says so, and the entity that fails leaves it in the same update', async () => {
    const { rig, serving, before } = await read();
    expect(before.fallback).toBe(true);
    const names = before.entities.map(({ name }) => name).sort();
    expect(names).toEqual(['credit_pd-6', 'credit_pd-7']);
    await serving.shift(before, PLAN, { removes: ['credit_pd-7'] });
    rig.clock.advanceTo(rig.clock.now() + 20 * 60_000);
    const after = await serving.endpoint('credit-pd');
    expect(after.entities.map(({ name }) => name)).toEqual(['credit_pd-6']);
    expect(after).toMatchObject({
      routes: PLAN,
      update: 'none',
      configVersion: (before.configVersion ?? 0) + 1,
    });
    expect(after.fallback).toBe(true);
    expect(rig.workspace.snapshot().endpoints['credit-pd']?.puts).toEqual({ effective: 1, refused: 0 });
    await rig.workspace.close();
  });
});
