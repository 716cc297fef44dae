import type { RemoteReason } from '../../src/remote/error.ts';
import { sameRoutes } from '../../src/rollback/snapshot.ts';
import type { EndpointState, ServedConfig, SimulatedEndpoint, Update } from './endpoint.ts';
import type { Life } from './life.ts';
import type { RegistryState, SimulatedModel } from './registry.ts';
import { type Stories, type Story, shownTo } from './stories.ts';
import type { Invariant } from './violation.ts';

/** The real state of what one model's rollbacks are about. */
export interface Site {
  readonly name: string;
  readonly endpoint: SimulatedEndpoint | null;
  readonly registry: SimulatedModel;
  /** Requests that fail elsewhere are sent to every entity in turn, also to one without traffic. */
  readonly fallback: boolean;
}

/** What the registry says of a version. */
export interface VersionAnswer {
  readonly version: string;
  readonly ready: boolean;
  readonly approved: boolean;
}

/** Watches what the stepping of rollbacks reads and writes, knowing what is true. */
export interface Guard {
  endpointRead(life: Life, site: Site, state: EndpointState | null): void;
  modelRead(life: Life, site: Site, state: RegistryState): void;
  versionRead(site: Site, answer: VersionAnswer): void;
  /** When the program asks for a write; answers the rollback it belongs to. */
  shiftAsked(life: Life, site: Site, wanted: Pick<ServedConfig, 'entities' | 'routes'>): Story | null;
  aliasAsked(life: Life, site: Site, version: string): Story | null;
  /** When the request leaves, which is later when the process stands still just then. */
  left(story: Story | null): void;
  /** When the program learns how the write of traffic ended. */
  shiftAnswered(life: Life, story: Story | null, reason: RemoteReason | null): void;
  /** When the server takes it. */
  shiftTaken(story: Story | null, site: Site, outcome: 'accepted' | 'conflict' | 'missing'): void;
  aliasTaken(story: Story | null, before: string | null): void;
  /** Counts of what is no violation and worth knowing. */
  readonly seen: { readonly [what: string]: number };
}

export interface GuardOptions {
  readonly stories: Stories;
  readonly now: () => number;
  readonly killSwitch: () => boolean;
  /** Rollbacks that another person has approved in time. */
  readonly approved: ReadonlySet<string>;
  readonly violate: (invariant: Invariant, why: string) => void;
  readonly say: (text: () => string) => void;
}

export function createGuard(options: GuardOptions): Guard {
  const { stories, now, killSwitch, approved, violate, say } = options;
  const seen: { [what: string]: number } = {};
  const accepted = new Map<string, number>();

  function count(what: string): void {
    seen[what] = (seen[what] ?? 0) + 1;
  }

  function show(life: Life, story: Story, change: string | null): void {
    const looks = stories.looks(story, life.number);
    if (change === null || looks.shown !== null) return;
    looks.shown = change;
    say(() => `life ${life.number} is shown: ${change}`);
  }

  /** What every write must have behind it, whatever it writes. */
  function checkWrite(life: Life, site: Site, state: 'shifting_traffic' | 'moving_alias'): Story | null {
    const story = stories.active(site.name);
    const what = state === 'shifting_traffic' ? 'traffic' : 'the alias';
    if (story === null) {
      violate('no intent', `${what} of ${site.name} is written although no rollback is under way`);
      return null;
    }
    const { rollback } = story;
    const { id } = rollback;
    story.asked += 1;
    const shown = shownTo(story, stories.looks(story, life.number));
    if (rollback.state !== state || !rollback.wrote || !story.recorded.has(state)) {
      violate('no intent', `${id} writes ${what} while ${rollback.state} is what is committed`);
    }
    if (shown !== null) violate('against a human', `${id} writes ${what} after it was shown: ${shown}`);
    if (killSwitch()) violate('kill switch', `${id} writes ${what}`);
    if (rollback.deadlineAt !== null && now() >= Date.parse(rollback.deadlineAt)) {
      violate(
        'too late',
        `${id} writes ${what} ${now() - Date.parse(rollback.deadlineAt)} ms after its deadline`,
      );
    }
    if (now() - story.lookedAt > OLDEST_LOOK) {
      violate('too late', `${id} writes ${what} ${now() - story.lookedAt} ms after its last look`);
    }
    if (rollback.approvalExpiresAt !== null && !approved.has(id)) {
      violate('not approved', `${id} writes ${what}`);
    }
    return story;
  }

  function checkTarget(story: Story): void {
    const { id, to } = story.rollback;
    if (story.asked === 1 && story.targetFit !== true) {
      violate('unfit target', `${id}: the registry has not called version ${to} ready and approved`);
    }
  }

  return {
    seen,

    endpointRead(life, site, state) {
      const story = stories.active(site.name);
      if (story === null || site.endpoint === null) return;
      story.lookedAt = now();
      stories.looks(story, life.number).endpoint = state;
      const { unclear } = stories.looks(story, life.number);
      show(life, story, shownBy(story, site.endpoint, { state, unclear }));
      story.configShown ??= shownBy(story, site.endpoint, { state, unclear: true });
      const update = state === null || isBeforePlan(story, state) ? null : state.pending;
      if (update !== null && !(unclear && isTwin(story, update))) noteUpdate(story, site.endpoint, update);
    },

    modelRead(life, site, state) {
      const story = stories.active(site.name);
      const alias = story?.rollback.plan.alias ?? null;
      if (story === null || alias === null) return;
      const value = state.aliases[alias.name] ?? null;
      story.lookedAt = now();
      const looks = stories.looks(story, life.number);
      looks.alias = value;
      looks.aliasLooks += 1;
      const maybeOurs = story.aliasSent || looks.inheritsAlias;
      const expected = value === alias.before || (maybeOurs && value === alias.after);
      show(life, story, expected ? null : `the alias points to ${value ?? 'nothing'}`);
    },

    versionRead(site, { version, ready, approved: tagged }) {
      const story = stories.active(site.name);
      if (story?.rollback.to === version) story.targetFit = ready && tagged;
    },

    shiftAsked(life, site, { entities, routes }) {
      const story = checkWrite(life, site, 'shifting_traffic');
      if (story === null) return null;
      const looks = stories.looks(story, life.number);
      const why = whyUnfit(story, looks.endpoint, routes);
      if (why !== null) violate('unfit target', `${story.rollback.id}: ${why}`);
      checkTarget(story);
      const { from, id } = story.rollback;
      if (site.fallback && entities.some(({ version }) => version === from))
        violate('unfit target', `${id}: version ${from} stays where fallback sends it requests`);
      if (looks.endpoint !== null && looks.endpoint.pending !== null) {
        violate('against a human', `${id} writes traffic while it sees an update under way`);
      }
      return story;
    },

    aliasAsked(life, site, version) {
      const story = checkWrite(life, site, 'moving_alias');
      if (story === null) return null;
      const { id, to } = story.rollback;
      if (version !== to)
        violate('unfit target', `${id} goes to version ${to} and sets the alias to ${version}`);
      checkTarget(story);
      const looks = stories.looks(story, life.number);
      if (looks.aliasLooks === 0)
        violate('against a human', `${id} sets the alias without a last look at it`);
      looks.aliasLooks = 0;
      story.aliasSent = true;
      return story;
    },

    left(story) {
      const deadline = story?.rollback.deadlineAt ?? null;
      if (story !== null && killSwitch()) count('left after the kill switch came on, in a pause just before');
      if (deadline !== null && now() >= Date.parse(deadline))
        count('left after the deadline, in a pause just before');
    },

    shiftAnswered(life, story, reason) {
      if (story === null || (reason !== null && REFUSALS.includes(reason))) return;
      stories.looks(story, life.number).unclear = true;
    },

    shiftTaken(story, site, outcome) {
      if (story === null || outcome !== 'accepted') return;
      const { id, model, from, plan } = story.rollback;
      story.accepted += 1;
      const key = `${model} ${from} ${story.releases}`;
      accepted.set(key, (accepted.get(key) ?? 0) + 1);
      if (story.accepted > 1 || (accepted.get(key) ?? 0) > 1) {
        violate(
          'second effect',
          `the endpoint accepts another write that takes traffic from version ${from} (${id})`,
        );
      }
      // What somebody did that asks for the very same is written over by nothing.
      const since = humans(site.endpoint, plan.servingBefore?.configVersion ?? 0);
      const theirs = since.filter((config) => !isTwin(story, config));
      if (theirs.length === 0) return;
      count('traffic: write landed on a change');
      story.overwritten.push(...theirs.map(({ version }) => `configuration ${version}`));
      say(() => `endpoint: our write lands on a change by somebody else`);
    },

    aliasTaken(story, before) {
      const alias = story?.rollback.plan.alias ?? null;
      if (story === null || alias === null || before === alias.after) return;
      story.aliasSet += 1;
      if (story.aliasSet > 1) count('alias: set again over a return to the old one');
      else if (before !== alias.before) count('alias: set over a change after the last look');
    },
  };
}

/** An answer from before the configuration that the plan was made on: its update has ended since, and the plan knows how. */
function isBeforePlan({ rollback: { plan } }: Story, { config }: EndpointState): boolean {
  return config.version < (plan.servingBefore?.configVersion ?? 0);
}

/** An update under way is no change yet, and becomes one if it does not fail. A plan without routes does not mind. */
function noteUpdate(story: Story, endpoint: SimulatedEndpoint, pending: Update): void {
  if (pending.author !== 'human' || story.rollback.plan.routesAfter === null) return;
  story.updatesShown.set(pending, { fate: () => endpoint.fate(pending), twin: isTwin(story, pending) });
}

/** Configurations by people since this version. */
function humans(endpoint: SimulatedEndpoint | null, version: number): readonly ServedConfig[] {
  return (endpoint?.since(version) ?? []).filter(({ author }) => author === 'human');
}

/** Longer ago than this nothing was seen that may be acted on. Milliseconds. */
const OLDEST_LOOK = 60_000;

/** Answers that say that a write was not carried out. */
const REFUSALS: readonly RemoteReason[] = [
  'conflict',
  'rate_limited',
  'forbidden',
  'unauthorized',
  'not_found',
  'rejected',
];

/** What of this answer somebody else must have done; null when nothing. */
function shownBy(
  story: Story,
  endpoint: SimulatedEndpoint,
  { state, unclear }: { readonly state: EndpointState | null; readonly unclear: boolean },
): string | null {
  const { plan, wrote } = story.rollback;
  if (plan.servingBefore === null || (plan.routesAfter === null && wrote)) return null;
  if (state === null) return 'the endpoint is gone';
  const before = plan.servingBefore.configVersion ?? 0;
  const shown = humans(endpoint, before).filter(({ version }) => version <= state.config.version);
  const [first] = shown;
  if (first === undefined) return null;
  const next = first.version === before + 1;
  if (unclear && shown.length === 1 && next && isTwin(story, first)) return null;
  return `configuration ${first.version} is not ours: ${JSON.stringify(first.routes)}`;
}

/** Somebody did exactly what a write of ours, without a clear answer, was to do: nobody can tell who it was. */
function isTwin({ rollback: { plan } }: Story, config: Update): boolean {
  if (plan.routesAfter === null || plan.servingBefore === null) return false;
  const added = plan.adds === undefined ? 0 : 1;
  const count = Object.keys(plan.servingBefore.versions).length - (plan.removes?.length ?? 0) + added;
  const same = config.entities.length === count;
  return same && sameRoutes(config.routes, plan.routesAfter);
}

/** Why these routes lead nowhere good, by the endpoint as it was last read. */
function whyUnfit(
  story: Story,
  seen: EndpointState | null,
  routes: { readonly [entity: string]: number },
): string | null {
  const { to, plan } = story.rollback;
  const taking = Object.entries(routes).filter(([, percent]) => percent > 0);
  const [name, percent] = taking[0] ?? ['', 0];
  if (taking.length !== 1 || percent !== 100)
    return `routes ${JSON.stringify(routes)} do not lead to one entity`;
  // What the update itself deploys is not there before, and the old configuration serves until it is ready.
  if (plan.adds?.name === name && plan.adds.version === to)
    return seen?.config.entities.some((one) => one.version === to) === true
      ? `version ${to} was there already`
      : null;
  const entity = seen?.config.entities.find((one) => one.name === name);
  if (entity?.version !== to) return `entity ${name} was not read as version ${to}`;
  return seen?.unready.includes(entity.version) === true ? `entity ${name} was read as not ready` : null;
}
