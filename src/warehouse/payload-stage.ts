import type { Window } from '../windows/window.ts';
import type { Table } from './columns.ts';
import type { PayloadLayout } from './payload.ts';
import { type PayloadColumns, payloadColumns } from './payload-layouts.ts';
import { type BinsPlan, type CountPlan, planBins, planCount, planWhere, type Slice } from './plan.ts';
import type { BinsRequest, CountRequest, Source, TableColumn } from './warehouse.ts';

/**
 * Unpacking as the first stage of a statement: one common table expression that has a row per record, with a column `version` and
 * one per field. Everything behind it counts as if that were a table.
 */
export interface Stage {
  /** Name of the expression; those it rests on begin with it. */
  readonly name: string;
  /** The payload table. */
  readonly table: string;
  readonly layout: PayloadLayout;
  readonly columns: PayloadColumns;
  readonly window: Window | null;
  readonly where: Slice['where'];
  readonly fields: readonly StageField[];
  readonly entities: { readonly [entity: string]: string };
}

/** A value of every record, by the name it has in the JSON and the one it has in the statement. */
export interface StageField {
  readonly alias: string;
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly from: 'request' | 'response';
}

/** A plan over tables and over the stages that some of them are. */
export interface Staged<Plan> {
  readonly plan: Plan;
  readonly stages: readonly Stage[];
}

/** How the engine calls the type of texts and of numbers. */
export interface StageTypes {
  readonly text: string;
  readonly number: string;
}

const VERSION = 'version';
/** The column of the weights. */
export const WEIGHT = 'w';

/** Smaller fractions than this are none: one row would stand for more than a million. */
export const LEAST_FRACTION = 1e-6;

/** What stands in a statement for the records of a stage. */
export function stageRelation({ name }: Stage): string {
  return `${name}_rows`;
}

/** The place in a list of predictions that a name like `1` tells; null for every other name. */
export function placeInList(name: string): number | null {
  return /^\d{1,4}$/.test(name) ? Number(name) : null;
}

/** Throws `column_missing` or `wrong_type`, also where a payload table is not of its layout. */
export function stagedCount(
  request: CountRequest,
  tables: ReadonlyMap<string, Table>,
  types: StageTypes,
): Staged<CountPlan> {
  const stages = stagesOver(tables);
  const source = stages.sourceOf(request.source, request.window);
  const { cluster = null } = request.source;
  const voters = cluster === null ? null : stages.fieldOf(source, cluster, 'categorical');
  const columns = request.columns.map((column) => {
    const from = stages.fieldOf(source, column.from, column.bins.kind);
    const { levelsIn } = column;
    if (levelsIn === null) return { ...column, from };
    const known = stages.sourceOf(levelsIn.source, levelsIn.window ?? null);
    const field = stages.fieldOf(known, levelsIn.column, 'categorical');
    return { ...column, from, levelsIn: { source: known.source, column: field, window: known.window } };
  });
  const plan = planCount(
    { source: { ...source.source, cluster: voters }, window: source.window, columns },
    new Map([...tables, ...stages.tables(types)]),
  );
  const weight = source.stage === null ? null : WEIGHT;
  return { plan: { ...plan, slice: { ...plan.slice, weight } }, stages: stages.all() };
}

/** Bins are made of rows as they stand, whatever their weights: a name has to be seen in so many rows to be written down. */
export function stagedBins(request: BinsRequest, table: Table, types: StageTypes): Staged<BinsPlan> {
  const stages = stagesOver(new Map([[table.name, table]]));
  const source = stages.sourceOf(request.source, request.window);
  const columns = request.columns.map((column) => ({
    ...column,
    from: stages.fieldOf(source, column.from, column.kind),
  }));
  const staged = { ...request, source: source.source, window: source.window, columns };
  const own = stages.tables(types).get(staged.source.table) ?? table;
  return { plan: planBins(staged, own), stages: stages.all() };
}

/** A source as the rest of the plan sees it. */
interface StagedSource {
  readonly source: Source;
  readonly window: Window | null;
  readonly stage: string | null;
}

interface Stages {
  sourceOf(source: Source, window: Window | null): StagedSource;
  fieldOf(source: StagedSource, name: string, kind: StageField['kind']): string;
  tables(types: StageTypes): ReadonlyMap<string, Table>;
  all(): readonly Stage[];
}

function stagesOver(tables: ReadonlyMap<string, Table>): Stages {
  const stages = new Map<
    string,
    Stage & { readonly fields: StageField[]; readonly prediction: string | null }
  >();
  const tableFor = (name: string): Table => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`table ${name} was not looked up`);
    return table;
  };
  return {
    sourceOf(source, window) {
      const { payload, table, where } = source;
      if (payload === undefined) return { source, window, stage: null };
      const found = tableFor(table);
      const key = JSON.stringify([table, payload, window, where]);
      // The first stage has the table's own name, so that messages tell it.
      const name = [...stages.keys()].indexOf(key);
      const place = name < 0 ? stages.size : name;
      if (name < 0)
        stages.set(key, {
          name: `payload${place}`,
          ...{ table, window, fields: [], prediction: payload.prediction, entities: payload.entities },
          layout: payload.layout,
          columns: payloadColumns(found, payload.layout),
          where: where === null ? null : planWhere(where, found),
        });
      return {
        source: {
          table: stageTable(table, place),
          timestamp: null,
          version: VERSION,
          onlyVersion: source.onlyVersion,
          requestId: null,
          where: null,
        },
        window: null,
        stage: key,
      };
    },
    fieldOf({ stage: key }, name, kind) {
      const stage = key === null ? undefined : stages.get(key);
      if (stage === undefined) return name;
      const known = stage.fields.find((field) => field.name === name && field.kind === kind);
      if (known !== undefined) return known.alias;
      const alias = `c${stage.fields.length}`;
      const from = name === stage.prediction ? 'response' : 'request';
      stage.fields.push({ alias, name, kind, from });
      return alias;
    },
    tables: (types) =>
      new Map(
        [...stages.values()].map((stage, place) => {
          const table = tableOf(stage, place, types);
          return [table.name, table] as const;
        }),
      ),
    all: () => [...stages.values()],
  };
}

/** What the table of a stage is called in messages and in the plan. */
export function stageTable(table: string, place: number): string {
  return place === 0 ? table : `${table} (payload${place})`;
}

function tableOf(stage: Stage, place: number, types: StageTypes): Table {
  const version: TableColumn = { name: VERSION, kind: 'categorical', sqlType: types.text };
  const fields = stage.fields.map(
    ({ alias, kind }): TableColumn => ({
      name: alias,
      kind,
      sqlType: kind === 'numeric' ? types.number : types.text,
    }),
  );
  return { name: stageTable(stage.table, place), columns: [version, ...fields] };
}
