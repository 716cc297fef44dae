/** How long the parts of a conversation with the warehouse may take, milliseconds. */
export interface Limits {
  /** A session, the start of a warehouse that was asleep included. */
  readonly open: number;
  /** A statement, from sending it to its last row. */
  readonly statement: number;
  /** Closing or cancelling something; what takes longer is left to the server. */
  readonly close: number;
  /** A session that nobody uses is closed after this, so that the warehouse may go to sleep. */
  readonly idle: number;
  /** First pause before a new try; it doubles, up to `maxPause`. */
  readonly pause: number;
  readonly maxPause: number;
  /** Longest pause between two looks at a statement that runs. */
  readonly poll: number;
  /** A question to the audit log: nobody waits for it. */
  readonly changes: number;
}

/** A classic warehouse takes minutes to start. */
const OPEN = 10 * 60_000;

/** The server ends a statement at `statementTimeout`; its word for it is better than ours, so it is given this much more. */
const GRACE = 10_000;

export function limitsFor(statementTimeout: number): Limits {
  return {
    open: OPEN,
    statement: statementTimeout + GRACE,
    close: 5_000,
    idle: 15_000,
    pause: 1_000,
    maxPause: 30_000,
    poll: 1_000,
    changes: 120_000,
  };
}
