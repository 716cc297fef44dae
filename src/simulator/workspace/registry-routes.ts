import { z } from 'zod';
import { type Answer, type Call, failure, ok, parseJson, type Surroundings } from './answer.ts';
import { type ModelState, type VersionState, type WorkspaceState, withModel } from './state.ts';

/**
 * Both faces of the registry: the documented one with aliases and integer versions, and the MLflow client's with tags and
 * versions as text. Like the real ones, the second leaves empty lists out.
 */

/** `GET /api/2.1/unity-catalog/models/{model}[?include_aliases=true]` */
export function getModel(call: Call, { state }: Surroundings): Answer {
  const model = modelOf(call, state);
  if (model === undefined) return noModel(call);
  const [catalog_name, schema_name, name] = model.name.split('.');
  const aliases = call.query.get('include_aliases') === 'true' ? { aliases: aliasViews(model) } : {};
  return ok({
    full_name: model.name,
    catalog_name,
    schema_name,
    name,
    owner: model.owner,
    comment: 'simulated',
    created_at: model.created,
    ...aliases,
  });
}

/** `GET .../models/{model}/versions` */
export function listVersions(call: Call, { state }: Surroundings): Answer {
  const model = modelOf(call, state);
  if (model === undefined) return noModel(call);
  return ok({ model_versions: model.versions.map((version) => versionView(model, version, false)) });
}

/** `GET .../models/{model}/versions/{version}` */
export function getVersion(call: Call, { state }: Surroundings): Answer {
  const model = modelOf(call, state);
  const version = model?.versions.find((one) => String(one.version) === call.parts['version']);
  if (model === undefined || version === undefined) return noVersion(call);
  return ok(versionView(model, version, call.query.get('include_aliases') === 'true'));
}

/** `GET .../models/{model}/aliases/{alias}` */
export function getAlias(call: Call, { state }: Surroundings): Answer {
  const model = modelOf(call, state);
  if (model === undefined) return noModel(call);
  const number = model.aliases[call.parts['alias'] ?? ''];
  const version = model.versions.find((one) => one.version === number);
  if (version === undefined) return noAlias(call);
  return ok(versionView(model, version, true));
}

const aliasBody = z.object({ version_num: z.number().int().min(1) });

/** `PUT .../models/{model}/aliases/{alias}`: the last writer wins, there is no condition. */
export function putAlias(call: Call, { state }: Surroundings): Answer {
  const alias = call.parts['alias'] ?? '';
  const model = modelOf(call, state);
  if (model === undefined) return noModel(call);
  if (call.role !== 'actor') return notOwner(model);
  if (!/^[\w-]{1,255}$/.test(alias) || /^(latest|v\d+)$/i.test(alias)) {
    return failure(400, 'INVALID_PARAMETER_VALUE', `'${alias}' cannot be an alias.`);
  }
  const body = aliasBody.safeParse(parseJson(call.body));
  if (!body.success) return failure(400, 'INVALID_PARAMETER_VALUE', 'version_num must be an integer.');
  const number = body.data.version_num;
  if (!model.versions.some((version) => version.version === number)) return noVersion(call, String(number));
  const changed = { ...withAlias(model, alias, number), aliasPuts: model.aliasPuts + 1 };
  return ok({ alias_name: alias, version_num: number }, withModel(state, changed));
}

/** `DELETE .../models/{model}/aliases/{alias}` */
export function deleteAlias(call: Call, { state }: Surroundings): Answer {
  const model = modelOf(call, state);
  if (model === undefined) return noModel(call);
  if (call.role !== 'actor') return notOwner(model);
  const alias = call.parts['alias'] ?? '';
  if (model.aliases[alias] === undefined) return noAlias(call);
  return ok({}, withModel(state, withAlias(model, alias, null)));
}

/** `GET /api/2.0/mlflow/unity-catalog/registered-models/get?name=` */
export function getModelTags(call: Call, { state }: Surroundings): Answer {
  const model = state.models[call.query.get('name') ?? ''];
  if (model === undefined) return noModel(call);
  const aliases = Object.entries(model.aliases).map(([alias, version]) => ({
    alias,
    version: String(version),
  }));
  return ok({
    registered_model: withoutEmpty({
      name: model.name,
      user_id: model.owner,
      creation_timestamp: model.created,
      tags: tagViews(model.tags),
      aliases,
    }),
  });
}

/** `GET /api/2.0/mlflow/unity-catalog/model-versions/get?name=&version=` */
export function getVersionTags(call: Call, { state }: Surroundings): Answer {
  const model = state.models[call.query.get('name') ?? ''];
  const version = model?.versions.find((one) => String(one.version) === call.query.get('version'));
  if (model === undefined || version === undefined) return noVersion(call);
  return ok({
    model_version: withoutEmpty({
      name: model.name,
      version: String(version.version),
      status: version.status,
      user_id: version.createdBy,
      run_id: version.runId,
      creation_timestamp: version.created,
      tags: tagViews(version.tags),
    }),
  });
}

/** The model with one alias set, or without it when `version` is null. */
export function withAlias(model: ModelState, alias: string, version: number | null): ModelState {
  const { [alias]: _before, ...others } = model.aliases;
  return { ...model, aliases: version === null ? others : { ...others, [alias]: version } };
}

function modelOf(call: Call, state: WorkspaceState): ModelState | undefined {
  return state.models[call.parts['model'] ?? ''];
}

function aliasViews(model: ModelState): object[] {
  return Object.entries(model.aliases).map(([alias_name, version_num]) => ({ alias_name, version_num }));
}

function tagViews(tags: { readonly [key: string]: string }): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function versionView(model: ModelState, version: VersionState, withAliases: boolean): object {
  const [catalog_name, schema_name, model_name] = model.name.split('.');
  const aliases = aliasViews(model).filter(
    (alias) => 'version_num' in alias && alias.version_num === version.version,
  );
  return {
    catalog_name,
    schema_name,
    model_name,
    version: version.version,
    status: version.status,
    run_id: version.runId,
    created_by: version.createdBy,
    created_at: version.created,
    ...(withAliases && aliases.length > 0 ? { aliases } : {}),
  };
}

function withoutEmpty(fields: { readonly [key: string]: unknown }): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

function noModel(call: Call): Answer {
  const name = call.parts['model'] ?? call.query.get('name');
  return failure(404, 'RESOURCE_DOES_NOT_EXIST', `Registered model '${name}' does not exist.`);
}

function noVersion(call: Call, number = call.parts['version'] ?? call.query.get('version')): Answer {
  const name = call.parts['model'] ?? call.query.get('name');
  return failure(404, 'RESOURCE_DOES_NOT_EXIST', `Model version '${name}/${number}' does not exist.`);
}

function noAlias(call: Call): Answer {
  return failure(
    404,
    'RESOURCE_DOES_NOT_EXIST',
    `Registered model alias '${call.parts['alias']}' does not exist.`,
  );
}

function notOwner(model: ModelState): Answer {
  return failure(403, 'PERMISSION_DENIED', `Ownership of registered model '${model.name}' is required.`);
}
