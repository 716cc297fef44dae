import type { Measurement } from './measurement.ts';

/** Names of the columns that are expected and of those that were found, and the rows they were found with. */
export interface Columns {
  readonly expected: readonly string[];
  readonly found: readonly string[];
  readonly rows: number;
  readonly baselineRows: number;
}

/**
 * How many expected columns a table lacks. `details.unexpected` counts those it has beyond: a new column harms no model that does not
 * read it, so it is told and no more.
 *
 * Nothing is estimated, so noise has no part in it and both bounds are the value.
 *
 * Misleads: a column that is there and empty is not missing; that is what the missing rate is for.
 *
 * Source: a count. O(columns).
 *
 * @example schema({ expected: ['age', 'income'], found: ['age', 'region'], rows: 10, baselineRows: 90 }) // value 1, noiseFloor 0, unexpected 1
 */
export function schema({ expected, found, rows, baselineRows }: Columns): Measurement {
  const lacking = missingColumns(expected, found).length;
  return {
    kind: 'measured',
    value: lacking,
    lower: lacking,
    upper: lacking,
    noiseFloor: 0,
    rows,
    baselineRows,
    details: { unexpected: missingColumns(found, expected).length },
  };
}

/** Names of the first list that the second lacks, in their order. */
export function missingColumns(names: readonly string[], among: readonly string[]): readonly string[] {
  const present = new Set(among);
  return [...new Set(names)].filter((name) => !present.has(name));
}
