import type { Config, CredentialsConfig, ModelConfig } from '../config/config.ts';
import { SERVED_LOG } from '../evaluation/served-log.ts';
import { AUDIT_TABLE } from './databricks/audit-log.ts';
import { warehouseId } from './databricks/sleep.ts';
import { identifier, qualified } from './databricks/sql.ts';

/** What one principal needs, and nothing else: rights in Unity Catalog as SQL, rights on objects of the workspace as REST calls. */
export interface Grants {
  readonly role: 'reader' | 'actor';
  /** The application id that tokens are asked for; null: a token whose owner only the workspace knows. */
  readonly principal: string | null;
  readonly sql: readonly string[];
  /** Rights without which the program does all the same, and what they are for. */
  readonly optional: readonly OptionalGrants[];
  readonly permissions: readonly Permission[];
  /** What cannot be written as a line, in sentences. */
  readonly notes: readonly string[];
}

export interface OptionalGrants {
  readonly why: string;
  readonly sql: readonly string[];
}

/** A right on an object of the workspace. `PATCH` adds to what others have. */
export interface Permission {
  readonly level: 'CAN_USE' | 'CAN_VIEW' | 'CAN_MANAGE';
  readonly what: string;
  readonly path: string;
}

type Role = Grants['role'];

/** Stands where a name is not in the configuration: no principal can be called that, so a line run as it is fails. */
export const FILL_IN: { readonly [role in Role]: string } = {
  reader: '<user or application id of the reader>',
  actor: '<user or application id of the actor>',
};

/** The rights that exactly this configuration needs; the actor's only if some model may act. */
export function grantsFor(config: Config): readonly Grants[] {
  if (config.workspace === null) return [];
  const acting = Object.values(config.models).filter(({ rollback }) => rollback.mode !== 'observe');
  return [readerGrants(config), ...(acting.length === 0 ? [] : [actorGrants(config, acting)])];
}

function readerGrants(config: Config): Grants {
  const { warehouse, workspace } = config;
  const models = Object.values(config.models);
  const tables = warehouse.kind === 'databricks' ? sorted(models.flatMap(tablesOf)) : [];
  const registered = config.registry.kind === 'unity-catalog' ? registeredModels(models) : [];
  const principal = principalOf(workspace?.reader ?? null);
  const to = `TO ${identifier(principal ?? FILL_IN.reader)};`;
  const whole = tables.filter(isWhole);
  return {
    role: 'reader',
    principal,
    sql: [
      ...pathGrants([...whole, ...registered], to),
      ...whole.map((table) => `GRANT SELECT ON TABLE ${qualified(table)} ${to}`),
      ...registered.map((model) => `GRANT EXECUTE ON FUNCTION ${qualified(model)} ${to}`),
    ],
    optional: warehouse.kind === 'databricks' ? systemGrants(models, to) : [],
    permissions: [...warehouseRights(config), ...endpointRights(config, models, 'CAN_VIEW')],
    notes: tables
      .filter((table) => !isWhole(table))
      .map(
        (table) => `Write ${table} as catalog.schema.table in the configuration: its rights depend on it.`,
      ),
  };
}

/** System tables; an account admin enables their schemas and grants them. */
function systemGrants(models: readonly ModelConfig[], to: string): readonly OptionalGrants[] {
  const audit = {
    why: 'so that whoever changed an endpoint or alias can be named (an account admin enables the schema and grants it)',
    sql: systemTable(AUDIT_TABLE, to),
  };
  const served = {
    why: 'so that served entities which an endpoint names without their ids keep their versions (enabled and granted likewise)',
    sql: systemTable(SERVED_LOG, to),
  };
  return models.some(({ source }) => source.layout === 'ai-gateway') ? [audit, served] : [audit];
}

function systemTable(table: string, to: string): readonly string[] {
  return [...pathGrants([table], to), `GRANT SELECT ON TABLE ${qualified(table)} ${to}`];
}

function actorGrants(config: Config, acting: readonly ModelConfig[]): Grants {
  const catalog = config.registry.kind === 'unity-catalog';
  const served = config.serving.kind === 'databricks' ? acting.filter(movesTraffic) : [];
  const aliased = catalog ? acting.filter(({ rollback }) => rollback.moves.includes('alias')) : [];
  const deployed = catalog ? registeredModels(served) : [];
  const principal = principalOf(config.workspace?.actor ?? null);
  const to = `TO ${identifier(principal ?? FILL_IN.actor)};`;
  return {
    role: 'actor',
    principal,
    sql: [
      ...pathGrants([...deployed, ...registeredModels(aliased)], to),
      ...deployed.map((model) => `GRANT EXECUTE ON FUNCTION ${qualified(model)} ${to}`),
    ],
    optional: [],
    permissions: endpointRights(config, served, 'CAN_MANAGE'),
    notes: [
      ...registeredModels(aliased).map(
        (model) =>
          `Only the owner of ${model} may move its aliases: make a group its owner that holds the actor and its people (PATCH /api/2.1/unity-catalog/models/${model} with {"owner": "the group"}).`,
      ),
      ...(served.length === 0
        ? []
        : [
            'Where an endpoint writes an inference table, its creator and whoever updates it need CAN_MANAGE, and CREATE TABLE in the schema of that table.',
          ]),
    ],
  };
}

function movesTraffic({ endpoint, rollback }: ModelConfig): boolean {
  return endpoint !== null && rollback.moves.includes('traffic');
}

function tablesOf({ source, baseline }: ModelConfig): readonly string[] {
  return baseline.kind === 'table' ? [source.table, baseline.table] : [source.table];
}

function registeredModels(models: readonly ModelConfig[]): readonly string[] {
  return sorted(models.map(({ registeredModel }) => registeredModel));
}

/** The way to each object: its catalog and its schema. */
function pathGrants(objects: readonly string[], to: string): readonly string[] {
  const parts = objects.map((name) => name.split('.'));
  const catalogs = sorted(parts.map(([catalog = '']) => catalog));
  const schemas = sorted(parts.map(([catalog = '', schema = '']) => `${catalog}.${schema}`));
  return [
    ...catalogs.map((name) => `GRANT USE CATALOG ON CATALOG ${qualified(name)} ${to}`),
    ...schemas.map((name) => `GRANT USE SCHEMA ON SCHEMA ${qualified(name)} ${to}`),
  ];
}

function warehouseRights({ warehouse }: Config): readonly Permission[] {
  if (warehouse.kind !== 'databricks') return [];
  const id = warehouseId(warehouse.httpPath);
  if (id === null) return [];
  const path = `/api/2.0/permissions/warehouses/${encodeURIComponent(id)}`;
  return [{ level: 'CAN_USE', what: `SQL warehouse ${id}`, path }];
}

function endpointRights(
  { serving }: Config,
  models: readonly ModelConfig[],
  level: Permission['level'],
): readonly Permission[] {
  if (serving.kind !== 'databricks') return [];
  const endpoints = sorted(models.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint])));
  // Rights hang on the id of an endpoint, which GET /api/2.0/serving-endpoints/NAME tells.
  return endpoints.map((name) => ({
    level,
    what: `serving endpoint ${name}`,
    path: `/api/2.0/permissions/serving-endpoints/<id of ${name}>`,
  }));
}

function principalOf(credentials: CredentialsConfig | null): string | null {
  return credentials?.kind === 'oauth' ? credentials.clientId : null;
}

function isWhole(table: string): boolean {
  return table.split('.').length === 3;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
