import type { ModelConfig } from '../config/config.ts';
import type { Gate, GateResult } from './rollback.ts';
import { isBusy, type Seen, type WorldView } from './world.ts';

/** Whether a rollback of the version that serves would find something to go back to, if it were needed now. */
export interface WayBack {
  /** `unknown`: something could not be read, or is on its way. It says neither yes nor no. */
  readonly state: 'there' | 'missing' | 'unknown';
  /** The version that would be left; `all` where none can be told. */
  readonly version: string;
  readonly reason: string;
}

export interface WayBackQuestion {
  readonly model: ModelConfig;
  readonly view: WorldView;
  /** Every gate as asked now, of a rollback that nobody wants yet. */
  readonly gates: readonly GateResult[];
  /** Whether the target was itself left by a rollback and has not been released. */
  readonly targetLeft: boolean;
  /** Id of the rollback that is under way; null: none. */
  readonly active: string | null;
  /** Id of the rollback that put the version that serves back, while the version it left is still on hold; null: none. */
  readonly putBackBy: string | null;
}

/**
 * The gates that speak of the target and of what a rollback needs outside. The others are what people have decided (mode,
 * kill switch, freeze, cooldown, silence, approval), or are about a window in breach, of which there is none yet.
 */
const NEEDED: readonly Gate[] = [
  'no_target',
  'champion_not_ready',
  'champion_not_approved',
  'creator_inactive',
];

/** Pure: one look at the world, and what it says about the way back. */
export function wayBack(question: WayBackQuestion): WayBack {
  const { model, view, gates, targetLeft } = question;
  const version = view.from ?? 'all';
  if (model.rollback.mode === 'observe')
    return { state: 'there', version, reason: 'rollback.mode is observe: nothing would be moved.' };
  const unknown = notTold(question);
  if (unknown !== null) return { state: 'unknown', version, reason: unknown };
  const gone = goneOutside(model, view);
  if (gone === null && nothingBefore(model, view))
    return {
      state: 'there',
      version,
      reason: `Version ${version} is the champion, and nothing names a version before it.`,
    };
  const reasons = [
    ...(gone === null ? [] : [gone]),
    ...(gone === null
      ? gates.filter(({ gate, held }) => held && NEEDED.includes(gate)).map(({ reason }) => reason)
      : []),
    ...(targetLeft
      ? [`version ${view.target.version ?? ''}, the target, was itself left by a rollback and not released`]
      : []),
  ];
  if (reasons.length === 0)
    return {
      state: 'there',
      version,
      reason: `There is a way back: version ${view.target.version ?? ''} could take over.`,
    };
  return { state: 'missing', version, reason: `${[...new Set(reasons)].join('; ')}.` };
}

/**
 * The champion serves, and neither alias nor tag claims that another version was good: a first version, or one that a rollback has
 * just put back. Nobody promised a way back, so none is missing; the gate `no_target` shows it.
 */
function nothingBefore({ rollback }: ModelConfig, { registered, from, target }: WorldView): boolean {
  if (!registered.seen || from === null || target.version !== null) return false;
  return registered.value.aliases[rollback.championAlias] === from;
}

/** Why nothing can be said now: what cannot be read is not missing, and what is being changed is not finished. */
function notTold({ model, view, active, putBackBy }: WayBackQuestion): string | null {
  if (active !== null) return `Rollback ${active} is under way.`;
  // Its owner was told of that rollback, and what to do next: release the version, or bring a better one.
  if (putBackBy !== null) return `Rollback ${putBackBy} has used the way back.`;
  const unread = [view.registered, view.endpoint, view.targetVersion].find(isUnread);
  if (unread !== undefined) return `It could not be read: ${unread.message}`;
  const { endpoint } = view;
  if (endpoint?.seen !== true) return null;
  if (isBusy(endpoint.value)) return `Endpoint ${model.endpoint ?? ''} is being updated.`;
  return view.from === null ? `No version of ${model.registeredModel} serves.` : null;
}

function isUnread(part: Seen<unknown> | null): part is Extract<Seen<unknown>, { seen: false }> {
  return part !== null && !part.seen && !part.missing;
}

/** What the other side itself says is not there. */
function goneOutside({ registeredModel, endpoint }: ModelConfig, view: WorldView): string | null {
  if (!view.registered.seen) return `there is no registered model ${registeredModel}`;
  return view.endpoint !== null && !view.endpoint.seen ? `there is no endpoint ${endpoint ?? ''}` : null;
}

/** How it has stood, and since when (milliseconds of domain time). */
export interface WayBackStanding {
  readonly state: 'there' | 'missing';
  readonly since: number;
}

/** A promotion in two steps, or a deployment, takes minutes: what has stood so long is no such step. Milliseconds. */
export const WAY_BACK_STANDS = 3_600_000;

/** The standing after a look; a look that told nothing leaves it as it was. */
export function standingAfter(
  before: WayBackStanding | null,
  { state }: WayBack,
  now: number,
): WayBackStanding | null {
  if (state === 'unknown') return before;
  return before?.state === state ? before : { state, since: now };
}

/** What a case may rest on: the state of this very look, once it has stood for {@link WAY_BACK_STANDS}. */
export function settledWayBack(
  standing: WayBackStanding | null,
  { state }: WayBack,
  now: number,
): 'there' | 'missing' | null {
  if (standing === null || standing.state !== state) return null;
  return now - standing.since >= WAY_BACK_STANDS ? state : null;
}
