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
  /** The other side's own word for the error (`RESOURCE_DOES_NOT_EXIST`), where its answer carried one. */
  readonly code: string | null;

  constructor(fields: {
    reason: RemoteReason;
    place: string;
    message: string;
    remedy: string;
    retryAfter?: number | null;
    code?: string | null;
  }) {
    super(fields.message);
    this.reason = fields.reason;
    this.place = fields.place;
    this.remedy = fields.remedy;
    this.retryAfter = fields.retryAfter ?? null;
    this.code = fields.code ?? null;
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

/**
 * Whether the other side itself says that the named thing does not exist. A 404 alone does not say so: a wrong URL or a
 * proxy answers 404 as well, with a page instead of an error code, and an unknown API path has a code of its own.
 */
export function saysMissing(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.reason !== 'not_found') return false;
  return (
    error.code !== null &&
    error.code !== 'ENDPOINT_NOT_FOUND' &&
    /(DOES_NOT_EXIST|NOT_FOUND)$/.test(error.code)
  );
}
