import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveAlias } from '../../../src/simulator/workspace/people.ts';
import { type Fields, MODEL, type Rig, startRig } from '../support.ts';

const TAGS = '/api/2.0/mlflow/unity-catalog';

type Tagged = { readonly tags: readonly Fields[] };

describe('registry of the simulated workspace', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.workspace.close());

  const aliases = () => rig.workspace.snapshot().models['main.risk.credit_pd']?.aliases;
  const put = (alias: string, body: unknown, as: 'reader' | 'actor' = 'actor') =>
    rig.caller.call('PUT', `${MODEL}/aliases/${alias}`, { as, body });

  it('tells aliases only to who asks for them', async () => {
    expect((await rig.caller.call('GET', MODEL)).json()).not.toHaveProperty('aliases');
    const model = (await rig.caller.call('GET', `${MODEL}?include_aliases=true`)).json();
    expect(model).toMatchObject({
      full_name: 'main.risk.credit_pd',
      name: 'credit_pd',
      owner: 'retail-credit',
    });
    expect(model['aliases']).toEqual([
      { alias_name: 'champion', version_num: 6 },
      { alias_name: 'challenger', version_num: 7 },
    ]);
  });

  it('tells versions as integers here and as text with tags there', async () => {
    expect((await rig.caller.call('GET', `${MODEL}/versions/7`)).json()).toMatchObject({
      version: 7,
      status: 'READY',
    });
    const list = await rig.caller.call('GET', `${MODEL}/versions`);
    expect(list.json()['model_versions']).toHaveLength(2);
    const query = 'name=main.risk.credit_pd&version=7';
    const { model_version } = (
      await rig.caller.call('GET', `${TAGS}/model-versions/get?${query}`)
    ).json() as unknown as { model_version: Tagged };
    expect(model_version).toMatchObject({ version: '7', status: 'READY' });
    expect(model_version.tags).toContainEqual({ key: 'validation', value: 'approved' });
    const model = await rig.caller.call('GET', `${TAGS}/registered-models/get?name=main.risk.credit_pd`);
    expect((model.json()['registered_model'] as Tagged).tags).toContainEqual({
      key: 'risk_tier',
      value: 'high',
    });
  });

  it('leaves empty lists out of the second face', async () => {
    rig.workspace.change(moveAlias({ model: 'main.risk.mortgage_pd', alias: 'champion', version: null }));
    const answer = await rig.caller.call('GET', `${TAGS}/registered-models/get?name=main.risk.mortgage_pd`);
    expect(answer.json()['registered_model']).not.toHaveProperty('aliases');
  });

  it('moves an alias for the actor and for nobody else', async () => {
    expect((await put('champion', { version_num: 7 }, 'reader')).status).toBe(403);
    expect(aliases()).toEqual({ champion: 6, challenger: 7 });
    const moved = await put('champion', { version_num: 7 });
    expect(moved.json()).toEqual({ alias_name: 'champion', version_num: 7 });
    expect(aliases()).toEqual({ champion: 7, challenger: 7 });
    expect(rig.workspace.snapshot().models['main.risk.credit_pd']?.aliasPuts).toBe(1);
    expect((await rig.caller.call('GET', `${MODEL}/aliases/champion`)).json()).toMatchObject({ version: 7 });
  });

  it('removes an alias', async () => {
    expect((await rig.caller.call('DELETE', `${MODEL}/aliases/challenger`)).status).toBe(403);
    expect((await rig.caller.call('DELETE', `${MODEL}/aliases/challenger`, { as: 'actor' })).status).toBe(
      200,
    );
    expect((await rig.caller.call('DELETE', `${MODEL}/aliases/challenger`, { as: 'actor' })).status).toBe(
      404,
    );
    expect((await rig.caller.call('GET', `${MODEL}/aliases/challenger`)).status).toBe(404);
  });

  it.each([
    { what: 'a version as text', alias: 'champion', body: { version_num: '7' }, status: 400 },
    { what: 'no version', alias: 'champion', body: {}, status: 400 },
    { what: 'version 0', alias: 'champion', body: { version_num: 0 }, status: 400 },
    { what: 'a version that does not exist', alias: 'champion', body: { version_num: 8 }, status: 404 },
    { what: 'a reserved name', alias: 'v7', body: { version_num: 7 }, status: 400 },
    { what: 'another reserved name', alias: 'Latest', body: { version_num: 7 }, status: 400 },
    { what: 'a name with a space', alias: 'a%20b', body: { version_num: 7 }, status: 400 },
  ])('refuses $what', async ({ alias, body, status }) => {
    expect((await put(alias, body)).status).toBe(status);
    expect(aliases()).toEqual({ champion: 6, challenger: 7 });
  });

  it.each([
    '/api/2.1/unity-catalog/models/main.risk.nope',
    '/api/2.1/unity-catalog/models/main.risk.nope/versions',
    '/api/2.1/unity-catalog/models/main.risk.nope/aliases/champion',
    `${MODEL}/versions/8`,
    `${TAGS}/registered-models/get?name=nope`,
    `${TAGS}/model-versions/get?name=main.risk.credit_pd&version=8`,
  ])('says 404 for %s', async (path) => {
    const answer = await rig.caller.call('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.json()['error_code']).toBe('RESOURCE_DOES_NOT_EXIST');
  });
});
