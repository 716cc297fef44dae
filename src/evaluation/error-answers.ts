import type { ModelConfig } from '../config/config.ts';
import type { Share } from '../judge/bake.ts';
import type { Outcomes, PayloadAccount } from '../warehouse/payload-account.ts';
import type { CountColumn, VersionCounts } from '../warehouse/warehouse.ts';

const STATUS = 'status';
/** Statuses above this are error answers: what lies below is the caller's doing. */
const LAST_NO_ERROR = 499;

/** A column of two cells, up to the edge and above it. */
export function cutAt(name: string, from: string, edge: number): CountColumn {
  return { name, from, bins: { kind: 'numeric', edges: [edge], coarseEdges: [edge] }, levelsIn: null };
}

/** Rows above the edge of such a column. */
export function above(groups: readonly VersionCounts[], name: string): number {
  return groups.reduce((sum, group) => sum + (group.columns[name]?.cells[1] ?? 0), 0);
}

/** What has to be counted with the rows to know their error answers; nothing where the table does not tell them in a column. */
export function statusColumns({ source }: ModelConfig): readonly CountColumn[] {
  return source.status === null ? [] : [cutAt(STATUS, source.status, LAST_NO_ERROR)];
}

/** Error answers of all versions together; null where the table does not tell. */
export function errorsInAll(
  model: ModelConfig,
  groups: readonly VersionCounts[],
  payload: PayloadAccount | undefined,
): Share | null {
  return payload === undefined ? columnErrors(model, groups) : errorShare(payload);
}

/** Error answers of one version; `answers` is of how many, where error answers are no rows. */
export function errorsOf(
  model: ModelConfig,
  group: VersionCounts,
  payload: PayloadAccount | undefined,
): { readonly errors: number | null; readonly answers?: number } {
  const own = payload?.versions.find(({ version }) => version === group.version);
  if (own === undefined) return { errors: columnErrors(model, [group])?.count ?? null };
  const { count, rows } = errorShare(own);
  return { errors: count, answers: rows };
}

/** Versions whose every answer was an error. */
export function onlyErrors(
  groups: readonly VersionCounts[],
  payload: PayloadAccount | undefined,
): readonly VersionCounts[] {
  const failed = payload?.versions.filter(
    ({ version, rejected }) =>
      rejected.error_answer > 0 && !groups.some((group) => group.version === version && group.rows > 0),
  );
  return failed?.map(({ version }) => ({ version, rows: 0, columns: {} })) ?? [];
}

/** Error answers of a payload table are no rows: they are told beside them, of accepted and failed requests together. */
function errorShare({ accepted, rejected }: Outcomes): Share {
  return { count: rejected.error_answer, rows: accepted + rejected.error_answer };
}

function columnErrors({ source }: ModelConfig, groups: readonly VersionCounts[]): Share | null {
  if (source.status === null) return null;
  return { count: above(groups, STATUS), rows: groups.reduce((sum, { rows }) => sum + rows, 0) };
}
