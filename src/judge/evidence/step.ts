import { adaptiveTables } from './adaptive.ts';
import { logSum, stepDetector } from './detector.ts';
import type { Library } from './libraries.ts';
import { remember } from './memory.ts';
import { stepRecovery } from './recovery.ts';
import { type Detector, freshDetector, type OpenCase, type WindowRecord } from './state.ts';
import { logEvidence } from './table.ts';

/**
 * What an adaptive alternative keeps in a window in which it has no table. One is allowed, any smaller constant too; less than one lets evidence
 * fade that nothing has added to for long.
 */
const FADES = Math.log(0.9);
/** A detector this far (in nats) below the weight of a new product adds nothing to it in double precision. */
const NEGLIGIBLE = 40;

/** The record with its adaptive tables, decided from the windows before it. A test with an open case makes no bets. */
export function decideTables(library: Library, detector: Detector, record: WindowRecord): WindowRecord {
  if (record.adaptive !== null) return record;
  const adaptive = detector.open === null ? adaptiveTables(library, detector.memory) : [];
  return { ...record, adaptive };
}

/** The detector after one window: evidence, recovery and memory step; then what was decided after the window takes effect. */
export function stepWindow(library: Library, detector: Detector, record: WindowRecord): Detector {
  return applyEvent(library, weighWindow(library, detector, record), record);
}

/** The same before the event of the window takes effect: what the event is decided on. */
export function weighWindow(library: Library, detector: Detector, record: WindowRecord): Detector {
  const { counts } = record;
  if (counts === null) return detector;
  const memory = remember(detector.memory, counts);
  if (detector.open !== null) {
    const recovery = stepRecovery(detector.open.recovery, counts);
    return { ...detector, memory, open: { ...detector.open, recovery } };
  }
  return { logM: weighAlternatives(library, detector, record), memory, open: null };
}

/** ln of the test's detector: the sum over its alternatives, the test's weight included. */
export function logTotal({ logM }: Detector): number {
  return logSum(logM);
}

function weighAlternatives(
  { cells, logRatios, logShares }: Library,
  { logM }: Detector,
  { counts, logWeight, adaptive }: WindowRecord,
): readonly number[] {
  const rows = counts ?? [];
  if (rows.length !== cells) throw new Error(`counts of ${rows.length} cells meet tables of ${cells}`);
  const fixed = logRatios.length / cells;
  // A copy has its size at once; an array that grows is copied again and again.
  const after = logM.slice();
  for (let alternative = 0; alternative < fixed; alternative += 1) {
    const weight = logWeight + (logShares[alternative] ?? -Infinity);
    const logE = fixedEvidence(rows, logRatios, alternative * cells);
    after[alternative] = worthKeeping(stepDetector(after[alternative] ?? -Infinity, weight, logE), weight);
  }
  for (let alternative = fixed; alternative < logShares.length; alternative += 1) {
    const before = after[alternative] ?? -Infinity;
    const weight = logWeight + (logShares[alternative] ?? -Infinity);
    const table = adaptive?.[alternative - fixed] ?? null;
    const moved =
      table === null ? before + FADES : stepDetector(before, weight, logEvidence(rows, { logRatio: table }));
    after[alternative] = worthKeeping(moved, weight);
  }
  return after;
}

/** {@link logEvidence} under the fixed table that begins at `from`; the tables lie side by side in one array because this is the innermost loop. */
function fixedEvidence(counts: readonly number[], logRatios: Float64Array, from: number): number {
  let sum = 0;
  for (let cell = 0; cell < counts.length; cell += 1) {
    const count = counts[cell] ?? 0;
    if (count > 0) sum += count * (logRatios[from + cell] ?? 0);
  }
  return sum;
}

function worthKeeping(logM: number, logWeight: number): number {
  return logM < logWeight - NEGLIGIBLE ? -Infinity : logM;
}

/** What was decided after a window takes effect. Takes the detector before it. */
export function applyEvent(
  library: Library,
  weighed: Detector,
  { event, logWeight }: Pick<WindowRecord, 'event' | 'logWeight'>,
): Detector {
  if (event === null) return weighed;
  if (event.kind === 'worse')
    return weighed.open === null ? weighed : { ...weighed, open: { ...weighed.open, verdict: 'breach' } };
  const fresh = freshDetector(library.logShares.length);
  if (event.kind === 'restart') return fresh;
  const evidence = logTotal(weighed) - logWeight;
  return { ...fresh, memory: weighed.memory, open: corrected(event.opened, evidence) };
}

/** The case as it was opened, with what its evidence has become if the counts behind it have been corrected since. */
function corrected(opened: OpenCase, evidence: number): OpenCase {
  const withdrawn = evidence < opened.evidence - 1e-9;
  return { ...opened, withdrawn: withdrawn ? Math.max(evidence, -NEGLIGIBLE) : null };
}
