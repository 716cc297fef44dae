/**
 * What a statistic returns: the number with its row counts, the value pure noise would exceed once in a thousand
 * windows of this size, and 95 % confidence bounds; or the reason why there is no number. A statistic never sees a limit.
 */
export type Measurement = Measured | NotMeasured;

export interface Measured {
  readonly kind: 'measured';
  readonly value: number;
  /** Two-sided 95 % confidence bounds; null for what estimates nothing that could be bounded, see `withoutBounds`. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** Why there are no bounds; absent where there are. */
  readonly withoutBounds?: string;
  /** 99.9 % quantile of the statistic when nothing has drifted, at these row counts. */
  readonly noiseFloor: number;
  readonly rows: number;
  readonly baselineRows: number;
  /** Further numbers of the same statistic, by name, for the reader: nothing is judged on them. Null where one does not exist. */
  readonly details?: { readonly [name: string]: number | null };
}

export interface NotMeasured {
  readonly kind: 'not_measured';
  readonly reason: string;
  readonly rows: number;
  readonly baselineRows: number;
}

/** Distances between two sets of cell counts, by the name they have in evaluations. */
export const METHODS = ['psi', 'ks', 'js', 'tv', 'linf', 'w1', 'chi_square'] as const;
export type Method = (typeof METHODS)[number];

/** What is measured of a column or of a window beside its distribution: the methods of the policy check `data`. */
export const DATA_METHODS = [
  'missing_rate',
  'unseen_rate',
  'non_finite_rate',
  'rejected_rate',
  'volume',
  'schema',
] as const;
export type DataMethod = (typeof DATA_METHODS)[number];

/** Two-sided 95 %: what confidence bounds leave out, both tails together. */
export const BOUND_TAIL = 0.05;
/** Once in a thousand windows: what the noise floor leaves out. */
export const NOISE_TAIL = 0.001;
