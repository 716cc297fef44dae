/**
 * What one metric family is. The catalogue (`families.ts` and the files it gathers) is the only place where a metric
 * name, its type, its labels and its help text are written; exposition, reference page, alerts and dashboards follow it.
 */
export interface Family {
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Label names, in the order in which they are written. */
  readonly labels: readonly string[];
  readonly help: string;
  readonly unit: string;
  /**
   * `models`: in the snapshot rendered after each commit, restored from the store at start. `daemon`: kept in memory
   * since the start of the process and read at the scrape.
   */
  readonly from: 'models' | 'daemon';
  /** False while what it measures is not in this version: the name is reserved and no series exists. */
  readonly built: boolean;
}

/** Families by name, without the prefix that all of them share. */
export type FamilyTable = { readonly [name: string]: Family };

/** Stands before every name of ours; what Node and the process say about themselves keeps its usual names. */
export const PREFIX = 'driftwarden_';
