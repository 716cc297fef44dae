import { z } from 'zod';
import type { RegistryConfig } from '../../config/config.ts';
import { dictionary, jsonBody, type RemoteCall, type RemoteClient } from '../../remote/call.ts';
import { createClient } from '../../remote/client.ts';
import { createBasicAuth } from '../../remote/credentials.ts';
import { saysMissing } from '../../remote/error.ts';
import { ask, badAnswer } from '../../remote/parse.ts';
import { withReadRetries } from '../../remote/retry.ts';
import { clientDeps, type RemoteDeps, readRetries } from '../../remote/workspace.ts';
import type { Registry } from '../registry.ts';
import { Tags } from '../tags.ts';
import { isVersion, requireVersion } from '../version.ts';

const API = '/api/2.0/mlflow';

// MLflow leaves out empty lists and unset fields, and writes versions as text.
const Version = z.string().regex(/^\d+$/);
const ModelAnswer = z.object({
  registered_model: z.object({
    name: z.string(),
    tags: Tags,
    aliases: z.array(z.object({ alias: z.string(), version: Version })).nullish(),
  }),
});
const VersionAnswer = z.object({
  model_version: z.object({ version: Version, status: z.string().nullish(), tags: Tags }),
});

export type MlflowConfig = Extract<RegistryConfig, { readonly kind: 'mlflow' }>;

/** The way to an MLflow server, without credentials or with user name and password. */
export function createMlflowClient(config: MlflowConfig, deps: RemoteDeps): RemoteClient {
  const { auth } = config;
  const place = `MLflow user ${auth?.username}`;
  const client = createClient({
    ...clientDeps(deps),
    name: 'MLflow',
    baseUrl: config.url,
    credentials:
      auth === null
        ? null
        : createBasicAuth(auth.username, { place, ref: auth.password, readSecret: deps.readSecret }),
  });
  return withReadRetries(client, readRetries(deps));
}

/**
 * Models on an MLflow server (written against 3.17). Its permission EDIT is enough: an alias is moved, never deleted.
 * MLflow knows no owner; a tag may name one.
 */
export function createMlflowRegistry(client: RemoteClient): Registry {
  return {
    async model(name) {
      const place = `reading model ${name}`;
      const path = `${API}/registered-models/get`;
      const call: RemoteCall = { method: 'GET', path, query: { name }, place, remedy };
      const found = (await ask(client, call, ModelAnswer)).registered_model;
      if (found.name !== name) throw badAnswer(client, place, 'is about another model');
      const aliases = (found.aliases ?? []).map(({ alias, version }) => [alias, version] as const);
      return { name, owner: null, tags: found.tags, aliases: dictionary(aliases) };
    },
    async version(name, version) {
      if (!isVersion(version)) return null;
      const place = `reading version ${version} of model ${name}`;
      const path = `${API}/model-versions/get`;
      try {
        const call: RemoteCall = { method: 'GET', path, query: { name, version }, place, remedy };
        const found = (await ask(client, call, VersionAnswer)).model_version;
        if (found.version !== version) throw badAnswer(client, place, `is about version ${found.version}`);
        const status = found.status ?? 'UNKNOWN';
        return { version, ready: status === 'READY', status, tags: found.tags };
      } catch (error) {
        if (saysMissing(error)) return null;
        throw error;
      }
    },
    async setAlias(name, alias, version) {
      const place = `pointing alias ${alias} of model ${name} at version ${version}`;
      requireVersion(version, place);
      const path = `${API}/registered-models/alias`;
      await client.request({ method: 'POST', path, body: jsonBody({ name, alias, version }), place, remedy });
    },
  };
}

/** MLflow refuses unknown Host headers with the same 403 as a missing permission, and only its text tells them apart. */
function remedy(reason: string, said: string): string | null {
  if (reason !== 'forbidden') return null;
  return /invalid host header/i.test(said)
    ? 'start mlflow server with --allowed-hosts naming the host of registry.url with and without its port'
    : 'give the MLflow user EDIT on the registered model (READ is enough as long as nothing is rolled back)';
}
