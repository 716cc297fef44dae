import { type TableColumn, WarehouseError } from './warehouse.ts';

/** A table as it was found: its full name and the columns it has now. */
export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
}

/**
 * The column of that name: written exactly so, else the only one that differs by case alone, as SQL would have it.
 * `role` says what it is needed for, in the message. Throws `column_missing` with the nearest names.
 */
export function columnOf(table: Table, name: string, role: string): TableColumn {
  const exact = table.columns.find((column) => column.name === name);
  if (exact !== undefined) return exact;
  const folded = table.columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  const [only] = folded;
  if (only !== undefined && folded.length === 1) return only;
  const near = nearestNames(
    name,
    table.columns.map((column) => column.name),
  );
  throw new WarehouseError({
    reason: 'column_missing',
    table: table.name,
    column: name,
    message: `Table ${table.name} has no column ${name}, which is wanted as ${role}.`,
    remedy:
      near.length === 0
        ? `Name another column as ${role}, or bring ${name} back into the table.`
        : `Did you mean ${near.join(' or ')}? Name the right column as ${role}, or bring ${name} back into the table.`,
  });
}

/** The same, of one of the kinds that can play the role. Throws `wrong_type` too, saying what was found. */
export function columnOfKind(
  table: Table,
  name: string,
  wanted: { readonly role: string; readonly kinds: readonly TableColumn['kind'][] },
): TableColumn {
  const column = columnOf(table, name, wanted.role);
  if (!wanted.kinds.includes(column.kind)) throw wrongType(table.name, column, wanted);
  return column;
}

export function wrongType(
  table: string,
  column: TableColumn,
  wanted: { readonly role: string; readonly kinds: readonly string[] },
): WarehouseError {
  return new WarehouseError({
    reason: 'wrong_type',
    table,
    column: column.name,
    message: `Column ${column.name} of ${table} is ${column.sqlType}; as ${wanted.role} it has to be ${wanted.kinds.join(' or ')}.`,
    remedy: `Name another column as ${wanted.role}, or give ${column.name} a fitting type in the table or a view over it.`,
  });
}

/** Up to three of the names that are at most a third of their letters away, nearest first. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  return names
    .map((candidate) => ({ candidate, edits: edits(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance: insertions, deletions and replacements that turn `a` into `b`. */
function edits(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
