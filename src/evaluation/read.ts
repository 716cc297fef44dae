import type { Baseline, BaselinePrediction, CellCounts } from '../baseline/bins.ts';
import { addCounts, emptyCounts } from '../baseline/cells.ts';
import type { ModelConfig } from '../config/config.ts';
import { reasonsOf } from '../judge/request-checks.ts';
import { wholeNumber } from '../judge/words.ts';
import { unmappedEntity } from '../warehouse/payload.ts';
import type { PayloadAccount } from '../warehouse/payload-account.ts';
import {
  type CountColumn,
  type VersionCounts,
  type Warehouse,
  WarehouseError,
} from '../warehouse/warehouse.ts';
import type { Window } from '../windows/window.ts';
import { watchedFeatures, watchedPrediction } from './columns.ts';
import { freezeBaseline } from './freeze.ts';
import { levelsOf } from './levels.ts';
import { sourceOf } from './sources.ts';

export interface ReadQuestion {
  readonly model: ModelConfig;
  readonly window: Window;
  readonly warehouse: Warehouse;
  /** Baselines of the model as stored; empty before the first run. */
  readonly baselines: readonly Baseline[];
  readonly now: number;
}

/** What was read of one window: counts per version, or why there are none. */
export interface Reading {
  /** The baseline in force; null when it could not be frozen. */
  readonly baseline: Baseline | null;
  /** Baselines this reading froze, to be stored with the evaluation. */
  readonly frozen: readonly Baseline[];
  readonly features: readonly string[];
  readonly versions: readonly VersionRows[];
  readonly rows: number;
  /** What became of every logged request; null for tables with a column per feature. */
  readonly payload: PayloadAccount | null;
  readonly trouble: { readonly verdict: 'error' | 'stale' | 'no_data'; readonly reason: string } | null;
}

export interface VersionRows {
  readonly version: string | null;
  readonly rows: number;
  /** Feature name to counts. */
  readonly features: { readonly [name: string]: CellCounts };
  /** The prediction's counts in the cells of this version's baseline; null when it has none. */
  readonly prediction: { readonly baseline: BaselinePrediction; readonly counts: CellCounts } | null;
}

/** The baseline judged against: the approved one, else the newest draft of all rows. */
export function baselineInForce(baselines: readonly Baseline[]): Baseline | null {
  const all = baselines.filter(
    (baseline) => baseline.content.version === 'all' && baseline.state !== 'retired',
  );
  const newest = [...all].sort((a, b) => b.frozenAt.localeCompare(a.frozenAt));
  return newest.find((baseline) => baseline.state === 'approved') ?? newest[0] ?? null;
}

/** Reads one window. Never throws WarehouseError: what failed is told as `error`, with place and remedy. */
export async function readWindow(question: ReadQuestion): Promise<Reading> {
  const none = {
    baseline: baselineInForce(question.baselines),
    frozen: [],
    features: [],
    versions: [],
    rows: 0,
    payload: null,
  };
  try {
    return await read(question);
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    return { ...none, trouble: { verdict: 'error', reason: `${error.message} ${error.remedy}` } };
  }
}

async function read(question: ReadQuestion): Promise<Reading> {
  const { model, window, warehouse } = question;
  const stored = baselineInForce(question.baselines);
  const baseline =
    stored ?? (await freezeBaseline({ model, warehouse, firstWindow: window, now: question.now }));
  const predictions = predictionBaselines(baseline, question.baselines);
  const features = await watchedFeatures(model, warehouse);
  const columns = [
    ...featureColumns(question, baseline),
    ...(await predictionColumns(question, predictions)),
  ];
  const { groups, payload = null } = await warehouse.count({ source: sourceOf(model), window, columns });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const versions = groups
    .filter((group) => group.rows > 0)
    .map((group) => versionRows(group, baseline, predictions));
  const trouble = rows > 0 ? null : (allRejected(question, payload) ?? (await whyEmpty(question)));
  return {
    baseline,
    frozen: stored === null ? [baseline] : [],
    features: features.map(({ name }) => name),
    versions,
    rows,
    payload,
    trouble,
  };
}

/** Requests were logged, and none of them is a row. */
function allRejected({ model }: ReadQuestion, payload: PayloadAccount | null): Reading['trouble'] {
  if (payload === null || payload.requests === 0) return null;
  const reason = `${wholeNumber(payload.requests)} requests of this window are in ${model.source.table}, and none of them can be counted: ${reasonsOf(payload.rejected)}.`;
  return { verdict: 'no_data', reason };
}

/** No rows in the window: `no_data` when the table has newer ones, else `stale`. */
async function whyEmpty({ model, window, warehouse }: ReadQuestion): Promise<Reading['trouble']> {
  const newest = await warehouse.newest(sourceOf(model));
  if (newest !== null && newest >= window.end) {
    return {
      verdict: 'no_data',
      reason: `${model.source.table} has no rows in this window, though it has newer ones.`,
    };
  }
  const last = newest === null ? 'it is empty' : `its newest row is of ${new Date(newest).toISOString()}`;
  return {
    verdict: 'stale',
    reason: `${model.source.table} has no rows in this window and none after it: ${last}. Check that the inference table is still written.`,
  };
}

/** The prediction of one version as it was frozen, and the baseline that holds it. */
interface FrozenPrediction extends BaselinePrediction {
  readonly of: Baseline;
}

/** Prediction baselines per version: named by the reference table, else frozen from the version's own windows. */
export function predictionBaselines(
  inForce: Baseline,
  stored: readonly Baseline[],
): readonly FrozenPrediction[] {
  const named = predictionsOf([inForce]);
  const own = predictionsOf(
    stored.filter(({ content, state }) => content.version !== 'all' && state !== 'retired'),
  );
  return [
    ...named,
    ...own.filter(({ version }) => !named.some((prediction) => prediction.version === version)),
  ];
}

function predictionsOf(baselines: readonly Baseline[]): readonly FrozenPrediction[] {
  return baselines.flatMap((of) => of.content.predictions.map((prediction) => ({ ...prediction, of })));
}

/** Keys of the answer: a feature and a prediction may be one column, and each version has cells of its own. */
function featureKey(name: string): string {
  return `feature ${name}`;
}

function predictionKey(version: string): string {
  return `prediction ${version}`;
}

function featureColumns({ model }: ReadQuestion, baseline: Baseline): readonly CountColumn[] {
  return baseline.content.columns
    .filter((column) => model.drift.features[column.name]?.ignore !== true)
    .map((column) => ({
      name: featureKey(column.name),
      from: column.name,
      bins: column.bins,
      levelsIn: levelsOf(model, baseline, { column, version: 'all' }),
    }));
}

async function predictionColumns(
  { model, warehouse }: ReadQuestion,
  predictions: readonly FrozenPrediction[],
): Promise<readonly CountColumn[]> {
  const prediction = await watchedPrediction(model, warehouse);
  if (prediction === null) return [];
  return predictions.map(({ version, column, of }) => ({
    name: predictionKey(version),
    from: prediction.from,
    bins: column.bins,
    levelsIn: levelsOf(model, of, { column, version }),
  }));
}

function versionRows(
  group: VersionCounts,
  baseline: Baseline,
  predictions: readonly BaselinePrediction[],
): VersionRows {
  const features = Object.fromEntries(
    baseline.content.columns.flatMap(({ name }) => {
      const counts = group.columns[featureKey(name)];
      return counts === undefined ? [] : [[name, counts] as const];
    }),
  );
  const own = predictions.find(({ version }) => version === group.version || version === 'all');
  const counts = own === undefined ? undefined : group.columns[predictionKey(own.version)];
  return {
    version: group.version,
    rows: group.rows,
    features,
    prediction: own === undefined || counts === undefined ? null : { baseline: own, counts },
  };
}

/** Served entities whose version nobody knows, with their rows. */
export function unmappedOf({
  versions,
}: Reading): readonly { readonly entity: string; readonly rows: number }[] {
  return versions.flatMap(({ version, rows }) => {
    const entity = unmappedEntity(version);
    return entity === null ? [] : [{ entity, rows }];
  });
}

/** Counts of one feature over all versions, in the baseline's cells. */
export function featureCounts(reading: Reading, baseline: Baseline, name: string): CellCounts | null {
  const column = baseline.content.columns.find((candidate) => candidate.name === name);
  if (column === undefined) return null;
  const parts = reading.versions.flatMap((version) => version.features[name] ?? []);
  return addCounts([emptyCounts(column.bins), ...parts]);
}
