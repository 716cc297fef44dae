import { z } from 'zod';
import type { ModelConfig } from '../config/config.ts';
import { caseChange } from '../exceptions/change.ts';
import type { ExceptionCase } from '../exceptions/exception.ts';
import { afterWindow, mayReopen, moveCase, openCase } from '../exceptions/lifecycle.ts';
import { readOn } from '../exceptions/messages.ts';
import { type ResolvedOwner, resolveOwner } from '../exceptions/owner.ts';
import { askGates } from '../rollback/gates/gates.ts';
import { gatherFacts } from '../rollback/gates/gather.ts';
import { gateSources } from '../rollback/gates/sources.ts';
import { ITSELF } from '../rollback/record.ts';
import { FINAL_STATES } from '../rollback/rollback.ts';
import { withTarget } from '../rollback/view.ts';
import {
  settledWayBack,
  standingAfter,
  type WayBack,
  type WayBackStanding,
  wayBack,
} from '../rollback/way-back.ts';
import type { World } from '../rollback/world.ts';
import type { Change } from '../store/store.ts';
import { shortHash } from './assemble.ts';
import type { CycleDeps } from './task.ts';

const Stored = z.object({ state: z.enum(['there', 'missing']), since: z.number() });

const factOf = (model: string): string => `way_back:${model}`;

/**
 * What one look between windows says about the way back, to be committed: since when it is there or missing, and the case of cause
 * `rollback` that tells the owner before it is needed. Null: nothing is new. Throws StoreError.
 */
export async function lookForWayBack(
  model: ModelConfig,
  world: World,
  deps: CycleDeps,
): Promise<Change | null> {
  const { store, config, clocks } = deps;
  const now = clocks.domain.now();
  const found = await findWayBack(model, world, deps);
  const before = standingFrom(await store.fact(factOf(model.name)));
  const standing = standingAfter(before, found, now);
  const settled = settledWayBack(standing, found, now);
  const owner = resolveOwner(config, model, world.registered.seen ? world.registered.value.tags : 'unread');
  const cases = (await store.exceptions({ model: model.name })).filter(({ cause }) => cause === 'rollback');
  const told = settled === null ? null : caseAfter({ model, found, settled, owner, cases, now });
  const news = standing !== before && standing !== null;
  if (!news && told === null) return null;
  return {
    audit: [],
    facts: news ? { [factOf(model.name)]: JSON.stringify(standing) } : {},
    ...(told === null ? {} : caseChange(told.exception, { ...told, now }, readOn(config, model.name))),
  };
}

async function findWayBack(model: ModelConfig, world: World, deps: CycleDeps): Promise<WayBack> {
  const view = await withTarget(deps.ports, model, { world, from: null });
  const facts = await gatherFacts(
    {
      ...{ model, trigger: 'automatic', view, evidence: null, requestedBy: ITSELF, rollback: null },
      now: deps.clocks.domain.now(),
    },
    gateSources(deps),
  );
  const rollbacks = await deps.store.rollbacks({ model: model.name });
  const holding = new Set(facts.holds.map(({ rollback }) => rollback));
  const putBack = rollbacks.find(
    ({ id, state, to }) => state === 'done' && to === view.from && holding.has(id),
  );
  const active = rollbacks.find(({ state }) => !FINAL_STATES.includes(state));
  return wayBack({
    model,
    view,
    gates: askGates(facts),
    targetLeft: facts.holds.some(({ left, version }) => left && version === view.target.version),
    active: active?.id ?? null,
    putBackBy: putBack?.id ?? null,
  });
}

function standingFrom(fact: string | null): WayBackStanding | null {
  return fact === null ? null : Stored.parse(JSON.parse(fact));
}

interface CaseQuestion {
  readonly model: ModelConfig;
  readonly found: WayBack;
  readonly settled: 'there' | 'missing';
  readonly owner: ResolvedOwner;
  /** Every case of cause `rollback` of the model. */
  readonly cases: readonly ExceptionCase[];
  readonly now: number;
}

interface Told {
  readonly exception: ExceptionCase;
  readonly action: 'open' | 'reopen' | 'resolve';
  readonly text: string;
}

/** A case that tells of a rollback is not touched: a person is on it, and what it is about is another thing. */
function caseAfter(question: CaseQuestion): Told | null {
  const { found, settled, cases, now } = question;
  const open = cases.find(({ state }) => state !== 'resolved');
  if (settled === 'there') {
    if (open === undefined || open.rollbacks.length > 0) return null;
    const why = found.reason;
    return { exception: moveCase(open, 'resolved', { now, by: null, why }), action: 'resolve', text: why };
  }
  const text = textOf(question);
  const last = open ?? cases.find((current) => current.rollbacks.length === 0 && mayReopen(current, now));
  if (last === undefined) return { exception: opened(question, text), action: 'open', text };
  if (last.rollbacks.length > 0) return null;
  const { exception, happened } = afterWindow(last, 'breach', { now, why: text });
  return happened === 'reopened' ? { exception, action: 'reopen', text } : null;
}

function textOf({ model, found }: CaseQuestion): string {
  return (
    `If version ${found.version} of ${model.name} failed now, a rollback would not happen: ${found.reason} ` +
    `"driftwarden rollback plan ${model.name}" shows every gate as it stands.`
  );
}

function opened({ model, found, owner, now }: CaseQuestion, text: string): ExceptionCase {
  return openCase({
    id: `ex-${shortHash([model.name, 'way_back', now])}`,
    model: model.name,
    cause: 'rollback',
    subCauses: [],
    severity: 'high',
    tier: owner.tier,
    owner: owner.name,
    email: owner.email,
    desk: owner.desk,
    version: found.version,
    title: `${model.name}: no way back from version ${found.version}`,
    text,
    evaluation: null,
    now,
  });
}
