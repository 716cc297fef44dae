import { dictionary, jsonBody, type RemoteCall, type RemoteClient, segment } from '../../remote/call.ts';
import { RemoteError, saysMissing } from '../../remote/error.ts';
import { ask, badAnswer } from '../../remote/parse.ts';
import { noActor } from '../../remote/refuse.ts';
import type { ModelVersion, RegisteredModel, Registry } from '../registry.ts';
import { isVersion, requireVersion } from '../version.ts';
import { ModelAnswer, ModelTagsAnswer, VersionAnswer, VersionTagsAnswer } from './schema.ts';

export interface UnityCatalogOptions {
  readonly reader: RemoteClient;
  /** Null: no alias can be moved. */
  readonly actor: RemoteClient | null;
  /** Aliases to ask for one by one where the answer about a model has no list of them. */
  readonly aliasNames?: readonly string[];
}

const MODELS = '/api/2.1/unity-catalog/models';
/** The face for MLflow clients: the only one that tells tags. It is not documented, so nothing but tags hangs on it. */
const MLFLOW_FACE = '/api/2.0/mlflow/unity-catalog';

/**
 * Models in Unity Catalog. Reads need EXECUTE on the model (and USE CATALOG, USE SCHEMA), moving an alias its ownership.
 * Source: the vendor's REST reference of registered models; tags as its own MLflow client reads them.
 */
export function createUnityCatalogRegistry(options: UnityCatalogOptions): Registry {
  const { reader, actor } = options;
  return {
    async model(name) {
      const [found, tags] = await Promise.all([readModel(options, name), modelTags(reader, name)]);
      return { ...found, tags };
    },
    version: (name, version) => readVersion(reader, name, version),
    async setAlias(name, alias, version) {
      const place = `pointing alias ${alias} of model ${name} at version ${version}`;
      requireVersion(version, place);
      if (actor === null) throw noActor(place);
      await actor.request({
        method: 'PUT',
        path: `${MODELS}/${segment(name)}/aliases/${segment(alias)}`,
        body: jsonBody({ version_num: Number(version) }),
        place,
        remedy: (reason) =>
          reason === 'forbidden'
            ? 'make a group that holds the actor the owner of the model: only owners may move an alias'
            : null,
      });
    },
  };
}

type ModelFace = Omit<RegisteredModel, 'tags'>;

async function readModel({ reader, aliasNames }: UnityCatalogOptions, name: string): Promise<ModelFace> {
  const call = readCall(name, `reading model ${name}`, '');
  const model = await ask(reader, call, ModelAnswer);
  // Names are case-insensitive in Unity Catalog and come back in lower case.
  if ((model.full_name ?? name).toLowerCase() !== name.toLowerCase()) {
    throw badAnswer(reader, call.place, 'is about another model');
  }
  const aliases =
    model.aliases?.map((alias) => [alias.alias_name, alias.version_num] as const) ??
    (await aliasesOneByOne(reader, name, aliasNames ?? []));
  return { name, owner: model.owner ?? null, aliases: dictionary(aliases) };
}

async function aliasesOneByOne(
  reader: RemoteClient,
  name: string,
  aliasNames: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const alias of aliasNames) {
    const path = `${MODELS}/${segment(name)}/aliases/${segment(alias)}`;
    const place = `reading alias ${alias} of model ${name}`;
    try {
      const { version } = await ask(reader, { method: 'GET', path, place }, VersionAnswer);
      found.push([alias, version]);
    } catch (error) {
      // Depending on the backend a missing alias is "does not exist" or an invalid value.
      if (!saysMissing(error) && !(error instanceof RemoteError && error.reason === 'rejected')) throw error;
    }
  }
  return found;
}

async function readVersion(
  reader: RemoteClient,
  name: string,
  version: string,
): Promise<ModelVersion | null> {
  if (!isVersion(version)) return null;
  const call = readCall(name, `reading version ${version} of model ${name}`, `/versions/${version}`);
  try {
    const [found, tags] = await Promise.all([
      ask(reader, call, VersionAnswer),
      versionTags(reader, name, version),
    ]);
    if (found.version !== version) throw badAnswer(reader, call.place, `is about version ${found.version}`);
    const status = found.status ?? 'MODEL_VERSION_STATUS_UNKNOWN';
    return { version, ready: status === 'READY', status, tags };
  } catch (error) {
    if (saysMissing(error)) return null;
    throw error;
  }
}

function readCall(name: string, place: string, below: string): RemoteCall {
  return {
    method: 'GET',
    path: `${MODELS}/${segment(name)}${below}`,
    query: { include_aliases: 'true' },
    place,
    remedy(reason) {
      if (reason === 'forbidden')
        return `grant the reader EXECUTE on model ${name}, USE CATALOG and USE SCHEMA`;
      return reason === 'not_found' ? `check registeredModel ${name}: catalog.schema.model` : null;
    },
  };
}

type TagMap = RegisteredModel['tags'];

async function modelTags(reader: RemoteClient, name: string): Promise<TagMap> {
  return await tagsOrNull(async () => {
    const path = `${MLFLOW_FACE}/registered-models/get`;
    const place = `reading the tags of model ${name}`;
    const answer = await ask(reader, { method: 'GET', path, query: { name }, place }, ModelTagsAnswer);
    return answer.registered_model.tags;
  });
}

async function versionTags(reader: RemoteClient, name: string, version: string): Promise<TagMap> {
  return await tagsOrNull(async () => {
    const path = `${MLFLOW_FACE}/model-versions/get`;
    const place = `reading the tags of version ${version} of model ${name}`;
    const query = { name, version };
    const answer = await ask(reader, { method: 'GET', path, query, place }, VersionTagsAnswer);
    return answer.model_version.tags;
  });
}

/** A face that is not there or not for us tells no tags. Trouble that will pass is thrown: tags must not flicker. */
async function tagsOrNull(read: () => Promise<TagMap>): Promise<TagMap> {
  try {
    return await read();
  } catch (error) {
    const silent: readonly string[] = ['forbidden', 'not_found', 'rejected', 'bad_answer'];
    if (error instanceof RemoteError && silent.includes(error.reason)) return null;
    throw error;
  }
}
