import type { ModelConfig } from '../config/config.ts';
import { checkColumn, unknownCheck } from '../judge/checks.ts';
import { dataChecks } from '../judge/data-checks.ts';
import { withDecisions } from '../judge/decisions.ts';
import type { Libraries } from '../judge/evidence/libraries.ts';
import { requestChecks } from '../judge/request-checks.ts';
import type { Check } from '../judge/verdict.ts';
import { wholeNumber } from '../judge/words.ts';
import { unmappedEntity } from '../warehouse/payload.ts';
import type { Window } from '../windows/window.ts';
import { dataQuestion } from './data-window.ts';
import { type EvidenceAnswer, judgeByEvidence } from './evidence.ts';
import { limitsOf } from './limits.ts';
import { featureCounts, type Reading, unmappedOf, type VersionRows } from './read.ts';
import type { Memory } from './recall.ts';

const DRIFT = { check: 'drift', kind: 'input_drift' } as const;
const PREDICTION = { check: 'prediction', kind: 'output_drift' } as const;

export interface JudgeQuestion {
  readonly model: ModelConfig;
  readonly window: Window;
  readonly reading: Reading;
  readonly memory: Memory;
  readonly libraries: Libraries;
  readonly now: number;
}

/** Every check of one window under the model's rule, and what the checks carry to the next window. */
export function judgeWindow(question: JudgeQuestion): EvidenceAnswer {
  const { model, reading, memory } = question;
  const checks = [...measureWindow(model, reading, memory.lastVersions), ...dataOf(question)];
  const byEvidence = judgeByEvidence({ ...question, checks });
  const judged = model.drift.rule === 'evidence' ? byEvidence.checks : besides(checks, byEvidence.checks);
  return {
    states: byEvidence.states,
    checks: told(
      model,
      judged.map((check) => voted(model, check)),
    ),
  };
}

/** The checks as rule `limit` judges them. The other rule is stepped all the same, so that what it would say can be shown; nothing follows from it. */
function besides(checks: readonly Check[], byEvidence: readonly Check[]): readonly Check[] {
  return checks.map((check, index) => ({ ...check, rules: byEvidence[index]?.rules ?? null }));
}

/** Distributions of customers: every count is of votes, one per customer. Requests and columns are nobody's votes. */
function voted({ source }: ModelConfig, check: Check): Check {
  const counted = check.method !== null && check.method !== 'rejected_rate' && check.method !== 'schema';
  return source.cluster === null || !counted ? check : { ...check, clusters: check.rows };
}

/** With what the prediction means for those it is about, where the configuration says where the decision changes. */
function told({ prediction }: ModelConfig, checks: readonly Check[]): readonly Check[] {
  if (prediction === null || prediction.threshold === null) return checks;
  const { threshold, favourable } = prediction;
  return checks.map((check) => withDecisions(check, { threshold, favourable }));
}

/** The data themselves, whatever their distribution; a window that could not be read says nothing about them. */
function dataOf({ model, window, reading, memory }: JudgeQuestion): readonly Check[] {
  const { payload } = reading;
  if (reading.trouble !== null || reading.baseline === null)
    return payload === null ? [] : requestChecks(payload);
  return dataChecks(dataQuestion(model, reading.baseline, { window, reading, memory }));
}

/** The checks as measured, judged by value over limit. Versions that served last stand for the prediction while nothing can be read. */
function measureWindow(
  model: ModelConfig,
  reading: Reading,
  lastVersions: readonly string[],
): readonly Check[] {
  if (reading.trouble !== null) return troubled(model, reading, lastVersions);
  return [
    ...driftChecks(model, reading),
    ...(model.prediction === null ? [] : predictionsOf(model, reading)),
  ];
}

/** Rows that do not tell their version are judged with none; when no row tells it, the prediction is unknown and not healthy. */
function predictionsOf(model: ModelConfig, reading: Reading): readonly Check[] {
  const told = reading.versions.filter(
    ({ version }) => model.source.version === null || (version !== null && unmappedEntity(version) === null),
  );
  if (told.length > 0) return told.flatMap((version) => predictionChecks(model, version));
  const unmapped = unmappedReason(model, reading);
  const reason =
    unmapped ??
    `No row of this window tells its version: ${model.source.version ?? ''} of ${model.source.table} is null everywhere, so the prediction cannot be held against that of its version. Check what writes the column.`;
  return [
    unknownCheck({ ...PREDICTION, version: 'all', verdict: 'insufficient', reason, rows: reading.rows }),
  ];
}

/** Rows of served entities that were gone before any cycle saw them are old, not bad; null where there are none. */
function unmappedReason(model: ModelConfig, reading: Reading): string | null {
  const entities = unmappedOf(reading).map(({ entity }) => entity);
  if (entities.length === 0) return null;
  const more = entities.length > 5 ? ` and ${entities.length - 5} more` : '';
  return `Which version answered cannot be told: the rows name served ${entities.length === 1 ? 'entity' : 'entities'} ${entities.slice(0, 5).join(', ')}${more}, which no cycle has seen on endpoint ${model.endpoint ?? '(none configured)'}. Rows from before the endpoint was watched stay so; otherwise check models.${model.name}.endpoint and the rights on it.`;
}

function troubled(model: ModelConfig, reading: Reading, lastVersions: readonly string[]): readonly Check[] {
  const { verdict, reason } = reading.trouble ?? { verdict: 'error', reason: '' };
  const versions = model.prediction === null ? [] : lastVersions.length > 0 ? lastVersions : ['all'];
  return [
    unknownCheck({ ...DRIFT, version: 'all', verdict, reason, rows: reading.rows }),
    ...versions.map((version) =>
      unknownCheck({ ...PREDICTION, version, verdict, reason, rows: reading.rows }),
    ),
  ];
}

/** Features are judged on all rows, whichever version answered. */
function driftChecks(model: ModelConfig, reading: Reading): readonly Check[] {
  const { baseline } = reading;
  if (baseline === null) throw new Error('a window without trouble has a baseline');
  return reading.features.flatMap((name) => {
    const column = baseline.content.columns.find((candidate) => candidate.name === name);
    const counts = featureCounts(reading, baseline, name);
    if (column === undefined || counts === null) {
      const reason = `Feature ${name} is not in baseline ${baseline.id}: freeze a new one with "driftwarden baseline freeze ${model.name}".`;
      return [
        {
          ...unknownCheck({ ...DRIFT, version: 'all', verdict: 'insufficient', reason, rows: reading.rows }),
          subject: name,
        },
      ];
    }
    return checkColumn({
      ...DRIFT,
      version: 'all',
      column,
      counts,
      rows: reading.rows,
      baselineRows: baseline.content.rows,
      limits: (method) => limitsOf(model, name, method),
      minRows: model.minRows,
    });
  });
}

/** The prediction is judged per version, each against what that version predicted when it was accepted. */
function predictionChecks(model: ModelConfig, rows: VersionRows): readonly Check[] {
  const name = model.prediction?.name ?? '';
  const version = rows.version ?? 'all';
  if (rows.prediction === null) {
    const reason = `Version ${version} has no baseline of its predictions yet: it will be frozen from its own first 7 windows. This window has ${wholeNumber(rows.rows)} rows.`;
    return [
      {
        ...unknownCheck({ ...PREDICTION, version, verdict: 'insufficient', reason, rows: rows.rows }),
        subject: name,
      },
    ];
  }
  const { baseline, counts } = rows.prediction;
  return checkColumn({
    ...PREDICTION,
    version,
    column: { ...baseline.column, name },
    counts,
    rows: rows.rows,
    baselineRows: baseline.rows,
    limits: (method) => limitsOf(model, name, method),
    minRows: model.minRows,
  });
}
