import type { ModelConfig } from '../config/config.ts';
import type { Source, Warehouse } from '../warehouse/warehouse.ts';
import type { Window } from '../windows/window.ts';

/** The rows of the source that are judged. */
export function sourceOf(model: ModelConfig): Source {
  const { table, layout, timestamp, version, requestId, where, cluster, entities = {} } = model.source;
  const source = { table, timestamp, version, onlyVersion: null, requestId, where, cluster };
  if (layout === 'columns') return source;
  return { ...source, payload: { layout, prediction: model.prediction?.name ?? null, entities } };
}

/** Where the reference rows of a baseline are read; also where `other` is told from `unseen`. */
export interface Reference {
  readonly source: Source;
  readonly window: Window | null;
}

/** The rows a baseline is frozen from; a trailing one ends where the first window begins. */
export function referenceOf(model: ModelConfig, firstWindow: Window): Reference {
  const { baseline } = model;
  if (baseline.kind === 'trailing')
    return {
      source: sourceOf(model),
      window: { start: firstWindow.start - baseline.trailing, end: firstWindow.start },
    };
  const source = {
    table: baseline.table,
    timestamp: null,
    version: baseline.version,
    onlyVersion: null,
    requestId: null,
    where: baseline.where,
  };
  return { source, window: null };
}

/** Customers vote in the reference too, where it names them; a table with a row per customer need not. */
export async function withVoters(
  model: ModelConfig,
  warehouse: Warehouse,
  reference: Reference,
): Promise<Reference> {
  const { baseline, source } = model;
  if (source.cluster === null || baseline.kind === 'trailing') return reference;
  const cluster = baseline.columns[source.cluster] ?? source.cluster;
  const described = await warehouse.describe(baseline.table);
  if (!described.some(({ name }) => name === cluster)) return reference;
  return { ...reference, source: { ...reference.source, cluster } };
}
