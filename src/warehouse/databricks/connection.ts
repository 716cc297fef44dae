import type { Logger } from '../../log.ts';
import type { SetTimer } from '../timer.ts';
import { within } from './deadline.ts';
import type { DriverConnection, DriverOperation, OpenDriver } from './driver.ts';
import type { Limits } from './limits.ts';

/** One session with the warehouse, shared by the statements of a burst and closed when nobody uses it. */
export interface Connections {
  /** The session, opened when there is none; `release` it after use. Throws what opening threw, or DeadlineError. */
  use(): Promise<Lease>;
  /** Closes the session, and waits for it no longer than the limit for closing. */
  close(): Promise<void>;
}

export interface Lease {
  readonly connection: DriverConnection;
  /** `spent`: do not hand this session out again. It is closed when its last user has gone. */
  release(state: 'good' | 'spent'): void;
}

interface Held {
  readonly opened: Promise<DriverConnection>;
  users: number;
  spent: boolean;
  stopIdle: () => void;
}

export interface ConnectionOptions {
  readonly open: OpenDriver;
  readonly limits: Limits;
  readonly setTimer: SetTimer;
  readonly logger: Logger;
  /** Told before a session is opened, which waits for it. */
  readonly opening: () => Promise<void>;
}

export function createConnections(options: ConnectionOptions): Connections {
  const { limits, setTimer } = options;
  let current: Held | null = null;
  const closings = new Set<Promise<void>>();

  function retire(held: Held): void {
    if (current === held) current = null;
    held.stopIdle();
    const closing = held.opened
      .then((connection) => quietly(options, 'close a session', () => connection.close()))
      .catch(() => {});
    closings.add(closing);
    void closing.finally(() => closings.delete(closing));
  }

  function open(): Held {
    const opened = options.opening().then(() => options.open());
    // A session that is opened too late is closed all the same: `retire` waits for it, its users do not.
    return { opened, users: 0, spent: false, stopIdle: () => {} };
  }

  function release(held: Held, state: 'good' | 'spent'): void {
    held.users -= 1;
    if (state === 'spent') {
      held.spent = true;
      if (current === held) current = null;
    }
    if (held.users > 0) return;
    if (held.spent) retire(held);
    else held.stopIdle = setTimer(limits.idle, () => retire(held));
  }

  return {
    use: async () => {
      current ??= open();
      const held = current;
      held.stopIdle();
      held.users += 1;
      try {
        const connection = await within(held.opened, { milliseconds: limits.open, doing: 'open', setTimer });
        return { connection, release: (state) => release(held, state) };
      } catch (error) {
        release(held, 'spent');
        throw error;
      }
    },
    close: async () => {
      if (current !== null) retire(current);
      const all = Promise.allSettled(closings);
      await within(all, { milliseconds: 2 * limits.close, doing: 'close', setTimer }).catch(() => {});
    },
  };
}

/** Ends a statement on the server. Whether that works changes nothing here: the server ends it by itself in the end. */
export async function endOperation(
  options: Pick<ConnectionOptions, 'limits' | 'setTimer' | 'logger'>,
  operation: DriverOperation,
  how: 'close' | 'cancel',
): Promise<void> {
  await quietly(options, `${how} a statement`, () => operation[how]());
}

async function quietly(
  { limits, setTimer, logger }: Pick<ConnectionOptions, 'limits' | 'setTimer' | 'logger'>,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await within(work(), { milliseconds: limits.close, doing: 'close', setTimer });
  } catch (error) {
    logger.debug({ err: error }, `could not ${what}`);
  }
}
