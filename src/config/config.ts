import type { WindowLength } from '../windows/window.ts';

/**
 * The loaded configuration: complete, defaults filled in, paths absolute, durations in milliseconds, frozen.
 * `schema.ts` says what a file may hold, this says what the program gets.
 */
export interface Config {
  /** Absolute path of the main file. */
  readonly path: string;
  /** SHA-256 (hex) of the canonical JSON of the configuration, secrets left out by their source. */
  readonly hash: string;
  readonly workspace: WorkspaceConfig | null;
  readonly warehouse: DuckDbConfig | DatabricksConfig;
  readonly registry: RegistryConfig;
  readonly serving: { readonly kind: 'databricks' } | { readonly kind: 'none' } | WebhookServingConfig;
  readonly store: { readonly kind: 'sqlite'; readonly path: string };
  readonly http: HttpConfig;
  readonly audit: AuditConfig;
  readonly owners: { readonly [name: string]: OwnerConfig };
  readonly ticketDesks: { readonly [name: string]: WebhookDeskConfig };
  readonly actions: ActionsConfig;
  readonly calendar: { readonly freezes: readonly FreezeConfig[] };
  readonly metrics: { readonly topFeatures: number; readonly maxSeries: number };
  readonly models: { readonly [name: string]: ModelConfig };
}

/** Where a secret is, never the secret. `secrets.ts` reads it when it is needed. */
export type SecretRef = { readonly file: string } | { readonly env: string };

export type CredentialsConfig =
  | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: SecretRef }
  | { readonly kind: 'token'; readonly token: SecretRef };

export interface WorkspaceConfig {
  /** Origin, without a trailing slash. */
  readonly url: string;
  readonly reader: CredentialsConfig;
  readonly actor: CredentialsConfig | null;
}

export interface DuckDbConfig {
  readonly kind: 'duckdb';
  readonly database: string | null;
  /** Full table name to a Parquet path or glob, absolute. */
  readonly tables: { readonly [name: string]: string };
  readonly threads: number | null;
  readonly memoryLimit: string | null;
  readonly concurrency: number;
  readonly statementTimeout: number;
}

export interface DatabricksConfig {
  readonly kind: 'databricks';
  readonly httpPath: string;
  readonly concurrency: number;
  readonly statementTimeout: number;
}

export type RegistryConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'unity-catalog' }
  | {
      readonly kind: 'mlflow';
      readonly url: string;
      readonly auth: { readonly username: string; readonly password: SecretRef } | null;
    };

/** A deployer of one's own. */
export interface WebhookServingConfig {
  readonly kind: 'webhook';
  readonly url: string;
  readonly secret: SecretRef | null;
}

export const ROLES = ['viewer', 'operator', 'approver', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly auth: {
    readonly kind: 'bearer';
    readonly tokens: readonly {
      readonly name: string;
      readonly token: SecretRef;
      readonly roles: readonly Role[];
    }[];
  } | null;
}

export interface AuditConfig {
  readonly signingKey: string;
  readonly checkpointEvery: { readonly records: number } | { readonly milliseconds: number };
}

export interface OwnerConfig {
  readonly email: string | null;
  readonly ticketDesk: string | null;
  readonly escalateTo: string | null;
  readonly escalateAfter: number | null;
}

export interface WebhookDeskConfig {
  readonly kind: 'webhook';
  readonly url: string;
  readonly secret: SecretRef | null;
}

export interface ActionsConfig {
  readonly killSwitch: string | null;
  readonly maxRollbacksPerHour: number;
  readonly maxShareOfModels: number;
}

/** A change freeze: `duration` milliseconds from every minute the cron line names in the time zone. */
export interface FreezeConfig {
  readonly cron: string;
  readonly duration: number;
  readonly timezone: string;
  readonly reason: string | null;
}

export interface Limits {
  readonly warn: number;
  readonly breach: number;
}

export interface ModelConfig {
  readonly name: string;
  readonly registeredModel: string;
  readonly endpoint: string | null;
  readonly owner: string | null;
  readonly riskTier: 'high' | 'medium' | 'low' | null;
  readonly runbook: string | null;
  readonly task: 'binary' | 'multiclass' | 'regression' | null;
  readonly source: SourceConfig;
  /** Null: every usable column of the table that is not named otherwise. */
  readonly features: { readonly [name: string]: 'numeric' | 'categorical' } | null;
  readonly prediction: PredictionConfig | null;
  readonly baseline: BaselineConfig;
  readonly since: number | null;
  readonly catchUp: number;
  readonly minRows: number;
  /** Cron line that wakes the model, UTC; null: as soon as a window has closed. */
  readonly schedule: string | null;
  readonly window: WindowLength;
  readonly lateness: number;
  readonly revisions: number;
  readonly unknownAfter: number;
  readonly falseAlarmsPerYear: number;
  readonly drift: DriftConfig;
  readonly rollback: RollbackConfig;
}

export interface SourceConfig {
  readonly table: string;
  /** `columns`: a column per feature. The others: requests and responses as JSON. */
  readonly layout: 'columns' | 'ai-gateway' | 'legacy';
  readonly requestId: string | null;
  readonly timestamp: string;
  readonly version: string | null;
  /** Columns of the HTTP status and of the time an answer took; null: not watched. */
  readonly status: string | null;
  readonly latency: string | null;
  readonly where: { readonly column: string; readonly equals: string | number | boolean } | null;
  /** Column of the customer, who has one vote per window however many rows; null: every row has one. */
  readonly cluster: string | null;
  /** Version per served entity of a payload table. Not in any file: a cycle adds what it knows. Absent: nothing is known. */
  readonly entities?: { readonly [entity: string]: string };
}

export interface PredictionConfig {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly threshold: number | null;
  readonly favourable: 'above' | 'below' | null;
}

export type BaselineConfig =
  | {
      readonly kind: 'table';
      readonly table: string;
      readonly bins: number;
      readonly where: { readonly column: string; readonly equals: string | number | boolean } | null;
      /** driftwarden's name to the reference table's name, where they differ. */
      readonly columns: { readonly [name: string]: string };
      readonly version: string | null;
    }
  | { readonly kind: 'trailing'; readonly trailing: number; readonly bins: number };

export interface DriftConfig {
  readonly rule: 'evidence' | 'limit';
  readonly psi: Limits;
  /** Null: KS is measured and shown, not judged. */
  readonly ks: Limits | null;
  readonly features: {
    readonly [feature: string]: {
      readonly ignore: boolean;
      readonly psi: Limits | null;
      readonly ks: Limits | null;
    };
  };
}

export interface RollbackConfig {
  readonly mode: 'observe' | 'approve' | 'auto';
  readonly on: readonly string[];
  readonly moves: readonly ('traffic' | 'alias')[];
  readonly breaches: { readonly m: number; readonly n: number };
  readonly championAlias: string;
  readonly rollbackAlias: string;
  readonly cooldown: number;
  readonly approvalExpires: number;
  readonly deadline: { readonly hot: number; readonly cold: number; readonly absent: number };
  readonly dwell: number;
  /** How long a release is watched for gross failure, in windows of what length. Milliseconds. */
  readonly bake: { readonly for: number; readonly window: number };
  /** Tags that a version must carry to be gone back to. */
  readonly requireTags: { readonly [tag: string]: string };
  /** Absolute path of the request that the target must answer before traffic is moved to it; null: none is sent. */
  readonly smoke: { readonly file: string } | null;
  /** Whether only an authenticated person may approve. */
  readonly requireVerified: boolean;
}
