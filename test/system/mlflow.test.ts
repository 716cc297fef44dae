import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { createMlflowClient, createMlflowRegistry } from '../../src/registry/mlflow/registry.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { describeRegistry, type RegistryFixture } from '../contracts/registry.ts';
import { expectFailure } from '../support/fails.ts';
import { startHttpFake } from '../support/http-fake.ts';
import { testDeps } from '../support/remote-deps.ts';
import { MLFLOW_VERSION, MlflowServer } from './mlflow-server.ts';

// One server for the file: it takes ten seconds to start. Installing it, the first time, takes longer than any test may.
const server = await MlflowServer.create();
await server.start();
afterAll(() => server.destroy(), 60_000);

function registryOn(url: string, timeoutMs = 30_000): Registry {
  return createMlflowRegistry(
    createMlflowClient({ kind: 'mlflow', url, auth: null }, testDeps({}, { timeoutMs })),
  );
}

async function createModel({
  versions,
  tags,
  versionTags,
}: Parameters<RegistryFixture['createModel']>[0]): Promise<string> {
  const name = `credit pd ${randomUUID()}`;
  await server.post('registered-models/create', { name, tags: tagList(tags) });
  for (let version = 1; version <= versions; version += 1) {
    const own = tagList(versionTags?.[String(version)]);
    await server.post('model-versions/create', { name, source: `s3://bucket/model/${version}`, tags: own });
  }
  return name;
}

function tagList(tags: { readonly [key: string]: string } | undefined): { key: string; value: string }[] {
  return Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
}

describeRegistry(`MLflow ${MLFLOW_VERSION}`, async () => ({
  registry: registryOn(server.url),
  tellsTags: true,
  createModel,
  pointAlias: ({ model, alias, version }) =>
    server.post('registered-models/alias', { name: model, alias, version }),
  close: async () => undefined,
}));

describe(`MLflow ${MLFLOW_VERSION} in trouble`, () => {
  const registry = registryOn(server.url);

  it('leaves open what became of a write whose answer was lost; reading tells', async () => {
    const model = await createModel({ versions: 2 });
    await registry.setAlias(model, 'champion', '1');
    const { proxy, url } = await answersLost(new URL(server.url).port);
    await expectFailure(registryOn(url).setAlias(model, 'champion', '2'), 'network');
    proxy.close();
    expect((await registry.model(model)).aliases).toEqual({ champion: '2' });
  });

  it('times out on a server that stands still', async () => {
    const model = await createModel({ versions: 1 });
    server.signal('SIGSTOP');
    try {
      await expectFailure(registryOn(server.url, 200).setAlias(model, 'champion', '1'), 'timeout');
    } finally {
      server.signal('SIGCONT');
    }
    expect(await registry.model(model)).toMatchObject({ name: model });
  });

  it('forgets the alias of a deleted version without a word', async () => {
    const model = await createModel({ versions: 2 });
    await registry.setAlias(model, 'champion', '2');
    await fetch(`${server.url}/api/2.0/mlflow/model-versions/delete`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: model, version: '2' }),
    });
    expect((await registry.model(model)).aliases).toEqual({});
    expect(await registry.version(model, '2')).toBeNull();
  });

  it.each(['v1', 'latest', 'two words', ''])('refuses the alias name "%s"', async (alias) => {
    const model = await createModel({ versions: 1 });
    await expectFailure(registry.setAlias(model, alias, '1'), 'rejected');
  });

  it('refuses a host name that it was not told about, and the remedy says so', async () => {
    const stranger = await startHttpFake((seen, response) => {
      const path = `${seen.path}?${seen.query.toString()}`;
      const port = Number(new URL(server.url).port);
      request({ port, path, headers: { host: 'registry.bank.example' } }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }).end();
    });
    const error = await expectFailure(registryOn(stranger.url).model('any'), 'forbidden');
    expect(error.remedy).toContain('--allowed-hosts');
    await stranger.close();
  });

  it('takes a server below another path for a wrong URL, not for a missing version', async () => {
    await expectFailure(registryOn(`${server.url}/mlflow`).version('any', '1'), 'not_found');
  });

  it('has lost nothing that it acknowledged when it is killed and started again', async () => {
    const model = await createModel({ versions: 2 });
    await registry.setAlias(model, 'champion', '2');
    await server.kill();
    const error = await expectFailure(registry.model(model), 'network');
    expect(error.message).toMatch(/ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET/);
    await server.start();
    expect((await registry.model(model)).aliases).toEqual({ champion: '2' });
  }, 90_000);
});

/** Hands requests on, and hangs up as soon as the answer comes: carried out, but nobody is told. */
async function answersLost(port: string): Promise<{ readonly proxy: Server; readonly url: string }> {
  const proxy = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    near.pipe(far);
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    far.once('data', () => {
      near.resetAndDestroy();
      far.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { proxy, url: `http://127.0.0.1:${address.port}` };
}
