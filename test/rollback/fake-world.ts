import type { Registry } from '../../src/registry/registry.ts';
import { RemoteError, type RemoteReason } from '../../src/remote/error.ts';
import type { WorldPorts } from '../../src/rollback/view.ts';
import type { Endpoint, EntityChanges, ServedEntity, Serving } from '../../src/serving/serving.ts';
import { anEndpoint, aRegisteredModel, aVersion } from './support.ts';

/** What happens to the next write of a kind instead of plain success. */
export type Fault = 'lost_applied' | 'lost_not_applied' | 'conflict' | 'rejected';

/** Registry and endpoint in memory, behaving as the real ones do and going wrong where a test says so. */
export interface FakeWorld {
  readonly ports: WorldPorts;
  /** Every call in order: what was asked, not whether it worked. */
  readonly calls: readonly string[];
  /** Writes that changed something, by whom. */
  readonly effects: readonly string[];
  /** Faults of the next writes, first one first. */
  readonly faults: { shift: Fault[]; alias: Fault[] };
  /** Called before each call with its place in the order; may change the world or throw. */
  before: (call: string, index: number) => void;
  /** Called after a call has had its effect and before its caller learns of it; may throw. */
  after: (call: string) => void;
  /** Fails every read with this reason while set. */
  blind: RemoteReason | null;
  /** Reads of the endpoint for which an update stays in progress; Infinity: for ever. */
  slowness: number;
  failNextUpdate: boolean;
  /** Tags of the registered model. */
  tags: { readonly [key: string]: string };
  endpoint(): Endpoint;
  alias(): string | null;
  /** Somebody else changes routes; refused, as by the real one, while an update runs. */
  humanShift(routes: { readonly [entity: string]: number }): boolean;
  humanAlias(version: string): boolean;
  /** An update by somebody else that keeps the endpoint busy for so many reads and leaves the configuration as it is. */
  humanBusy(reads: number): void;
}

interface Pending {
  readonly routes: { readonly [entity: string]: number } | null;
  readonly changes: EntityChanges;
  left: number;
}

function entitiesAfter(
  entities: readonly ServedEntity[],
  { removes = [], adds }: EntityChanges,
): readonly ServedEntity[] {
  const stay = entities.filter(({ name }) => !removes.includes(name));
  const like = entities.find(({ name }) => name === adds?.like);
  if (adds === undefined || like === undefined) return stay;
  return [...stay, { ...like, name: adds.name, version: adds.version, id: `id-${adds.version}` }];
}

export function failure(reason: RemoteReason): RemoteError {
  return new RemoteError({ reason, place: 'the fake', message: `fake ${reason}`, remedy: 'wait' });
}

export function createFakeWorld(): FakeWorld {
  let endpoint = anEndpoint();
  let aliases: Record<string, string> = { champion: '7', rollback: '6' };
  let pending: Pending | null = null;
  const calls: string[] = [];
  const effects: string[] = [];

  function settle(): void {
    if (pending === null || pending.left > 0) return;
    const { routes, changes } = pending;
    pending = null;
    const update = world.failNextUpdate && routes !== null ? 'failed' : 'none';
    const changed = routes !== null && update === 'none';
    world.failNextUpdate = update === 'failed' ? false : world.failNextUpdate;
    endpoint = {
      ...endpoint,
      update,
      pending: false,
      ...(changed
        ? {
            routes,
            entities: entitiesAfter(endpoint.entities, changes),
            configVersion: (endpoint.configVersion ?? 0) + 1,
          }
        : {}),
    };
  }

  function start(routes: Pending['routes'], reads: number, changes: EntityChanges = {}): void {
    pending = { routes, changes, left: reads };
    endpoint = { ...endpoint, update: 'in_progress', pending: true };
    settle();
  }

  function call(name: string): void {
    calls.push(name);
    world.before(name, calls.length - 1);
  }

  function readable(): void {
    if (world.blind !== null) throw failure(world.blind);
  }

  /** Applies a write as its fault says, then answers as its fault says. */
  function write(fault: Fault | undefined, apply: () => void): void {
    if (fault === 'conflict') throw failure('conflict');
    if (fault === 'rejected') throw failure('forbidden');
    if (fault === 'lost_not_applied') throw failure('network');
    apply();
    if (fault === 'lost_applied') throw failure('timeout');
  }

  const serving: Serving = {
    async endpoint() {
      call('read endpoint');
      readable();
      if (pending !== null) pending.left -= 1;
      const answer = endpoint;
      settle();
      world.after('read endpoint');
      return answer;
    },
    async shift(_, routes, changes) {
      call('shift');
      if (pending !== null) throw failure('conflict');
      write(world.faults.shift.shift(), () => {
        effects.push('our shift');
        start(routes, world.slowness, changes);
      });
      world.after('shift');
    },
  };
  const registry: Registry = {
    async model() {
      call('read model');
      readable();
      const answer = aRegisteredModel({ aliases: { ...aliases }, tags: world.tags });
      world.after('read model');
      return answer;
    },
    async version(_, version) {
      call('read version');
      readable();
      return aVersion(version);
    },
    async setAlias(_, alias, version) {
      call('alias');
      write(world.faults.alias.shift(), () => {
        effects.push('our alias');
        aliases = { ...aliases, [alias]: version };
      });
      world.after('alias');
    },
  };
  const world: FakeWorld = {
    ports: { registry, serving },
    calls,
    effects,
    faults: { shift: [], alias: [] },
    before: () => undefined,
    after: () => undefined,
    blind: null,
    slowness: 0,
    failNextUpdate: false,
    tags: {},
    endpoint: () => endpoint,
    alias: () => aliases['champion'] ?? null,
    humanShift(routes) {
      if (pending !== null) return false;
      effects.push('human shift');
      endpoint = { ...endpoint, routes, configVersion: (endpoint.configVersion ?? 0) + 1 };
      return true;
    },
    humanAlias(version) {
      effects.push('human alias');
      aliases = { ...aliases, champion: version };
      return true;
    },
    humanBusy: (reads) => start(null, reads),
  };
  return world;
}
