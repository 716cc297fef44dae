import type { Config, ModelConfig } from '../config/config.ts';
import type { Directory } from '../identity/directory.ts';
import type { Registry } from '../registry/registry.ts';
import type { Credentials } from '../remote/credentials.ts';
import type { Serving } from '../serving/serving.ts';
import type { Changes } from '../warehouse/changes.ts';
import type { SqlClaim } from '../warehouse/sql-claims.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** The outside systems that claims are checked on: real ones, or the simulated ones of the tests. Nothing here can write. */
export interface Live {
  readonly config: Config;
  /** The model whose tables, endpoint and versions are looked at. */
  readonly model: ModelConfig;
  /** Null: without a workspace, or with a token that nobody is asked for. */
  readonly credentials: Credentials | null;
  readonly registry: Registry;
  readonly serving: Serving | null;
  readonly directory: Directory;
  readonly warehouse: Warehouse;
  readonly changes: Changes;
  /** Rows of a statement of no table; null where the warehouse is no Databricks. */
  readonly answer: ((claim: SqlClaim) => Promise<readonly (readonly unknown[])[]>) | null;
}

/** Where a claim has been checked. `live` names day and cloud, once somebody with a workspace has sent a record. */
export interface Tested {
  /** Against the fakes or the simulated workspace of the tests. */
  readonly fakes: boolean;
  /** Against real open-source software, by name. */
  readonly openSource: string | null;
  readonly live: { readonly date: string; readonly cloud: string } | null;
}

/** One thing that the program relies on of a system it does not own. */
export interface Claim {
  readonly id: string;
  readonly kind: 'rest' | 'sql';
  readonly says: string;
  /** Method and path, or the statement. */
  readonly form: string;
  /** Where in the source it is relied on. */
  readonly file: string;
  readonly tested: Tested;
  /** Which step of the tour shows it; null: it would change something, so that no check of a workspace tries it. */
  readonly step: StepName | null;
}

export const STEPS = [
  'token',
  'model',
  'version',
  'endpoint',
  'user',
  'principal',
  'group',
  'describe',
  'newest',
  'bins',
  'count',
  'audit',
  'statements',
] as const;
export type StepName = (typeof STEPS)[number];

export interface Outcome {
  readonly claim: string;
  readonly outcome: 'pass' | 'fail' | 'not_reachable' | 'not_tried';
  /** Why it did not pass; null when it did. */
  readonly why: string | null;
}
