import type { CredentialsConfig, WorkspaceConfig } from '../config/config.ts';
import type { RemoteClient } from './call.ts';
import { type ClientOptions, createClient } from './client.ts';
import type { Credentials, ReadSecret } from './credentials.ts';
import { createCredentials } from './oauth.ts';
import { READ_RETRIES, type RetryOptions, type Sleep, withReadRetries } from './retry.ts';

/** What every client of an outside system is built from. */
export interface RemoteDeps extends Pick<ClientOptions, 'fetch' | 'clock' | 'logger'> {
  readonly sleep: Sleep;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly readSecret: ReadSecret;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs?: number;
  /** Largest answer, bytes. */
  readonly maxBytes?: number;
}

export const CALL_TIMEOUT_MS = 30_000;
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The parts of {@link RemoteDeps} that a client takes, with defaults filled in. */
export function clientDeps(deps: RemoteDeps): Omit<ClientOptions, 'name' | 'baseUrl' | 'credentials'> {
  return {
    fetch: deps.fetch,
    clock: deps.clock,
    logger: deps.logger,
    timeoutMs: deps.timeoutMs ?? CALL_TIMEOUT_MS,
    maxBytes: deps.maxBytes ?? MAX_ANSWER_BYTES,
  };
}

export function readRetries(deps: RemoteDeps): RetryOptions {
  return { clock: deps.clock, sleep: deps.sleep, jitter: deps.jitter, policy: READ_RETRIES };
}

/** Two ways into one workspace. They share nothing: what reads cannot act, even if a mistake wanted it to. */
export interface WorkspaceClients {
  readonly reader: RemoteClient;
  /** The reader's credentials, for SQL: one token serves both ways in. */
  readonly readerCredentials: Credentials;
  /** Null when no actor is configured. Its secret is not read before its first call. */
  readonly actor: RemoteClient | null;
}

export function createWorkspaceClients(config: WorkspaceConfig, deps: RemoteDeps): WorkspaceClients {
  const optionsAs = (role: 'reader' | 'actor'): Omit<ClientOptions, 'credentials'> => ({
    ...clientDeps(deps),
    name: `Databricks workspace as ${role}`,
    baseUrl: config.url,
  });
  const credentialsAs = (role: 'reader' | 'actor', credentials: CredentialsConfig): Credentials =>
    createCredentials(credentials, { ...optionsAs(role), readSecret: deps.readSecret });
  const clientAs = (role: 'reader' | 'actor', credentials: Credentials): RemoteClient =>
    withReadRetries(createClient({ ...optionsAs(role), credentials }), readRetries(deps));
  const readerCredentials = credentialsAs('reader', config.reader);
  return {
    reader: clientAs('reader', readerCredentials),
    readerCredentials,
    actor: config.actor === null ? null : clientAs('actor', credentialsAs('actor', config.actor)),
  };
}
