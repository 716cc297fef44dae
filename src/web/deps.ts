import type { Clocks } from '../clock.ts';
import type { Config, SecretRef } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Claim, Operations } from '../operations.ts';
import type { Store } from '../store/store.ts';

/** Everything the server is given. Nothing here is asked of an outside system while a page or a scrape waits. */
export interface WebDeps {
  /** The configuration as it stands now; its `http` part is read once, when the server is made. */
  readonly config: () => Config;
  readonly store: Store;
  readonly operations: Operations;
  readonly metrics: MetricsSource;
  readonly health: HealthSource;
  readonly reload: (claim: Claim) => Promise<ReloadResult>;
  readonly readSecret: (ref: SecretRef) => string | Promise<string>;
  /** The token that commands on this machine use: see `cli-token.ts`. */
  readonly cliToken: string;
  readonly clocks: Clocks;
  /** That many unpredictable bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Logger;
  /** Version of the program, shown in the API description and at the foot of pages. */
  readonly version: string;
  /** Seconds after which a page asks for itself again; 60 when absent. The demo is faster. */
  readonly refreshSeconds?: number;
}

/** Metrics as they stand in memory, in the format that the `Accept` header of the scrape prefers. Waits for nothing outside. */
export type MetricsSource = (
  accept: string | undefined,
) => Promise<{ readonly contentType: string; readonly body: string }>;

/** Whether the process works and whether it has what it needs to serve, with the reason in one line. Answers at once. */
export type HealthSource = () => Health;

export interface Health {
  readonly healthy: boolean;
  readonly ready: boolean;
  readonly why: string;
}

/** A new configuration is taken whole or not at all; then every problem is named. */
export type ReloadResult =
  | { readonly loaded: true; readonly hash: string }
  | { readonly loaded: false; readonly problems: readonly string[] };
