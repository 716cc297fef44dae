import { z } from 'zod';
import type { Logger } from '../../log.ts';
import { type RemoteClient, segment } from '../../remote/call.ts';
import { RemoteError } from '../../remote/error.ts';
import { ask } from '../../remote/parse.ts';
import type { SetTimer } from '../timer.ts';
import { DeadlineError, within } from './deadline.ts';

/** So long a session waits at most to hear whether it wakes a warehouse. Milliseconds. */
const DEADLINE = 2_000;

const WarehouseAnswer = z.object({ state: z.string() });

/**
 * Whether the warehouse sleeps, which a look at it does not change; null where that cannot be told. Source: the vendor's REST
 * reference of SQL warehouses; its answer to a reader with CAN USE.
 */
export async function isAsleep(
  httpPath: string,
  deps: { readonly reader: RemoteClient; readonly setTimer: SetTimer; readonly logger: Logger },
): Promise<boolean | null> {
  const id = warehouseId(httpPath);
  if (id === null) return null;
  const { reader, setTimer, logger } = deps;
  try {
    const place = `reading the state of SQL warehouse ${id}`;
    const call = { method: 'GET', path: `/api/2.0/sql/warehouses/${segment(id)}`, place } as const;
    const answer = ask(reader, call, WarehouseAnswer);
    const { state } = await within(answer, { milliseconds: DEADLINE, doing: 'open', setTimer });
    return state === 'STOPPED' || state === 'STOPPING';
  } catch (error) {
    if (!(error instanceof RemoteError || error instanceof DeadlineError)) throw error;
    logger.debug({ err: error }, 'it cannot be told whether the warehouse sleeps');
    return null;
  }
}

/** The id in `/sql/1.0/warehouses/ID`; null for the path of a cluster, which has another life. */
export function warehouseId(httpPath: string): string | null {
  return /\/warehouses\/([^/?#]+)\/?$/.exec(httpPath)?.[1] ?? null;
}
