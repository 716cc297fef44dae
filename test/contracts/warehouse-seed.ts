import type { CategoricalBins, NumericBins } from '../../src/baseline/bins.ts';
import type { CountColumn, Source, Warehouse } from '../../src/warehouse/warehouse.ts';

/** Types that every engine has; an implementation of the suite says how it calls them. */
export type SeedType =
  | 'double'
  | 'single'
  | 'integer'
  | 'long'
  | 'decimal'
  | 'text'
  | 'boolean'
  | 'timestamp'
  | 'instant'
  | 'date'
  | 'bytes'
  | 'texts'
  | 'map';

/** Times are ISO text; `bytes` are text too; `texts` (a list) and `map` (texts by text) are JSON. */
export type SeedValue = number | bigint | string | boolean | null;

export interface SeedTable {
  readonly name: string;
  readonly columns: { readonly [name: string]: SeedType };
  readonly rows: readonly (readonly SeedValue[])[];
}

/** Makes a warehouse that has these tables. The suite closes it. */
export type WarehouseMaker = (tables: readonly SeedTable[]) => Promise<Warehouse>;

export function sourceOf(table: string, parts: Partial<Source> = {}): Source {
  return {
    table,
    timestamp: null,
    version: null,
    onlyVersion: null,
    requestId: null,
    where: null,
    ...parts,
  };
}

export function numeric(edges: readonly number[]): NumericBins {
  return { kind: 'numeric', edges, coarseEdges: edges };
}

export function categorical(levels: readonly string[], other = false): CategoricalBins {
  return { kind: 'categorical', levels, other };
}

export function column(
  from: string,
  bins: CountColumn['bins'],
  levelsIn: CountColumn['levelsIn'] = null,
): CountColumn {
  return { name: from, from, bins, levelsIn };
}

export const NO_SPECIAL = { missing: 0, nonFinite: 0, other: 0, unseen: 0 } as const;
