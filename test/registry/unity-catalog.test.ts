import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createUnityCatalogRegistry,
  type UnityCatalogOptions,
} from '../../src/registry/unity-catalog/registry.ts';
import { createWorkspaceClients } from '../../src/remote/workspace.ts';
import { describeRegistry } from '../contracts/registry.ts';
import { expectFailure, failureOf } from '../support/fails.ts';
import { FakeModels, unityCatalog } from '../support/fake-models.ts';
import { type HttpFake, html, json, startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

function registryOn(url: string, changes: Partial<UnityCatalogOptions> = {}) {
  const clients = createWorkspaceClients(
    {
      url,
      reader: { kind: 'token', token: { env: 'READER' } },
      actor: { kind: 'token', token: { env: 'ACTOR' } },
    },
    testDeps({ READER: 'reader-token', ACTOR: 'actor-token' }),
  );
  return createUnityCatalogRegistry({ ...clients, ...changes });
}

describeRegistry('Unity Catalog against a fake', async () => {
  const models = new FakeModels();
  const fake = await startHttpFake(unityCatalog(models));
  return {
    registry: registryOn(fake.url),
    tellsTags: true,
    createModel: async (model) => models.add(`main.risk.credit_${models.byName.size}`, model),
    pointAlias: async ({ model, alias, version }) => models.point(model, alias, version),
    close: () => fake.close(),
  };
});

describe('Unity Catalog', () => {
  const models = new FakeModels();
  const name = models.add('main.risk.credit_pd', { versions: 3, tags: { owner: 'x' } });
  let fake: HttpFake;
  beforeEach(async () => {
    models.byName.get(name)?.aliases.clear();
    fake = await startHttpFake(unityCatalog(models));
  });
  afterEach(async () => {
    await fake.close();
  });

  it('reads as the reader, writes as the actor, with the version as a number', async () => {
    const registry = registryOn(fake.url);
    await registry.model(name);
    await registry.setAlias(name, 'champion', '2');
    expect(fake.seen.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
      ['GET', `/api/2.1/unity-catalog/models/${name}`, 'Bearer reader-token'],
      ['GET', '/api/2.0/mlflow/unity-catalog/registered-models/get', 'Bearer reader-token'],
      ['PUT', `/api/2.1/unity-catalog/models/${name}/aliases/champion`, 'Bearer actor-token'],
    ]);
    expect(JSON.parse(fake.seen[2]?.body ?? '')).toEqual({ version_num: 2 });
  });

  it('tells the owner', async () => {
    expect(await registryOn(fake.url).model(name)).toMatchObject({ owner: 'credit-owners' });
  });

  it('does not move an alias without an actor, and sends nothing', async () => {
    const error = await expectFailure(
      registryOn(fake.url, { actor: null }).setAlias(name, 'champion', '2'),
      'forbidden',
    );
    expect(error.remedy).toContain('workspace.actor');
    expect(fake.seen).toEqual([]);
  });

  it.each([
    ['403', json(403, { error_code: 'PERMISSION_DENIED', message: 'no' })],
    ['404 without JSON', html(404)],
    ['400', json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' })],
    ['a login page', html(200)],
    ['another shape', json(200, { model: {} })],
  ])('tells no tags when their face answers %s', async (_what, behaviour) => {
    const answer = unityCatalog(models);
    fake.always((seen, response) => (seen.path.includes('mlflow') ? behaviour : answer)(seen, response));
    expect((await registryOn(fake.url).model(name)).tags).toBeNull();
    expect(await registryOn(fake.url).version(name, '1')).toMatchObject({ ready: true, tags: null });
  });

  it('does not take passing trouble with the tags for their absence', async () => {
    const answer = unityCatalog(models);
    fake.always((seen, response) => (seen.path.includes('mlflow') ? json(503, {}) : answer)(seen, response));
    await expectFailure(registryOn(fake.url).model(name), 'unavailable');
  });

  it('asks for aliases by name where the answer has no list of them', async () => {
    const answer = unityCatalog(models);
    models.point(name, 'champion', '2');
    const bare = json(200, { full_name: name, owner: 'x' });
    fake.always((seen, response) => (seen.path.endsWith(name) ? bare : answer)(seen, response));
    const registry = registryOn(fake.url, { aliasNames: ['champion', 'rollback'] });
    expect((await registry.model(name)).aliases).toEqual({ champion: '2' });
    expect((await registryOn(fake.url).model(name)).aliases).toEqual({});
  });

  it('takes an invalid alias for a missing one, and trouble for trouble', async () => {
    const answer = unityCatalog(models);
    let alias = json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'alias not found' });
    fake.always((seen, response) => (seen.path.includes('/aliases/') ? alias : answer)(seen, response));
    const registry = registryOn(fake.url, { aliasNames: ['champion'] });
    expect((await registry.model(name)).aliases).toEqual({});
    alias = json(403, { error_code: 'PERMISSION_DENIED', message: 'no' });
    await expectFailure(registry.model(name), 'forbidden');
  });

  it.each([
    ['of another model', { full_name: 'main.risk.other', owner: 'x' }],
    [
      'with a fractional version',
      { full_name: name, aliases: [{ alias_name: 'champion', version_num: 1.5 }] },
    ],
    ['that is a list', []],
    ['that is null', null],
  ])('refuses an answer %s', async (_what, body) => {
    const answer = unityCatalog(models);
    fake.always((seen, response) => (seen.path.includes('/2.1/') ? json(200, body) : answer)(seen, response));
    await expectFailure(registryOn(fake.url).model(name), 'bad_answer');
  });

  it('takes names without regard to case, as the catalogue does', async () => {
    const answer = unityCatalog(models);
    const shouted = json(200, { full_name: 'MAIN.RISK.Credit_PD' });
    fake.always((seen, response) => (seen.path.endsWith(name) ? shouted : answer)(seen, response));
    expect(await registryOn(fake.url).model(name)).toMatchObject({ name, owner: null });
    fake.always((seen, response) => (seen.path.includes('/2.1/') ? shouted : answer)(seen, response));
    expect(await registryOn(fake.url).model('main.RISK.credit_PD')).toMatchObject({ owner: null });
  });

  it.each([
    ['PENDING_REGISTRATION', 'PENDING_REGISTRATION'],
    ['FAILED_REGISTRATION', 'FAILED_REGISTRATION'],
    [null, 'MODEL_VERSION_STATUS_UNKNOWN'],
  ])('does not take status %s for ready', async (status, told) => {
    const answer = unityCatalog(models);
    fake.always((seen, response) =>
      (seen.path.includes('/versions/') ? json(200, { version: 1, status }) : answer)(seen, response),
    );
    expect(await registryOn(fake.url).version(name, '1')).toMatchObject({ ready: false, status: told });
  });

  it('refuses the answer about another version', async () => {
    const answer = unityCatalog(models);
    fake.always((seen, response) =>
      (seen.path.includes('/versions/') ? json(200, { version: 3, status: 'READY' }) : answer)(
        seen,
        response,
      ),
    );
    await expectFailure(registryOn(fake.url).version(name, '1'), 'bad_answer');
  });

  it.each([
    ['a page', html(404)],
    ['an unknown path', json(404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'No API found' })],
  ])('does not take a 404 with %s for a missing version', async (_what, behaviour) => {
    fake.always(behaviour);
    await expectFailure(registryOn(fake.url).version(name, '1'), 'not_found');
  });

  it('escapes names, and refuses one that would leave its place in the URL', async () => {
    await expectFailure(registryOn(fake.url).setAlias(name, 'a/../b?c', '9'), 'not_found');
    expect(fake.seen[0]?.path).toBe(`/api/2.1/unity-catalog/models/${name}/aliases/a/../b?c`);
    await expectFailure(registryOn(fake.url).setAlias(name, '..', '2'), 'rejected');
    expect(fake.seen).toHaveLength(1);
  });

  it.each([
    [403, 'grant the reader EXECUTE'],
    [404, 'catalog.schema.model'],
    [500, 'other side'],
  ])('says after %i on a read what can be done', async (status, words) => {
    fake.always(json(status, {}));
    expect((await failureOf(registryOn(fake.url).model(name))).remedy).toContain(words);
  });

  it.each(['abc', '0', '1.5', '-1', '99999999999'])('sends nothing for version %s', async (version) => {
    await expectFailure(registryOn(fake.url).setAlias(name, 'champion', version), 'rejected');
    expect(fake.seen).toEqual([]);
  });

  it('says who must own the model when an alias may not be moved, and does not try again', async () => {
    fake.always(json(403, { error_code: 'PERMISSION_DENIED', message: 'User is not an owner of Model' }));
    const error = await expectFailure(registryOn(fake.url).setAlias(name, 'champion', '2'), 'forbidden');
    expect(error.message).toContain('User is not an owner of Model');
    expect(error.remedy).toContain('owner of the model');
    expect(fake.seen).toHaveLength(1);
  });
});
