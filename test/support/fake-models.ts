import type { ServerResponse } from 'node:http';
import { type Behaviour, html, json, type Seen } from './http-fake.ts';

type Tags = { readonly [key: string]: string };

export interface FakeModel {
  readonly name: string;
  readonly owner: string;
  readonly versions: number;
  readonly tags: Tags;
  readonly versionTags: { readonly [version: string]: Tags };
  readonly aliases: Map<string, string>;
}

/** Models behind a fake registry, by name. */
export class FakeModels {
  readonly byName = new Map<string, FakeModel>();

  add(
    name: string,
    model: { versions: number; tags?: Tags; versionTags?: { readonly [version: string]: Tags } },
  ): string {
    const { versions, tags = {}, versionTags = {} } = model;
    this.byName.set(name, { name, owner: 'credit-owners', versions, tags, versionTags, aliases: new Map() });
    return name;
  }

  point(model: string, alias: string, version: string): void {
    this.byName.get(model)?.aliases.set(alias, version);
  }

  has(model: FakeModel, version: string): boolean {
    return /^\d+$/.test(version) && Number(version) >= 1 && Number(version) <= model.versions;
  }
}

const missing = (what: string, code = 'RESOURCE_DOES_NOT_EXIST'): Behaviour =>
  json(404, { error_code: code, message: `${what} does not exist.` });
const invalid = (message: string): Behaviour => json(400, { error_code: 'INVALID_PARAMETER_VALUE', message });

/** As such servers do, an empty list is left out. */
function tagList(tags: Tags | undefined): { tags?: { key: string; value: string }[] } {
  const list = Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
  return list.length > 0 ? { tags: list } : {};
}

/** The documented face of Unity Catalog and, for tags, the face for MLflow clients. */
export function unityCatalog(models: FakeModels): Behaviour {
  return (seen, response) => {
    answerUnityCatalog(models, seen)(seen, response);
  };
}

function answerUnityCatalog(models: FakeModels, seen: Seen): Behaviour {
  if (seen.path.startsWith('/api/2.0/mlflow/unity-catalog/'))
    return answerMlflow(models, seen, '/api/2.0/mlflow/unity-catalog');
  const [, full = '', below, name = ''] =
    /^\/api\/2\.1\/unity-catalog\/models\/([^/]+)(?:\/(versions|aliases)\/([^/]+))?$/.exec(seen.path) ?? [];
  if (full === '')
    return json(404, { error_code: 'ENDPOINT_NOT_FOUND', message: `No API found for '${seen.path}'` });
  const model = models.byName.get(full);
  if (model === undefined) return missing(`Routine or Model '${full}'`);
  if (below === 'versions') {
    if (!models.has(model, name)) return missing(`Version ${name}`, 'MODEL_VERSION_DOES_NOT_EXIST');
    return json(200, { version: Number(name), status: 'READY' });
  }
  if (below === 'aliases')
    return seen.method === 'PUT' ? putAlias(models, model, { alias: name, seen }) : getAlias(model, name);
  return json(200, shownModel(model, seen.query.get('include_aliases') === 'true'));
}

function shownModel(model: FakeModel, withAliases: boolean): unknown {
  const aliases = [...model.aliases].map(([alias, version]) => ({
    alias_name: alias,
    version_num: Number(version),
  }));
  const listed = withAliases && aliases.length > 0 ? { aliases } : {};
  return { full_name: model.name, owner: model.owner, ...listed };
}

function getAlias(model: FakeModel, alias: string): Behaviour {
  const version = model.aliases.get(alias);
  return version === undefined
    ? missing(`Alias ${alias}`)
    : json(200, { version: Number(version), status: 'READY' });
}

function putAlias(
  models: FakeModels,
  model: FakeModel,
  { alias, seen }: { alias: string; seen: Seen },
): Behaviour {
  const { version_num: version } = JSON.parse(seen.body) as { version_num: unknown };
  if (typeof version !== 'number') return invalid('version_num must be an integer');
  if (!models.has(model, String(version)))
    return missing(`Version ${version}`, 'MODEL_VERSION_DOES_NOT_EXIST');
  model.aliases.set(alias, String(version));
  return json(200, { alias_name: alias, version_num: version });
}

/** An MLflow tracking server, as 3.17.2 was seen to answer. */
export function mlflow(models: FakeModels): Behaviour {
  return (seen: Seen, response: ServerResponse) => {
    answerMlflow(models, seen, '/api/2.0/mlflow')(seen, response);
  };
}

function answerMlflow(models: FakeModels, seen: Seen, prefix: string): Behaviour {
  const fields = (seen.body === '' ? Object.fromEntries(seen.query) : JSON.parse(seen.body)) as {
    readonly [field: string]: unknown;
  };
  const route = `${seen.method} ${seen.path.slice(prefix.length + 1)}`;
  const known = ['GET registered-models/get', 'GET model-versions/get', 'POST registered-models/alias'];
  if (!known.includes(route)) return html(404);
  const model = models.byName.get(String(fields['name']));
  if (model === undefined) return missing(`Registered Model with name=${String(fields['name'])}`);
  if (route === 'GET registered-models/get') {
    const aliases = [...model.aliases].map(([alias, version]) => ({ alias, version }));
    const listed = aliases.length > 0 && prefix === '/api/2.0/mlflow' ? { aliases } : {};
    return json(200, { registered_model: { name: model.name, ...tagList(model.tags), ...listed } });
  }
  const version = fields['version'];
  if (typeof version !== 'string') return invalid(`Invalid value ${String(version)} for parameter 'version'`);
  if (!/^\d+$/.test(version)) return invalid(`Parameter 'version' must be an integer, got '${version}'.`);
  if (!models.has(model, version)) return missing(`Model Version (version=${version})`);
  if (route === 'POST registered-models/alias') {
    model.aliases.set(String(fields['alias']), version);
    return json(200, {});
  }
  return json(200, {
    model_version: { name: model.name, version, status: 'READY', ...tagList(model.versionTags[version]) },
  });
}
