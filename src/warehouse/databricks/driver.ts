import type { DBSQLSession } from '@databricks/sql';
import { z } from 'zod';
import type { Logger } from '../../log.ts';
import type { AuthHeaders } from '../../remote/credentials.ts';
import { OperationFailure } from './failure.ts';
import type { Statement } from './sql.ts';

/** What we use of the vendor's driver. Everything may hang or throw anything; nothing here waits or tries again. */
export interface DriverConnection {
  execute(
    statement: Statement,
    options: { readonly maxRows: number; readonly table: string },
  ): Promise<DriverOperation>;
  close(): Promise<void>;
}

export interface DriverOperation {
  /** Whether the statement has ended. Throws OperationFailure when it ended badly. */
  finished(): Promise<boolean>;
  /** The next rows, possibly none, and whether there may be more. */
  rows(atMost: number): Promise<{ readonly rows: readonly unknown[]; readonly more: boolean }>;
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a session. Nothing is sent before the session is opened. */
export type OpenDriver = () => Promise<DriverConnection>;

export interface DriverOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** PEM of a further authority, for the tests' own servers. */
  readonly ca?: string;
  readonly headers: () => Promise<AuthHeaders>;
  readonly statementTimeout: number;
  /** Milliseconds after which a request without an answer is given up by the driver itself. */
  readonly socketTimeout: number;
  /** Of the calls that the driver repeats by itself (status, cancel, close), milliseconds. */
  readonly retryDelay: number;
  readonly logger: Logger;
}

/** The driver fetches so many rows at once. */
const CHUNK = 20_000;

/**
 * The vendor's driver, tamed: no telemetry (its switch at connect alone does something, and only there), no downloads from cloud
 * storage, no local files, our own logger (its default one writes to the console and catches the process's exceptions), tokens
 * from the source that the REST calls use, and a session in which the server ends what runs too long.
 */
export function openWith(options: DriverOptions): OpenDriver {
  return async () => {
    process.env['DATABRICKS_TELEMETRY_DISABLED'] = '1';
    const { DBSQLClient } = await import('@databricks/sql');
    const { logger } = options;
    const client = new DBSQLClient({ logger: { log: (level, text) => logger.debug({ level }, text) } });
    await client.connect({
      host: options.host,
      port: options.port,
      path: options.path,
      authType: 'custom',
      provider: { authenticate: async () => ({ ...(await options.headers()) }) },
      telemetryEnabled: false,
      userAgentEntry: 'driftwarden',
      socketTimeout: options.socketTimeout,
      retryMaxAttempts: 3,
      retriesTimeout: options.socketTimeout,
      retryDelayMin: options.retryDelay,
      retryDelayMax: 4 * options.retryDelay,
      ...(options.ca === undefined ? {} : { customCaCert: options.ca }),
    });
    // Not an option of connect(); the object it reads is the one that getConfig() hands out.
    Object.assign(client.getConfig(), { useCloudFetch: false, useLZ4Compression: false });
    const session = await client.openSession({
      configuration: {
        STATEMENT_TIMEOUT: String(Math.max(1, Math.ceil(options.statementTimeout / 1000))),
        TIMEZONE: 'UTC',
        ANSI_MODE: 'true',
      },
      queryTags: { app: 'driftwarden' },
    });
    return {
      execute: async ({ sql, values }, { maxRows, table }) =>
        operationOf(
          await session.executeStatement(sql, {
            maxRows: Math.min(maxRows, CHUNK),
            useCloudFetch: false,
            useLZ4Compression: false,
            queryTags: { app: 'driftwarden', table },
            ...(Object.keys(values).length === 0 ? {} : { namedParameters: { ...values } }),
          }),
        ),
      close: async () => {
        await session.close();
        await client.close();
      },
    };
  };
}

type Operation = Awaited<ReturnType<DBSQLSession['executeStatement']>>;

const Status = z.object({
  operationState: z.int().nullish(),
  errorMessage: z.string().nullish(),
  displayMessage: z.string().nullish(),
  sqlState: z.string().nullish(),
});

const RUNNING: readonly number[] = [0, 1, 7];
const FINISHED = 2;

function operationOf(operation: Operation): DriverOperation {
  return {
    finished: async () => {
      const status = Status.parse(await operation.status(false));
      const state = status.operationState ?? -1;
      if (RUNNING.includes(state)) return false;
      if (state === FINISHED) return true;
      throw new OperationFailure({
        state,
        text: status.errorMessage ?? status.displayMessage ?? '',
        sqlState: status.sqlState ?? null,
      });
    },
    rows: async (atMost) => {
      const rows = await operation.fetchChunk({ maxRows: Math.min(atMost, CHUNK), disableBuffering: true });
      return { rows, more: await operation.hasMoreRows() };
    },
    cancel: async () => {
      await operation.cancel();
    },
    close: async () => {
      await operation.close();
    },
  };
}
