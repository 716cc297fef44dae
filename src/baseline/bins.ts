/**
 * Bins: how the values of one column fall into cells, frozen with the baseline.
 *
 * Numeric cells are right-closed, the outer ones open: edges `[e1 .. ek]` make the k + 1 cells
 * `(-inf, e1], (e1, e2], ..., (ek, inf)`. NULL is `missing`; NaN and infinities are `non_finite`.
 * Categorical cells are the named levels, then `other` (a level the baseline has, but too rare to be written down),
 * `unseen` (a level the baseline does not have) and `missing`.
 */
export type Bins = NumericBins | CategoricalBins;

export interface NumericBins {
  readonly kind: 'numeric';
  /** The fine grid, strictly increasing: KS is measured on it. */
  readonly edges: readonly number[];
  /** The edges of the coarse cells, a subset of `edges`: PSI is measured on them. */
  readonly coarseEdges: readonly number[];
}

export interface CategoricalBins {
  readonly kind: 'categorical';
  /** Names of the levels that are frequent enough to be written down, most frequent first. */
  readonly levels: readonly string[];
  /** Whether the baseline has further, rarer levels: then the cell `other` exists. */
  readonly other: boolean;
}

/** How many rows fell into each cell of one column. Numbers are whole and not negative. */
export interface CellCounts {
  /** One count per fine numeric cell (`edges.length + 1`), or one per named level. */
  readonly cells: readonly number[];
  readonly missing: number;
  /** Numeric columns only, else 0. */
  readonly nonFinite: number;
  /** Categorical columns only, else 0. */
  readonly other: number;
  /** Categorical columns only, else 0. */
  readonly unseen: number;
}

/** A column under watch: a feature or the prediction. */
export interface BaselineColumn {
  readonly name: string;
  readonly bins: Bins;
  readonly counts: CellCounts;
}

export type BaselineState = 'draft' | 'approved' | 'retired';

/**
 * Frozen bins and counts of a reference table. Immutable but for its state; `hash` is the SHA-256 of the canonical
 * JSON of {@link BaselineContent}, `id` is derived from it, so that the same table frozen twice is the same baseline.
 */
export interface Baseline {
  readonly id: string;
  readonly hash: string;
  readonly state: BaselineState;
  /** ISO time. */
  readonly frozenAt: string;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly approvalReason: string | null;
  readonly content: BaselineContent;
}

export interface BaselineContent {
  readonly model: string;
  /** `all`, or the version whose own first windows this is made of (then `columns` is empty). */
  readonly version: string;
  /** Full name of the table the rows came from. */
  readonly table: string;
  /** Event time the rows came from, ISO, or null for the whole table. */
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly rows: number;
  /** Coarse cells asked for per numeric column. */
  readonly bins: number;
  /** Features, over all rows. */
  readonly columns: readonly BaselineColumn[];
  /** The prediction, per version that the table names; version `all` where it names none and the source neither. */
  readonly predictions: readonly BaselinePrediction[];
}

export interface BaselinePrediction {
  readonly version: string;
  readonly rows: number;
  readonly column: BaselineColumn;
}
