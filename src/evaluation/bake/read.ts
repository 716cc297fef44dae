import { z } from 'zod';
import type { Baseline, Bins, CellCounts } from '../../baseline/bins.ts';
import { addCounts, emptyCounts } from '../../baseline/cells.ts';
import type { ModelConfig, PredictionConfig } from '../../config/config.ts';
import { BAKE_ROWS, type BakeReference, type BakeRows, type FeatureNulls } from '../../judge/bake.ts';
import { unmappedEntity } from '../../warehouse/payload.ts';
import type { PayloadAccount } from '../../warehouse/payload-account.ts';
import type { CountColumn, VersionCounts, Warehouse } from '../../warehouse/warehouse.ts';
import type { Window } from '../../windows/window.ts';
import { above, cutAt, errorsInAll, errorsOf, onlyErrors, statusColumns } from '../error-answers.ts';
import { levelsOf } from '../levels.ts';
import { sourceOf } from '../sources.ts';

const StoredShare = z.object({ count: z.number(), rows: z.number() });
/** What is kept of a reference between looks. */
export const StoredReference: z.ZodType<BakeReference> = z.object({
  nulls: StoredShare,
  fullest: StoredShare,
  errors: StoredShare.nullable(),
  slow: StoredShare.extend({ over: z.number() }).nullable(),
});

export interface BakeSource {
  readonly model: ModelConfig;
  readonly prediction: PredictionConfig;
  readonly warehouse: Warehouse;
}

const PREDICTION = 'prediction';
const LATENCY = 'latency';
/** An answer is slow when it takes so many times what nearly all took before. */
const SLOW = 8;

/** What was usual in that stretch of time, over all versions. Throws WarehouseError. */
export async function readReference(source: BakeSource, window: Window): Promise<BakeReference> {
  const { model, warehouse, prediction } = source;
  const { latency } = model.source;
  const { bins } = await warehouse.bins({
    ...{ source: sourceOf(model), window, bins: 10, minLevelRows: 20, maxLevels: 50 },
    columns: [
      { name: PREDICTION, from: prediction.name, kind: prediction.kind },
      ...(latency === null ? [] : [{ name: LATENCY, from: latency, kind: 'numeric' } as const]),
    ],
  });
  const cells = bins[PREDICTION] ?? noBins(prediction.kind);
  const usual = bins[LATENCY];
  const edge = usual?.kind === 'numeric' ? usual.edges.at(-1) : undefined;
  const over = edge === undefined || edge <= 0 ? null : edge * SLOW;
  const columns = [column(PREDICTION, prediction.name, cells), ...sides(model, over)];
  const { groups, payload } = await warehouse.count({ source: sourceOf(model), window, columns });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const counts = totalOf(groups, PREDICTION, cells);
  const slow = above(groups, LATENCY);
  return {
    nulls: { count: counts.missing + counts.nonFinite, rows },
    fullest: { count: Math.max(0, ...counts.cells, counts.other, counts.unseen), rows },
    errors: errorsInAll(model, groups, payload),
    slow: over === null ? null : { count: slow, rows, over },
  };
}

export interface BakeReading {
  readonly rows: number;
  /** One per version that the rows name. */
  readonly versions: readonly BakeRows[];
  readonly features: readonly FeatureNulls[];
}

/** One window of a release, every version in it. Throws WarehouseError. */
export async function readBake(
  source: BakeSource,
  question: {
    readonly window: Window;
    readonly reference: BakeReference;
    readonly baseline: Baseline;
    readonly features: readonly string[];
  },
): Promise<BakeReading> {
  const { model, warehouse, prediction } = source;
  const { window, reference, baseline } = question;
  const own = baseline.content.columns.filter(({ name }) => question.features.includes(name));
  const features = own.map((watched) => ({
    ...column(`feature ${watched.name}`, watched.name, watched.bins),
    levelsIn: levelsOf(model, baseline, { column: watched, version: 'all' }),
  }));
  const columns = [
    column(PREDICTION, prediction.name, noBins(prediction.kind)),
    ...sides(model, reference.slow?.over ?? null),
    ...features,
  ];
  const { groups, payload } = await warehouse.count({ source: sourceOf(model), window, columns });
  const named = [...groups.filter(({ rows }) => rows > 0), ...onlyErrors(groups, payload)].filter(
    ({ version }) => isKnown(version),
  );
  const versions: BakeRows[] = [];
  for (const group of named)
    versions.push(await versionRows(source, { group, columns, window, reference, payload }));
  return {
    rows: groups.reduce((sum, { rows }) => sum + rows, 0),
    versions,
    features: own.map(({ name, bins, counts }) => ({
      name,
      count: nullsOf(totalOf(groups, `feature ${name}`, bins)),
      rows: groups.reduce((sum, { rows }) => sum + rows, 0),
      baselineCount: nullsOf(counts),
      baselineRows: baseline.content.rows,
    })),
  };
}

async function versionRows(
  source: BakeSource,
  {
    group,
    columns,
    window,
    reference,
    payload,
  }: {
    readonly group: VersionCounts;
    readonly columns: readonly CountColumn[];
    readonly window: Window;
    readonly reference: BakeReference;
    readonly payload: PayloadAccount | undefined;
  },
): Promise<BakeRows> {
  const { model } = source;
  const version = group.version ?? '';
  const counts = group.columns[PREDICTION];
  const nulls = counts === undefined ? group.rows : nullsOf(counts);
  const asked = group.rows - nulls >= BAKE_ROWS;
  return {
    version,
    rows: group.rows,
    nulls,
    constant: asked ? await isConstant(source, version, window) : null,
    ...errorsOf(model, group, payload),
    slow: reference.slow === null ? null : above([group], LATENCY),
    alike: alikeOf(
      group,
      columns.filter(({ name }) => name.startsWith('feature ')),
    ),
  };
}

function isKnown(version: string | null): boolean {
  return version !== null && unmappedEntity(version) === null;
}

/** A column with one value has no edge, and one level. */
async function isConstant(
  { model, prediction, warehouse }: BakeSource,
  version: string,
  window: Window,
): Promise<boolean> {
  const { bins } = await warehouse.bins({
    ...{ window, bins: 2, minLevelRows: 20, maxLevels: 2 },
    source: { ...sourceOf(model), onlyVersion: version },
    columns: [{ name: PREDICTION, from: prediction.name, kind: prediction.kind }],
  });
  const found = bins[PREDICTION];
  if (found === undefined) return false;
  return found.kind === 'numeric' ? found.edges.length === 0 : found.levels.length === 1 && !found.other;
}

/** Share of the fullest cell of the feature that varies most. */
function alikeOf(group: VersionCounts, features: readonly CountColumn[]): number | null {
  const shares = features.flatMap(({ name }) => {
    const counts = group.columns[name];
    if (counts === undefined) return [];
    const { cells, missing, nonFinite, other, unseen } = counts;
    return [Math.max(0, ...cells, missing, nonFinite, other, unseen) / group.rows];
  });
  return shares.length === 0 ? null : Math.min(...shares);
}

function sides(model: ModelConfig, over: number | null): readonly CountColumn[] {
  const { latency } = model.source;
  return [
    ...statusColumns(model),
    ...(latency === null || over === null ? [] : [cutAt(LATENCY, latency, over)]),
  ];
}

function column(name: string, from: string, bins: Bins): CountColumn {
  return { name, from, bins, levelsIn: null };
}

function noBins(kind: 'numeric' | 'categorical'): Bins {
  return kind === 'numeric' ? { kind, edges: [], coarseEdges: [] } : { kind, levels: [], other: false };
}

function totalOf(groups: readonly VersionCounts[], name: string, bins: Bins): CellCounts {
  return addCounts([emptyCounts(bins), ...groups.flatMap((group) => group.columns[name] ?? [])]);
}

function nullsOf({ missing, nonFinite }: CellCounts): number {
  return missing + nonFinite;
}
