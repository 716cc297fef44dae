import { z } from 'zod';
import type { Claim } from '../operations.ts';
import type { Access, Caller } from './access.ts';
import type { SchemaName } from './api/schemas.ts';
import type { Html } from './html.ts';
import { HttpProblem } from './problem.ts';

/** What a route answers with when all is well, as the API description tells it. */
export type Answer =
  | { readonly kind: 'page' }
  | { readonly kind: 'text'; readonly describe: string; readonly failure?: number }
  /** The schema itself, or an object with it under `key`, alone or as a list. */
  | {
      readonly kind: 'json';
      readonly schema: SchemaName;
      readonly key: string | null;
      readonly list: boolean;
    }
  | { readonly kind: 'description' };

/** One route: what the server registers and what the API description tells are made of the same. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With parameters in braces, e.g. `/models/{model}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodObject | null;
  readonly answer: Answer;
  readonly handle: (call: RawCall) => Promise<Reply>;
}

export interface RawCall {
  readonly params: { readonly [name: string]: string };
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller | null;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

export interface Call<Query, Body> extends Omit<RawCall, 'query' | 'body'> {
  readonly query: Query;
  readonly body: Body;
}

export type Reply = (
  | { readonly kind: 'page'; readonly page: PageContent }
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'text'; readonly type: string; readonly body: string | Buffer }
) & { readonly status?: number; readonly headers?: { readonly [name: string]: string } };

/** A page without its frame. */
export interface PageContent {
  readonly title: string;
  readonly content: Html;
}

const NOTHING = z.strictObject({});
type Nothing = typeof NOTHING;

interface Spec<Query extends z.ZodObject, Body extends z.ZodObject>
  extends Omit<Route, 'handle' | 'query' | 'body' | 'method'> {
  readonly query?: Query;
  readonly body?: Body;
  readonly handle: (call: Call<z.infer<Query>, z.infer<Body>>) => Promise<Reply> | Reply;
}

export function getRoute<Query extends z.ZodObject = Nothing>(spec: Spec<Query, Nothing>): Route {
  return {
    ...spec,
    method: 'GET',
    query: spec.query ?? null,
    body: null,
    handle: async (call) => {
      const query = parse(spec.query ?? (z.object({}) as unknown as Query), call.query);
      return spec.handle({ ...call, query, body: {} });
    },
  };
}

export function postRoute<Body extends z.ZodObject = Nothing>(spec: Spec<Nothing, Body>): Route {
  return {
    ...spec,
    method: 'POST',
    query: null,
    body: spec.body ?? null,
    handle: async (call) => {
      const body = parse(spec.body ?? (NOTHING as unknown as Body), call.body ?? {});
      return spec.handle({ ...call, query: {}, body });
    },
  };
}

/** Throws 400 that names the first wrong key. */
function parse<Schema extends z.ZodObject>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = unknown ?? (issue?.path.join('.') || null);
  const message = unknown === undefined ? (issue?.message ?? 'is not as described') : 'is not known here';
  throw new HttpProblem(400, `${field ?? 'the body'}: ${message}. See /api/v1/openapi.json.`, field);
}

export function json(body: unknown, headers: { readonly [name: string]: string } = {}): Reply {
  return { kind: 'json', body, headers };
}

/**
 * Who stands behind a request. A named token is who it is; its holder cannot speak for somebody else. The command line's
 * token speaks for the person it names.
 */
export function claimOf(
  caller: Caller | null,
  body: { readonly by?: string | undefined; readonly reason?: string | undefined },
): Claim {
  if (caller === null) throw new Error('a route that needs a claim was reached without a caller');
  const reason = body.reason ?? null;
  if (caller.kind === 'named') {
    if (body.by !== undefined && body.by !== caller.name) {
      throw new HttpProblem(
        400,
        `by: this token is ${caller.name}'s and cannot speak for ${body.by}. Leave it out.`,
        'by',
      );
    }
    return { by: caller.name, identity: 'verified', reason };
  }
  if (body.by === undefined) throw new HttpProblem(400, 'by: say who asks for it (--by WHO).', 'by');
  return { by: body.by, identity: 'claimed', reason };
}
