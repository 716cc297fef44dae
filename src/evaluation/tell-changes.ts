import type { ModelConfig } from '../config/config.ts';
import { caseChange } from '../exceptions/change.ts';
import { moveCase } from '../exceptions/lifecycle.ts';
import { readOn } from '../exceptions/messages.ts';
import { type TellDeps, tellRollback } from '../exceptions/tell-rollback.ts';
import { afterAsking, isTimeToAsk } from '../rollback/changed-by.ts';
import type { Standing } from '../rollback/conformance.ts';
import { longestWindow } from '../rollback/gates/evidence.ts';
import { mergeChanges } from '../rollback/merge-changes.ts';
import { rollbackEntry } from '../rollback/record.ts';
import type { Rollback } from '../rollback/rollback.ts';
import { type Change, StaleWrite, type Store } from '../store/store.ts';
import type { Changes, ChangesQuestion, Resource } from '../warehouse/changes.ts';
import { aboutStanding, changedByFact, recallChangedBy } from './changed-by.ts';
import { standingOf } from './conformance.ts';
import type { CycleDeps } from './task.ts';

/** Clocks of the workspace and of this machine may differ by this much. Milliseconds. */
const SLACK = 60_000;
/** How long ago a change may have been noticed and still be asked about. Milliseconds. */
const TOO_OLD = 3 * 86_400_000;

export interface TellChangesDeps extends Pick<CycleDeps, 'config' | 'store' | 'clocks' | 'logger'> {
  readonly changes: Changes;
  readonly tell: TellDeps;
  /** The program is being closed: what is told from now on is not written down, and asked again by the next. */
  readonly ended: () => boolean;
}

/**
 * Asks the audit log who it was, for every change by somebody else whose time to ask has come, and writes down what it says: into the
 * reason of a superseded rollback and into the case of cause `conformance`. Nothing waits for it and nothing is decided by it: what
 * ended has ended, and what is open stays open. Answers the models with news. Throws StoreError.
 */
export async function tellChangesDue(deps: TellChangesDeps): Promise<readonly string[]> {
  const told = new Set<string>();
  for (const subject of await subjectsOf(deps)) {
    if (deps.ended()) break;
    try {
      if (await askAbout(subject, deps)) told.add(subject.model);
    } catch (error) {
      // Somebody wrote to the same record meanwhile: asked again at the next beat.
      if (!(error instanceof StaleWrite)) throw error;
    }
  }
  return [...told];
}

/** A change by somebody else, and where to write down who it was. */
interface Subject {
  readonly model: string;
  /** Part of the name of the fact, and what the fact must be about. */
  readonly key: string;
  readonly about: string;
  /** Domain time. */
  readonly noticed: number;
  readonly question: ChangesQuestion;
  readonly write: (sentence: string, now: number) => Promise<Partial<Change>>;
}

async function subjectsOf(deps: TellChangesDeps): Promise<readonly Subject[]> {
  const { config, store, clocks } = deps;
  const young = (noticed: number): boolean => clocks.domain.now() - noticed < TOO_OLD;
  const rollbacks = (await store.rollbacks({})).filter(({ state }) => state === 'superseded');
  const standings: Subject[] = [];
  for (const model of Object.values(config.models)) {
    const standing = standingOf(await store.fact(`conformance:${model.name}`));
    if (standing !== null && (await isInQuestion(model, standing, store)))
      standings.push(ofStanding(model, standing, deps));
  }
  return [...rollbacks.map((rollback) => ofRollback(rollback, deps)), ...standings].filter(({ noticed }) =>
    young(noticed),
  );
}

/** What serves is not the champion, or is a version that a rollback left; not a state that has been put right. */
async function isInQuestion(
  model: ModelConfig,
  { serving, champion }: Standing,
  store: Store,
): Promise<boolean> {
  if (champion === null) return model.rollback.mode !== 'observe';
  if (champion !== serving) return true;
  const holds = await store.holds(model.name);
  return holds.some(({ version, releasedAt }) => version === serving && releasedAt === null);
}

function ofRollback(rollback: Rollback, { tell }: TellChangesDeps): Subject {
  const { id, model, plan, createdAt } = rollback;
  const { endedAt, history } = rollback;
  const first = history.find(({ state }) => state === 'superseded');
  const noticed = Date.parse(first?.at ?? endedAt ?? createdAt);
  const resources: Resource[] = [];
  if (plan.endpoint !== null && plan.servingBefore !== null)
    resources.push({ kind: 'endpoint', name: plan.endpoint });
  if (plan.alias !== null)
    resources.push({ kind: 'alias', model: plan.registeredModel, alias: plan.alias.name });
  return {
    ...{ model, key: id, about: id, noticed },
    question: { resources, from: Date.parse(createdAt) - SLACK, to: noticed + SLACK },
    write: async (sentence, now) => {
      const at = new Date(now).toISOString();
      const why = `${first?.why ?? ''} ${sentence}`.trim();
      const named = { ...rollback, history: [...history, { at, state: rollback.state, why }] };
      return mergeChanges(
        { audit: [rollbackEntry(named)], rollbacks: [named] },
        await tellRollback(named, tell),
      );
    },
  };
}

function ofStanding(model: ModelConfig, standing: Standing, { config, store }: TellChangesDeps): Subject {
  const { since } = standing;
  const { name, endpoint, registeredModel, rollback } = model;
  const alias: Resource = { kind: 'alias', model: registeredModel, alias: rollback.championAlias };
  return {
    ...{ model: name, key: name, about: aboutStanding(standing), noticed: since },
    question: {
      resources: endpoint === null ? [alias] : [{ kind: 'endpoint', name: endpoint }, alias],
      // It came about between two cycles, and was seen by the second.
      from: since - longestWindow(model) - model.lateness - SLACK,
      to: since + SLACK,
    },
    write: async (sentence, now) => {
      const open = await store.exceptions({ model: name, open: true });
      const current = open.find(({ cause }) => cause === 'conformance');
      if (current === undefined) return {};
      const noted = moveCase(current, current.state, { now, by: null, why: sentence });
      return caseChange(noted, { action: 'update', text: sentence, now }, readOn(config, name));
    },
  };
}

async function askAbout(subject: Subject, deps: TellChangesDeps): Promise<boolean> {
  const { store, clocks, changes, logger } = deps;
  const { model, key, about, noticed } = subject;
  const known = await recallChangedBy(key, about, store);
  if (!isTimeToAsk(known, noticed, clocks.domain.now())) return false;
  const answer = await changes.told(subject.question);
  if (deps.ended()) return false;
  const now = clocks.domain.now();
  const found = afterAsking(answer, noticed, now);
  const written = found.final ? await subject.write(found.sentence, now) : {};
  const facts = changedByFact(key, about, found);
  await store.commit(mergeChanges({ audit: [], facts }, written));
  logger.info({ model, subject: key }, found.sentence);
  return found.final;
}
