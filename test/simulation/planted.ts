import { RemoteError } from '../../src/remote/error.ts';
import type { Driver } from '../../src/rollback/driver.ts';
import type { Rollback } from '../../src/rollback/rollback.ts';
import type { WorldPorts } from '../../src/rollback/view.ts';
import type { Endpoint } from '../../src/serving/serving.ts';
import type { Change, Store } from '../../src/store/store.ts';
import { backLater, CLEAN, calm, human, INSTANT, STUCK, sceneOf, stopBefore, unreadyLater } from './calm.ts';
import type { Plant } from './ground.ts';
import { MINUTE, type Scenario, SECOND } from './scenario.ts';
import type { Invariant } from './violation.ts';

/** A mistake that somebody could make, and the invariant that must notice it. */
export interface Planted {
  readonly breaks: Invariant;
  readonly mistake: string;
  readonly plant: Plant;
  /** What makes it matter often, so that few seeds are enough to meet it. */
  readonly tilt?: (scenario: Scenario) => Scenario;
}

export const PLANTED: readonly Planted[] = [
  {
    breaks: 'against a human',
    mistake: 'the serving adapter answers from a cache of what it first saw',
    tilt: (scenario) =>
      calm(scenario, {
        updates: INSTANT,
        network: { ...CLEAN, lostRequest: 0.5 },
        incidents: [human('other routes', 'answered')],
      }),
    plant: {
      ports: ({ registry, serving }) => ({
        registry,
        serving: serving === null ? null : remembering(serving),
      }),
    },
  },
  {
    breaks: 'against a human',
    mistake: 'the serving adapter does not tell of an update under way',
    tilt: (scenario) => calm(scenario, OVERTAKEN),
    plant: {
      ports: ({ registry, serving }) => ({ registry, serving: serving === null ? null : idle(serving) }),
    },
  },
  {
    breaks: 'change forgotten',
    mistake: 'the answers are believed in the order in which they come',
    tilt: (scenario) => calm(scenario, { incidents: [human('alias to another', 'in the dwell')] }),
    plant: {
      ports: ({ registry, serving }) => ({ serving, registry: forgetting(registry) }),
    },
  },
  {
    breaks: 'override not found',
    mistake: 'the serving adapter does not tell the configuration version',
    tilt: (scenario) => calm(scenario, { updates: INSTANT, incidents: [human('other routes', 'leaves')] }),
    plant: {
      ports: ({ registry, serving }) => ({
        registry,
        serving:
          serving === null
            ? null
            : {
                ...serving,
                endpoint: async (name) => ({ ...(await serving.endpoint(name)), configVersion: null }),
              },
      }),
    },
  },
  {
    breaks: 'second effect',
    mistake: 'the client sends a write again by itself when it hears nothing',
    tilt: (scenario) => calm(scenario, { updates: INSTANT, network: { ...CLEAN, lostResponse: 0.4 } }),
    plant: {
      ports: ({ registry, serving }, { sleep }) => ({
        registry,
        serving:
          serving === null
            ? null
            : {
                ...serving,
                async shift(endpoint, routes) {
                  try {
                    await serving.shift(endpoint, routes);
                  } catch (error) {
                    if (!(error instanceof RemoteError) || error.reason !== 'network') throw error;
                    await sleep(8 * SECOND);
                    await serving.shift(endpoint, routes);
                  }
                },
              },
      }),
    },
  },
  {
    breaks: 'second effect',
    mistake: 'the hold on the version that was left is not stored, and the cooldown is forgotten',
    tilt: (scenario) => calm(scenario, { windows: 3, incidents: [backLater()] }),
    plant: {
      store: (store) => committing(store, (change) => ({ ...change, holds: [] })),
      model: (model) => ({ ...model, rollback: { ...model.rollback, cooldown: 0 } }),
    },
  },
  {
    breaks: 'unfit target',
    mistake: 'the serving adapter takes every entity for ready',
    tilt: (scenario) => calm(scenario, { incidents: [unreadyLater()] }),
    plant: {
      ports: ({ registry, serving }) => ({
        registry,
        serving:
          serving === null
            ? null
            : { ...serving, endpoint: async (name) => allReady(await serving.endpoint(name)) },
      }),
    },
  },
  {
    breaks: 'unfit target',
    mistake: 'the registry adapter does not look at the status of a version',
    plant: {
      ports: ({ registry, serving }) => ({
        serving,
        registry: {
          ...registry,
          version: async (_, version) => {
            const tags = { validation: 'approved' };
            return { version, ready: true, status: 'READY', tags };
          },
        },
      }),
    },
  },
  {
    breaks: 'unfit target',
    mistake: 'the registry adapter tells the tags of yesterday',
    tilt: (scenario) => calm(scenario, { target: 'not approved' }),
    plant: {
      ports: ({ registry, serving }) => ({ serving, registry: approvingAll(registry) }),
      planning: ({ registry, serving }) => ({ serving, registry: approvingAll(registry) }),
    },
  },
  {
    breaks: 'unfit target',
    mistake: 'the serving adapter does not tell that fallback is on',
    tilt: (scenario) => calm(scenario, { fallback: true }),
    plant: {
      planning: ({ registry, serving }) => ({
        registry,
        serving:
          serving === null
            ? null
            : {
                ...serving,
                endpoint: async (name) => ({ ...(await serving.endpoint(name)), fallback: false }),
              },
      }),
    },
  },
  {
    breaks: 'not approved',
    mistake: 'a rollback that waits for a person is taken for approved',
    tilt: (scenario) => calm(scenario, { mode: 'approve' }),
    plant: {
      store: (store) => ({ ...store, rollback: async (id) => approvedAnyway(await store.rollback(id)) }),
    },
  },
  {
    breaks: 'no intent',
    mistake: 'the store answers before what it was given is durable',
    plant: { store: (store, { sleep }) => answeringEarly(store, sleep) },
  },
  {
    breaks: 'final state left',
    mistake: 'somebody opens what was superseded again',
    tilt: (scenario) => calm(scenario, { incidents: [human('alias to another', 'commit')] }),
    plant: {
      driver: (driver, { store }) => reopening(driver, store),
    },
  },
  {
    breaks: 'never ends',
    mistake: 'deadlines are read in the wrong unit',
    tilt: (scenario) =>
      calm(scenario, { beat: 30 * SECOND, incidents: [stopBefore('traffic_verified', 500 * MINUTE)] }),
    plant: {
      model: (model) => {
        const { hot, cold, absent } = model.rollback.deadline;
        return {
          ...model,
          rollback: {
            ...model.rollback,
            deadline: { hot: hot * 1000, cold: cold * 1000, absent: absent * 1000 },
          },
        };
      },
    },
  },
  {
    breaks: 'lost ticket',
    mistake: 'a desk that does not answer is taken for one that did',
    plant: {
      desk: (desk) => ({
        deliver: (request) => desk.deliver(request).catch(() => ({ key: 'T-0', url: null })),
      }),
    },
  },
  {
    breaks: 'lost ticket',
    mistake: 'the words for the owner are left out of the transaction',
    plant: {
      store: (store) =>
        committing(store, (change) =>
          change.rollbacks?.[0]?.wrote === true ? { ...change, queue: [] } : change,
        ),
    },
  },
  {
    breaks: 'audit',
    mistake: 'one state is entered without its record',
    tilt: (scenario) => calm(scenario, { target: 'hot' }),
    plant: {
      store: (store) =>
        committing(store, (change) => ({
          ...change,
          audit: change.audit.filter(({ body }) => body['state'] !== 'moving_alias'),
        })),
    },
  },
  {
    breaks: 'audit',
    mistake: 'somebody rewrites a record where it is kept',
    plant: {
      disk: (store) => ({
        ...store,
        auditLines: async (from, limit) =>
          (await store.auditLines(from, limit)).map((line) =>
            line.replace('Version 7 is breach', 'Version 7 is ok'),
          ),
      }),
    },
  },
  {
    breaks: 'kill switch',
    mistake: 'the kill switch is looked at once a minute',
    tilt: (scenario) => calm(scenario, { incidents: [stopBefore('shifting_traffic', 2 * MINUTE)] }),
    plant: { killSwitch: (isOn, { timeline }) => remembered(isOn, timeline.now) },
  },
  {
    breaks: 'too late',
    mistake: 'the clock of the program is two minutes slow',
    tilt: (scenario) => calm(scenario, { network: { ...CLEAN, lostRequest: 0.5 } }),
    plant: { clocks: ({ domain, wall }) => ({ domain: { now: () => domain.now() - 2 * MINUTE }, wall }) },
  },
  {
    breaks: 'rate limit',
    mistake: 'rollbacks of other models are not counted',
    tilt: (scenario) => ({
      ...calm(scenario, {}),
      models: ['credit', 'mortgage'].map((name) => sceneOf(name)),
      maxRollbacksPerHour: 1,
    }),
    plant: {
      store: (store) => ({
        ...store,
        rollbacks: async (query) => (query.active === true ? store.rollbacks(query) : []),
      }),
    },
  },
  {
    breaks: 'done without proof',
    mistake: 'what was written is taken for what is',
    tilt: (scenario) => calm(scenario, { updates: STUCK }),
    plant: {
      ports: ({ registry, serving }) => ({ registry, serving: serving === null ? null : believing(serving) }),
    },
  },
  {
    breaks: 'nobody accused',
    mistake: 'the serving adapter counts its own reads as changes',
    plant: {
      ports: ({ registry, serving }) => ({ registry, serving: serving === null ? null : counting(serving) }),
    },
    tilt: (scenario) => calm(scenario, {}),
  },
  {
    breaks: 'unexpected error',
    mistake: 'a port throws something of its own',
    plant: {
      ports: ({ registry, serving }) => ({
        serving,
        registry: {
          ...registry,
          version: async () => {
            throw new TypeError('undefined is not a version');
          },
        },
      }),
    },
  },
];

type Serving = NonNullable<ReturnType<NonNullable<Plant['ports']>>['serving']>;

function remembering(serving: Serving): Serving {
  const first = new Map<string, Endpoint>();
  return {
    ...serving,
    async endpoint(name) {
      const now = await serving.endpoint(name);
      const known = first.get(name) ?? now;
      first.set(name, known);
      return known;
    },
  };
}

/** Somebody's update is under way when the plan is made, takes effect, and an older answer comes after that. */
const OVERTAKEN: Parameters<typeof calm>[1] = {
  updates: { instant: 0, quick: 1, slow: 0, stuck: 0, fails: 0 },
  network: { ...CLEAN, stale: 0.5 },
  incidents: [human('other routes', 'commit')],
};

function idle(serving: Serving): Serving {
  return {
    ...serving,
    endpoint: async (name) => ({ ...(await serving.endpoint(name)), update: 'none', pending: false }),
  };
}

type Registry = WorldPorts['registry'];

function approvingAll(registry: Registry): Registry {
  return {
    ...registry,
    async version(name, version) {
      const found = await registry.version(name, version);
      return found === null ? null : { ...found, tags: { validation: 'approved' } };
    },
  };
}

/** What an answer says that differs from the one before it is dropped, as by a cache that believes the older one. */
function forgetting(registry: Registry): Registry {
  return {
    ...registry,
    async model(name) {
      const now = await registry.model(name);
      return now.aliases['champion'] === '5' ? { ...now, aliases: { ...now.aliases, champion: '6' } } : now;
    },
  };
}

function counting(serving: Serving): Serving {
  let reads = 0;
  return {
    ...serving,
    async endpoint(name) {
      const now = await serving.endpoint(name);
      reads += 1;
      return { ...now, configVersion: (now.configVersion ?? 0) + (reads > 4 ? 1 : 0) };
    },
  };
}

function believing(serving: Serving): Serving {
  let written: Pick<Endpoint, 'routes' | 'configVersion'> | null = null;
  return {
    async endpoint(name) {
      const now = await serving.endpoint(name);
      return written === null ? now : { ...now, ...written, update: 'none', pending: false };
    },
    async shift(endpoint, routes) {
      await serving.shift(endpoint, routes);
      written = { routes, configVersion: (endpoint.configVersion ?? 0) + 1 };
    },
  };
}

function allReady(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    ready: true,
    entities: endpoint.entities.map((entity) => ({ ...entity, ready: true })),
  };
}

function committing(store: Store, change: (change: Change) => Change): Store {
  return { ...store, commit: (asked) => store.commit(change(asked)) };
}

function approvedAnyway(rollback: Rollback | null): Rollback | null {
  if (rollback === null || rollback.approvalExpiresAt === null || rollback.approval !== null) return rollback;
  return { ...rollback, approval: { by: 'nobody', identity: 'claimed', at: rollback.createdAt } };
}

/** What is read is what was given, so that the program sees nothing of it; only a death in between does. */
function answeringEarly(store: Store, sleep: (milliseconds: number) => Promise<void>): Store {
  const ahead = new Map<string, Rollback>();
  return {
    ...store,
    rollback: async (id) => ahead.get(id) ?? store.rollback(id),
    async commit(change) {
      const [rollback] = change.rollbacks ?? [];
      if (rollback?.state !== 'shifting_traffic') return store.commit(change);
      ahead.set(rollback.id, { ...rollback, rev: rollback.rev + 1 });
      void sleep(2 * SECOND)
        .then(() => store.commit(change))
        .finally(() => ahead.delete(rollback.id));
      return [];
    },
  };
}

function reopening(driver: Driver, store: Store): Driver {
  const done = new Set<string>();
  return {
    ...driver,
    async advance(id) {
      const ended = await driver.advance(id);
      if (ended.state !== 'superseded' || done.has(id)) return ended;
      done.add(id);
      return reopen(ended, store);
    },
  };
}

async function reopen(rollback: Rollback, store: Store): Promise<Rollback> {
  const again: Rollback = { ...rollback, state: 'planned', endedAt: null };
  await store.commit({
    audit: [{ kind: 'rollback', body: { rollback: rollback.id, state: 'planned' } }],
    rollbacks: [again],
  });
  return again;
}

function remembered(isOn: () => boolean, now: () => number): () => boolean {
  let at = Number.NEGATIVE_INFINITY;
  let last = false;
  return () => {
    if (now() - at > MINUTE) [at, last] = [now(), isOn()];
    return last;
  };
}
