import type { Window } from '../windows/window.ts';
import { columnOf, columnOfKind, type Table, wrongType } from './columns.ts';
import type { BinsRequest, CountColumn, CountRequest, Source, TableColumn } from './warehouse.ts';

/**
 * WHAT is counted, checked against the tables as they are and in no engine's words. An engine only has to say it in its
 * dialect and to answer with the rows of `cell-rows.ts`.
 */
export interface CountPlan {
  readonly slice: Slice;
  readonly numeric: readonly NumericCount[];
  readonly categorical: readonly LevelCount[];
}

/**
 * Rows of a table: those of the window whose `where` holds; of rows with one request id the first by event time; of the
 * rest those of `onlyVersion`. In this order, so that counting one version is the same as counting all and picking it.
 */
export interface Slice {
  readonly table: string;
  readonly window: Window | null;
  readonly event: TableColumn | null;
  readonly version: TableColumn | null;
  readonly onlyVersion: string | null;
  readonly requestId: TableColumn | null;
  readonly where: { readonly column: TableColumn; readonly equals: string | number | boolean } | null;
  /** Column with the weight of each row, a whole number; null: every row counts one. */
  readonly weight: string | null;
  /** Rows of one value of it have one vote together. */
  readonly cluster: TableColumn | null;
}

/** Whether rows are counted by weight, in units, and not one by one. */
export function isWeighted({ weight, cluster }: Slice): boolean {
  return weight !== null || cluster !== null;
}

/** `index` is the place of the column in the request. */
export interface NumericCount {
  readonly index: number;
  readonly column: TableColumn;
  readonly edges: readonly number[];
}

export interface LevelCount {
  readonly index: number;
  readonly column: TableColumn;
  readonly levels: readonly string[];
  /** Where a value without a name is looked up: found it is `other`, else `unseen`. Null: it is `unseen`. */
  readonly known: { readonly slice: Slice; readonly column: TableColumn } | null;
}

/** What bins are made from. */
export interface BinsPlan {
  readonly slice: Slice;
  readonly numeric: readonly { readonly name: string; readonly column: TableColumn }[];
  readonly categorical: readonly { readonly name: string; readonly column: TableColumn }[];
}

/** Names of all tables that a request reads. */
export function tablesOf(request: CountRequest): readonly string[] {
  const others = request.columns.flatMap((column) => knownIn(column)?.source.table ?? []);
  return [...new Set([request.source.table, ...others])];
}

/** Throws `column_missing` or `wrong_type`; a request that contradicts itself is a bug and throws a plain Error. */
export function planCount(request: CountRequest, tables: ReadonlyMap<string, Table>): CountPlan {
  requireDistinct(request.columns.map(({ name }) => name));
  const table = tableOf(tables, request.source.table);
  const numeric: NumericCount[] = [];
  const categorical: LevelCount[] = [];
  for (const [index, asked] of request.columns.entries()) {
    const column = watched(table, asked.from, asked.bins.kind);
    if (asked.bins.kind === 'numeric') {
      requireEdges(asked.name, asked.bins.edges);
      numeric.push({ index, column, edges: asked.bins.edges });
    } else {
      requireDistinct(asked.bins.levels);
      categorical.push({ index, column, levels: asked.bins.levels, known: planKnown(asked, tables) });
    }
  }
  return { slice: planSlice(request.source, request.window, table), numeric, categorical };
}

export function planBins(request: BinsRequest, table: Table): BinsPlan {
  requireDistinct(request.columns.map(({ name }) => name));
  const planned = (kind: 'numeric' | 'categorical'): BinsPlan['numeric'] =>
    request.columns
      .filter((asked) => asked.kind === kind)
      .map((asked) => ({ name: asked.name, column: watched(table, asked.from, kind) }));
  return {
    slice: { ...planSlice(request.source, request.window, table), cluster: null },
    numeric: planned('numeric'),
    categorical: planned('categorical'),
  };
}

export function planSlice(source: Source, window: Window | null, table: Table): Slice {
  if (window !== null && source.timestamp === null) throw new Error('a window needs an event time column');
  if (source.onlyVersion !== null && source.version === null)
    throw new Error('onlyVersion needs a version column');
  const named = (name: string | null, role: string, kinds: readonly TableColumn['kind'][]) =>
    name === null ? null : columnOfKind(table, name, { role, kinds });
  return {
    table: table.name,
    window,
    event: named(source.timestamp, 'event time', ['timestamp']),
    version: named(source.version, 'version', ['numeric', 'categorical']),
    onlyVersion: source.onlyVersion,
    requestId: named(source.requestId, 'request id', ['numeric', 'categorical']),
    where: source.where === null ? null : planWhere(source.where, table),
    weight: null,
    cluster: named(source.cluster ?? null, 'customer', ['numeric', 'categorical']),
  };
}

export function planWhere(where: NonNullable<Source['where']>, table: Table): Slice['where'] {
  const role = 'where';
  const column = columnOf(table, where.column, role);
  const wanted = { string: 'text', number: 'numeric', boolean: 'boolean' }[whereType(where.equals)];
  const found =
    column.sqlType === 'BOOLEAN' ? 'boolean' : column.kind === 'categorical' ? 'text' : column.kind;
  if (found !== wanted)
    throw wrongType(table.name, column, { role: `${role} (equals ${where.equals})`, kinds: [wanted] });
  return { column, equals: where.equals };
}

function whereType(value: string | number | boolean): 'string' | 'number' | 'boolean' {
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'boolean';
}

/** A truth value can be watched as a number, a number or a time as a category. */
function watched(table: Table, name: string, kind: 'numeric' | 'categorical'): TableColumn {
  const role = `a ${kind} column under watch`;
  if (kind === 'categorical')
    return columnOfKind(table, name, { role, kinds: ['categorical', 'numeric', 'timestamp'] });
  const column = columnOf(table, name, role);
  if (column.kind === 'numeric' || column.sqlType === 'BOOLEAN') return column;
  throw wrongType(table.name, column, { role, kinds: ['numeric', 'boolean'] });
}

function knownIn(column: CountColumn): CountColumn['levelsIn'] {
  return column.bins.kind === 'categorical' && column.bins.other ? column.levelsIn : null;
}

function planKnown(asked: CountColumn, tables: ReadonlyMap<string, Table>): LevelCount['known'] {
  const levelsIn = knownIn(asked);
  if (levelsIn === null) return null;
  const table = tableOf(tables, levelsIn.source.table);
  return {
    slice: planSlice(levelsIn.source, levelsIn.window ?? null, table),
    column: watched(table, levelsIn.column, 'categorical'),
  };
}

function tableOf(tables: ReadonlyMap<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`table ${name} was not looked up`);
  return table;
}

function requireDistinct(names: readonly string[]): void {
  if (new Set(names).size !== names.length) throw new Error('a name is asked for twice');
}

function requireEdges(name: string, edges: readonly number[]): void {
  const rising = edges.every(
    (edge, index) => Number.isFinite(edge) && !((edges[index - 1] ?? -Infinity) >= edge),
  );
  if (!rising) throw new Error(`the edges of ${name} do not rise strictly`);
}
