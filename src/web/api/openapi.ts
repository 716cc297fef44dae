import { z } from 'zod';
import { type Action, ROLES_FOR } from '../access.ts';
import type { Route } from '../route.ts';
import { SCHEMAS, type SchemaName } from './schemas.ts';

type Json = { readonly [key: string]: unknown };

/** The OpenAPI 3.1 description of the routes: every route, and nothing that is not one. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    operations[route.method.toLowerCase()] = operation(route);
    paths[route.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'driftwarden',
      version,
      description:
        'Times are ISO 8601 UTC with milliseconds, identifiers are opaque, absent is null. Every POST needs a token.',
    },
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, schema]) => [name, plainSchema(schema)]),
      ),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route): Json {
  return {
    summary: route.summary,
    ...security(route),
    parameters: [...pathParameters(route.path), ...queryParameters(route.query)],
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: plainSchema(route.body) } },
          },
        }),
    responses: { ...success(route), ...failures(route) },
  };
}

/** `{}` beside the token: none is needed where the server listens on a loopback address (and, for reading, has no `http.auth`). */
function security(route: Route): Json {
  if (route.access === 'open') return { security: [] };
  const action: Action = route.access === 'scrape' ? 'look' : route.access;
  const open = route.method === 'GET' ? [{}] : [];
  return { security: [...open, { bearer: [] }], 'x-roles': ROLES_FOR[action] };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | null): readonly Json[] {
  if (query === null) return [];
  const schema = plainSchema(query) as { properties?: Json; required?: readonly string[] };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    schema: property,
  }));
}

function success(route: Route): Json {
  const { answer } = route;
  switch (answer.kind) {
    case 'page':
      return { 200: response('A page', { 'text/html': {} }) };
    case 'text':
      return {
        200: response(answer.describe, { 'text/plain': {} }),
        ...(answer.failure === undefined
          ? {}
          : { [answer.failure]: response('Why not, in words', { 'text/plain': {} }) }),
      };
    case 'description':
      return { 200: response('This document', { 'application/json': { schema: { type: 'object' } } }) };
    case 'json':
      break;
  }
  return { 200: response('As asked', { 'application/json': { schema: wrapped(answer) } }) };
}

function wrapped(answer: {
  readonly schema: SchemaName;
  readonly key: string | null;
  readonly list: boolean;
}): Json {
  const reference = { $ref: `#/components/schemas/${answer.schema}` };
  const inner = answer.list ? { type: 'array', items: reference } : reference;
  if (answer.key === null) return inner;
  return { type: 'object', properties: { [answer.key]: inner }, required: [answer.key] };
}

const FAILURES: { readonly [status: number]: string } = {
  400: 'The body or the query is wrong; `field` names the key',
  401: 'A token is needed',
  403: 'The token may not do that, or the request comes from the page of another site',
  404: 'There is no such thing',
  409: 'A rule says no; `gate` names it where it is one of the gates before a rollback',
  413: 'The body is too large',
  415: 'The body is not application/json',
  421: 'The Host header does not name this server',
  502: 'The warehouse, the registry or the serving endpoint did not answer as needed',
  503: 'The state store is not available',
};

function failures(route: Route): Json {
  const common = route.access === 'open' ? [421] : [401, 403, 421];
  const json = route.answer.kind === 'json';
  const writing = route.method === 'POST' && json ? [400, 404, 409, 413, 415, 502, 503] : [];
  const query = route.query !== null ? [400] : [];
  const reading = route.method === 'GET' && (json || route.answer.kind === 'page') ? [404, 503] : [];
  const statuses = [...new Set([...common, ...writing, ...query, ...reading])].sort((a, b) => a - b);
  const type = route.answer.kind === 'page' ? 'text/html' : 'application/json';
  const content = type === 'text/html' ? {} : { schema: { $ref: '#/components/schemas/Problem' } };
  return Object.fromEntries(
    statuses.map((status) => [status, response(FAILURES[status] ?? '', { [type]: content })]),
  );
}

function response(description: string, content: Json): Json {
  return { description, content };
}

function plainSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return rest;
}
