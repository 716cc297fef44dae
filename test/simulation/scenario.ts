import type { RollbackState } from '../../src/rollback/rollback.ts';
import { createRandom, type Random } from './random.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
/** When the first window closes. */
export const T0 = Date.parse('2026-11-24T10:00:00.000Z');
export const WINDOW = 10 * MINUTE;
/** From then on nothing goes wrong any more: what was begun must come to its end, and every ticket must arrive. */
export const CALM = T0 + 70 * MINUTE;
/** A run that is still busy by now has something in it that never ends. */
export const HORIZON = CALM + 300 * MINUTE;

/** Everything that is drawn for one run before it begins, as data: what is left out of it does not happen. */
export interface Scenario {
  readonly seed: number;
  readonly models: readonly ModelScene[];
  readonly network: Network;
  readonly updates: { readonly [how in UpdateEnd]: number };
  readonly incidents: readonly Incident[];
  readonly windows: number;
  /** How often committed work is looked at. Milliseconds. */
  readonly beat: number;
  readonly maxRollbacksPerHour: number;
  /** Share of the states that cannot be committed at first, because somebody changed a record since it was read. */
  readonly contended: number;
}

export interface ModelScene {
  readonly name: string;
  readonly mode: 'auto' | 'approve';
  readonly moves: readonly ('traffic' | 'alias')[];
  /** No endpoint: the alias is all that moves. */
  readonly batch: boolean;
  readonly start: Start;
  readonly target:
    | 'hot'
    | 'cold'
    | 'absent'
    | 'not ready'
    | 'not registered as ready'
    | 'not approved'
    | 'in breach too';
  /** Requests that fail are sent to every other entity of the endpoint: the bad one has to leave it. */
  readonly fallback: boolean;
  /** Share of the windows in breach while the bad version serves. */
  readonly breaches: number;
}

/**
 * How version 7 came to serve: promoted with its alias (`rollback` or the tag names 6), put on the endpoint beside the
 * champion 6, or given a part of the traffic.
 */
export type Start = 'promoted' | 'promoted, tag' | 'beside' | 'canary';

export interface Network {
  /** Shares of the calls that go wrong in this way. */
  readonly lostRequest: number;
  readonly lostResponse: number;
  readonly limited: number;
  readonly unavailable: number;
  readonly stale: number;
  /** Milliseconds each way. */
  readonly latency: readonly [number, number];
  /** A request that was sent arrives within this time or never. Milliseconds. */
  readonly latestArrival: number;
}

/**
 * This and the age of the oldest answer stay together below the time after which the program believes a read: what it
 * promises, it promises in such a world.
 */
export const LATEST_ARRIVAL = 20 * SECOND;
/** A read shows a state of at most this age. Milliseconds. */
export const LARGEST_LAG = 9 * SECOND;

/** How an accepted update of an endpoint goes on. */
export type UpdateEnd = 'instant' | 'quick' | 'slow' | 'stuck' | 'fails';

export type Human =
  | 'other routes'
  | 'bad version back'
  | 'very same routes'
  | 'deploy a version'
  | 'busy'
  | 'keep redeploying'
  | 'delete the endpoint'
  | 'alias to another'
  | 'alias to the target'
  | 'alias to the bad'
  | 'delete the alias';

/** Where the target stops being what it has to be: its entity, its version, or the word of whoever approved it. */
export type Place = 'endpoint' | 'registry' | 'approval';

export type Act =
  | { readonly act: 'human'; readonly does: Human }
  | { readonly act: 'crash' | 'pause'; readonly for: number }
  | { readonly act: 'kill switch' | 'blind' | 'forbidden' | 'desk down'; readonly for: number }
  /** The model is not in the configuration for so long. */
  | { readonly act: 'taken out'; readonly for: number }
  | { readonly act: 'unready'; readonly where: Place; readonly for: number }
  | { readonly act: 'approve' | 'apply'; readonly by: string }
  | { readonly act: 'cancel' | 'release' };

/** The moments of a call and of a commit at which something else can happen. */
export type Phase = 'leaves' | 'sent' | 'arrives' | 'served' | 'answered';

export type Trigger =
  | { readonly on: 'time'; readonly at: number }
  /** The n-th moment at which the program can be interrupted, in the stepping of rollbacks. */
  | { readonly on: 'moment'; readonly n: number }
  | { readonly on: 'write'; readonly what: 'shift' | 'alias'; readonly phase: Phase; readonly n: number }
  /** So many moments after the first write of a kind left. */
  | { readonly on: 'after write'; readonly what: 'shift' | 'alias'; readonly moments: number }
  | { readonly on: 'commit'; readonly state: RollbackState; readonly phase: 'before' | 'after' };

export interface Incident {
  readonly model: number;
  readonly trigger: Trigger;
  readonly act: Act;
}

export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed, 1);
  const count = random.chance(0.15) ? 2 : 1;
  const models = ['credit', 'mortgage'].slice(0, count).map((name) => drawModel(name, random));
  return {
    seed,
    models,
    network: drawNetwork(random),
    updates: random.pick(UPDATES),
    incidents: [...approvals(models, random), ...drawIncidents(count, random)],
    windows: random.whole(1, 4),
    beat: random.pick([1, 3, 10]) * SECOND,
    maxRollbacksPerHour: random.chance(0.2) ? 1 : 3,
    contended: random.pick([0, 0, 0, 0.05, 0.3]),
  };
}

const UPDATES: readonly Scenario['updates'][] = [
  { instant: 1, quick: 0, slow: 0, stuck: 0, fails: 0 },
  { instant: 6, quick: 2, slow: 1, stuck: 0, fails: 1 },
  { instant: 0, quick: 1, slow: 0, stuck: 0, fails: 0 },
  { instant: 2, quick: 6, slow: 2, stuck: 1, fails: 1 },
  { instant: 1, quick: 1, slow: 4, stuck: 1, fails: 1 },
];

function drawModel(name: string, random: Random): ModelScene {
  return {
    name,
    mode: random.chance(0.18) ? 'approve' : 'auto',
    moves:
      random.weighted({ both: 8, traffic: 1, alias: 1 }) === 'both'
        ? ['traffic', 'alias']
        : random.pick([['traffic'], ['alias']] as const),
    batch: random.chance(0.08),
    start: random.pick(['promoted', 'promoted', 'promoted, tag', 'beside', 'canary']),
    target: random.weighted({
      hot: 20,
      cold: 4,
      absent: 1,
      'not ready': 1,
      'not registered as ready': 1,
      'not approved': 1,
      'in breach too': 1,
    }),
    breaches: random.pick([0.5, 1, 1]),
    fallback: random.chance(0.15),
  };
}

const RATES = [0, 0, 0.02, 0.06, 0.25] as const;

function drawNetwork(random: Random): Network {
  return {
    lostRequest: random.pick(RATES),
    lostResponse: random.pick(RATES),
    limited: random.pick([0, 0, 0.03, 0.15]),
    unavailable: random.pick([0, 0, 0.03, 0.15]),
    stale: random.pick([0, 0, 0, 0.1, 0.5]),
    latestArrival: LATEST_ARRIVAL,
    latency: random.pick([
      [1, 40],
      [20, 400],
      [200, 6_000],
    ] as const),
  };
}

/** In mode `approve` somebody mostly does, sometimes too late. */
function approvals(models: readonly ModelScene[], random: Random): readonly Incident[] {
  return models.flatMap(({ mode }, model) =>
    mode === 'approve' && random.chance(0.8)
      ? [0, 1].map(() => ({
          model,
          trigger: { on: 'time' as const, at: T0 + random.whole(1, 40) * 30 * SECOND },
          act: { act: 'approve' as const, by: random.pick(['ann', 'ann', 'driftwarden', 'bob']) },
        }))
      : [],
  );
}

function drawIncidents(models: number, random: Random): readonly Incident[] {
  const count = random.pick([0, 1, 1, 2, 2, 3, 4, 6]);
  return Array.from({ length: count }, () => ({
    model: random.whole(0, models - 1),
    trigger: drawTrigger(random),
    act: drawAct(random),
  }));
}

function drawTrigger(random: Random): Trigger {
  const on = random.weighted({ time: 3, moment: 3, write: 3, 'after write': 3, commit: 1 });
  if (on === 'time') return { on, at: T0 + random.whole(0, random.pick([5, 12, 45]) * 60) * SECOND };
  if (on === 'moment') return { on, n: random.whole(0, random.pick([40, 40, 150])) };
  if (on === 'after write') {
    return {
      on,
      what: random.pick(['shift', 'shift', 'alias']),
      moments: random.whole(1, random.pick([12, 40])),
    };
  }
  if (on === 'commit') {
    return { on, state: random.pick(COMMITS), phase: random.pick(['before', 'after']) };
  }
  const phase = random.pick(['leaves', 'sent', 'arrives', 'served', 'answered'] as const);
  return { on, what: random.pick(['shift', 'shift', 'alias']), phase, n: random.chance(0.8) ? 1 : 2 };
}

const COMMITS = [
  'shifting_traffic',
  'traffic_verified',
  'moving_alias',
  'alias_verified',
  'dwelling',
  'done',
  'superseded',
  'needs_human',
] as const;

function drawAct(random: Random): Act {
  const act = random.weighted({
    human: 40,
    crash: 16,
    pause: 14,
    'kill switch': 7,
    unready: 7,
    blind: 6,
    forbidden: 2,
    'desk down': 5,
    'taken out': 2,
    release: 4,
    apply: 4,
    cancel: 3,
    approve: 1,
  });
  if (act === 'human') return { act, does: random.weighted(HUMANS) };
  if (act === 'approve' || act === 'apply') return { act, by: random.pick(['ann', 'bob']) };
  if (act === 'cancel' || act === 'release') return { act };
  const length = random.pick<number>(LENGTHS[act]);
  return act === 'unready'
    ? { act, where: random.pick(['endpoint', 'endpoint', 'registry', 'registry', 'approval']), for: length }
    : { act, for: length };
}

const HUMANS: { readonly [does in Human]: number } = {
  'other routes': 5,
  'bad version back': 4,
  'very same routes': 2,
  'deploy a version': 3,
  busy: 2,
  'keep redeploying': 2,
  'delete the endpoint': 1,
  'alias to another': 4,
  'alias to the target': 2,
  'alias to the bad': 3,
  'delete the alias': 1,
};

/** Milliseconds. Pauses and crashes last up to longer than every deadline. */
const LENGTHS = {
  unready: [20 * SECOND, 5 * MINUTE, 200 * MINUTE],
  crash: [SECOND, 5 * SECOND, 25 * SECOND, 2 * MINUTE, 20 * MINUTE],
  pause: [3 * SECOND, 20 * SECOND, 45 * SECOND, 3 * MINUTE, 20 * MINUTE],
  'kill switch': [5 * SECOND, MINUTE, 15 * MINUTE, 500 * MINUTE],
  blind: [10 * SECOND, 2 * MINUTE, 12 * MINUTE],
  forbidden: [30 * SECOND, 5 * MINUTE],
  'desk down': [MINUTE, 20 * MINUTE, 60 * MINUTE],
  'taken out': [20 * SECOND, 20 * MINUTE, 500 * MINUTE],
} as const;
