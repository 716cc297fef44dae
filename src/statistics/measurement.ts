/**
 * What a statistic returns: the number with its row counts, the value pure noise would exceed once in a thousand
 * windows of this size, and 95 % confidence bounds; or the reason why there is no number. A statistic never sees a limit.
 */
export type Measurement = Measured | NotMeasured;

export interface Measured {
  readonly kind: 'measured';
  readonly value: number;
  /** Two-sided 95 % confidence bounds. */
  readonly lower: number;
  readonly upper: number;
  /** 99.9 % quantile of the statistic when nothing has drifted, at these row counts. */
  readonly noiseFloor: number;
  readonly rows: number;
  readonly baselineRows: number;
}

export interface NotMeasured {
  readonly kind: 'not_measured';
  readonly reason: string;
  readonly rows: number;
  readonly baselineRows: number;
}

export const METHODS = ['psi', 'ks'] as const;
export type Method = (typeof METHODS)[number];
