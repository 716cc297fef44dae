import type { Clock } from '../clock.ts';
import type { RemoteClient } from './call.ts';
import { isRetryable, RemoteError } from './error.ts';

/** Waits on wall time. */
export type Sleep = (milliseconds: number) => Promise<void>;

export interface RetryOptions {
  /** Wall clock. */
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly policy: RetryPolicy;
}

/** `tries` includes the first one. No try starts later than `totalMs` after the first. */
export interface RetryPolicy {
  readonly tries: number;
  readonly totalMs: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const READ_RETRIES: RetryPolicy = {
  tries: 3,
  totalMs: 60_000,
  firstWaitMs: 500,
  longestWaitMs: 10_000,
};

/**
 * Repeats a read that failed for a passing reason. Waits what the other side asked for, else a random part of a limit
 * that doubles (full jitter, so that many waiting callers do not come back at once). Only for reads: a write whose
 * answer was lost may have been carried out. Throws the last error.
 */
export async function retryRead<T>(read: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, sleep, jitter, policy } = options;
  const latest = clock.now() + policy.totalMs;
  for (let tried = 1; ; tried += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RemoteError) || !isRetryable(error.reason) || tried >= policy.tries) throw error;
      const limit = Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** (tried - 1));
      const wait = error.retryAfter ?? jitter() * limit;
      if (clock.now() + wait > latest) throw error;
      await sleep(wait);
    }
  }
}

/** The same client, with its GET calls repeated as {@link retryRead} says. Writes go through once. */
export function withReadRetries(client: RemoteClient, options: RetryOptions): RemoteClient {
  return {
    name: client.name,
    request: (call) =>
      call.method === 'GET' ? retryRead(() => client.request(call), options) : client.request(call),
  };
}
