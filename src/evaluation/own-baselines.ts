import type { Baseline } from '../baseline/bins.ts';
import type { ModelConfig } from '../config/config.ts';
import { type Warehouse, WarehouseError } from '../warehouse/warehouse.ts';
import { windowsOfVersion } from './assemble.ts';
import { freezeOwnWindows } from './freeze.ts';
import { baselineInForce } from './read.ts';
import type { Memory } from './recall.ts';

/** Windows of its own after which a version that no reference table names has a baseline. */
const OWN_WINDOWS = 7;

/**
 * Freezes the prediction baseline of each version that has had its first seven windows and none yet. What cannot be frozen now is
 * tried again at the next window: the version stays `insufficient` meanwhile.
 */
export async function readyBaselines(question: {
  readonly model: ModelConfig;
  readonly memory: Memory;
  readonly warehouse: Warehouse;
  readonly now: number;
}): Promise<readonly Baseline[]> {
  const { model, memory, warehouse, now } = question;
  const inForce = baselineInForce(memory.baselines);
  if (model.prediction === null || model.source.version === null || inForce === null) return [];
  const have = new Set(
    memory.baselines.flatMap(({ content, state }) =>
      state === 'retired' ? [] : content.predictions.map(({ version }) => version),
    ),
  );
  const frozen: Baseline[] = [];
  for (const version of memory.lastVersions.filter(
    (candidate) => !have.has(candidate) && candidate !== 'all',
  )) {
    const windows = windowsOfVersion(memory.earlier, version).slice(0, OWN_WINDOWS);
    const first = windows[0];
    const last = windows.at(-1);
    if (windows.length < OWN_WINDOWS || first === undefined || last === undefined) continue;
    try {
      frozen.push(
        await freezeOwnWindows({
          model,
          warehouse,
          firstWindow: first,
          version,
          window: { start: first.start, end: last.end },
          now,
        }),
      );
    } catch (error) {
      if (!(error instanceof WarehouseError)) throw error;
    }
  }
  return frozen;
}
