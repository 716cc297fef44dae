import { readFileSync } from 'node:fs';
import { type ChainRecord, canonical } from '../daemon/support/canonical.ts';
import type { Columns, ColumnType, Row, Value } from '../daemon/support/parquet.ts';
import type { Fields } from './compare.ts';

/** What both worked examples begin with; what follows from it stands beside it under `expected`. */
export interface Given {
  /** A driftwarden.yaml; JSON is YAML. */
  readonly configuration: Fields & {
    readonly models: { readonly [name: string]: Fields };
    readonly warehouse: { readonly tables: { readonly [table: string]: string } };
  };
  /** Text of the 32 bytes that the audit key is made of. */
  readonly signingSeed: string;
  readonly lake: { readonly [table: string]: Table };
}

interface Table {
  readonly columns: { readonly [column: string]: ColumnType };
  readonly groups: readonly Group[];
}

/** Rows that are alike: each column as values with how often they occur, or one value for all. */
interface Group {
  readonly rows: number;
  readonly requestIds?: string;
  readonly first?: string;
  readonly everyMs?: number;
  readonly values: { readonly [column: string]: Value | readonly (readonly [Value, number])[] };
}

export interface Evaluation extends Fields {
  readonly evaluation: string;
  readonly baseline: { readonly id: string; readonly hash: string };
  readonly checks: readonly Fields[];
  readonly policy: readonly Fields[];
}

export interface WindowStory {
  readonly given: Given & { readonly now: string };
  readonly expected: {
    readonly baseline: Fields;
    readonly evaluation: Evaluation;
    readonly evaluationHash: string;
    readonly exception: Fields & { readonly id: string };
    readonly audit: readonly ChainRecord[];
    readonly metrics: readonly string[];
  };
}

export interface RollbackStory {
  readonly given: Given & {
    readonly workspace: WorkspaceGiven;
    readonly desk: { readonly secret: string; readonly ticket: Fields };
    readonly approval: { readonly by: string; readonly reason: string };
    readonly times: {
      readonly approved: string;
      readonly noticed: string;
      readonly updating: string;
      readonly updated: string;
      readonly dwelling: string;
      readonly dwelt: string;
      readonly quiet: readonly [string, string];
    };
  };
  readonly expected: {
    readonly baseline: Fields & { readonly id: string; readonly hash: string };
    readonly evaluations: readonly Evaluation[];
    readonly rollback: Fields & {
      readonly id: string;
      readonly planHash: string;
      readonly plan: Fields;
      readonly history: readonly { readonly at: string; readonly state: string }[];
    };
    readonly hold: Fields;
    readonly writes: readonly Request[];
    readonly exceptionOpened: Fields & { readonly id: string };
    readonly exceptionResolved: Fields;
    readonly webhooks: readonly Webhook[];
    readonly audit: readonly ChainRecord[];
    readonly metrics: {
      readonly [moment in
        | 'whileShifting'
        | 'whileDwelling'
        | 'afterOneQuietWindow'
        | 'afterwards']: readonly string[];
    };
  };
}

/** What the simulated workspace answers at the beginning, in the words of the real API. */
export interface WorkspaceGiven {
  readonly tokens: { readonly reader: string; readonly actor: string };
  /** How long an update of the endpoint takes. */
  readonly updateSeconds: number;
  readonly endpoint: Fields & {
    readonly name: string;
    readonly config: Fields & {
      readonly config_version: number;
      readonly served_entities: readonly Fields[];
    };
  };
  readonly model: Fields & { readonly full_name: string; readonly aliases: readonly Alias[] };
  readonly tags: readonly Fields[];
  readonly versions: { readonly [version: string]: Fields };
}

export interface Alias {
  readonly alias_name: string;
  readonly version_num: number;
}

/** A request that changes something, by whose token it was sent. */
export interface Request {
  readonly at: string;
  readonly as: string;
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

export interface Webhook {
  readonly at: string;
  readonly about: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Fields & {
    readonly action: string;
    readonly key: string;
    readonly exception: Fields;
    readonly title: string;
    readonly text: string;
    readonly links: { readonly [name: string]: string };
  };
}

export function rollbackStory(): RollbackStory {
  return read('rollback.json') as RollbackStory;
}

export function windowStory(): WindowStory {
  return read('window.json') as WindowStory;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/worked/${name}`, import.meta.url), 'utf8')) as unknown;
}

export function columnsOf(table: Table): Columns {
  return table.columns;
}

/** Every row of a table that is written down as values and counts. */
export function rowsOf(table: Table): readonly Row[] {
  return table.groups.flatMap((group) => {
    const columns = Object.entries(group.values).map(
      ([name, values]) => [name, column(values, group.rows)] as const,
    );
    return Array.from({ length: group.rows }, (_, index) => ({
      ...Object.fromEntries(columns.map(([name, values]) => [name, values[index] ?? null])),
      ...requestOf(group, index),
    }));
  });
}

function column(values: Group['values'][string], rows: number): readonly Value[] {
  const pairs = Array.isArray(values)
    ? (values as readonly (readonly [Value, number])[])
    : [[values as Value, rows] as const];
  const all = pairs.flatMap(([value, times]) => Array.from({ length: times }, () => value));
  if (all.length !== rows) throw new Error(`a column of ${rows} rows lists ${all.length} values`);
  return all;
}

function requestOf({ requestIds, first, everyMs }: Group, index: number): Row {
  if (requestIds === undefined || first === undefined || everyMs === undefined) return {};
  return { request_id: `${requestIds}-${index}`, event_time: Date.parse(first) + index * everyMs };
}

/** The lines of an export of these records. */
export function exportLines(records: readonly ChainRecord[]): readonly string[] {
  return records.map((record) => canonical(record));
}

/** The same with the names of the story in place of the program's identifiers, wherever they stand. */
export function renamed<T>(value: T, names: readonly (readonly [actual: string, story: string])[]): T {
  if (names.some(([actual]) => actual === '')) throw new Error('an identifier was not made');
  const text = names.reduce(
    (sofar, [actual, story]) => sofar.replaceAll(actual, story),
    JSON.stringify(value),
  );
  return JSON.parse(text) as T;
}
