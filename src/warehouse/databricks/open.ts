import pLimit from 'p-limit';
import type { Clock } from '../../clock.ts';
import type { DatabricksConfig } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import type { RemoteClient } from '../../remote/call.ts';
import type { AuthHeaders, Credentials } from '../../remote/credentials.ts';
import type { Changes } from '../changes.ts';
import { metering } from '../meter.ts';
import { stagedBins, stagedCount } from '../payload-stage.ts';
import { tablesOf } from '../plan.ts';
import type { SqlClaim } from '../sql-claims.ts';
import { type SetTimer, systemTimer } from '../timer.ts';
import type { Meter, Warehouse } from '../warehouse.ts';
import { createAuditLog } from './audit-log.ts';
import { readBins } from './bins.ts';
import { createConnections } from './connection.ts';
import { readCounts } from './count.ts';
import { openWith } from './driver.ts';
import { type Limits, limitsFor } from './limits.ts';
import { readNewest } from './newest.ts';
import { type Relation, relationOf } from './relations.ts';
import { createSession, type Session } from './session.ts';
import { isAsleep } from './sleep.ts';

export interface DatabricksOptions {
  /** Address of the workspace, https. */
  readonly workspaceUrl: string;
  /** The reader, the same that the REST calls use: one token for both. */
  readonly credentials: Credentials;
  /** Wall clock. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  /** Told what costs money. */
  readonly used?: (what: Used) => void;
  /** The reader's way to REST, to see whether a session wakes the warehouse; without it no waking is told. */
  readonly reader?: RemoteClient;
  readonly setTimer?: SetTimer;
  readonly limits?: Partial<Limits>;
  /** PEM of a further authority. */
  readonly ca?: string;
  /** Names under which the audit log knows driftwarden itself. */
  readonly itself?: readonly string[];
  /** Full name of the audit log, where it is not the system table. */
  readonly auditTable?: string;
}

/** A statement that is sent (each try), a session that is opened, and one that found the warehouse asleep. */
export type Used = 'statement' | 'session' | 'wakeup';

/** The warehouse, and the audit log that lies beside its tables: one session for both. */
export interface Databricks extends Warehouse {
  readonly changes: Changes;
  /** Rows of a statement of no table, none of which is anybody's data. Throws WarehouseError. */
  answer(claim: SqlClaim): Promise<readonly (readonly unknown[])[]>;
}

/** What values taken out of JSON are in this engine. */
const TYPES = { text: 'STRING', number: 'DOUBLE' };

/**
 * A Databricks SQL warehouse, read and never written, through one session per burst of statements. TIMESTAMP_NTZ and DATE are UTC.
 * Opening sends nothing: what is wrong with address, credentials or tables is an error of the calls that need it.
 */
export function openDatabricks(config: DatabricksConfig, options: DatabricksOptions): Databricks {
  const { clock, logger, setTimer = systemTimer, itself = [], auditTable } = options;
  const closing = new AbortController();
  const { session, limits, close } = sessionFor(config, options, closing.signal);
  const limit = pLimit(config.concurrency);
  /** Looks the tables up and works on them, every statement told to the meter. */
  function on<T>(
    tables: readonly string[],
    meter: Meter | undefined,
    work: (session: Session, found: ReadonlyMap<string, Relation>, first: Relation) => Promise<T>,
  ): Promise<T> {
    const counted: Session = {
      query: (statement, asked) => metering(() => session.query(statement, asked), { meter, clock }),
    };
    return limit(async () => {
      const found = new Map<string, Relation>();
      for (const table of tables) found.set(table, await relationOf(counted, table));
      const [first] = found.values();
      if (first === undefined) throw new Error('no table is asked for');
      return work(counted, found, first);
    });
  }
  return {
    describe: (table, meter) => on([table], meter, async (_session, _found, relation) => relation.columns),
    bins: (request, meter) =>
      on([request.source.table], meter, (counted, _found, relation) =>
        readBins({
          ...{ session: counted, request, relation: relation.sql },
          staged: stagedBins(request, relation, TYPES),
        }),
      ),
    count: (request, meter) =>
      on(tablesOf(request), meter, (counted, found) => {
        const of = (name: string): string => {
          const relation = found.get(name);
          if (relation === undefined) throw new Error(`table ${name} was not looked up`);
          return relation.sql;
        };
        const staged = stagedCount(request, found, TYPES);
        return readCounts({ session: counted, relationOf: of, request, staged });
      }),
    newest: (source, meter) =>
      on([source.table], meter, (counted, _found, relation) => readNewest(counted, source, relation)),
    changes: createAuditLog({
      ...{ session, deadline: limits.changes, setTimer, logger, itself },
      ...(auditTable === undefined ? {} : { table: auditTable }),
    }),
    answer: ({ id, sql, values, columns, expected }) =>
      limit(() => session.query({ sql, values }, { table: id, columns, maxRows: expected.length + 1 })),
    close: async () => {
      closing.abort();
      await close();
    },
  };
}

function sessionFor(
  config: DatabricksConfig,
  options: DatabricksOptions,
  closing: AbortSignal,
): { readonly session: Session; readonly limits: Limits; readonly close: () => Promise<void> } {
  const { credentials, clock, logger, jitter, used = () => {}, setTimer = systemTimer } = options;
  const limits = { ...limitsFor(config.statementTimeout), ...options.limits };
  const url = new URL(options.workspaceUrl);
  let last: AuthHeaders = {};
  const open = openWith({
    host: url.hostname,
    port: url.port === '' ? 443 : Number(url.port),
    path: config.httpPath,
    headers: async () => {
      last = await credentials.headers();
      return last;
    },
    statementTimeout: config.statementTimeout,
    socketTimeout: limits.statement,
    retryDelay: limits.pause,
    logger,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const opening = async (): Promise<void> => {
    used('session');
    const { reader } = options;
    if (reader === undefined) return;
    if (await isAsleep(config.httpPath, { reader, setTimer, logger })) used('wakeup');
  };
  const connections = createConnections({ open, limits, setTimer, logger, opening });
  const session = createSession({
    ...{ connections, limits, clock, setTimer, jitter, logger, closing },
    renew: () => credentials.renew(last),
    sent: () => used('statement'),
  });
  return { session, limits, close: () => connections.close() };
}
