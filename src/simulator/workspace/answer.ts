import type { Clocks } from '../../clock.ts';
import type { WorkspaceState } from './state.ts';
import type { Role, Tokens } from './tokens.ts';

/** What a handler sees of a request. The path is decoded, the body is text as it came. */
export interface Call {
  readonly method: string;
  /** The decoded values of the route's named parts. */
  readonly parts: { readonly [name: string]: string };
  readonly query: URLSearchParams;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
  /** Who asks: set on every route but the open ones. */
  readonly role: Role | null;
}

/** What a handler gives back: an answer and, where it changed something, the new state. It is sent once that is on disk. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly state?: WorkspaceState;
}

export interface Surroundings {
  readonly state: WorkspaceState;
  readonly clocks: Clocks;
  readonly tokens: Tokens;
  readonly ticketSecret: string;
  readonly url: string;
}

export type Handler = (call: Call, world: Surroundings) => Answer;

export function ok(body: unknown, state?: WorkspaceState): Answer {
  return state === undefined ? { status: 200, body } : { status: 200, body, state };
}

/** The error body of the Databricks REST API. */
export function failure(status: number, code: string, message: string): Answer {
  return { status, body: { error_code: code, message } };
}

/** JSON or undefined: what cannot be parsed is the same to a handler as what has the wrong shape. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
