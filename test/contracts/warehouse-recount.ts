import type { CellCounts } from '../../src/baseline/bins.ts';
import { cutBetween, type Distribution, gridOf, positionsOf } from '../../src/warehouse/edges.ts';
import type { CountColumn, CountRequest, VersionCounts } from '../../src/warehouse/warehouse.ts';

/** A row as plain values: numbers, texts, and the event time in milliseconds. */
export type PlainRow = { readonly [column: string]: number | string | null };

/**
 * What a count has to answer, said as plainly as possible. Times of rows with one request id have to differ:
 * which of two at one time counts is not part of the contract.
 */
export function recount(request: CountRequest, tables: { readonly [name: string]: readonly PlainRow[] }) {
  const { source, window, columns } = request;
  const time = (row: PlainRow): number | null => {
    const value = source.timestamp === null ? null : row[source.timestamp];
    return typeof value === 'number' ? value : null;
  };
  const inWindow = (tables[source.table] ?? []).filter((row) => {
    const at = time(row);
    return window === null || (at !== null && at >= window.start && at < window.end);
  });
  const { where, requestId, version } = source;
  const chosen = inWindow.filter((row) => where === null || row[where.column] === where.equals);
  const first = chosen.filter((row) => {
    const id = requestId === null ? null : row[requestId];
    return (
      id === null ||
      !chosen.some((other) => other[requestId ?? ''] === id && Number(time(other)) < Number(time(row)))
    );
  });
  const groups = new Map<string | null, PlainRow[]>();
  for (const row of first) {
    const value = version === null ? null : (row[version] ?? null);
    const text = value === null ? null : String(value);
    if (source.onlyVersion !== null && text !== source.onlyVersion) continue;
    groups.set(text, [...(groups.get(text) ?? []), row]);
  }
  return [...groups]
    .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
    .map(
      ([version, rows]): VersionCounts => ({
        version,
        rows: rows.length,
        columns: Object.fromEntries(
          columns.map((column) => [column.name, recountColumn(column, rows, tables)]),
        ),
      }),
    );
}

function recountColumn(
  column: CountColumn,
  rows: readonly PlainRow[],
  tables: { readonly [name: string]: readonly PlainRow[] },
): CellCounts {
  const { bins, from, levelsIn } = column;
  const length = bins.kind === 'numeric' ? bins.edges.length + 1 : bins.levels.length;
  const cells = Array.from({ length }, () => 0);
  const counts = { cells, missing: 0, nonFinite: 0, other: 0, unseen: 0 };
  const known = new Set(
    levelsIn === null ? [] : (tables[levelsIn.source.table] ?? []).map((row) => row[levelsIn.column]),
  );
  for (const row of rows) {
    const value = row[from] ?? null;
    if (value === null) counts.missing += 1;
    else if (bins.kind === 'numeric') addNumber(counts, bins.edges, Number(value));
    else {
      const cell = bins.levels.indexOf(String(value));
      if (cell >= 0) counts.cells[cell] = (counts.cells[cell] ?? 0) + 1;
      else if (bins.other && known.has(value)) counts.other += 1;
      else counts.unseen += 1;
    }
  }
  return counts;
}

function addNumber(
  counts: { cells: number[]; nonFinite: number },
  edges: readonly number[],
  value: number,
): void {
  const cell = edges.filter((edge) => value > edge).length;
  if (Number.isFinite(value)) counts.cells[cell] = (counts.cells[cell] ?? 0) + 1;
  else counts.nonFinite += 1;
}

/** What a warehouse says about the finite of these values before they are cut. */
export function distributionOf(
  values: readonly (number | null)[],
  bins: number,
  single = false,
): Distribution {
  const grid = gridOf(bins);
  const sorted = values.filter((value) => value !== null && Number.isFinite(value)).map(Number);
  sorted.sort((a, b) => a - b);
  const distinct = [...new Set(sorted)];
  return {
    cuts: positionsOf(grid, sorted.length).map(({ below, above, share }) =>
      cutBetween({ below: sorted[below] ?? Number.NaN, above: sorted[above] ?? Number.NaN }, share, single),
    ),
    values: distinct.length <= grid.maxValues ? distinct : null,
    max: sorted.at(-1) ?? -Infinity,
    single,
  };
}
