import type { AuditEntry } from '../../src/audit/record.ts';
import type { OutboxMessage } from '../../src/exceptions/exception.ts';
import { hasIntent } from '../../src/rollback/machine.ts';
import { firstIntentAt } from '../../src/rollback/record.ts';
import { FINAL_STATES, type Rollback, type RollbackState } from '../../src/rollback/rollback.ts';
import type { Change } from '../../src/store/store.ts';
import type { EndpointState, Fate, Update } from './endpoint.ts';
import type { Invariant } from './violation.ts';

/** What one life has learnt about the world for one rollback. A new life knows nothing. */
export interface Looks {
  endpoint: EndpointState | null;
  /** Undefined before the first answer. */
  alias: string | null | undefined;
  /** Looks at the alias since the last state was entered, or since the last write of it. */
  aliasLooks: number;
  /** The first change by somebody else that an answer has shown. */
  shown: string | null;
  /** Whether a write of traffic may have been carried out without this life knowing it: sent by an earlier one, or not clearly refused. */
  unclear: boolean;
  /** Whether an earlier life meant to move the alias, and this one cannot know if it did. */
  readonly inheritsAlias: boolean;
}

/** Somebody else's doing, at the moment it became true. */
export interface HumanChange {
  readonly at: number;
  readonly side: 'traffic' | 'alias';
  /** Version of the configuration, or what the alias then pointed to. */
  readonly value: string | null;
}

/** A committed rollback, what it did, and what was done to it. */
export interface Story {
  rollback: Rollback;
  /** States with a committed audit record. */
  readonly recorded: Set<RollbackState>;
  readonly looks: Map<number, Looks>;
  /** Whether the registry called the target ready and approved when it last answered; null before. */
  targetFit: boolean | null;
  /** How often its version had been released when this rollback put it on hold: a later one of it counts anew. */
  releases: number;
  /** Writes that were asked for, that the endpoint accepted, and that changed the alias. */
  asked: number;
  accepted: number;
  aliasSet: number;
  aliasSent: boolean;
  /** Changes by somebody else to what this rollback is about, since shortly before it was planned. */
  readonly changes: HumanChange[];
  /** When the newest answer was handed to it. */
  lookedAt: number;
  /** Those that a write of ours landed on. */
  readonly overwritten: string[];
  /** Updates by somebody else that an answer has shown under way, how they went on, and whether they do just what the plan wants. */
  readonly updatesShown: Map<Update, { readonly fate: () => Fate; readonly twin: boolean }>;
  /** The first configuration by somebody else that any life was shown. It can not be taken back without a trace. */
  configShown: string | null;
}

/**
 * What was shown of somebody else's doing and must not be acted against; null: nothing. An update that does just what the plan
 * wants is somebody else's only for a life that knows its own write to be refused: a later one cannot tell the two apart.
 */
export function shownTo(story: Story, { shown, unclear }: Looks): string | null {
  const going = [...story.updatesShown].find(
    ([, { fate, twin }]) => fate() !== 'failed' && !(twin && unclear),
  );
  const update = going === undefined ? null : `an update to ${JSON.stringify(going[0].routes)} under way`;
  return shown ?? story.configShown ?? update;
}

/** Everything that was ever committed, as the store has acknowledged it. */
export interface Stories {
  readonly all: ReadonlyMap<string, Story>;
  active(model: string): Story | null;
  anyActive(): boolean;
  readonly messages: ReadonlyMap<string, OutboxMessage>;
  readonly delivered: ReadonlySet<string>;
  /** By which life, and what. */
  committed(life: number, change: Change): void;
  /** Somebody else changed something of a model. */
  changed(model: string, change: HumanChange): void;
  looks(story: Story, life: number): Looks;
}

export interface StoriesOptions {
  readonly maxRollbacksPerHour: number;
  readonly violate: (invariant: Invariant, why: string) => void;
  readonly entered: (story: Story, life: number) => void;
}

const HOUR = 3_600_000;

export function createStories({ maxRollbacksPerHour, violate, entered }: StoriesOptions): Stories {
  const all = new Map<string, Story>();
  const active = new Map<string, Story>();
  const messages = new Map<string, OutboxMessage>();
  const delivered = new Set<string>();
  const released = new Map<string, number>();
  const lastChange = new Map<string, HumanChange>();

  function take(life: number, rollback: Rollback, audit: readonly AuditEntry[]): void {
    const { id, model, state } = rollback;
    const last = (['traffic', 'alias'] as const).flatMap((side) => lastChange.get(`${model} ${side}`) ?? []);
    const story = all.get(id) ?? fresh(rollback, last);
    const known = all.has(id) ? story.rollback : null;
    all.set(id, story);
    story.rollback = { ...rollback, rev: rollback.rev + 1 };
    if (known !== null && FINAL_STATES.includes(known.state)) {
      violate('final state left', `${id} was ${known.state} and became ${state}`);
    }
    if (known?.state === state) return;
    const told = audit.some(
      ({ kind, body }) => kind === 'rollback' && body['rollback'] === id && body['state'] === state,
    );
    if (told) story.recorded.add(state);
    else violate('audit', `${id} entered ${state} without an audit record`);
    if (FINAL_STATES.includes(state)) active.delete(model);
    else active.set(model, story);
    for (const looks of story.looks.values()) looks.aliasLooks = 0;
    entered(story, life);
    if (!hasIntent(state) || known?.wrote === true) return;
    story.releases = released.get(`${model} ${rollback.from}`) ?? 0;
    limit(rollback);
  }

  function limit(rollback: Rollback): void {
    const began = firstIntentAt(rollback) ?? 0;
    const recent = [...all.values()].filter(({ rollback: other }) => {
      const at = firstIntentAt(other);
      return at !== null && at <= began && began - at < HOUR;
    });
    if (recent.length > maxRollbacksPerHour) {
      violate(
        'rate limit',
        `${recent.length} rollbacks began to write within an hour, ${maxRollbacksPerHour} are allowed`,
      );
    }
  }

  return {
    all,
    messages,
    delivered,
    active: (model) => active.get(model) ?? null,
    anyActive: () => active.size > 0,
    committed(life, change) {
      for (const rollback of change.rollbacks ?? []) take(life, rollback, change.audit);
      for (const message of change.queue ?? [])
        if (!messages.has(message.key)) messages.set(message.key, message);
      for (const message of change.messages ?? [])
        if (message.state === 'delivered') delivered.add(message.key);
      for (const { model, version, releasedAt } of change.holds ?? []) {
        const key = `${model} ${version}`;
        if (releasedAt !== null) released.set(key, (released.get(key) ?? 0) + 1);
      }
    },
    changed(model, change) {
      lastChange.set(`${model} ${change.side}`, change);
      const story = active.get(model);
      if (story === undefined) return;
      const { plan, wrote } = story.rollback;
      const matters =
        change.side === 'alias'
          ? plan.alias !== null
          : plan.servingBefore !== null && (plan.routesAfter !== null || !wrote);
      if (matters) story.changes.push(change);
    },
    looks(story, life) {
      const known = story.looks.get(life);
      if (known !== undefined) return known;
      const nothing: Looks = {
        endpoint: null,
        alias: undefined,
        aliasLooks: 0,
        shown: null,
        unclear: story.rollback.wrote,
        inheritsAlias: story.rollback.state === 'moving_alias',
      };
      story.looks.set(life, nothing);
      return nothing;
    },
  };
}

/** A plan may be made of what was true this long ago. Milliseconds. */
const OLD = 30_000;

/** Whether the plan may have been made before this: it is recent, or not what the plan has seen. */
function isNew({ createdAt, plan }: Rollback, { at, side, value }: HumanChange): boolean {
  if (Date.parse(createdAt) - at < OLD) return true;
  if (side === 'alias') return plan.alias !== null && value !== plan.alias.before;
  return value === null || Number(value) > (plan.servingBefore?.configVersion ?? Number.POSITIVE_INFINITY);
}

function fresh(rollback: Rollback, last: readonly HumanChange[]): Story {
  return {
    rollback,
    recorded: new Set(),
    looks: new Map(),
    targetFit: null,
    releases: 0,
    asked: 0,
    accepted: 0,
    aliasSet: 0,
    aliasSent: false,
    changes: last.filter((change) => isNew(rollback, change)),
    lookedAt: 0,
    overwritten: [],
    updatesShown: new Map(),
    configShown: null,
  };
}
