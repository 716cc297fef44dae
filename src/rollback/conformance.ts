import type { ModelConfig } from '../config/config.ts';
import type { Finding } from '../judge/decide.ts';
import type { ModelVersion } from '../registry/registry.ts';
import type { Hold } from '../store/store.ts';
import { FINAL_STATES, type Rollback } from './rollback.ts';
import { servingVersion } from './view.ts';
import { aliasOf, isBusy, type Seen, sharesOf, type World } from './world.ts';

/** What serves and what was approved, and since when (milliseconds of domain time) they have stood like that. */
export interface Standing {
  readonly serving: string;
  readonly champion: string | null;
  readonly since: number;
}

export interface ConformanceQuestion {
  readonly model: ModelConfig;
  readonly world: World;
  /** The registry's record of the version that serves; null where no tags are asked of it. */
  readonly version: Seen<ModelVersion | null> | null;
  /** What the cycle before saw; null: nothing, or nothing that could be told. */
  readonly before: Standing | null;
  /** A sentence on who brought that about, or why nobody can be named; null: not asked yet. It decides nothing. */
  readonly changedBy?: string | null;
  readonly rollbacks: readonly Rollback[];
  readonly holds: readonly Hold[];
  /** Longest that a window of the model lasts. Milliseconds. */
  readonly window: number;
  readonly now: number;
}

export interface Conformance {
  readonly finding: Finding;
  readonly standing: Standing | null;
}

/**
 * Whether what runs is what was approved: the version with most of the traffic is behind the champion alias and carries
 * the required tags. It is said only of a state that has stood for a whole window, so that a promotion in two steps does
 * not alarm anybody; a version that a rollback left and that is back is named at once, and not fought.
 */
export function conformanceOf(question: ConformanceQuestion): Conformance {
  const { model, world, before, now } = question;
  const serving = servingVersion(model, world);
  const alias = aliasOf(world.registered, model.rollback.championAlias);
  if (serving === null || !alias.seen)
    return { finding: silent('all', 'It cannot be told what serves or what was approved.'), standing: null };
  const same = before?.serving === serving && before.champion === alias.value;
  const standing = { serving, champion: alias.value, since: same ? before.since : now };
  const finding = findingOf(question, standing);
  const { changedBy = null } = question;
  if (finding.signal !== 'breach' || !same || changedBy === null) return { finding, standing };
  return { finding: { ...finding, reason: `${finding.reason} ${changedBy}` }, standing };
}

function findingOf(question: ConformanceQuestion, standing: Standing): Finding {
  const { rollbacks, now, window } = question;
  const { serving, since } = standing;
  const active = rollbacks.find(({ state }) => !FINAL_STATES.includes(state));
  if (active !== undefined) return silent(serving, `Rollback ${active.id} is under way.`);
  const back = reappliedBy(question, serving);
  if (back !== null) return said(serving, 'breach', back);
  const wrong = whyNot(question, standing);
  if (wrong === null) return said(serving, 'quiet', `Version ${serving} serves and is the champion.`);
  const moving = underWay(question, standing);
  if (moving !== null) return silent(serving, `${wrong} ${moving}`);
  return now - since >= window
    ? said(serving, 'breach', `${wrong} It has been so since ${new Date(since).toISOString()}.`)
    : silent(serving, `${wrong} It has not been so for a whole window yet.`);
}

/** A version that a rollback has proven to have left, and that serves again: somebody, or some tool, has put it back. */
function reappliedBy({ rollbacks, holds }: ConformanceQuestion, serving: string): string | null {
  const hold = holds.find(({ version, releasedAt }) => version === serving && releasedAt === null);
  const rollback = rollbacks.find(({ id }) => id === hold?.rollback);
  const left = rollback?.history.some(
    ({ state }) => state === LEFT[rollback.plan.routesAfter === null ? 'alias' : 'traffic'],
  );
  if (rollback === undefined || left !== true || !rollback.wrote) return null;
  return (
    `Version ${serving} serves again, although rollback ${rollback.id} left it for version ${rollback.to}. Somebody has put it back, ` +
    'perhaps a deployment tool that still names it: change it there. Nothing is done against that. ' +
    `If the version is wanted, release it with "driftwarden rollback release ${rollback.model} --version ${serving}".`
  );
}

const LEFT = { traffic: 'traffic_verified', alias: 'alias_verified' } as const;

/** Why what serves is not what was approved; null when it is, or nobody has to say what is. */
function whyNot({ model, version }: ConformanceQuestion, { serving, champion }: Standing): string | null {
  const { championAlias, mode, requireTags } = model.rollback;
  if (champion === null) {
    // Who only watches need not have named a champion.
    return mode === 'observe'
      ? null
      : `Version ${serving} serves and the alias ${championAlias} does not exist.`;
  }
  if (champion !== serving) {
    return `Version ${serving} serves most of the traffic, and the alias ${championAlias} points to version ${champion}.`;
  }
  const tags = version?.seen === true ? (version.value?.tags ?? null) : null;
  if (tags === null) return null;
  const lacking = Object.entries(requireTags).filter(([tag, value]) => tags[tag] !== value);
  if (lacking.length === 0) return null;
  const words = lacking.map(([tag, value]) => `${tag}: ${value}`).join(', ');
  return `Version ${serving} serves and lacks ${words}, which rollback.requireTags asks for.`;
}

/** Why the difference may be on its way to end: an update runs, or the champion still has a part of the traffic. */
function underWay({ model, world }: ConformanceQuestion, { serving, champion }: Standing): string | null {
  if (world.endpoint?.seen !== true) return null;
  const endpoint = world.endpoint.value;
  if (isBusy(endpoint)) return 'The endpoint is being updated.';
  const shares = sharesOf(endpoint, model.registeredModel);
  if (champion === null || champion === serving || (shares[champion] ?? 0) === 0) return null;
  return `Version ${champion} still has a part of it: a rollout seems to be under way.`;
}

function said(version: string, signal: 'breach' | 'quiet', reason: string): Finding {
  return { cause: 'conformance', version, signal, reason };
}

function silent(version: string, reason: string): Finding {
  return { cause: 'conformance', version, signal: null, reason };
}
