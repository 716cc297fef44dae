import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { SetTimer } from '../timer.ts';
import { WarehouseError } from '../warehouse.ts';
import { failureOf } from './classify.ts';
import { type Connections, endOperation } from './connection.ts';
import { DeadlineError, pause, within } from './deadline.ts';
import type { DriverConnection, DriverOperation } from './driver.ts';
import { type Failure, failed, warehouseError } from './failure.ts';
import type { Limits } from './limits.ts';
import type { Statement } from './sql.ts';

/** Where statements are asked. */
export interface Session {
  /**
   * Rows of a statement, as lists of the named columns. Throws WarehouseError; more than `maxRows` rows are refused, and so are
   * rows that lack one of the columns.
   */
  query(
    statement: Statement,
    limits: { readonly table: string; readonly columns: readonly string[]; readonly maxRows: number },
  ): Promise<readonly (readonly unknown[])[]>;
}

export interface SessionOptions {
  readonly connections: Connections;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly logger: Logger;
  /** Other credentials after a refusal; false when there are none. */
  readonly renew: () => Promise<boolean>;
  readonly closing: AbortSignal;
  /** Told for every statement that is sent. */
  readonly sent: () => void;
}

type Asked = Parameters<Session['query']>[1];

/** Tries after a broken connection: a statement that breaks it each time would else be sent for ever. */
const MAX_RECONNECTS = 2;

export function createSession(options: SessionOptions): Session {
  return {
    query: async (statement, asked) => {
      const rows = await repeated(options, asked.table, () => attempt(options, statement, asked));
      return rows.map((row) => pick(row, asked));
    },
  };
}

/** What has been tried so far for one statement. */
interface Tried {
  readonly until: number;
  tries: number;
  reconnects: number;
  renewed: boolean;
}

/** Tries until it works, a failure says that trying makes no sense, or the time in which a warehouse starts is over. */
async function repeated<T>(options: SessionOptions, table: string, work: () => Promise<T>): Promise<T> {
  const { limits, clock, setTimer, closing, logger } = options;
  const tried: Tried = { until: clock.now() + limits.open, tries: 0, reconnects: 0, renewed: false };
  for (;;) {
    try {
      if (closing.aborted) throw closed(table);
      return await unlessClosed(work(), closing, table);
    } catch (error) {
      const failure = failureOf(error, limits.statement);
      if (failure === null) throw error;
      const wait = await waitBefore(failure, tried, options);
      if (wait === null) throw warehouseError(failure, table);
      logger.warn({ reason: failure.reason, wait }, `${table}: ${failure.what} It is tried again.`);
      await unlessClosed(pause(wait, setTimer), closing, table);
    }
  }
}

/** Milliseconds until the next try, null when there is to be none. */
async function waitBefore(failure: Failure, tried: Tried, options: SessionOptions): Promise<number | null> {
  if (failure.again === 'never') return null;
  if (failure.again === 'renew') {
    if (tried.renewed) return null;
    tried.renewed = true;
    return (await options.renew().catch(() => false)) ? 0 : null;
  }
  if (failure.again === 'reconnect') tried.reconnects += 1;
  if (tried.reconnects > MAX_RECONNECTS) return null;
  const wait = pauseAfter(failure, tried.tries, options);
  tried.tries += 1;
  return options.clock.now() + wait >= tried.until ? null : wait;
}

/** What the server asked for; else doubling, with chance in it, so that several daemons do not come back at once. */
function pauseAfter({ retryAfter }: Failure, tries: number, options: SessionOptions): number {
  const { pause: first, maxPause } = options.limits;
  const grown = Math.min(maxPause, first * 2 ** Math.min(tries, 20));
  return Math.max(retryAfter ?? 0, grown * (0.5 + options.jitter() / 2));
}

/** One try: a session, the statement, its rows. Whatever happens, the statement is ended on the server. */
async function attempt(
  options: SessionOptions,
  statement: Statement,
  asked: Asked,
): Promise<readonly unknown[]> {
  const { limits, setTimer } = options;
  const lease = await options.connections.use();
  const running: { operation: DriverOperation | null; stopped: boolean } = {
    operation: null,
    stopped: false,
  };
  let spent = true;
  try {
    const work = ask(options, { connection: lease.connection, statement, asked, running });
    const rows = await within(work, { milliseconds: limits.statement, doing: 'statement', setTimer });
    spent = false;
    return rows;
  } catch (error) {
    // A statement that failed leaves the session as it was; everything else makes it doubtful.
    spent = failureOf(error, 0)?.again !== 'never' || error instanceof DeadlineError;
    throw error;
  } finally {
    running.stopped = true;
    const { operation } = running;
    if (operation !== null) {
      const ending = endOperation(options, operation, spent ? 'cancel' : 'close');
      // After a failure nobody waits for the server to notice.
      if (!spent) await ending;
      else await Promise.race([ending, pause(0, setTimer)]);
    }
    lease.release(spent ? 'spent' : 'good');
  }
}

async function ask(
  options: SessionOptions,
  question: {
    readonly connection: DriverConnection;
    readonly statement: Statement;
    readonly asked: Asked;
    readonly running: { operation: DriverOperation | null; stopped: boolean };
  },
): Promise<readonly unknown[]> {
  const { connection, statement, asked, running } = question;
  const { table, maxRows } = asked;
  options.sent();
  const operation = await connection.execute(statement, { maxRows: maxRows + 1, table });
  if (running.stopped) {
    // It came after its deadline: nobody waits for it, and it must not go on.
    void endOperation(options, operation, 'cancel');
    throw new DeadlineError('statement');
  }
  running.operation = operation;
  await untilFinished(operation, options, running);
  const rows: unknown[] = [];
  for (let more = true; more && !running.stopped; ) {
    const chunk = await operation.rows(maxRows + 1 - rows.length);
    for (const row of chunk.rows) rows.push(row);
    more = chunk.more;
    if (rows.length > maxRows) throw tooMany(table, maxRows);
  }
  return rows;
}

/** Looks at it at growing intervals; the driver's own loop looks ten times a second, and goes on when nobody waits any more. */
async function untilFinished(
  operation: DriverOperation,
  { limits, setTimer }: SessionOptions,
  running: { readonly stopped: boolean },
): Promise<void> {
  for (let wait = limits.poll / 20; !(await operation.finished()); wait = Math.min(limits.poll, wait * 1.5)) {
    await pause(wait, setTimer);
    if (running.stopped) throw new DeadlineError('statement');
  }
}

const Row = z.record(z.string(), z.unknown());

function pick(row: unknown, { table, columns }: Asked): readonly unknown[] {
  const parsed = Row.safeParse(row);
  return columns.map((name) => {
    // A column that is not there is worse than one that is NULL: with it all others may have moved.
    if (!parsed.success || !Object.hasOwn(parsed.data, name)) throw lacking(table, name);
    return parsed.data[name] ?? null;
  });
}

function lacking(table: string, name: string): WarehouseError {
  return warehouseError(
    failed('bad_answer', `the rows of the answer lack the column ${name}.`, {
      remedy: 'Report this as a defect.',
    }),
    table,
  );
}

function tooMany(table: string, maxRows: number): WarehouseError {
  return new WarehouseError({
    reason: 'bad_answer',
    table,
    message: `The answer about ${table} has more than ${maxRows} rows.`,
    remedy:
      'Check that the version column names versions: a column with a value per row makes a group per row.',
  });
}

function closed(table: string): WarehouseError {
  return new WarehouseError({
    reason: 'unavailable',
    table,
    message: `Reading ${table} was given up: the warehouse is being closed.`,
    remedy: 'Nothing: the window is evaluated at the next start.',
  });
}

function unlessClosed<T>(work: Promise<T>, closing: AbortSignal, table: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(closed(table));
    if (closing.aborted) onClose();
    closing.addEventListener('abort', onClose);
    work.then(resolve, reject).finally(() => closing.removeEventListener('abort', onClose));
  });
}
