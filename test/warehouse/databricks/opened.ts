import { systemClock } from '../../../src/clock.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Credentials } from '../../../src/remote/credentials.ts';
import {
  type Databricks,
  type DatabricksOptions,
  openDatabricks,
} from '../../../src/warehouse/databricks/open.ts';

/** A token that never changes. */
export const TOKEN: Credentials = {
  headers: async () => ({ authorization: 'Bearer token-1' }),
  renew: async () => false,
};

/** The adapter on a server of the tests. */
export function openedOn(
  server: { readonly url: string; readonly ca: string },
  options: Partial<DatabricksOptions> & {
    readonly statementTimeout?: number;
    readonly httpPath?: string;
  } = {},
): Databricks {
  const { statementTimeout = 300_000, httpPath = '/sql/1.0/warehouses/abc123', ...rest } = options;
  return openDatabricks(
    { kind: 'databricks', httpPath, concurrency: 2, statementTimeout },
    {
      workspaceUrl: server.url,
      ca: server.ca,
      credentials: TOKEN,
      clock: systemClock,
      logger: silentLogger(),
      jitter: () => 0,
      ...rest,
    },
  );
}
