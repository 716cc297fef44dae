import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ephemeralSigner, signingKeyFile } from './audit/signer.ts';
import { type Burst, type BurstListener, createBurst } from './burst.ts';
import type { Clocks } from './clock.ts';
import type { Config } from './config/config.ts';
import { readSecret } from './config/secrets.ts';
import type { CycleDeps } from './evaluation/task.ts';
import { tellChangesDue } from './evaluation/tell-changes.ts';
import { escalateDue } from './exceptions/escalation.ts';
import { deliverDue } from './exceptions/outbox.ts';
import { ownerOfRemoved, resolveOwner } from './exceptions/owner.ts';
import type { TellDeps } from './exceptions/tell-rollback.ts';
import { rememberLibraries } from './judge/evidence/libraries.ts';
import { killSwitchIsOn } from './kill-switch.ts';
import type { Logger } from './log.ts';
import type { Operations } from './operations.ts';
import { createPorts, type OutsidePorts, openWarehouse, type Used, workspaceOf } from './ports.ts';
import type { RemoteDeps } from './remote/workspace.ts';
import { createOperations } from './requests/operations.ts';
import type { Driver } from './rollback/driver.ts';
import { see } from './rollback/view.ts';
import { createAppDriver } from './rollback/wiring.ts';
import { storeFailure } from './store/sqlite/failure.ts';
import { openSqliteStore } from './store/sqlite/open.ts';
import type { Store, StoreError } from './store/store.ts';
import { watched } from './store/watched.ts';
import type { Changes } from './warehouse/changes.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

export interface AppOptions {
  readonly config: Config;
  /** `write` holds the store for this process; `read` sees it beside a daemon, or an empty one where there is none yet. */
  readonly mode: 'read' | 'write';
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly build: string;
  readonly listener?: BurstListener;
  /** Wraps the warehouse, e.g. to count its queries. */
  readonly wrap?: (warehouse: Warehouse) => Warehouse;
  /** Told what costs money at the warehouse. */
  readonly used?: (what: Used) => void;
  readonly committed?: (models: readonly string[]) => void;
  /** Told after every commit: why the store could not be written, or null. */
  readonly stored?: (failure: StoreError | null) => void;
  /** Something delivers what waits by itself: then what a person asks for does not wait for ticket desks. */
  readonly delivers?: boolean;
}

/** Everything built and connected, for the daemon and for commands alike; nothing runs by itself. */
export interface App {
  readonly store: Store;
  readonly burst: Burst;
  readonly driver: Driver;
  readonly operations: Operations;
  config(): Config;
  cycle(): CycleDeps;
  deliver(): Promise<number>;
  /** Tells whoever comes next of cases that nobody has acknowledged in time; answers their models. */
  escalate(): Promise<readonly string[]>;
  /** Asks who has changed what was not to change, and writes it down; answers the models with news. */
  tellChanges(): Promise<readonly string[]>;
  /** Takes over a new configuration: outside systems and lake are built anew, store and address stay. */
  reconfigure(config: Config): Promise<void>;
  close(): Promise<void>;
}

interface Current {
  readonly config: Config;
  readonly warehouse: Warehouse;
  readonly ports: OutsidePorts;
  readonly changes: Changes;
}

const SILENT: BurstListener = { queued: () => {}, started: () => {}, ended: () => {}, committed: () => {} };

/** Builds the program out of its parts. Throws StoreError, AuditError, WarehouseError. */
export async function openApp(options: AppOptions): Promise<App> {
  const { clocks, logger } = options;
  const opened = await openStore(options);
  const store = options.stored === undefined ? opened : watched(opened, options.stored);
  let current = await connect(options.config, options).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const libraries = rememberLibraries();
  /** Warehouses of earlier configurations, on their way out. */
  let retired: Promise<unknown> = Promise.resolve();
  const telling = createTelling((ended) => {
    const { config, changes } = current;
    return tellChangesDue({ store, config, changes, tell, clocks, logger, ended });
  });
  const killSwitch = (): boolean => killSwitchIsOn(current.config.actions.killSwitch);
  const ports = livePorts(() => current.ports);
  const cycle = (): CycleDeps => ({
    config: current.config,
    store,
    warehouse: current.warehouse,
    ports,
    clocks,
    killSwitch,
    libraries,
    logger,
  });
  const tell = tellDeps({ store, clocks, current: () => current });
  const burst = createBurst(options.listener ?? SILENT);
  const driver = createAppDriver({ cycle, tell });
  const deliver = (): Promise<number> => deliverDue({ store, desks: current.ports.desks, clocks, logger });
  const committed = options.committed ?? (() => {});
  return {
    store,
    burst,
    driver,
    cycle,
    deliver,
    escalate: () => escalateDue({ store, config: current.config, clock: clocks.domain, logger }),
    tellChanges: telling.due,
    operations: createOperations({
      ...{ cycle, tell, burst, driver, committed },
      deliver: options.delivers === true ? async () => 0 : deliver,
    }),
    config: () => current.config,
    async reconfigure(config) {
      const before = current.warehouse;
      current = await connect(config, options);
      // Windows under way finish on the lake they began with; nobody waits for them to take over the new one.
      retired = Promise.all([retired, burst.reconfigured().then(() => before.close())]).catch(
        (error: unknown) =>
          logger.warn({ err: error }, 'the warehouse of the configuration before could not be closed'),
      );
    },
    async close() {
      telling.end();
      await current.warehouse.close();
      await Promise.all([retired, telling.over()]);
      await store.close();
    },
  };
}

/** The audit log may be slow: who closes ends the question instead of waiting for it, and what it says then is not written down. */
function createTelling(ask: (ended: () => boolean) => Promise<readonly string[]>) {
  let under: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    due: (): Promise<readonly string[]> => {
      const asked = ask(() => ended);
      under = asked.catch(() => {});
      return asked;
    },
    end: (): void => {
      ended = true;
    },
    over: (): Promise<unknown> => under,
  };
}

/** The StoreError for trouble with a file that lies beside the store; any other error comes back as it is. */
export function besideStoreFailure(error: unknown, path: string): unknown {
  return storeFailure(error, path);
}

/** What is asked when an owner is told of a rollback, as it is after the last reload. */
function tellDeps(deps: {
  readonly store: Store;
  readonly clocks: Clocks;
  readonly current: () => Current;
}): TellDeps {
  const { store, clocks, current } = deps;
  return {
    store,
    now: () => clocks.domain.now(),
    publicUrl: () => current().config.http.publicUrl,
    runbook: (model) => current().config.models[model]?.runbook ?? null,
    owner: async (name, stored) => {
      const { config, ports } = current();
      const model = config.models[name];
      if (model === undefined) return ownerOfRemoved(config, stored);
      const registered = await see(() => ports.registry.model(model.registeredModel));
      return resolveOwner(config, model, registered.seen ? registered.value.tags : 'unread');
    },
  };
}

/** What the cycle looks at outside, as it is after the last reload. */
function livePorts(current: () => OutsidePorts): CycleDeps['ports'] {
  return {
    get registry() {
      return current().registry;
    },
    get serving() {
      return current().serving;
    },
    get directory() {
      return current().directory;
    },
  };
}

/** What clients of outside systems are built from. */
export function remoteDeps({ clocks, logger }: Pick<AppOptions, 'clocks' | 'logger'>): RemoteDeps {
  return {
    fetch: globalThis.fetch,
    clock: clocks.wall,
    logger,
    readSecret,
    jitter: Math.random,
    sleep: (milliseconds) => sleep(milliseconds),
  };
}

async function connect(config: Config, { clocks, logger, wrap, used }: AppOptions): Promise<Current> {
  const remote = remoteDeps({ clocks, logger });
  const workspace = workspaceOf(config, remote);
  const ports = createPorts(config, remote, workspace);
  const { warehouse, changes } = await openWarehouse(config, workspace, {
    ...remote,
    ...(used === undefined ? {} : { used }),
  });
  return { config, ports, changes, warehouse: wrap === undefined ? warehouse : wrap(warehouse) };
}

async function openStore({ config, mode, clocks, build }: AppOptions): Promise<Store> {
  const { path } = config.store;
  if (mode === 'read' && existsSync(path)) return openSqliteStore({ mode: 'read', path });
  const genesis = { build, configHash: config.hash };
  const common = {
    mode: 'write',
    clock: clocks.domain,
    checkpointEvery: config.audit.checkpointEvery,
    genesis,
  } as const;
  if (mode === 'read') {
    const signer = ephemeralSigner();
    return openSqliteStore({ ...common, path: ':memory:', signer: () => signer });
  }
  return openSqliteStore({ ...common, path, signer: signingKeyFile(config.audit.signingKey) });
}
