import type { RemoteReason } from './error.ts';
import { refuse } from './refuse.ts';

/** One call to an outside system. */
export interface RemoteCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path below the base URL; what varies in it goes through {@link segment}. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  readonly body?: CallBody;
  readonly headers?: { readonly [name: string]: string };
  /** The call in words for messages, without secrets: `reading model main.risk.credit_pd`. */
  readonly place: string;
  /** `json` (default): anything else is `bad_answer`. `any`: the status alone counts, what is no JSON becomes null. */
  readonly answer?: 'json' | 'any';
  /** A better remedy than the general one for this call; `said` is the other side's text. Null: the general one. */
  readonly remedy?: (reason: RemoteReason, said: string) => string | null;
}

export interface CallBody {
  readonly type: string;
  readonly text: string;
}

/**
 * A way to an outside system. Throws RemoteError. Sends once (and once more after a 401 that new credentials can mend,
 * since a 401 was certainly not carried out). After a write, `timeout`, `network`, `unavailable` and `bad_answer` leave
 * open whether it was carried out: read before doing anything else.
 */
export interface RemoteClient {
  /** The system's name in messages. */
  readonly name: string;
  request(call: RemoteCall): Promise<unknown>;
}

export function jsonBody(value: unknown): CallBody {
  return { type: 'application/json', text: JSON.stringify(value) };
}

export function formBody(fields: { readonly [name: string]: string }): CallBody {
  return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(fields).toString() };
}

/** One path segment, escaped. Dots alone would be taken as a way up by every URL parser, escaped or not. Throws `rejected`. */
export function segment(value: string): string {
  if (!/^\.*$/.test(value)) return encodeURIComponent(value);
  throw refuse(`name "${value}"`, 'cannot be part of a URL', 'correct the name in the configuration');
}

/** Entries as a map without inherited names, so that an alias called `constructor` is not found by accident. */
export function dictionary<T>(entries: Iterable<readonly [string, T]>): { readonly [key: string]: T } {
  const map = Object.create(null) as { [key: string]: T };
  for (const [key, value] of entries) map[key] = value;
  return map;
}
