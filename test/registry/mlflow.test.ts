import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createMlflowClient,
  createMlflowRegistry,
  type MlflowConfig,
} from '../../src/registry/mlflow/registry.ts';
import { describeRegistry } from '../contracts/registry.ts';
import { expectFailure, failureOf } from '../support/fails.ts';
import { FakeModels, mlflow } from '../support/fake-models.ts';
import { type HttpFake, html, json, reset, startHttpFake, text } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';

function registryOn(url: string, auth: MlflowConfig['auth'] = null) {
  return createMlflowRegistry(
    createMlflowClient({ kind: 'mlflow', url, auth }, testDeps({ PASSWORD: 'päss wörd' })),
  );
}

describeRegistry('MLflow against a fake', async () => {
  const models = new FakeModels();
  const fake = await startHttpFake(mlflow(models));
  return {
    registry: registryOn(fake.url),
    tellsTags: true,
    createModel: async (model) => models.add(`credit pd/${models.byName.size}`, model),
    pointAlias: async ({ model, alias, version }) => models.point(model, alias, version),
    close: () => fake.close(),
  };
});

describe('MLflow', () => {
  const models = new FakeModels();
  const name = models.add('credit_pd', { versions: 3 });
  let fake: HttpFake;
  beforeEach(async () => {
    fake = await startHttpFake(mlflow(models));
  });
  afterEach(async () => {
    await fake.close();
  });

  it('sends the version as text and, with a user, basic authentication', async () => {
    const registry = registryOn(fake.url, { username: 'driftwarden', password: { env: 'PASSWORD' } });
    await registry.setAlias(name, 'champion', '2');
    expect(JSON.parse(fake.seen[0]?.body ?? '')).toEqual({ name, alias: 'champion', version: '2' });
    const login = Buffer.from(fake.seen[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString('utf8');
    expect(login).toBe('driftwarden:päss wörd');
  });

  it('sends no credentials where none are configured', async () => {
    await registryOn(fake.url).model(name);
    expect(fake.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('recognises a host name that the server was not told about', async () => {
    fake.always(
      text(403, 'Invalid Host header - possible DNS rebinding attack detected', {
        'content-type': 'text/plain',
      }),
    );
    const error = await expectFailure(registryOn(fake.url).model(name), 'forbidden');
    expect(error.remedy).toContain('--allowed-hosts');
  });

  it('names the permission when the user lacks it', async () => {
    fake.always(html(403, 'Permission denied'));
    const error = await expectFailure(registryOn(fake.url).setAlias(name, 'champion', '1'), 'forbidden');
    expect(error.remedy).toContain('EDIT');
  });

  it('has the general remedy for everything else', async () => {
    fake.always(json(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no' }));
    expect((await failureOf(registryOn(fake.url).model(name))).remedy).toContain('check the name');
  });

  it('takes a 404 page for a wrong URL, not for a missing version', async () => {
    fake.always(html(404));
    await expectFailure(registryOn(fake.url).version(name, '1'), 'not_found');
  });

  it.each([
    ['model', { registered_model: { name: 'other' } }],
    ['shape', { registered_model: { name, aliases: [{ alias: 'champion', version: 2 }] } }],
    ['kind', {}],
  ])('refuses an answer of another %s', async (_what, body) => {
    fake.always(json(200, body));
    await expectFailure(registryOn(fake.url).model(name), 'bad_answer');
  });

  it('refuses the answer about another version, and takes no status for not ready', async () => {
    fake.always(json(200, { model_version: { version: '3' } }));
    await expectFailure(registryOn(fake.url).version(name, '1'), 'bad_answer');
    expect(await registryOn(fake.url).version(name, '3')).toMatchObject({ ready: false, status: 'UNKNOWN' });
  });

  it('repeats a read whose connection broke, and never a write', async () => {
    fake.next(reset());
    expect(await registryOn(fake.url).model(name)).toMatchObject({ name });
    expect(fake.seen).toHaveLength(2);
    fake.next(reset());
    await expectFailure(registryOn(fake.url).setAlias(name, 'champion', '1'), 'network');
    expect(fake.seen).toHaveLength(3);
  });
});
