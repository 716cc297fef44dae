import { dirname, resolve as resolvePath } from 'node:path';
import { canonicalHash } from '../audit/canonical.ts';
import { splitListen } from './addresses.ts';
import type { Config, CredentialsConfig, HttpConfig, RegistryConfig, SecretRef } from './config.ts';
import type { Draft } from './draft.ts';
import { deepFreeze, nameMap } from './names.ts';
import { type Absolute, milliseconds, present, resolveModel } from './resolve-model.ts';
import type { FileInput } from './schema.ts';

/** The configuration the program gets, from a draft without problems: absolute paths, milliseconds, frozen, hashed. */
export function resolveConfig(draft: Draft): Config {
  const path = resolvePath(draft.main.file);
  const absolute: Absolute = (relative) => resolvePath(dirname(path), relative);
  const { input } = draft;
  const content: Omit<Config, 'path' | 'hash'> = {
    workspace: workspace(input, absolute),
    warehouse: warehouse(input, absolute),
    registry: registry(input, absolute),
    serving: serving(input, absolute),
    store: store(input, absolute),
    http: http(input, absolute),
    audit: audit(input, absolute),
    owners: owners(input),
    ticketDesks: desks(input, absolute),
    actions: actions(input, absolute),
    calendar: calendar(input),
    metrics: {
      topFeatures: present(input.metrics?.topFeatures, 'metrics.topFeatures'),
      maxSeries: present(input.metrics?.maxSeries, 'metrics.maxSeries'),
    },
    models: nameMap(
      draft.models.map((model) => [model.name, resolveModel(model.name, model.input, absolute)]),
    ),
  };
  return deepFreeze({ path, hash: canonicalHash(content), ...content });
}

function secretAt(secret: SecretRef, absolute: Absolute): SecretRef {
  return 'file' in secret ? { file: absolute(secret.file) } : secret;
}

/** What `not-yet.ts` refuses has no place in Config; were a row deleted too early, this says so. */
function notBuilt(what: string): Error {
  return new Error(`${what} was accepted, and the program cannot do it yet`);
}

function workspace({ workspace }: FileInput, absolute: Absolute): Config['workspace'] {
  if (workspace === undefined) return null;
  const { url, reader, actor } = workspace;
  return {
    url: new URL(url).origin,
    reader: credentials(reader, absolute),
    actor: actor === undefined ? null : credentials(actor, absolute),
  };
}

function credentials(
  given: NonNullable<FileInput['workspace']>['reader'],
  absolute: Absolute,
): CredentialsConfig {
  if (given.federation !== undefined) throw notBuilt('federation');
  if (given.token !== undefined) return { kind: 'token', token: secretAt(given.token, absolute) };
  return {
    kind: 'oauth',
    clientId: present(given.clientId, 'clientId'),
    clientSecret: secretAt(present(given.clientSecret, 'clientSecret'), absolute),
  };
}

function warehouse({ warehouse }: FileInput, absolute: Absolute): Config['warehouse'] {
  if (warehouse?.kind !== 'duckdb') {
    return {
      kind: 'databricks',
      httpPath: present(warehouse?.httpPath, 'warehouse.httpPath'),
      concurrency: present(warehouse?.concurrency, 'warehouse.concurrency'),
      statementTimeout: milliseconds(warehouse?.statementTimeout, 'warehouse.statementTimeout'),
    };
  }
  return {
    kind: 'duckdb',
    database: warehouse.database === undefined ? null : absolute(warehouse.database),
    tables: nameMap(Object.entries(warehouse.tables ?? {}).map(([table, path]) => [table, absolute(path)])),
    threads: warehouse.threads ?? null,
    memoryLimit: warehouse.memoryLimit ?? null,
    concurrency: present(warehouse.concurrency, 'warehouse.concurrency'),
    statementTimeout: milliseconds(warehouse.statementTimeout, 'warehouse.statementTimeout'),
  };
}

function registry({ registry }: FileInput, absolute: Absolute): RegistryConfig {
  if (registry?.kind === 'none') return { kind: 'none' };
  if (registry?.kind !== 'mlflow') return { kind: 'unity-catalog' };
  const { url, auth } = registry;
  return {
    kind: 'mlflow',
    url: url.replace(/\/+$/, ''),
    auth:
      auth === undefined ? null : { username: auth.username, password: secretAt(auth.password, absolute) },
  };
}

function serving({ serving }: FileInput, absolute: Absolute): Config['serving'] {
  if (serving?.kind === 'none') return { kind: 'none' };
  if (serving?.kind !== 'webhook') return { kind: 'databricks' };
  const secret = serving.secret === undefined ? null : secretAt(serving.secret, absolute);
  return { kind: 'webhook', url: serving.url, secret };
}

function store({ store }: FileInput, absolute: Absolute): Config['store'] {
  if (store === undefined || store.kind === 'postgres') throw notBuilt('store.kind postgres');
  return { kind: 'sqlite', path: absolute(present(store.path, 'store.path')) };
}

function http({ http }: FileInput, absolute: Absolute): HttpConfig {
  if (http?.auth?.kind === 'basic') throw notBuilt('http.auth.kind basic');
  return {
    ...splitListen(present(http?.listen, 'http.listen')),
    publicUrl: http?.publicUrl?.replace(/\/+$/, '') ?? null,
    auth:
      http?.auth === undefined
        ? null
        : {
            kind: 'bearer',
            tokens: http.auth.tokens.map(({ name, token, roles }) => ({
              name,
              token: secretAt(token, absolute),
              roles,
            })),
          },
  };
}

function audit({ audit }: FileInput, absolute: Absolute): Config['audit'] {
  const every = present(audit?.checkpointEvery, 'audit.checkpointEvery');
  return {
    signingKey: absolute(present(audit?.signingKey, 'audit.signingKey').file),
    checkpointEvery:
      typeof every === 'number'
        ? { records: every }
        : { milliseconds: milliseconds(every, 'audit.checkpointEvery') },
  };
}

function owners({ owners }: FileInput): Config['owners'] {
  return nameMap(
    Object.entries(owners ?? {}).map(([name, owner]) => [
      name,
      {
        email: owner.email ?? null,
        ticketDesk: owner.ticketDesk ?? null,
        escalateTo: owner.escalateTo ?? null,
        escalateAfter:
          owner.escalateTo === undefined ? null : milliseconds(owner.escalateAfter, 'escalateAfter'),
      },
    ]),
  );
}

function desks({ ticketDesks }: FileInput, absolute: Absolute): Config['ticketDesks'] {
  return nameMap(
    Object.entries(ticketDesks ?? {}).map(([name, desk]) => {
      if (desk.kind !== 'webhook') throw notBuilt(`a desk of kind ${desk.kind}`);
      const secret = desk.secret === undefined ? null : secretAt(desk.secret, absolute);
      return [name, { kind: 'webhook', url: desk.url, secret }];
    }),
  );
}

function actions({ actions }: FileInput, absolute: Absolute): Config['actions'] {
  const killSwitch = actions?.killSwitch ?? null;
  return {
    killSwitch: killSwitch === null ? null : absolute(killSwitch),
    maxRollbacksPerHour: present(actions?.maxRollbacksPerHour, 'actions.maxRollbacksPerHour'),
    maxShareOfModels: present(actions?.maxShareOfModels, 'actions.maxShareOfModels'),
  };
}

function calendar({ calendar }: FileInput): Config['calendar'] {
  const freezes = (calendar?.freezes ?? []).map(({ cron, duration, timezone, reason }) => ({
    cron,
    duration: milliseconds(duration, 'calendar.freezes.duration'),
    timezone: timezone ?? 'UTC',
    reason: reason ?? null,
  }));
  return { freezes };
}
