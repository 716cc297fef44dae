import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type serving, WorkspaceClient } from '@databricks/sdk-experimental';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUnityCatalogRegistry } from '../../src/registry/unity-catalog/registry.ts';
import { createWorkspaceClients } from '../../src/remote/workspace.ts';
import { createDatabricksServing } from '../../src/serving/databricks/serving.ts';
import { type SimulatedWorkspace, startWorkspace } from '../../src/simulator/workspace/workspace.ts';
import { testClock } from '../daemon/support/site.ts';
import { testDeps } from '../support/remote-deps.ts';

/**
 * The vendor's own client against the simulated workspace: paths, bodies and answers are the vendor's, or this fails. What it reads is
 * held against what driftwarden's own client reads. The vendor calls it experimental; it is a client of these tests alone.
 */
const MODEL = 'main.risk.credit_pd';
const ENDPOINT = 'credit-pd';

let folder: string;
let workspace: SimulatedWorkspace;
const domain = testClock(Date.UTC(2026, 10, 24, 10));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'driftwarden-vendor-'));
  workspace = await startWorkspace({
    stateFile: join(folder, 'workspace.json'),
    clocks: { domain, wall: { now: () => Date.now() } },
    seed: 5,
  });
});
afterEach(async () => {
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

function principal(role: 'reader' | 'actor') {
  const found = workspace.principals.find((one) => one.role === role);
  if (found === undefined) throw new Error(`no principal ${role}`);
  return found;
}

/** The vendor's client with credentials of a service principal: it finds the token endpoint and fetches tokens by itself. */
function vendor(role: 'reader' | 'actor' = 'actor'): WorkspaceClient {
  const { clientId, clientSecret } = principal(role);
  return new WorkspaceClient({ host: workspace.url, clientId, clientSecret, authType: 'oauth-m2m' });
}

function own() {
  const secretOf = (role: 'reader' | 'actor') => ({
    clientId: principal(role).clientId,
    clientSecret: { env: role },
  });
  const secrets = { reader: principal('reader').clientSecret, actor: principal('actor').clientSecret };
  const config = { url: workspace.url, reader: secretOf('reader'), actor: secretOf('actor') };
  const clients = createWorkspaceClients(config as Parameters<typeof createWorkspaceClients>[0], {
    ...testDeps({}),
    readSecret: async (ref) => secrets[(ref as { env: 'reader' | 'actor' }).env],
  });
  return {
    registry: createUnityCatalogRegistry({ ...clients, aliasNames: ['champion', 'challenger', 'rollback'] }),
    serving: createDatabricksServing(clients),
  };
}

describe('registered models', () => {
  test('an alias is set, read and deleted, and our client sees each', async () => {
    const { registeredModels } = vendor();
    const alias = { full_name: MODEL, alias: 'rollback' };
    await expect(registeredModels.setAlias({ ...alias, version_num: 6 })).resolves.toMatchObject({
      alias_name: 'rollback',
      version_num: 6,
    });
    expect((await own().registry.model(MODEL)).aliases).toMatchObject({ champion: '6', rollback: '6' });
    await registeredModels.setAlias({ ...alias, version_num: 7 });
    expect((await own().registry.model(MODEL)).aliases['rollback']).toBe('7');
    await registeredModels.deleteAlias(alias);
    expect((await own().registry.model(MODEL)).aliases['rollback']).toBeUndefined();
  });

  test('what our client sets, the vendor reads', async () => {
    await own().registry.setAlias(MODEL, 'champion', '7');
    const { registeredModels, modelVersions } = vendor('reader');
    const model = await registeredModels.get({ full_name: MODEL, include_aliases: true });
    expect(model.aliases).toContainEqual(expect.objectContaining({ alias_name: 'champion', version_num: 7 }));
    const behind = await modelVersions.getByAlias({ full_name: MODEL, alias: 'champion' });
    expect(behind).toMatchObject({ version: 7, status: 'READY' });
  });

  test('versions are listed and read, numbers as numbers', async () => {
    const { modelVersions } = vendor('reader');
    const versions: number[] = [];
    for await (const { version } of modelVersions.list({ full_name: MODEL })) versions.push(version ?? -1);
    expect(versions.sort((a, b) => a - b)).toEqual([6, 7]);
    expect(await modelVersions.get({ full_name: MODEL, version: 6 })).toMatchObject({ version: 6 });
    expect(await own().registry.version(MODEL, '6')).toMatchObject({ version: '6', ready: true });
  });

  test('an alias of a version that is not there is the same refusal to both', async () => {
    const refused = vendor().registeredModels.setAlias({
      full_name: MODEL,
      alias: 'champion',
      version_num: 99,
    });
    await expect(refused).rejects.toMatchObject({ statusCode: 404 });
    await expect(own().registry.setAlias(MODEL, 'champion', '99')).rejects.toThrow();
    expect((await own().registry.model(MODEL)).aliases['champion']).toBe('6');
  });

  test('who may only read may not write', async () => {
    const refused = vendor('reader').registeredModels.setAlias({
      ...{ full_name: MODEL, alias: 'champion', version_num: 7 },
    });
    await expect(refused).rejects.toMatchObject({ statusCode: 403, errorCode: 'PERMISSION_DENIED' });
  });
});

/** What the server adds to an entity is not for sending back. */
function toInput(entity: serving.ServedEntityOutput): serving.ServedEntityInput {
  const added = ['id', 'state', 'creator', 'creation_timestamp'];
  return Object.fromEntries(Object.entries(entity).filter(([field]) => !added.includes(field)));
}

describe('serving endpoints', () => {
  const routes = (six: number, seven: number) => [
    { served_model_name: 'credit_pd-6', traffic_percentage: six },
    { served_model_name: 'credit_pd-7', traffic_percentage: seven },
  ];

  test('are read alike', async () => {
    const seen = await vendor('reader').servingEndpoints.get({ name: ENDPOINT });
    const ours = await own().serving.endpoint(ENDPOINT);
    expect(seen.state).toMatchObject({ ready: 'READY', config_update: 'NOT_UPDATING' });
    expect(seen.config?.config_version).toBe(ours.configVersion);
    expect(seen.config?.served_entities?.map(({ name, entity_version }) => [name, entity_version])).toEqual(
      ours.entities.map(({ name, version }) => [name, version]),
    );
    expect(
      Object.fromEntries(
        (seen.config?.traffic_config?.routes ?? []).map((route) => [
          route.served_model_name,
          route.traffic_percentage,
        ]),
      ),
    ).toEqual(ours.routes);
    const names: (string | undefined)[] = [];
    for await (const { name } of vendor('reader').servingEndpoints.list()) names.push(name);
    expect(names).toContain(ENDPOINT);
  });

  test("the vendor's whole-configuration update is taken, runs its time, and our client sees it pending and active", async () => {
    const client = vendor().servingEndpoints;
    const before = await client.get({ name: ENDPOINT });
    const entities = (before.config?.served_entities ?? []).map(toInput);
    await client.updateConfig({
      name: ENDPOINT,
      served_entities: entities,
      traffic_config: { routes: routes(0, 100) },
    });
    const pending = await own().serving.endpoint(ENDPOINT);
    expect(pending).toMatchObject({ pending: true, update: 'in_progress', routes: { 'credit_pd-6': 100 } });
    const again = client.updateConfig({
      ...{ name: ENDPOINT, served_entities: entities },
      traffic_config: { routes: routes(50, 50) },
    });
    await expect(again).rejects.toMatchObject({ statusCode: 409, errorCode: 'RESOURCE_CONFLICT' });
    domain.advance(90_000);
    const after = await own().serving.endpoint(ENDPOINT);
    expect(after).toMatchObject({
      pending: false,
      update: 'none',
      routes: { 'credit_pd-6': 0, 'credit_pd-7': 100 },
    });
    expect(after.configVersion).toBe((before.config?.config_version ?? 0) + 1);
    expect(workspace.snapshot().endpoints[ENDPOINT]?.puts).toEqual({ effective: 1, refused: 1 });
  });

  test('one that is not there is the same refusal to both', async () => {
    await expect(vendor('reader').servingEndpoints.get({ name: 'nothing' })).rejects.toMatchObject({
      statusCode: 404,
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
    });
    await expect(own().serving.endpoint('nothing')).rejects.toMatchObject({ reason: 'not_found' });
  });
});

describe('people and tokens', () => {
  test('a user is found by name, by the filter that our client sends', async () => {
    const filter = 'userName eq "ana.torres@bank.example"';
    // Version 0.17.0 asks for the same page again and again: only its first answer can be used.
    const first = await vendor('reader').usersV2.list({ filter })[Symbol.asyncIterator]().next();
    expect(first.value).toMatchObject({ userName: 'ana.torres@bank.example', active: true });
    expect(workspace.snapshot().users.map(({ userName }) => userName)).toContain('ana.torres@bank.example');
  });

  test('a wrong secret gets no token', async () => {
    const { clientId } = principal('reader');
    const stranger = new WorkspaceClient({
      ...{ host: workspace.url, clientId, clientSecret: 'wrong', authType: 'oauth-m2m' },
    });
    await expect(stranger.servingEndpoints.get({ name: ENDPOINT })).rejects.toThrow();
  });
});
