import type { Baseline, BaselineColumn } from '../baseline/bins.ts';
import type { ModelConfig } from '../config/config.ts';
import type { CountColumn } from '../warehouse/warehouse.ts';
import { referenceOf, sourceOf } from './sources.ts';

/**
 * Where the rare levels of a baseline's column live: in the very rows it was frozen from. Were they looked up in rows that
 * are judged, every name would be found there and none would ever be `unseen`. Null: the column has no rare levels.
 */
export function levelsOf(
  model: ModelConfig,
  baseline: Baseline,
  { column, version }: { readonly column: BaselineColumn; readonly version: string },
): CountColumn['levelsIn'] {
  if (column.bins.kind !== 'categorical' || !column.bins.other) return null;
  const { content } = baseline;
  const onlyVersion = version === 'all' ? null : version;
  if (content.window !== null) {
    const window = { start: Date.parse(content.window.start), end: Date.parse(content.window.end) };
    return { source: { ...sourceOf(model), onlyVersion }, column: column.name, window };
  }
  const { source } = referenceOf(model, { start: 0, end: 0 });
  const named =
    model.baseline.kind === 'table' ? (model.baseline.columns[column.name] ?? column.name) : column.name;
  return { source: { ...source, onlyVersion: source.version === null ? null : onlyVersion }, column: named };
}
