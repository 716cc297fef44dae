export const START_REASONS = [
  'weak_token',
  'same_token',
  'unprotected',
  'in_use',
  'forbidden',
  'address',
] as const;
export type StartReason = (typeof START_REASONS)[number];

/** The server cannot be started as configured. The message says which key is wrong and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly reason: StartReason;

  constructor(reason: StartReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export const DAEMON_REASONS = [
  'token_unreadable',
  'refused_request',
  'failed',
  'lost',
  'bad_answer',
] as const;
export type DaemonReason = (typeof DAEMON_REASONS)[number];

/**
 * A command could not get its answer from the running daemon. `lost`: the request left and no answer came, so that it may
 * have been carried out; every other reason means that it was not.
 */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly reason: DaemonReason;

  constructor(reason: DaemonReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
