import type { AuditEntry } from '../../src/audit/record.ts';
import type { Config } from '../../src/config/config.ts';
import type { CycleDeps } from '../../src/evaluation/task.ts';
import { deliverDue } from '../../src/exceptions/outbox.ts';
import { ownerOfRemoved, resolveOwner } from '../../src/exceptions/owner.ts';
import type { TellDeps } from '../../src/exceptions/tell-rollback.ts';
import { silentLogger } from '../../src/log.ts';
import type { Driver } from '../../src/rollback/driver.ts';
import { see } from '../../src/rollback/view.ts';
import { createAppDriver } from '../../src/rollback/wiring.ts';
import { StaleWrite, type Store } from '../../src/store/store.ts';
import type { Ground, PlantSite } from './ground.ts';
import { createLife, type Life } from './life.ts';
import { createDesk, createPorts } from './ports.ts';
import { SECOND, T0, WINDOW } from './scenario.ts';
import { DESK } from './settings.ts';
import { judgeWindow } from './windows.ts';

/** The program in one of its lives: the real driver, outbox and planning, beating as the daemon does. */
export interface Daemon {
  readonly life: Life;
  readonly driver: Driver;
  readonly deps: CycleDeps & { readonly tell: TellDeps };
  /** Something was committed that wants to be carried out. */
  wake(): void;
  /** Whether every window that has closed is judged and no further one will close. */
  judgedAll(): boolean;
}

const logger = silentLogger();
/** Between two rounds of deliveries while something waits. */
const ROUND = 15 * SECOND;
/** A window closes so long after its end. */
const LATENESS = 30 * SECOND;

export function startDaemon(ground: Ground, number: number): Daemon {
  const { timeline, plant } = ground;
  const life = createLife(number, timeline, ground.interrupt);
  const observed = observedStore(ground, life, () => daemon.wake());
  const site: PlantSite = {
    timeline,
    store: observed,
    sleep: (milliseconds) => life.sleep(milliseconds),
  };
  const store = plant.store?.(observed, site) ?? observed;
  const deps = dependencies(ground, { life, store, site });
  const created = createAppDriver({
    cycle: () => ({ ...deps, config: configured(ground, deps.config), ports: deps.stepping }),
    tell: deps.tell,
  });
  const driver = plant.driver?.(created, site) ?? created;
  const desk = createDesk(life, ground.wire, ground.desk);
  const desks = { [DESK]: plant.desk?.(desk) ?? desk };
  const steps = createBell();
  const deliveries = createBell();
  let judged = false;

  async function stepAll(): Promise<void> {
    for (;;) {
      const active = await store.rollbacks({ active: true });
      for (const { id } of active) await guarded(ground, () => driver.advance(id));
      const slow = active.every(({ state }) => state === 'dwelling' || state === 'awaiting_approval');
      if (active.length === 0) await steps.rung();
      else await life.sleep(ground.scenario.beat * (slow ? 5 : 1));
    }
  }

  async function deliverAll(): Promise<void> {
    for (;;) {
      const waiting = await guarded(ground, () => deliverDue({ store, desks, clocks: deps.clocks, logger }));
      if (waiting === 0) await deliveries.rung();
      else await life.sleep(ROUND);
    }
  }

  async function judgeAll(): Promise<void> {
    const { models } = deps.config;
    for (;;) {
      const closed = closedWindows(ground);
      for (const window of closed) {
        for (const model of Object.values(models).filter(({ name }) => ground.isConfigured(name))) {
          const newest = window === closed.at(-1);
          const verdicts = ground.verdicts(model.name, window);
          const question = { model, end: T0 + window * WINDOW, newest, verdicts };
          await guarded(ground, () =>
            judgeWindow(question, { ...deps, now: deps.clocks.domain.now, say: ground.say }),
          );
          daemon.wake();
        }
      }
      if (closed.length === ground.scenario.windows) break;
      await life.sleep(T0 + closed.length * WINDOW + LATENESS + SECOND - timeline.now());
    }
    judged = true;
  }

  const daemon: Daemon = {
    life,
    driver,
    deps,
    wake() {
      steps.ring();
      deliveries.ring();
    },
    judgedAll: () => judged,
  };
  for (const loop of [stepAll, deliverAll, judgeAll]) void loop();
  return daemon;
}

function closedWindows({ timeline, scenario }: Ground): readonly number[] {
  const closed = Math.floor((timeline.now() - LATENESS - T0) / WINDOW) + 1;
  return Array.from({ length: Math.max(0, Math.min(closed, scenario.windows)) }, (_, window) => window);
}

/** Everything the program's parts are given, as the composition root gives it. */
function dependencies(
  ground: Ground,
  { life, store, site }: { readonly life: Life; readonly store: Store; readonly site: PlantSite },
) {
  const { config, plant, wire, sites, guard, timeline } = ground;
  const clock = { now: () => timeline.now() };
  const clocks = plant.clocks?.({ domain: clock, wall: clock }) ?? { domain: clock, wall: clock };
  const killSwitch = plant.killSwitch?.(ground.killSwitch, site) ?? ground.killSwitch;
  const watched = createPorts({ life, wire, sites, guard });
  const stepping = plant.ports?.(watched, site) ?? watched;
  const truthful = createPorts({ life, wire, sites, guard: null });
  const unwatched = plant.planning?.(truthful) ?? truthful;
  const change = plant.model ?? ((model) => model);
  const planted = {
    ...config,
    models: Object.fromEntries(Object.entries(config.models).map(([name, model]) => [name, change(model)])),
  };
  const tell: TellDeps = {
    store,
    now: clocks.domain.now,
    publicUrl: () => null,
    owner: async (name, stored) => {
      const model = config.models[name];
      if (model === undefined || !ground.isConfigured(name)) return ownerOfRemoved(config, stored);
      const registered = await see(() => unwatched.registry.model(model.registeredModel));
      return resolveOwner(config, model, registered.seen ? registered.value.tags : null);
    },
  };
  const parts = { config: planted, store, ports: unwatched, clocks, killSwitch, logger, tell, stepping };
  // What reads and measures the lake is not reached from here.
  return parts as typeof parts & CycleDeps;
}

const isState = ({ kind }: AuditEntry): boolean => kind === 'rollback';

/** The configuration without the models that were taken out of it. */
function configured({ isConfigured }: Ground, config: Config): Config {
  const names = Object.keys(config.models);
  if (names.every(isConfigured)) return config;
  const kept = Object.entries(config.models).filter(([name]) => isConfigured(name));
  return { ...config, models: Object.fromEntries(kept) };
}

/** The store of one life: what it commits is told to those who watch, and the life can end before and after it. */
function observedStore(ground: Ground, life: Life, committed: () => void): Store {
  return {
    ...ground.store,
    async commit(change) {
      const [rollback] = change.rollbacks ?? [];
      const what = `commit ${rollback?.state ?? ''}`;
      const counted = rollback !== undefined;
      await life.pass({ what, phase: 'before', counted });
      const enters = counted && change.evaluation === undefined && change.audit.some(isState);
      if (enters && ground.isContended()) throw new StaleWrite('simulated: a record has changed since');
      const records = await ground.store.commit(change);
      ground.stories.committed(life.number, change);
      if ((change.queue ?? []).length > 0) committed();
      await life.pass({ what, phase: 'after', counted });
      return records;
    },
  };
}

/** A failure that no interface names is a bug; the daemon would log it and go on, and so does this. */
export async function guarded<T>(ground: Ground, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StaleWrite))
      ground.violate('unexpected error', String(error instanceof Error ? error.stack : error));
    return null;
  }
}

interface Bell {
  ring(): void;
  /** Resolves at the next ring, or at once after one that nobody waited for. */
  rung(): Promise<void>;
}

function createBell(): Bell {
  let pending = false;
  let waiting: (() => void) | null = null;
  return {
    ring() {
      pending = true;
      waiting?.();
    },
    async rung() {
      if (!pending) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      pending = false;
      waiting = null;
    },
  };
}
