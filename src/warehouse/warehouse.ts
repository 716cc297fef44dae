import type { Bins, CellCounts } from '../baseline/bins.ts';
import type { Window } from '../windows/window.ts';
import type { Payload } from './payload.ts';
import type { PayloadAccount } from './payload-account.ts';

/**
 * The port to the lakehouse. Counts, edges and frequent level names come out of it, never a row. Throws WarehouseError. Each call
 * tells the meter every statement it ran, those that failed too.
 */
export interface Warehouse {
  /** Columns of a table with their type classes. Throws `table_missing`. */
  describe(table: string, meter?: Meter): Promise<readonly TableColumn[]>;
  /** Bins of the asked columns over a reference table, from exact quantiles and level counts. */
  bins(request: BinsRequest, meter?: Meter): Promise<BinsAnswer>;
  /** Cell counts per version, in one statement. */
  count(request: CountRequest, meter?: Meter): Promise<CountAnswer>;
  /** Newest event time in the source, milliseconds, or null when the table is empty. */
  newest(source: Source, meter?: Meter): Promise<number | null>;
  close(): Promise<void>;
}

/** Type classes a column can have here; `unsupported` is named so that messages can say what was found. */
export interface TableColumn {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical' | 'timestamp' | 'unsupported';
  readonly sqlType: string;
}

/**
 * A table (or a slice of it) whose rows are counted: rows of the window (half-open; a row without an event time is in none)
 * where `where` holds, of those with one request id the first, of these the ones of `onlyVersion`. Versions and categories are
 * compared as text, and a number has one text whatever type it is stored in: 7, 7.0 and DECIMAL 7.00 are `7`.
 */
export interface Source {
  readonly table: string;
  /** Event time column; null counts all rows of the table. */
  readonly timestamp: string | null;
  readonly version: string | null;
  /** Only rows of this version; needs `version`. Null: rows of every version. */
  readonly onlyVersion: string | null;
  /** Rows with the same request id are one row (the first by time); null: rows are counted as they stand. */
  readonly requestId: string | null;
  readonly where: { readonly column: string; readonly equals: string | number | boolean } | null;
  /**
   * Column of the customer: all rows of one weigh together as much as one row. A row without a customer is one of its own. Absent or
   * null: every row counts one. Bins are made of rows.
   */
  readonly cluster?: string | null;
  /**
   * The table logs requests and responses as JSON; absent: it has a column per feature. Then columns are values of records, a row
   * is a record, `where` asks of the logged request, and the layout says which columns time, version and request id are.
   */
  readonly payload?: Payload;
}

export interface BinsRequest {
  readonly source: Source;
  readonly window: Window | null;
  /** `from` is the column in this table, `name` what driftwarden calls it. */
  readonly columns: readonly {
    readonly name: string;
    readonly from: string;
    readonly kind: 'numeric' | 'categorical';
  }[];
  /** Coarse cells per numeric column; the fine grid has twice as many where that makes at most 20, else as many. */
  readonly bins: number;
  /** A level seen less often than this is not written down. */
  readonly minLevelRows: number;
  readonly maxLevels: number;
}

export interface BinsAnswer {
  readonly rows: number;
  readonly bins: { readonly [name: string]: Bins };
  /** Per categorical column, how many rows have a level that no other row has. */
  readonly singles: { readonly [name: string]: number };
}

export interface CountRequest {
  readonly source: Source;
  readonly window: Window | null;
  readonly columns: readonly CountColumn[];
}

export interface CountColumn {
  /** The caller's key in the answer; the same column may be asked twice with different bins. */
  readonly name: string;
  readonly from: string;
  readonly bins: Bins;
  /**
   * Where levels of the baseline live, to tell `other` from `unseen`; null when the bins have no `other`. `window` is the
   * baseline's own (absent or null: every row). A baseline that lives in the judged table itself needs it: without, each
   * value of the judged window would be found there, and none would ever be `unseen`.
   */
  readonly levelsIn: {
    readonly source: Source;
    readonly column: string;
    readonly window?: Window | null;
  } | null;
}

export interface CountAnswer {
  readonly groups: readonly VersionCounts[];
  /** What became of every logged request; present when the source is a payload table. */
  readonly payload?: PayloadAccount;
}

/**
 * The counts of one version's rows; `version` is null where the row does not tell it. Rows of a sample whose fractions differ are weighted:
 * a row counts its weight over the largest one of the window, at most one and never nothing.
 */
export interface VersionCounts {
  readonly version: string | null;
  readonly rows: number;
  readonly columns: { readonly [name: string]: CellCounts };
}

/** What statements cost: how many there were, and how long they took by the wall clock, the start of a warehouse that slept included. */
export interface StatementCost {
  readonly statements: number;
  readonly seconds: number;
}

export interface Meter {
  add(cost: StatementCost): void;
}

export const WAREHOUSE_REASONS = [
  'table_missing',
  'column_missing',
  'wrong_type',
  'forbidden',
  'timeout',
  'unavailable',
  'query_failed',
  'bad_answer',
] as const;
export type WarehouseReason = (typeof WAREHOUSE_REASONS)[number];

/** An expected failure of the warehouse. `table` and `column` say where, `remedy` what to do. */
export class WarehouseError extends Error {
  override readonly name = 'WarehouseError';
  readonly reason: WarehouseReason;
  readonly table: string | null;
  readonly column: string | null;
  readonly remedy: string;

  constructor(fields: {
    reason: WarehouseReason;
    message: string;
    remedy: string;
    table?: string | null;
    column?: string | null;
  }) {
    super(fields.message);
    this.reason = fields.reason;
    this.table = fields.table ?? null;
    this.column = fields.column ?? null;
    this.remedy = fields.remedy;
  }
}
