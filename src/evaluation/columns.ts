import type { BaselineConfig, ModelConfig } from '../config/config.ts';
import { type TableColumn, type Warehouse, WarehouseError } from '../warehouse/warehouse.ts';

/** A column under watch, as it is called in the source and in the reference table. */
export interface WatchedColumn {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly from: string;
}

/**
 * The features of a model: as configured, else every usable column that both tables have and that is nothing else.
 * Throws WarehouseError `column_missing` or `wrong_type` naming table and column.
 */
export async function watchedFeatures(
  model: ModelConfig,
  warehouse: Warehouse,
): Promise<readonly WatchedColumn[]> {
  const source = model.source.layout === 'columns' ? await warehouse.describe(model.source.table) : null;
  const features =
    model.features === null ? await discover(model, warehouse, source ?? []) : configured(model, source);
  if (features.length === 0) {
    throw new WarehouseError({
      reason: 'column_missing',
      table: model.source.table,
      message: `Model ${model.name}: no feature of ${model.source.table} can be watched.`,
      remedy: `Name the features under models.${model.name}.features, or check that source and baseline have columns of the same names.`,
    });
  }
  return features;
}

/** `source` null: values of JSON, which are there or missing row by row. */
function configured(model: ModelConfig, source: readonly TableColumn[] | null): readonly WatchedColumn[] {
  return Object.entries(model.features ?? {})
    .filter(([name]) => model.drift.features[name]?.ignore !== true)
    .map(([name, kind]) => ({
      name,
      kind,
      from:
        source === null
          ? name
          : usable({ model, table: model.source.table, columns: source, name, kind }).name,
    }));
}

async function discover(
  model: ModelConfig,
  warehouse: Warehouse,
  source: readonly TableColumn[],
): Promise<readonly WatchedColumn[]> {
  const { baseline } = model;
  const inReference =
    baseline.kind === 'table' ? await referenceNames(warehouse, baseline) : (): boolean => true;
  const taken = takenNames(model);
  return source.flatMap(({ name, kind }) => {
    const watchable =
      (kind === 'numeric' || kind === 'categorical') &&
      !taken.has(name) &&
      model.drift.features[name]?.ignore !== true;
    return watchable && inReference(name) ? [{ name, kind, from: name }] : [];
  });
}

/** Whether the reference table has a column for a feature of the source, under its own name or the mapped one. */
async function referenceNames(
  warehouse: Warehouse,
  baseline: Extract<BaselineConfig, { kind: 'table' }>,
): Promise<(name: string) => boolean> {
  const names = new Set((await warehouse.describe(baseline.table)).map(({ name }) => name));
  return (name) => names.has(baseline.columns[name] ?? name);
}

/** Columns of the source that are something else than a feature. */
function takenNames({ source, prediction, baseline }: ModelConfig): ReadonlySet<string | null | undefined> {
  const reference = baseline.kind === 'table' ? baseline.version : null;
  return new Set([
    source.requestId,
    source.timestamp,
    source.version,
    source.status,
    source.latency,
    source.where?.column,
    source.cluster,
    prediction?.name,
    reference,
  ]);
}

/** The prediction column of the source, or null when the model has none configured. */
export async function watchedPrediction(
  model: ModelConfig,
  warehouse: Warehouse,
): Promise<WatchedColumn | null> {
  if (model.prediction === null) return null;
  if (model.source.layout !== 'columns') {
    const { name, kind } = model.prediction;
    return { name, kind, from: name };
  }
  const columns = await warehouse.describe(model.source.table);
  const { name, kind } = model.prediction;
  return { name, kind, from: usable({ model, table: model.source.table, columns, name, kind }).name };
}

/** The column of that name, if it can be read as that kind. Anything can be read as categories but times and nested types. */
export function usable(ask: {
  readonly model: ModelConfig;
  readonly table: string;
  readonly columns: readonly TableColumn[];
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}): TableColumn {
  const { model, table, name, kind } = ask;
  const found = ask.columns.find((column) => column.name === name);
  if (found === undefined) {
    throw new WarehouseError({
      reason: 'column_missing',
      table,
      column: name,
      message: `Model ${model.name}: table ${table} has no column "${name}".`,
      remedy: `It has: ${ask.columns
        .slice(0, 20)
        .map((column) => column.name)
        .join(
          ', ',
        )}. Correct the name, or map it under baseline.columns if only the baseline calls it otherwise.`,
    });
  }
  const fits =
    kind === 'numeric' ? found.kind === 'numeric' : found.kind === 'categorical' || found.kind === 'numeric';
  if (!fits) {
    throw new WarehouseError({
      reason: 'wrong_type',
      table,
      column: name,
      message: `Model ${model.name}: column "${name}" of ${table} is ${found.sqlType}, which cannot be read as ${kind}.`,
      remedy:
        kind === 'numeric'
          ? 'Configure it as string, or cast it to a number in the table or a view over it.'
          : `Take it out of models.${model.name}.features, or make it a plain column in a view over the table.`,
    });
  }
  return found;
}
