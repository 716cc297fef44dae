import type { Table } from './columns.ts';
import type { PayloadLayout } from './payload.ts';
import { type TableColumn, WarehouseError } from './warehouse.ts';

/** What a payload table tells of a request, whatever its layout calls it. */
export const ROLES = [
  'id',
  'time',
  'status',
  'request',
  'response',
  'entity',
  'fraction',
  'errors',
  'day',
  'duration',
] as const;
export type Role = (typeof ROLES)[number];

/** The columns of a payload table by their role; null where an optional one is not there. */
export type PayloadColumns = { readonly [role in Role]: TableColumn | null } & {
  readonly [role in 'id' | 'time' | 'status' | 'request' | 'response' | 'entity']: TableColumn;
};

interface Expected {
  readonly name: string;
  readonly kinds: readonly TableColumn['kind'][];
  /** Beginning of the type's name, where its class says too little. */
  readonly type?: RegExp;
  readonly optional?: true;
}

const TEXT = ['categorical'] as const;
const NUMBER = ['numeric'] as const;

const EXPECTED: { readonly [layout in PayloadLayout]: { readonly [role in Role]: Expected | null } } = {
  'ai-gateway': {
    id: { name: 'databricks_request_id', kinds: TEXT },
    time: { name: 'request_time', kinds: ['timestamp'] },
    status: { name: 'status_code', kinds: NUMBER },
    request: { name: 'request', kinds: TEXT },
    response: { name: 'response', kinds: TEXT },
    entity: { name: 'served_entity_id', kinds: TEXT },
    fraction: { name: 'sampling_fraction', kinds: NUMBER, optional: true },
    errors: { name: 'logging_error_codes', kinds: ['unsupported'], type: /^(LIST|ARRAY)/, optional: true },
    day: { name: 'request_date', kinds: ['timestamp'], type: /^DATE$/, optional: true },
    duration: { name: 'execution_duration_ms', kinds: NUMBER, optional: true },
  },
  legacy: {
    id: { name: 'databricks_request_id', kinds: TEXT },
    time: { name: 'timestamp_ms', kinds: NUMBER },
    status: { name: 'status_code', kinds: NUMBER },
    request: { name: 'request', kinds: TEXT },
    response: { name: 'response', kinds: TEXT },
    entity: { name: 'request_metadata', kinds: ['unsupported'], type: /^MAP/ },
    fraction: { name: 'sampling_fraction', kinds: NUMBER, optional: true },
    errors: null,
    day: { name: 'date', kinds: ['timestamp'], type: /^DATE$/, optional: true },
    duration: { name: 'execution_time_ms', kinds: NUMBER, optional: true },
  },
};

/** What the layouts call the columns that the configuration of other layouts names. */
export const PAYLOAD_NAMES = {
  'ai-gateway': {
    requestId: 'databricks_request_id',
    timestamp: 'request_time',
    version: 'served_entity_id',
  },
  legacy: { requestId: 'databricks_request_id', timestamp: 'timestamp_ms', version: 'request_metadata' },
} as const satisfies { readonly [layout in PayloadLayout]: { readonly [key: string]: string } };

/** Two columns of the tables of AI Gateway model services, which are logged in another way that is not read. */
const MODEL_SERVICE = ['invocation_id', 'event_time'];

/**
 * The columns of a payload table, held against its layout: fails closed. Throws `column_missing` with the layout that the table
 * does have, where it is a known one, and `wrong_type`.
 */
export function payloadColumns(table: Table, layout: PayloadLayout): PayloadColumns {
  const expected = EXPECTED[layout];
  const lacking = lackingIn(table, layout);
  if (lacking.length > 0) throw otherLayout(table, layout, lacking);
  const found = ROLES.map((role) => [role, columnFor(table, layout, expected[role])] as const);
  return Object.fromEntries(found) as unknown as PayloadColumns;
}

function columnFor(table: Table, layout: PayloadLayout, expected: Expected | null): TableColumn | null {
  const found = expected === null ? undefined : named(table, expected.name);
  if (expected === null || found === undefined) return null;
  if (expected.kinds.includes(found.kind) && (expected.type?.test(found.sqlType) ?? true)) return found;
  throw new WarehouseError({
    reason: 'wrong_type',
    table: table.name,
    column: found.name,
    message: `Column ${found.name} of ${table.name} is ${found.sqlType}, which it is not in a table of layout ${layout}.`,
    remedy: 'Name the payload table as the endpoint writes it, or correct source.layout.',
  });
}

function lackingIn(table: Table, layout: PayloadLayout): readonly string[] {
  return Object.values(EXPECTED[layout]).flatMap((expected) =>
    expected === null || expected.optional === true || named(table, expected.name) !== undefined
      ? []
      : [expected.name],
  );
}

function named(table: Table, name: string): TableColumn | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name);
}

function otherLayout(table: Table, layout: PayloadLayout, lacking: readonly string[]): WarehouseError {
  const other = layout === 'legacy' ? 'ai-gateway' : 'legacy';
  const remedy =
    lackingIn(table, other).length === 0
      ? `It has the columns of layout ${other}: set source.layout: ${other}.`
      : MODEL_SERVICE.every((name) => named(table, name) !== undefined)
        ? 'It is the table of a model service of AI Gateway, which is not read in this version: point source.table at a view with a column per feature and set source.layout: columns.'
        : 'Correct source.table or source.layout; a table with a column per feature has layout columns.';
  return new WarehouseError({
    reason: 'column_missing',
    table: table.name,
    column: lacking[0] ?? null,
    message: `Table ${table.name} is not of layout ${layout}: it has no ${lacking.join(', ')}.`,
    remedy,
  });
}
