import type { ModelConfig } from '../config/config.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import { type TellDeps, tellRollback } from '../exceptions/tell-rollback.ts';
import { type Claim, NotFound, Refused } from '../operations.ts';
import { releaseChange } from '../rollback/approval.ts';
import { evidenceFrom } from '../rollback/gates/evidence.ts';
import { askGates, firstHeld } from '../rollback/gates/gates.ts';
import { gatherFacts } from '../rollback/gates/gather.ts';
import { gateSources } from '../rollback/gates/sources.ts';
import { mergeChanges } from '../rollback/merge-changes.ts';
import { buildPlan } from '../rollback/plan.ts';
import { heldWish, newRollback, rollbackEntry } from '../rollback/record.ts';
import type { GateResult, Rollback, RollbackPlan } from '../rollback/rollback.ts';
import { readWorld } from '../rollback/view.ts';
import type { WorldView } from '../rollback/world.ts';
import type { Hold } from '../store/store.ts';
import { configuredModel } from './model.ts';

interface Planned {
  readonly model: ModelConfig;
  readonly view: WorldView;
  readonly plan: RollbackPlan | null;
  readonly gates: readonly GateResult[];
}

/** The plan as it would be now and every gate's answer, for a person (`manual`) or for driftwarden itself. Writes nothing. */
export async function planOnRequest(
  name: string,
  ask: { readonly trigger: 'automatic' | 'manual'; readonly by: string },
  deps: CycleDeps,
): Promise<Planned> {
  const model = configuredModel(deps.config, name);
  const view = await readWorld(deps.ports, model);
  const now = deps.clocks.domain.now();
  const newest = (await deps.store.evaluations({ model: name, limit: 1 }))[0]?.record ?? null;
  const wish = { cause: worstCause(newest?.policy ?? []), from: view.from, to: view.target.version };
  const evidence = newest === null ? null : evidenceFrom(newest, wish, await deps.store.baselines(name));
  const facts = await gatherFacts(
    { model, trigger: ask.trigger, view, evidence, requestedBy: ask.by, rollback: null, now },
    gateSources(deps),
  );
  return { model, view, plan: buildPlan(model, view), gates: askGates(facts) };
}

function worstCause(policy: readonly { readonly check: string; readonly verdict: string }[]): string {
  return policy.find(({ verdict }) => verdict === 'breach')?.check ?? 'prediction';
}

/** A person asks for a rollback: the same plan, gates and machine as the automatic path. Refused says which gate. */
export async function applyOnRequest(
  name: string,
  claim: Claim,
  deps: CycleDeps & { readonly tell: TellDeps },
): Promise<Rollback> {
  const { model, view, plan, gates } = await planOnRequest(name, { trigger: 'manual', by: claim.by }, deps);
  const first = firstHeld(gates);
  if (first !== null || plan === null) {
    const record = heldWish({
      model: name,
      from: view.from,
      to: view.target.version,
      cause: 'manual',
      evaluation: null,
      gates,
    });
    if (record !== null)
      await deps.store.commit({
        audit: [override(name, 'apply', claim), record.audit],
        count: [record.count],
      });
    throw new Refused(
      first === null
        ? `There is nothing to roll back for ${name}.`
        : `Gate ${first.gate} holds: ${first.reason}.`,
      first?.gate ?? null,
    );
  }
  const now = deps.clocks.domain.now();
  const why = `${claim.by} asked for it: ${claim.reason ?? 'no reason given'}`;
  const rollback = newRollback({
    model,
    plan,
    gates,
    trigger: 'manual',
    cause: 'manual',
    why,
    requestedBy: claim.by,
    evaluation: null,
    exception: null,
    now,
  });
  const told = await tellRollback(rollback, deps.tell);
  const linked = { ...rollback, exception: told.exceptions?.[0]?.id ?? null };
  await deps.store.commit(
    mergeChanges(
      { rollbacks: [linked], audit: [override(linked.id, 'apply', claim), rollbackEntry(linked)] },
      told,
    ),
  );
  return linked;
}

/** Lifts the hold on a version that was rolled back. */
export async function releaseOnRequest(
  request: { readonly model: string; readonly version: string; readonly claim: Claim },
  deps: CycleDeps,
): Promise<Hold> {
  const { name } = configuredModel(deps.config, request.model);
  const hold = (await deps.store.holds(name)).find(
    ({ version, releasedAt }) => version === request.version && releasedAt === null,
  );
  if (hold === undefined) throw new NotFound(`Version ${request.version} of ${name} is not on hold.`);
  const change = releaseChange(hold, request.claim, deps.clocks.domain.now());
  await deps.store.commit(change);
  return change.holds[0];
}

function override(subject: string, action: string, claim: Claim) {
  return {
    kind: 'override' as const,
    body: { subject, action, by: claim.by, identity: claim.identity, reason: claim.reason },
  };
}
