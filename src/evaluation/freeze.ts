import { canonicalJson, sha256Hex } from '../audit/canonical.ts';
import type { Baseline, BaselineColumn, BaselineContent, BaselinePrediction } from '../baseline/bins.ts';
import { addCounts, emptyCounts } from '../baseline/cells.ts';
import { mergeToCarry, poolRareLevels } from '../baseline/merge.ts';
import { withThreshold } from '../baseline/threshold.ts';
import { expectUnseen } from '../baseline/unseen.ts';
import { isoTime } from '../clock.ts';
import type { ModelConfig } from '../config/config.ts';
import { unmappedEntity } from '../warehouse/payload.ts';
import { type Warehouse, WarehouseError } from '../warehouse/warehouse.ts';
import type { Window } from '../windows/window.ts';
import { usable, type WatchedColumn, watchedFeatures, watchedPrediction } from './columns.ts';
import { limitsOf } from './limits.ts';
import { type Reference, referenceOf, sourceOf, withVoters } from './sources.ts';

/** A level seen less often in the baseline is never written down: its name could be one customer's. */
const MIN_LEVEL_ROWS = 20;
const MAX_LEVELS = 50;

export interface FreezeQuestion {
  readonly model: ModelConfig;
  readonly warehouse: Warehouse;
  /** The first window that will be judged: a trailing baseline ends at its start, and its rows say what is rare. */
  readonly firstWindow: Window;
  readonly now: number;
}

/** Freezes bins and counts of the reference rows into a draft baseline. Throws WarehouseError. */
export async function freezeBaseline(question: FreezeQuestion): Promise<Baseline> {
  const { model, warehouse, firstWindow } = question;
  const reference = await withVoters(model, warehouse, referenceOf(model, firstWindow));
  const features = await renamed(model, warehouse, await watchedFeatures(model, warehouse));
  const windowRows = await expectedRows(model, warehouse, firstWindow);
  const { rows, columns } = await frozenColumns({ ...question, reference, columns: features, windowRows });
  requireRows(model, reference, rows);
  const predictions = await frozenPredictions({ ...question, reference, windowRows, rows });
  return draft(
    {
      model: model.name,
      version: 'all',
      table: reference.source.table,
      window: isoWindow(reference.window),
      rows,
      bins: model.baseline.bins,
      columns,
      predictions,
    },
    question.now,
  );
}

/** Freezes the prediction of one version on its own windows: what a version is compared with that no reference table names. */
export async function freezeOwnWindows(
  question: FreezeQuestion & { readonly version: string; readonly window: Window },
): Promise<Baseline> {
  const { model, warehouse, version, window } = question;
  const source = { ...sourceOf(model), onlyVersion: version };
  const column = await watchedPrediction(model, warehouse);
  if (column === null) throw new Error(`model ${model.name} has no prediction to freeze`);
  const { rows, columns } = await frozenColumns({
    ...question,
    reference: { source, window },
    columns: [column],
    windowRows: 0,
  });
  const predictions = columns.map((frozen) => ({ version, rows, column: frozen }));
  return draft(
    {
      model: model.name,
      version,
      table: source.table,
      window: isoWindow(window),
      rows,
      bins: model.baseline.bins,
      columns: [],
      predictions,
    },
    question.now,
  );
}

/** Columns as the reference table calls them. */
async function renamed(
  model: ModelConfig,
  warehouse: Warehouse,
  columns: readonly WatchedColumn[],
): Promise<readonly WatchedColumn[]> {
  const { baseline } = model;
  if (baseline.kind === 'trailing') return columns;
  const described = await warehouse.describe(baseline.table);
  return columns.map((column) => {
    const name = baseline.columns[column.name] ?? column.name;
    return {
      ...column,
      from: usable({ model, table: baseline.table, columns: described, name, kind: column.kind }).name,
    };
  });
}

interface ColumnsQuestion extends FreezeQuestion {
  readonly reference: Reference;
  readonly columns: readonly WatchedColumn[];
  readonly windowRows: number;
}

async function frozenColumns(
  question: ColumnsQuestion,
): Promise<{ rows: number; columns: readonly BaselineColumn[] }> {
  const { model, warehouse, reference, columns } = question;
  const { source, window } = reference;
  const { bins, singles } = await warehouse.bins({
    source,
    window,
    columns,
    bins: model.baseline.bins,
    minLevelRows: MIN_LEVEL_ROWS,
    maxLevels: MAX_LEVELS,
  });
  const asked = columns.map(({ name, from }) => ({
    name,
    from,
    bins: withThreshold(known(bins, name), thresholdOf(model, name)),
    levelsIn: { source, column: from },
  }));
  const { groups } = await warehouse.count({ source, window, columns: asked });
  // Counted and not taken from the bins: rows of a sample are weighted here, as they are in a window.
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const frozen = asked.map(({ name, bins: cells }) => {
    const counted = addCounts([
      emptyCounts(cells),
      ...groups.map((group) => group.columns[name] ?? emptyCounts(cells)),
    ]);
    const counts = expectUnseen(counted, singles[name] ?? 0);
    const pooled = poolRareLevels({ name, bins: cells, counts }, rows, question.windowRows);
    const limit = limitsOf(model, name, 'psi')?.warn ?? model.drift.psi.warn;
    return mergeToCarry(pooled, rows, { limit, keep: thresholdOf(model, name) });
  });
  return { rows, columns: frozen };
}

/** Where the decision changes, of the prediction; features have none. */
function thresholdOf({ prediction }: ModelConfig, name: string): number | null {
  return prediction?.name === name ? prediction.threshold : null;
}

/** The prediction per version that the reference names; none when the reference has no prediction or no versions. */
async function frozenPredictions(
  question: FreezeQuestion & { reference: Reference; windowRows: number; rows: number },
): Promise<readonly BaselinePrediction[]> {
  const { model, warehouse, reference } = question;
  const prediction = await watchedPrediction(model, warehouse);
  if (prediction === null) return [];
  const described =
    reference.source.payload === undefined ? await warehouse.describe(reference.source.table) : null;
  const name =
    model.baseline.kind === 'table'
      ? (model.baseline.columns[prediction.name] ?? prediction.name)
      : prediction.name;
  if (described !== null && !described.some((column) => column.name === name)) return [];
  const column = { ...prediction, from: name };
  if (reference.source.version === null) {
    if (model.source.version !== null) return [];
    const { rows, columns } = await frozenColumns({ ...question, columns: [column] });
    return columns.map((frozen) => ({ version: 'all', rows, column: frozen }));
  }
  const { groups } = await warehouse.count({ ...reference, columns: [] });
  const predictions: BaselinePrediction[] = [];
  for (const version of groups.flatMap((group) => namedVersion(group.version) ?? []).sort()) {
    const only = { ...reference, source: { ...reference.source, onlyVersion: version } };
    const { rows, columns } = await frozenColumns({ ...question, reference: only, columns: [column] });
    predictions.push(...columns.map((frozen) => ({ version, rows, column: frozen })));
  }
  return predictions;
}

/** Null where the rows do not tell their version, or name an entity that nobody knows. */
function namedVersion(version: string | null): string | null {
  return unmappedEntity(version) === null ? version : null;
}

/** Rows of the first window: a level expected fewer than five times in so many is too rare for a cell of its own. */
async function expectedRows(model: ModelConfig, warehouse: Warehouse, window: Window): Promise<number> {
  const { groups } = await warehouse.count({ source: sourceOf(model), window, columns: [] });
  return groups.reduce((sum, group) => sum + group.rows, 0);
}

function draft(content: BaselineContent, now: number): Baseline {
  const hash = sha256Hex(canonicalJson(content));
  return {
    id: `bl-${hash.slice(0, 16)}`,
    hash,
    state: 'draft',
    frozenAt: isoTime(now),
    approvedBy: null,
    approvedAt: null,
    approvalReason: null,
    content,
  };
}

function requireRows(model: ModelConfig, reference: Reference, rows: number): void {
  if (rows > 0) return;
  throw new WarehouseError({
    reason: 'bad_answer',
    table: reference.source.table,
    message: `Model ${model.name}: the baseline table ${reference.source.table} has no rows${reference.window === null ? '' : ' before the first window'}.`,
    remedy: 'Fill it, correct baseline.where, or choose a later first window with since.',
  });
}

function isoWindow(window: Window | null): BaselineContent['window'] {
  return window === null ? null : { start: isoTime(window.start), end: isoTime(window.end) };
}

function known<T>(byName: { readonly [name: string]: T }, name: string): T {
  const found = byName[name];
  if (found === undefined) throw new Error(`the warehouse answered no bins for ${name}`);
  return found;
}
