import { PAYLOAD_NAMES } from '../warehouse/payload-layouts.ts';
import { parseBreaches } from './checks-rollback.ts';
import type {
  BaselineConfig,
  ModelConfig,
  PredictionConfig,
  RollbackConfig,
  SourceConfig,
} from './config.ts';
import { parseDuration } from './durations.ts';
import { featureLimits, ksLimits, psiLimits } from './limits.ts';
import { nameMap } from './names.ts';
import type { ModelInput } from './schema-model.ts';
import { NUMERIC_TYPES } from './schema-parts.ts';
import { parseTime } from './times.ts';

/** What the checks have made sure of. A value that is missing here is a defect of the loader, not of the file. */
export function present<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`the configuration was accepted without ${what}`);
  return value;
}

/** Milliseconds of a duration that the schema has accepted. */
export function milliseconds(text: string | undefined, what: string): number {
  return present(parseDuration(present(text, what)) ?? undefined, `a duration for ${what}`);
}

/** A path of the files as an absolute one. */
export type Absolute = (path: string) => string;

/** The model the program gets, from one that is complete and checked. */
export function resolveModel(name: string, input: ModelInput, absolute: Absolute): ModelConfig {
  return {
    name,
    registeredModel: present(input.registeredModel, 'registeredModel'),
    endpoint: input.endpoint ?? null,
    owner: input.owner ?? null,
    riskTier: input.riskTier ?? null,
    runbook: input.runbook ?? null,
    task: input.task ?? null,
    source: source(input),
    features:
      input.features === undefined
        ? null
        : nameMap(Object.entries(input.features).map(([feature, type]) => [feature, kindOf(type)])),
    prediction: prediction(input),
    baseline: baseline(input),
    since: input.since === undefined ? null : present(parseTime(input.since) ?? undefined, 'since'),
    catchUp: milliseconds(input.catchUp, 'catchUp'),
    minRows: present(input.minRows, 'minRows'),
    schedule: input.schedule ?? null,
    window: windowLength(present(input.window, 'window')),
    lateness: milliseconds(input.lateness, 'lateness'),
    revisions: milliseconds(input.revisions, 'revisions'),
    unknownAfter: milliseconds(input.unknownAfter, 'unknownAfter'),
    falseAlarmsPerYear: present(input.falseAlarmsPerYear, 'falseAlarmsPerYear'),
    drift: drift(input),
    rollback: rollback(input, absolute),
  };
}

function kindOf(type: string): 'numeric' | 'categorical' {
  return NUMERIC_TYPES.some((numeric) => numeric === type) ? 'numeric' : 'categorical';
}

function windowLength(text: string): ModelConfig['window'] {
  if (text === 'month' || text === 'quarter') return { kind: 'calendar', unit: text };
  return { kind: 'fixed', milliseconds: milliseconds(text, 'window') };
}

function source(input: ModelInput): SourceConfig {
  const given = present(input.source, 'source');
  const layout = present(given.layout, 'source.layout');
  const table = present(given.table, 'source.table');
  const where = given.where ?? null;
  const cluster = given.cluster ?? null;
  if (layout !== 'columns')
    return { table, layout, ...PAYLOAD_NAMES[layout], status: null, latency: null, where, cluster };
  return {
    table,
    layout,
    requestId: given.requestId ?? null,
    timestamp: present(given.timestamp, 'source.timestamp'),
    version: given.version ?? null,
    status: given.status ?? null,
    latency: given.latency ?? null,
    where,
    cluster,
  };
}

function prediction({ prediction }: ModelInput): PredictionConfig | null {
  if (prediction === undefined) return null;
  return {
    name: present(prediction.name, 'prediction.name'),
    kind: kindOf(present(prediction.type, 'prediction.type')),
    threshold: prediction.threshold ?? null,
    favourable: prediction.favourable ?? null,
  };
}

function baseline({ baseline }: ModelInput): BaselineConfig {
  const bins = present(baseline?.bins, 'baseline.bins');
  if (baseline?.trailing !== undefined) {
    return { kind: 'trailing', trailing: milliseconds(baseline.trailing, 'baseline.trailing'), bins };
  }
  return {
    kind: 'table',
    table: present(baseline?.table, 'baseline.table'),
    bins,
    where: baseline?.where ?? null,
    columns: nameMap(Object.entries(baseline?.columns ?? {})),
    version: baseline?.version ?? null,
  };
}

function drift({ drift }: ModelInput): ModelConfig['drift'] {
  return {
    rule: present(drift?.rule, 'drift.rule'),
    psi: psiLimits(drift),
    ks: ksLimits(drift),
    features: nameMap(
      Object.entries(drift?.features ?? {}).map(([feature, own]) => [
        feature,
        { ignore: own.ignore ?? false, ...featureLimits(drift, feature) },
      ]),
    ),
  };
}

function rollback({ rollback }: ModelInput, absolute: Absolute): RollbackConfig {
  const given = present(rollback, 'rollback');
  return {
    mode: present(given.mode, 'rollback.mode'),
    on: present(given.on, 'rollback.on'),
    moves: present(given.moves, 'rollback.moves'),
    breaches: parseBreaches(present(given.breaches, 'rollback.breaches')),
    championAlias: present(given.championAlias, 'rollback.championAlias'),
    rollbackAlias: present(given.rollbackAlias, 'rollback.rollbackAlias'),
    cooldown: milliseconds(given.cooldown, 'rollback.cooldown'),
    approvalExpires: milliseconds(given.approvalExpires, 'rollback.approvalExpires'),
    deadline: {
      hot: milliseconds(given.deadline?.hot, 'rollback.deadline.hot'),
      cold: milliseconds(given.deadline?.cold, 'rollback.deadline.cold'),
      absent: milliseconds(given.deadline?.absent, 'rollback.deadline.absent'),
    },
    dwell: milliseconds(given.dwell, 'rollback.dwell'),
    bake: {
      for: milliseconds(given.bake?.for, 'rollback.bake.for'),
      window: milliseconds(given.bake?.window, 'rollback.bake.window'),
    },
    requireTags: nameMap(Object.entries(given.requireTags ?? {})),
    requireVerified: given.requireVerified ?? false,
    smoke: given.smoke === undefined ? null : { file: absolute(given.smoke.payload.file) },
  };
}
