import type { Endpoint, EntityChanges } from '../serving/serving.ts';
import type { Rollback, RollbackState } from './rollback.ts';
import { sameRoutes, snapshotOf } from './snapshot.ts';
import { SETTLE } from './step.ts';
import { isBusy, type Seen } from './world.ts';

/** A state in which something still happens. */
export type ActiveState =
  | 'planned'
  | 'awaiting_approval'
  | 'shifting_traffic'
  | 'traffic_verified'
  | 'moving_alias'
  | 'alias_verified'
  | 'dwelling';

type Position = 'before' | 'after';

/**
 * What the world may look like in each state if nobody but us touched it: as the plan saw it (`before`) or as the plan
 * wants it (`after`). Both are possible only between the intent of a write and its verification. Everything else was
 * somebody else, and that is never fought.
 */
const EXPECTED: {
  readonly [state in ActiveState]: {
    readonly serving: readonly Position[];
    readonly alias: readonly Position[];
  };
} = {
  planned: { serving: ['before'], alias: ['before'] },
  awaiting_approval: { serving: ['before'], alias: ['before'] },
  shifting_traffic: { serving: ['before', 'after'], alias: ['before'] },
  traffic_verified: { serving: ['after'], alias: ['before'] },
  moving_alias: { serving: ['after'], alias: ['before', 'after'] },
  alias_verified: { serving: ['after'], alias: ['after'] },
  dwelling: { serving: ['after'], alias: ['after'] },
};

/** One side of the world against the plan. `ignored`: the plan has nothing to do with it (any more). */
export interface Sight {
  readonly at: Position | 'changed' | 'unread' | 'ignored';
  readonly why: string;
}

/** The endpoint against the plan, with what is going on there. */
export interface ServingSight extends Sight {
  readonly busy: boolean;
  /** Whether the newest update of the endpoint failed or was canceled. */
  readonly updateFailed: boolean;
  /** Whether the entity that takes the traffic is ready: else nothing is sent to it. */
  readonly targetReady: boolean;
  /** Whether the endpoint as a whole is ready. A failing version may keep it from being so until traffic has left it. */
  readonly endpointReady: boolean;
}

const IGNORED: ServingSight = {
  at: 'ignored',
  why: 'the plan moves no traffic',
  busy: false,
  updateFailed: false,
  targetReady: true,
  endpointReady: true,
};

/** Where the endpoint stands. Once the alias-only plan has written, the endpoint is free to follow the alias. */
export function servingSight(rollback: Rollback, seen: Seen<Endpoint> | null): ServingSight {
  const { plan, state } = rollback;
  if (plan.servingBefore === null) return IGNORED;
  if (plan.routesAfter === null && !isBeforeWrite(state)) return IGNORED;
  const name = plan.endpoint ?? '';
  if (seen === null) {
    return {
      ...IGNORED,
      at: 'unread',
      why: `endpoint ${name} cannot be read: no serving system is configured`,
    };
  }
  if (!seen.seen) {
    if (seen.missing) return { ...IGNORED, at: 'changed', why: `endpoint ${name} does not exist any more` };
    return { ...IGNORED, at: 'unread', why: `endpoint ${name} could not be read: ${seen.message}` };
  }
  const endpoint = seen.value;
  const old = olderThanKnown(rollback, endpoint);
  if (old !== null) return { ...IGNORED, at: 'unread', why: old };
  return {
    ...place(rollback, endpoint),
    // An alias moves whether or not the endpoint is being updated.
    busy: plan.routesAfter !== null && isBusy(endpoint),
    updateFailed: endpoint.update === 'failed' || endpoint.update === 'canceled',
    targetReady: targetReady(rollback, endpoint),
    endpointReady: plan.routesAfter === null || endpoint.ready,
  };
}

/** Configuration versions only grow, so a lower one than was already read is an old answer and says nothing about now. */
function olderThanKnown({ plan, configVersionAfter }: Rollback, endpoint: Endpoint): string | null {
  const known = configVersionAfter ?? plan.servingBefore?.configVersion ?? null;
  const { name, configVersion } = endpoint;
  if (known === null || configVersion === null || configVersion >= known) return null;
  return `endpoint ${name} answered with configuration version ${configVersion}, but ${known} was read before`;
}

/** The first expected position that the endpoint is in, else how it differs from the last one. */
function place(rollback: Rollback, endpoint: Endpoint): Sight {
  let difference = '';
  for (const position of EXPECTED[activeState(rollback.state)].serving) {
    const found = serves(rollback, endpoint, position);
    if (found === null) return { at: position, why: '' };
    difference = found;
  }
  return { at: 'changed', why: `endpoint ${endpoint.name}: ${difference}` };
}

/** Whether the endpoint stands exactly where the plan wanted it, traffic moved. */
export function isAsPlanned(rollback: Rollback, endpoint: Endpoint): boolean {
  return rollback.plan.routesAfter !== null && serves(rollback, endpoint, 'after') === null;
}

/** The difference in words; null when the endpoint stands exactly where the plan has it at this position. */
function serves(rollback: Rollback, endpoint: Endpoint, position: Position): string | null {
  const { plan, configVersionAfter } = rollback;
  const before = plan.servingBefore;
  if (before === null) return null;
  const now = snapshotOf(endpoint, plan.registeredModel);
  const version =
    position === 'before' ? before.configVersion : (configVersionAfter ?? oneHigher(before.configVersion));
  // A serving system without configuration versions is compared by content alone.
  if (version !== null && now.configVersion !== null && now.configVersion !== version) {
    return `configuration version is ${now.configVersion}, expected ${version}`;
  }
  const versions = position === 'before' ? before.versions : versionsAfter(before.versions, plan);
  if (!sameVersions(versions, now.versions)) {
    return `serves ${words(now.versions)}, expected ${words(versions)}`;
  }
  const routes = position === 'before' ? before.routes : (plan.routesAfter ?? before.routes);
  if (!sameRoutes(routes, now.routes)) return `routes are ${words(now.routes)}, expected ${words(routes)}`;
  return null;
}

function oneHigher(version: number | null): number | null {
  return version === null ? null : version + 1;
}

function versionsAfter(
  versions: { readonly [entity: string]: string },
  { removes = [], adds }: EntityChanges,
): { readonly [entity: string]: string } {
  const stay = Object.entries(versions).filter(([entity]) => !removes.includes(entity));
  return Object.fromEntries([...stay, ...(adds === undefined ? [] : [[adds.name, adds.version]])]);
}

/** What the update itself deploys need not be ready before: the old configuration serves until it is. */
function targetReady({ plan }: Rollback, endpoint: Endpoint): boolean {
  const { routesAfter: routes, adds } = plan;
  if (routes === null) return true;
  if (adds !== undefined && endpoint.entities.every(({ name }) => name !== adds.name)) return true;
  const targets = endpoint.entities.filter((entity) => routes[entity.name] === 100);
  return targets.length === 1 && targets.every((entity) => entity.ready);
}

/**
 * Where the alias stands. An alias that is already as wanted when the plan is made may never move at all. An alias has no
 * version: shortly after it was seen to have moved, its old value may be an old answer, and only later somebody's act.
 */
export function aliasSight(rollback: Rollback, seen: Seen<string | null>, lookedAt: number): Sight {
  const { alias } = rollback.plan;
  if (alias === null) return { at: 'ignored', why: 'the plan moves no alias' };
  if (!seen.seen) return { at: 'unread', why: `the alias ${alias.name} could not be read: ${seen.message}` };
  const expected = EXPECTED[activeState(rollback.state)].alias;
  if (expected.includes('after') && seen.value === alias.after) return { at: 'after', why: '' };
  if (expected.includes('before') && seen.value === alias.before) {
    return { at: alias.before === alias.after ? 'after' : 'before', why: '' };
  }
  if (seen.value === alias.before && lookedAt < lastMoved(rollback) + SETTLE) {
    return { at: 'unread', why: `the alias ${alias.name} was answered as it stood before it moved` };
  }
  return { at: 'changed', why: otherAlias(alias, seen.value, expected) };
}

function otherAlias(
  { name, before, after }: NonNullable<Rollback['plan']['alias']>,
  found: string | null,
  expected: readonly Position[],
): string {
  const wanted = expected.at(-1) === 'after' ? after : (before ?? 'none');
  return `the alias ${name} points to version ${found ?? 'none'}, expected ${wanted}`;
}

/** When the alias was read back as moved; the beginning of time when it was not, or not by us. Milliseconds. */
function lastMoved({ history }: Rollback): number {
  const moved = history.some(({ state }) => state === 'moving_alias');
  const verified = history.find(({ state }) => state === 'alias_verified');
  return moved && verified !== undefined ? Date.parse(verified.at) : 0;
}

/** The states before any write of ours. */
function isBeforeWrite(state: RollbackState): boolean {
  return state === 'planned' || state === 'awaiting_approval';
}

function activeState(state: RollbackState): ActiveState {
  if (state in EXPECTED) return state as ActiveState;
  throw new Error(`a rollback in final state ${state} is not compared with the world`);
}

function sameVersions(
  a: { readonly [entity: string]: string },
  b: { readonly [entity: string]: string },
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function words(record: { readonly [name: string]: number | string }): string {
  const parts = Object.entries(record).map(([name, value]) => `${name}: ${value}`);
  return parts.length === 0 ? 'nothing' : `{ ${parts.sort().join(', ')} }`;
}
