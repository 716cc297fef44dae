import type { ModelConfig } from '../config/config.ts';
import { type Source, type VersionCounts, type Warehouse, WarehouseError } from '../warehouse/warehouse.ts';

/** Where a workspace keeps which entity of which endpoint was which version. Many workspaces do not share it. */
export const SERVED_LOG = 'system.serving.served_entities';

/** More versions than a registered model has. */
const MAX_VERSIONS = 5_000;

const VERSION = 'entity_version';
const MODEL = 'entity_name';

/**
 * Versions of the served entities of a model's endpoint by the system table, for endpoints that do not tell the ids of their entities. It
 * answers counts like every table: names of versions first, then how often each entity was which of them. What it cannot tell,
 * and a table that is not there or may not be read, leaves entities unmapped and stops nothing.
 */
export async function servedByLog(
  model: ModelConfig,
  warehouse: Warehouse,
): Promise<{ readonly [entity: string]: string }> {
  if (model.endpoint === null) return {};
  const source: Source = {
    ...{ table: SERVED_LOG, timestamp: null, version: 'served_entity_id', onlyVersion: null },
    ...{ requestId: null, where: { column: 'endpoint_name', equals: model.endpoint } },
  };
  try {
    const { bins } = await warehouse.bins({
      ...{ source, window: null, bins: 2, minLevelRows: 1, maxLevels: MAX_VERSIONS },
      columns: [{ name: VERSION, from: VERSION, kind: 'categorical' }],
    });
    const levels = bins[VERSION]?.kind === 'categorical' ? bins[VERSION].levels : [];
    const named = (from: string, names: readonly string[]) =>
      ({
        name: from,
        from,
        bins: { kind: 'categorical', levels: names, other: false },
        levelsIn: null,
      }) as const;
    const columns = [named(VERSION, levels), named(MODEL, [model.registeredModel])];
    const { groups } = await warehouse.count({ source, window: null, columns });
    return Object.fromEntries(groups.flatMap((group) => versionOf(group, levels)));
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    return {};
  }
}

/** Entity and version, when all its rows are of this model and of one version. */
function versionOf(
  { version: entity, rows, columns }: VersionCounts,
  levels: readonly string[],
): readonly (readonly [string, string])[] {
  const found = columns[VERSION]?.cells.indexOf(rows) ?? -1;
  const version = levels[found];
  const own = columns[MODEL]?.cells[0] === rows;
  return entity === null || version === undefined || !own ? [] : [[entity, version]];
}
