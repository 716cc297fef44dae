import type { Config } from './config/config.ts';
import { createScimDirectory } from './identity/databricks/directory.ts';
import { createNoDirectory, type Directory } from './identity/directory.ts';
import { createMlflowClient, createMlflowRegistry } from './registry/mlflow/registry.ts';
import { createNoRegistry } from './registry/none.ts';
import type { Registry } from './registry/registry.ts';
import { createUnityCatalogRegistry } from './registry/unity-catalog/registry.ts';
import { createWorkspaceClients, type RemoteDeps, type WorkspaceClients } from './remote/workspace.ts';
import { createDatabricksServing } from './serving/databricks/serving.ts';
import type { Serving } from './serving/serving.ts';
import { createWebhookServing } from './serving/webhook/serving.ts';
import type { TicketDesk } from './tickets/desk.ts';
import { createWebhookDesk } from './tickets/webhook/desk.ts';
import { type Changes, noChanges } from './warehouse/changes.ts';
import { openDatabricks, type Used } from './warehouse/databricks/open.ts';
import { openDuckDb } from './warehouse/duckdb/open.ts';
import type { SqlClaim } from './warehouse/sql-claims.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** The outside systems of one configuration, behind their ports. Nothing is called, and no secret read, before it is needed. */
export interface OutsidePorts {
  readonly registry: Registry;
  /** Null: there is no serving system, rollbacks move the alias alone. */
  readonly serving: Serving | null;
  readonly desks: { readonly [name: string]: TicketDesk };
  readonly directory: Directory;
}

/** The ways into the workspace of one configuration, shared by everything that talks to it. */
export function workspaceOf(config: Config, deps: RemoteDeps): WorkspaceClients | null {
  return config.workspace === null ? null : createWorkspaceClients(config.workspace, deps);
}

export type { Used };

/** What is counted in, and who changed what; closing the first closes both. */
export interface Lakehouse {
  readonly warehouse: Warehouse;
  readonly changes: Changes;
  /** Rows of a statement of no table, for checking claims; null where the warehouse is no Databricks. */
  readonly answer: ((claim: SqlClaim) => Promise<readonly (readonly unknown[])[]>) | null;
}

export async function openWarehouse(
  config: Config,
  workspace: WorkspaceClients | null,
  deps: RemoteDeps & { readonly used?: (what: Used) => void },
): Promise<Lakehouse> {
  const { clock, logger, jitter, used = () => {} } = deps;
  if (config.warehouse.kind === 'duckdb') {
    const warehouse = await openDuckDb(config.warehouse, { clock, logger });
    const changes = noChanges('warehouse.kind duckdb has no audit log of a workspace');
    return { warehouse, changes, answer: null };
  }
  const { reader, readerCredentials: credentials } = needed(workspace, 'warehouse.kind: databricks');
  const workspaceUrl = config.workspace?.url ?? '';
  const itself = actorNames(config);
  const warehouse = openDatabricks(config.warehouse, {
    ...{ workspaceUrl, credentials, reader, clock, logger, jitter, itself, used },
  });
  return { warehouse, changes: warehouse.changes, answer: warehouse.answer };
}

/** The audit log names a service principal by its application id, which is its client id. */
function actorNames({ workspace }: Config): readonly string[] {
  return workspace?.actor?.kind === 'oauth' ? [workspace.actor.clientId] : [];
}

export function createPorts(
  config: Config,
  deps: RemoteDeps,
  workspace: WorkspaceClients | null = workspaceOf(config, deps),
): OutsidePorts {
  return {
    registry: registryOf(config, workspace, deps),
    serving: servingOf(config, workspace, deps),
    desks: Object.fromEntries(
      Object.entries(config.ticketDesks).map(([name, desk]) => [name, createWebhookDesk(name, desk, deps)]),
    ),
    directory: workspace === null ? createNoDirectory() : createScimDirectory(workspace.reader),
  };
}

function servingOf(config: Config, workspace: WorkspaceClients | null, deps: RemoteDeps): Serving | null {
  const { serving, models } = config;
  if (serving.kind === 'none') return null;
  if (serving.kind === 'databricks')
    return createDatabricksServing(needed(workspace, 'serving.kind: databricks'));
  const registeredModels = Object.fromEntries(
    Object.values(models).flatMap(({ endpoint, registeredModel }) =>
      endpoint === null ? [] : [[endpoint, registeredModel] as const],
    ),
  );
  return createWebhookServing({ config: serving, registeredModels }, deps);
}

function registryOf(config: Config, workspace: WorkspaceClients | null, deps: RemoteDeps): Registry {
  const { registry, models } = config;
  if (registry.kind === 'none') return createNoRegistry();
  if (registry.kind === 'mlflow') return createMlflowRegistry(createMlflowClient(registry, deps));
  const aliasNames = [
    ...new Set(
      Object.values(models).flatMap(({ rollback }) => [rollback.championAlias, rollback.rollbackAlias]),
    ),
  ];
  return createUnityCatalogRegistry({ ...needed(workspace, 'registry.kind: unity-catalog'), aliasNames });
}

/** The loader refuses such a configuration; reaching this is a mistake in the program. */
function needed(workspace: WorkspaceClients | null, what: string): WorkspaceClients {
  if (workspace === null) throw new Error(`${what} needs a workspace in the configuration`);
  return workspace;
}
