import type { AuditEntry } from '../audit/record.ts';
import type { Baseline } from '../baseline/bins.ts';
import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import type { CasesOutcome } from '../evaluation/cases.ts';
import type { ExceptionCase, OutboxMessage } from '../exceptions/exception.ts';
import { linksFor, messagesFor, readOn } from '../exceptions/messages.ts';
import type { Decision } from '../judge/decide.ts';
import type { Evaluation, PlannedAction } from '../judge/verdict.ts';
import type { Counter, ModelStatus, ServedVersion, Store } from '../store/store.ts';
import { evidenceFrom } from './gates/evidence.ts';
import { askGates, firstHeld } from './gates/gates.ts';
import { gatherFacts } from './gates/gather.ts';
import { gateSources, type SourcesDeps } from './gates/sources.ts';
import { buildPlan } from './plan.ts';
import { heldWish, ITSELF, newRollback, rollbackEntry } from './record.ts';
import type { GateResult, Rollback } from './rollback.ts';
import { statusOf, type WorldPorts, withTarget } from './view.ts';
import type { World, WorldView } from './world.ts';

export interface WishQuestion {
  readonly model: ModelConfig;
  readonly world: World;
  /** What the judge wants; null: nothing. The gates are asked all the same, so that readiness is known before it is needed. */
  readonly wanted: Decision['rollback'];
  readonly evaluation: Evaluation;
  /** Baselines stored and frozen so far. */
  readonly baselines: readonly Baseline[];
  /** What the window did to the cases, and the cases as they were stored. */
  readonly outcome: CasesOutcome;
  readonly cases: readonly ExceptionCase[];
  readonly now: number;
}

export interface WishDeps extends SourcesDeps {
  readonly ports: WorldPorts;
  readonly config: SourcesDeps['config'] & { readonly http: { readonly publicUrl: string | null } };
}

/** What a wish leads to, to be committed with the window. `exceptions` are the window's cases, one of them perhaps with the rollback noted. */
export interface WishOutcome {
  readonly status: Omit<ModelStatus, 'model' | 'at' | 'owner' | 'ownerResolved' | 'tier'>;
  readonly rollbacks: readonly Rollback[];
  readonly exceptions: readonly ExceptionCase[];
  readonly queue: readonly OutboxMessage[];
  readonly audit: readonly AuditEntry[];
  readonly count: readonly Counter[];
  readonly actions: readonly PlannedAction[];
  readonly served: readonly ServedVersion[];
}

/** Asks every gate, and plans the wanted rollback when none holds it. Nothing outside is changed. */
export async function answerWish(question: WishQuestion, deps: WishDeps): Promise<WishOutcome> {
  const { model, world, wanted, evaluation, outcome, now } = question;
  const view = await withTarget(deps.ports, model, { world, from: wanted?.from ?? null });
  const wish = { cause: wanted?.cause ?? 'prediction', from: view.from, to: view.target.version };
  const evidence = evidenceFrom(evaluation, wish, question.baselines);
  const facts = await gatherFacts(
    { model, trigger: 'automatic', view, evidence, requestedBy: ITSELF, rollback: null, now },
    gateSources(deps),
  );
  const gates = askGates(facts);
  const none: WishOutcome = {
    status: statusOf(model, view, gates),
    served: await newlyServed(model, world, { store: deps.store, now }),
    rollbacks: [],
    exceptions: outcome.exceptions,
    queue: [],
    audit: [],
    count: [],
    actions: [],
  };
  if (wanted === null) return none;
  return firstHeld(gates) === null
    ? planned(question, { view, gates, none, deps })
    : held(question, { view, gates, none });
}

interface Asked {
  readonly view: WorldView;
  readonly gates: readonly GateResult[];
  readonly none: WishOutcome;
}

function held(question: WishQuestion, { view, gates, none }: Asked): WishOutcome {
  const { model, evaluation, wanted } = question;
  const cause = wanted?.cause ?? '';
  const record = heldWish({
    model: model.name,
    from: view.from,
    to: view.target.version,
    cause,
    evaluation: evaluation.evaluation,
    gates,
  });
  const first = firstHeld(gates);
  if (record === null || first === null) return none;
  const action = { action: 'hold_rollback', key: first.gate, reason: first.reason };
  return { ...none, audit: [record.audit], count: [record.count], actions: [action] };
}

function planned(
  question: WishQuestion,
  { view, gates, none, deps }: Asked & { readonly deps: WishDeps },
): WishOutcome {
  const { model, evaluation, wanted, now } = question;
  const plan = buildPlan(model, view);
  if (plan === null || wanted === null)
    throw new Error(`no gate holds the rollback of ${model.name}, yet there is no plan`);
  const exception = caseOf(question);
  const rollback = newRollback({
    model,
    plan,
    gates,
    trigger: 'automatic',
    cause: wanted.cause,
    why: wanted.reason,
    requestedBy: ITSELF,
    evaluation: evaluation.evaluation,
    exception: exception?.id ?? null,
    now,
  });
  const noted =
    exception === null ? null : { ...exception, rollbacks: [...exception.rollbacks, rollback.id] };
  const text = `Rollback ${rollback.id} is planned: version ${plan.from} to ${plan.to}, plan ${rollback.planHash}. ${wanted.reason}`;
  const fields = {
    text,
    queuedAt: isoTime(now),
    step: rollback.id,
    links: noted === null ? {} : linksFor(noted, readOn(deps.config, model.name)),
  };
  return {
    ...none,
    rollbacks: [rollback],
    exceptions:
      noted === null ? none.exceptions : [...none.exceptions.filter(({ id }) => id !== noted.id), noted],
    queue: noted === null ? [] : messagesFor(noted, 'update', fields),
    audit: [rollbackEntry(rollback)],
    actions: [{ action: 'plan_rollback', key: rollback.id, reason: wanted.reason }],
  };
}

/** The case that tells the wanted rollback: of its cause, as this window leaves it. */
function caseOf({ outcome, cases, wanted }: WishQuestion): ExceptionCase | null {
  const covers = (exception: ExceptionCase): boolean =>
    exception.state !== 'resolved' && [exception.cause, ...exception.subCauses].includes(wanted?.cause ?? '');
  return (
    outcome.exceptions.find(covers) ??
    cases.find((stored) => covers(stored) && !outcome.exceptions.some(({ id }) => id === stored.id)) ??
    null
  );
}

/** Which served entity is which version, where that was not known yet: an endpoint update forgets the old ones. */
async function newlyServed(
  model: ModelConfig,
  world: World,
  at: { readonly store: Store; readonly now: number },
): Promise<readonly ServedVersion[]> {
  if (world.endpoint?.seen !== true) return [];
  const known = new Set(
    (await at.store.servedVersions(model.name)).map(({ entity, version }) => `${entity} ${version}`),
  );
  return world.endpoint.value.entities
    .filter((entity) => entity.model === model.registeredModel)
    .map(({ id, name, version }) => ({
      model: model.name,
      entity: id ?? name,
      version,
      firstSeen: isoTime(at.now),
    }))
    .filter(({ entity, version }) => !known.has(`${entity} ${version}`));
}
