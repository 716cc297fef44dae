import type { Library } from './libraries.ts';
import { type Block, lookBacks, type Memory } from './memory.ts';
import type { Detector, WindowRecord } from './state.ts';
import { logEvidence } from './table.ts';

/** What carries a test's evidence: an alternative, its table, and the windows over which that table has gathered most. */
export interface Carrying {
  readonly alternative: string;
  readonly logRatio: readonly number[];
  readonly pool: readonly number[];
  readonly windows: number;
}

/**
 * The alternative with the largest detector among those that have a table in the newest window, and the look-back over which it gathers most: under one
 * table evidence adds up over windows, so that is where the product that dominates the detector began (to the nearest block of the memory).
 * Null without a window or a table.
 */
export function carrying(library: Library, detector: Detector, newest: WindowRecord): Carrying | null {
  const alternative = largest(library, detector, newest);
  if (alternative === null) return null;
  const logRatio = tableOf(library, alternative, newest);
  const block = richest(detector.memory, logRatio);
  if (block === null) return null;
  return {
    alternative: library.names[alternative] ?? '',
    logRatio,
    pool: block.counts,
    windows: block.windows,
  };
}

function largest(
  { logRatios, cells }: Library,
  { logM }: Detector,
  { adaptive }: WindowRecord,
): number | null {
  const fixed = logRatios.length / cells;
  let best: number | null = null;
  let most = -Infinity;
  for (let alternative = 0; alternative < logM.length; alternative += 1) {
    const value = logM[alternative] ?? -Infinity;
    if (best !== null && value <= most) continue;
    if (alternative >= fixed && (adaptive?.[alternative - fixed] ?? null) === null) continue;
    best = alternative;
    most = value;
  }
  return best;
}

function tableOf(
  { cells, logRatios }: Library,
  alternative: number,
  { adaptive }: WindowRecord,
): readonly number[] {
  const from = alternative * cells;
  if (from < logRatios.length) return [...logRatios.subarray(from, from + cells)];
  return adaptive?.[alternative - logRatios.length / cells] ?? [];
}

/** The look-back over which a table gathers most. */
function richest(memory: Memory, logRatio: readonly number[]): Block | null {
  let best: Block | null = null;
  let most = -Infinity;
  for (const block of lookBacks(memory)) {
    const gathered = logEvidence(block.counts, { logRatio });
    if (gathered <= most) continue;
    most = gathered;
    best = block;
  }
  return best;
}
