import type { CellCounts } from '../baseline/bins.ts';
import { type CountColumn, type VersionCounts, WarehouseError } from './warehouse.ts';

/**
 * The one shape in which every engine answers a count: so many rows of this version fell into this cell of this column.
 * `column` is the place in the request, or {@link ALL_ROWS}; `cell` is a place among the named cells, or a code of {@link CELL}.
 */
export interface CellRow {
  readonly version: string | null;
  readonly column: number;
  readonly cell: number;
  readonly count: number;
}

/** The column of the rows that say how many rows a version has. */
export const ALL_ROWS = -1;

export const CELL = { missing: -1, nonFinite: -2, other: -3, unseen: -4 } as const;

interface Tally {
  cells: number[];
  missing: number;
  nonFinite: number;
  other: number;
  unseen: number;
}

/**
 * Folds the answer into counts per version, by name, rows of no version last. Every row of a version lies in exactly one
 * cell of each column: an answer that does not add up is refused (`bad_answer`), never repaired.
 */
export function foldCells(
  table: string,
  columns: readonly CountColumn[],
  rows: readonly CellRow[],
): readonly VersionCounts[] {
  const byVersion = new Map<string | null, CellRow[]>();
  for (const row of rows) {
    const group = byVersion.get(row.version);
    if (group === undefined) byVersion.set(row.version, [row]);
    else group.push(row);
  }
  return [...byVersion]
    .sort(([a], [b]) => compareVersions(a, b))
    .map(([version, group]) => foldVersion({ table, columns, version, rows: group }));
}

function compareVersions(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function foldVersion(group: {
  readonly table: string;
  readonly columns: readonly CountColumn[];
  readonly version: string | null;
  readonly rows: readonly CellRow[];
}): VersionCounts {
  const { table, columns, version, rows } = group;
  const total = totalOf(table, rows);
  const tallies = columns.map(emptyTally);
  for (const row of rows) {
    if (row.column === ALL_ROWS) continue;
    const tally = tallies[row.column];
    if (tally === undefined || !add(tally, row))
      throw badAnswer(table, columns[row.column]?.from ?? null, `cell ${row.cell} does not exist`);
  }
  const named = tallies.map((tally, index) => {
    const { name, from } = columns[index] ?? { name: '', from: null };
    const sum = sumOf(tally);
    if (sum !== total) throw badAnswer(table, from, `its cells hold ${sum} of ${total} rows`);
    return [name, tally] as const;
  });
  return { version, rows: total, columns: Object.fromEntries<CellCounts>(named) };
}

/** Every statement of an answer tells the rows of a version; they have to tell the same. */
function totalOf(table: string, rows: readonly CellRow[]): number {
  const totals = new Set(rows.filter((row) => row.column === ALL_ROWS).map(({ count }) => count));
  const [total] = totals;
  if (total === undefined || totals.size > 1) throw badAnswer(table, null, 'there is no one row count');
  return total;
}

function emptyTally({ bins }: CountColumn): Tally {
  const length = bins.kind === 'numeric' ? bins.edges.length + 1 : bins.levels.length;
  return { cells: Array.from({ length }, () => 0), missing: 0, nonFinite: 0, other: 0, unseen: 0 };
}

/** False when there is no such cell. */
function add(tally: Tally, { cell, count }: CellRow): boolean {
  if (cell === CELL.missing) tally.missing += count;
  else if (cell === CELL.nonFinite) tally.nonFinite += count;
  else if (cell === CELL.other) tally.other += count;
  else if (cell === CELL.unseen) tally.unseen += count;
  else {
    const before = tally.cells[cell];
    if (before === undefined) return false;
    tally.cells[cell] = before + count;
  }
  return true;
}

function sumOf({ cells, missing, nonFinite, other, unseen }: Tally): number {
  return cells.reduce((sum, count) => sum + count, missing + nonFinite + other + unseen);
}

function badAnswer(table: string, column: string | null, what: string): WarehouseError {
  return new WarehouseError({
    reason: 'bad_answer',
    table,
    column,
    message: `The counts of ${table}${column === null ? '' : `, column ${column},`} do not add up: ${what}.`,
    remedy:
      'If files of the table are rewritten in place, put them there by renaming; otherwise report this as a defect.',
  });
}
