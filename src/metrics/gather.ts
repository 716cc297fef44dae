import type { Config, ModelConfig } from '../config/config.ts';
import type { CheckKind } from '../judge/verdict.ts';
import type { Counter, ModelStatus, Store, StoredEvaluation } from '../store/store.ts';
import type { WindowLength } from '../windows/window.ts';
import { summariseExceptions, summariseRollbacks } from './action-facts.ts';
import { counterKey } from './counters.ts';
import { summariseEvaluation } from './evaluation-facts.ts';
import type { EvaluationFacts, LiveFacts, ModelFacts, SnapshotInput } from './facts.ts';
import { auditFacts, deskFacts } from './gather-shared.ts';

const DAY_SECONDS = 86_400;
/** The longest a calendar window can be: an expectation that is too short would call every long month late. */
const CALENDAR_DAYS = { month: 31, quarter: 92 } as const;
/** How many evaluations are looked through for one that did not fail: at the first reading, and since the last one. */
const LOOK_BACK = { first: 200, later: 5 } as const;

export interface GatherOptions {
  /** The same clock that stamps the end of evaluations, milliseconds. */
  readonly now: number;
  /** What was gathered before; models that are not in `changed` are taken over as they are. */
  readonly previous?: SnapshotInput;
  readonly changed?: ReadonlySet<string>;
  /** Run time of each model's last evaluation in this process, seconds. */
  readonly durations?: ReadonlyMap<string, number>;
}

/**
 * Reads what a snapshot is rendered from. The first reading asks for every model; later ones only for those that
 * changed, so that a commit costs the same with one model and with five hundred. Throws StoreError.
 */
export async function gatherSnapshotInput(
  store: Store,
  config: Config,
  options: GatherOptions,
): Promise<SnapshotInput> {
  const counters = await store.counters();
  return {
    now: options.now,
    maxSeries: config.metrics.maxSeries,
    models: await gatherModels(store, { ...options, config, counters }),
    desks: deskFacts(config, counters, await store.waiting()),
    audit: await auditFacts(store, options.previous?.audit ?? null),
  };
}

async function gatherModels(
  store: Store,
  options: GatherOptions & { readonly config: Config; readonly counters: readonly Counter[] },
): Promise<readonly ModelFacts[]> {
  const { config } = options;
  const statuses = new Map((await store.statuses()).map((status) => [status.model, status]));
  const totals = totalsByModel(options.counters);
  const known = new Map(options.previous?.models.map((facts) => [facts.model, facts]));
  const models: ModelFacts[] = [];
  for (const model of Object.values(config.models)) {
    const question = {
      config,
      model,
      status: statuses.get(model.name) ?? null,
      totals: totals.get(model.name) ?? {},
      lastDurationSeconds: options.durations?.get(model.name) ?? null,
      before: known.get(model.name) ?? null,
    };
    const changed = options.changed === undefined || options.changed.has(model.name);
    models.push(changed ? await gatherModel(store, question) : await keepModel(store, question));
  }
  return models;
}

/** Counts change beside the model's own cycle too (a ticket is delivered), so they are compared, not trusted. */
async function keepModel(store: Store, question: ModelQuestion): Promise<ModelFacts> {
  const { before, totals } = question;
  const same = before !== null && JSON.stringify(before.totals) === JSON.stringify(totals);
  return same ? before : gatherModel(store, question);
}

interface ModelQuestion {
  readonly config: Config;
  readonly model: ModelConfig;
  readonly status: ModelStatus | null;
  readonly totals: { readonly [key: string]: number };
  readonly lastDurationSeconds: number | null;
  /** As gathered before; null at the first reading. */
  readonly before: ModelFacts | null;
}

async function gatherModel(store: Store, question: ModelQuestion): Promise<ModelFacts> {
  const { config, model, status, totals } = question;
  const [newest] = await store.evaluations({ model: model.name, limit: 1 });
  return {
    model: model.name,
    ...accountability(model, status),
    desks: Object.keys(config.ticketDesks),
    intervalSeconds: intervalSeconds(model.window),
    falseAlarmsPerYear: model.falseAlarmsPerYear,
    lastSuccess: newest === undefined ? null : await lastSuccess(store, newest, question),
    lastCompletion: newest === undefined ? null : Date.parse(newest.endedAt),
    lastDurationSeconds: question.lastDurationSeconds,
    windowEnd: newest === undefined ? null : Date.parse(newest.record.window.end),
    live: status === null ? null : liveFacts(status),
    evaluation: newest === undefined ? null : evaluationFacts(newest, question),
    rollbacks: summariseRollbacks(await store.rollbacks({ model: model.name })),
    exceptions: summariseExceptions(await store.exceptions({ model: model.name })),
    totals,
  };
}

/** As the last cycle resolved them; before the first one, as configured. */
function accountability(model: ModelConfig, status: ModelStatus | null): Pick<ModelFacts, 'owner' | 'tier'> {
  if (status !== null) return { owner: status.owner, tier: status.tier };
  return { owner: model.owner ?? 'default', tier: model.riskTier ?? 'high' };
}

function evaluationFacts(stored: StoredEvaluation, question: ModelQuestion): EvaluationFacts {
  return summariseEvaluation({
    evaluation: stored.record,
    shares: question.status?.shares ?? {},
    topFeatures: question.config.metrics.topFeatures,
    expected: expectedChecks(question.model),
  });
}

/** The expected time between evaluations. */
export function intervalSeconds(length: WindowLength): number {
  return length.kind === 'fixed' ? length.milliseconds / 1000 : CALENDAR_DAYS[length.unit] * DAY_SECONDS;
}

function expectedChecks(model: ModelConfig): readonly { check: string; kind: CheckKind }[] {
  return [
    { check: 'drift', kind: 'input_drift' },
    ...(model.prediction === null ? [] : [{ check: 'prediction', kind: 'output_drift' } as const]),
  ];
}

/** An evaluation succeeded when it did not end in an error; unknown for want of rows is an answer too. */
async function lastSuccess(
  store: Store,
  newest: StoredEvaluation,
  question: ModelQuestion,
): Promise<number | null> {
  const { before, model } = question;
  const most = before === null ? LOOK_BACK.first : LOOK_BACK.later;
  let page: readonly StoredEvaluation[] = [newest];
  for (let seen = 0; seen < most && page.length > 0; seen += page.length) {
    const good = page.find((stored) => stored.record.verdict !== 'error');
    if (good !== undefined) return Date.parse(good.endedAt);
    const end = Date.parse(page.at(-1)?.record.window.end ?? newest.record.window.end);
    page = await store.evaluations({ model: model.name, limit: LOOK_BACK.later, before: end });
  }
  return before?.lastSuccess ?? null;
}

function liveFacts(status: ModelStatus): LiveFacts {
  return {
    activeVersion: status.servingVersion ?? status.championVersion,
    shares: status.shares,
    ownerResolved: status.ownerResolved,
    conformant: status.conformant,
    readiness: status.readiness,
    heldGates: status.gates.filter((gate) => gate.held).map((gate) => gate.gate),
  };
}

function totalsByModel(counters: readonly Counter[]): ReadonlyMap<string, Record<string, number>> {
  const byModel = new Map<string, Record<string, number>>();
  for (const { name, labels, value } of counters) {
    const { model } = JSON.parse(labels) as { model?: string };
    if (model === undefined) continue;
    const totals = byModel.get(model) ?? {};
    totals[counterKey(name, labels)] = value;
    byModel.set(model, totals);
  }
  return byModel;
}
