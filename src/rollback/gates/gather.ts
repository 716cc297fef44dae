import type { ActionsConfig, FreezeConfig, ModelConfig } from '../../config/config.ts';
import type { OwnerStanding } from '../../identity/directory.ts';
import type { Hold, Store } from '../../store/store.ts';
import { buildPlan, pointless } from '../plan.ts';
import { firstIntentAt } from '../record.ts';
import type { Rollback } from '../rollback.ts';
import { FINAL_STATES } from '../rollback.ts';
import { movesTraffic, stateOfTarget } from '../target.ts';
import type { WorldView } from '../world.ts';
import type { Breaching } from './breaching.ts';
import { baselineInUse, type Evidence, maxEvidenceAge } from './evidence.ts';
import type { GateFacts } from './facts.ts';
import { freezeInForce } from './freeze.ts';

/** A wish for a rollback, as the gates are to judge it. */
export interface GateQuestion {
  readonly model: ModelConfig;
  readonly trigger: 'automatic' | 'manual';
  readonly view: WorldView;
  readonly evidence: Evidence | null;
  readonly requestedBy: string;
  /** The committed rollback that asks again; null before there is one. */
  readonly rollback: Rollback | null;
  readonly now: number;
}

/** What the gates need to know beside the question itself. */
export interface GateSources {
  readonly store: Pick<Store, 'rollbacks' | 'holds' | 'baselines'>;
  readonly actions: ActionsConfig;
  readonly freezes: readonly FreezeConfig[];
  readonly breaching: () => Promise<Breaching>;
  readonly silence: (model: string, now: number) => Promise<GateFacts['silence']>;
  /** Whether somebody is still there. Never throws a RemoteError: who cannot be asked about is `unknown`. */
  readonly standing: (name: string) => Promise<OwnerStanding>;
  readonly killSwitch: () => boolean;
}

/** Reads the store for the facts of all gates. Throws StoreError. */
export async function gatherFacts(question: GateQuestion, sources: GateSources): Promise<GateFacts> {
  const { model, trigger, view, rollback, now } = question;
  const { mode, cooldown } = model.rollback;
  const { maxShareOfModels, maxRollbacksPerHour } = sources.actions;
  const [all, holds, breaching, silence, creator] = await Promise.all([
    sources.store.rollbacks({}),
    sources.store.holds(model.name),
    sources.breaching(),
    sources.silence(model.name, now),
    creatorOf(question, sources),
  ]);
  // The breach that led here is not committed yet when the gates are first asked.
  const inBreach = new Set([...breaching.inBreach, ...(trigger === 'automatic' ? [model.name] : [])]);
  const others = all.filter((other) => other.id !== rollback?.id);
  const plan = buildPlan(model, view);
  return {
    now,
    trigger,
    mode,
    killSwitch: sources.killSwitch(),
    freeze: freezeInForce(sources.freezes, now),
    cooldown,
    others: othersOf(model.name, others),
    holds: holdFacts(holds, others, rollback),
    modelsInBreach: inBreach.size,
    models: breaching.models,
    feed: feedOf(model, breaching, inBreach),
    maxShareOfModels,
    firstWrites: others.flatMap((other) => firstIntentAt(other) ?? []),
    maxRollbacksPerHour,
    from: view.from,
    target: view.target,
    plannedTarget: rollback?.to ?? null,
    pointless: plan === null ? null : pointless(plan),
    targetState: stateOfTarget(model, view),
    requireTags: model.rollback.requireTags,
    targetTags: view.targetVersion?.seen === true ? (view.targetVersion.value?.tags ?? null) : null,
    creator,
    silence,
    ...(await evidenceFacts(question, sources.store)),
    ...approvalFacts(question),
  };
}

function approvalFacts({
  model,
  rollback,
  requestedBy,
}: GateQuestion): Pick<GateFacts, 'requestedBy' | 'approvedBy' | 'approvalVerified' | 'requireVerified'> {
  const approval = rollback?.approval ?? null;
  return {
    requestedBy,
    approvedBy: approval?.by ?? null,
    approvalVerified: approval?.identity === 'verified',
    requireVerified: model.rollback.requireVerified,
  };
}

/** A person's wish has no evaluation behind it: then the baseline in use stands for the one that was compared with. */
async function evidenceFacts(
  { model, evidence }: GateQuestion,
  store: Pick<Store, 'baselines'>,
): Promise<Pick<GateFacts, 'targetVerdict' | 'evidence' | 'baseline' | 'data'>> {
  if (evidence === null) {
    const baseline = baselineInUse(await store.baselines(model.name));
    return { targetVerdict: null, evidence: null, baseline, data: null };
  }
  const { windowEnd, baseline, targetVerdict, data } = evidence;
  return { targetVerdict, data, evidence: { windowEnd, maxAge: maxEvidenceAge(model) }, baseline };
}

const IDENTITY = /@|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An update of an endpoint is refused once who made it has gone; where no traffic moves nobody needs to be there. */
async function creatorOf({ model, view }: GateQuestion, sources: GateSources): Promise<GateFacts['creator']> {
  const name = view.endpoint?.seen === true ? view.endpoint.value.creator : null;
  if (name === null || !movesTraffic(model, view)) return null;
  // A name that is neither an address nor an application id says of what kind it is only by chance.
  return { name, standing: IDENTITY.test(name) ? await sources.standing(name) : 'unknown' };
}

function feedOf(
  { source: { table } }: ModelConfig,
  { tables }: Breaching,
  inBreach: ReadonlySet<string>,
): GateFacts['feed'] {
  const readers = [...tables].filter(([, read]) => read === table).map(([name]) => name);
  return { table, models: readers.length, inBreach: readers.filter((name) => inBreach.has(name)).length };
}

function othersOf(model: string, rollbacks: readonly Rollback[]): GateFacts['others'] {
  return rollbacks
    .filter((other) => other.model === model && (other.wrote || !FINAL_STATES.includes(other.state)))
    .map(({ id, endedAt }) => ({ id, endedAt: endedAt === null ? null : Date.parse(endedAt) }));
}

/** The hold that this very rollback made does not speak against it. */
function holdFacts(
  holds: readonly Hold[],
  others: readonly Rollback[],
  rollback: Rollback | null,
): GateFacts['holds'] {
  return holds
    .filter((hold) => hold.releasedAt === null && hold.rollback !== rollback?.id)
    .map(({ version, rollback: by }) => ({
      version,
      rollback: by,
      left: others.find(({ id }) => id === by)?.wrote !== false,
    }));
}
