/** Why a call to an outside system gave no usable answer: a closed set, one place decides what may be tried again. */
export const REMOTE_REASONS = [
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'rate_limited',
  'unavailable',
  'timeout',
  'network',
  'bad_answer',
  'rejected',
] as const;
export type RemoteReason = (typeof REMOTE_REASONS)[number];

/** An expected failure of an outside system. `place` says which call, `remedy` what a person can do. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly reason: RemoteReason;
  readonly place: string;
  readonly remedy: string;
  /** Milliseconds the other side asked us to wait, where it said so. */
  readonly retryAfter: number | null;

  constructor(fields: {
    reason: RemoteReason;
    place: string;
    message: string;
    remedy: string;
    retryAfter?: number | null;
  }) {
    super(fields.message);
    this.reason = fields.reason;
    this.place = fields.place;
    this.remedy = fields.remedy;
    this.retryAfter = fields.retryAfter ?? null;
  }
}

/** Whether the same call may succeed later without anybody changing anything. */
export function isRetryable(reason: RemoteReason): boolean {
  return (
    reason === 'rate_limited' ||
    reason === 'unavailable' ||
    reason === 'timeout' ||
    reason === 'network' ||
    reason === 'conflict'
  );
}
