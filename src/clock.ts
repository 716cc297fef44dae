/** Where the program reads the time. Two of them exist: see {@link Clocks}. Milliseconds since 1970-01-01T00:00Z. */
export interface Clock {
  now(): number;
}

/**
 * `domain` is the time the models live in: windows, cooldown, dwell, due dates. `wall` is the time of this machine:
 * HTTP deadlines, retries, leases. In production they are one; in the demo domain time runs fast.
 */
export interface Clocks {
  readonly domain: Clock;
  readonly wall: Clock;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 UTC with milliseconds, the one form in which times leave the program. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
