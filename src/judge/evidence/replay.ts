import type { Library } from './libraries.ts';
import {
  type Detector,
  loadDetector,
  storeDetector,
  type TestState,
  type WindowEvent,
  type WindowRecord,
} from './state.ts';
import { decideTables, stepWindow } from './step.ts';

/** What a window gave, for the first time or anew. */
export interface WindowCounts {
  readonly end: number;
  /** Null or no rows: the window is missing and nothing happens. */
  readonly counts: readonly number[] | null;
  /** ln of the test's weight, used only if the window is new. */
  readonly logWeight: number;
}

/** A state with what follows from it. */
export interface Replayed {
  readonly state: TestState;
  /** After the newest window. */
  readonly detector: Detector;
  /** After each window that can still be revised, oldest first. */
  readonly steps: readonly WindowStep[];
}

export interface WindowStep {
  readonly record: WindowRecord;
  readonly detector: Detector;
}

/**
 * Enters a window and recomputes the detector forward from it.
 *
 * Late rows are new rows: they multiply exactly the products that had begun by their window, under the table that window already had. So replaying the
 * recursion with the new counts, the old tables and the old weights gives the detector that would have stood had all rows come in time, and an
 * alarm may be raised at any revision. Corrected or removed rows are not covered by that; an alarm they would have prevented stays,
 * and its case says what is left of its evidence. A window older than every revisable one changes nothing.
 */
export function replay(library: Library, state: TestState, window: WindowCounts): Replayed {
  return fold(library, { ...state, records: entered(state, window) });
}

/** The state with a decision attached to its newest window, and the detector after it. */
export function decided(library: Library, state: TestState, event: WindowEvent): Replayed {
  const newest = state.records.at(-1);
  if (newest === undefined) throw new Error('a decision needs a window that can still be revised');
  return fold(library, { ...state, records: [...state.records.slice(0, -1), withEvent(newest, event)] });
}

/**
 * Folds windows that can no longer be revised into the base: those that end at or before `finalTo`, but never the newest, so that the same window
 * may always be judged again.
 */
export function settle({ state, steps }: Pick<Replayed, 'state' | 'steps'>, finalTo: number): TestState {
  const final = steps.slice(0, -1).filter(({ record }) => record.end <= finalTo);
  const last = final.at(-1);
  if (last === undefined) return state;
  return {
    ...state,
    base: storeDetector(last.detector),
    baseEnd: last.record.end,
    records: state.records.slice(final.length),
  };
}

function fold(library: Library, state: TestState): Replayed {
  let detector = loadDetector(state.base);
  const steps = state.records.map((undecided) => {
    const record = decideTables(library, detector, undecided);
    detector = stepWindow(library, detector, record);
    return { record, detector };
  });
  return { state: { ...state, records: steps.map(({ record }) => record) }, detector, steps };
}

function entered(
  { baseEnd, records }: TestState,
  { end, counts, logWeight }: WindowCounts,
): readonly WindowRecord[] {
  if (baseEnd !== null && end <= baseEnd) return records;
  const rows = counts?.some((count) => count > 0) === true ? counts : null;
  const known = records.find((record) => record.end === end);
  const record: WindowRecord =
    known === undefined
      ? { end, counts: rows, logWeight, adaptive: null, event: null }
      : { ...known, counts: rows };
  return [...records.filter((other) => other.end !== end), record].sort((a, b) => a.end - b.end);
}

/** Two decisions on one window, the second after a revision: a worse case is still the same alarm, anything else replaces. */
function withEvent(record: WindowRecord, event: WindowEvent): WindowRecord {
  if (event.kind === 'worse' && record.event?.kind === 'alarm')
    return { ...record, event: { kind: 'alarm', opened: { ...record.event.opened, verdict: 'breach' } } };
  return { ...record, event };
}
