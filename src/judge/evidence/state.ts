import type { Memory } from './memory.ts';
import type { Recovery } from './recovery.ts';

/**
 * What one test carries from window to window. Plain data that survives JSON: the logarithm of zero is null.
 *
 * The detector after the newest window is never stored: it is the fold of `base`, which no late row can change any more, over the records
 * of the windows that may still be revised. So it is a function of the newest revision of every window by construction.
 */
export interface TestState {
  readonly version: typeof STATE_VERSION;
  /** Identity of the library it was stepped under. */
  readonly identity: string;
  readonly base: StoredDetector;
  /** End of the last window folded into `base`; null before the first. */
  readonly baseEnd: number | null;
  /** Windows after `baseEnd`, oldest first. */
  readonly records: readonly WindowRecord[];
}

export const STATE_VERSION = 1;

export interface Detector {
  /** ln M of each alternative of the library, fixed ones first; weights within the test and of the test included. -Infinity is zero. */
  readonly logM: readonly number[];
  /** Past windows, for the adaptive tables and for estimates. */
  readonly memory: Memory;
  /** What was proven and has not recovered; the detector rests while it is open. */
  readonly open: OpenCase | null;
}

/** A detector as it is written down: null is zero. */
export interface StoredDetector extends Omit<Detector, 'logM'> {
  readonly logM: readonly (number | null)[];
}

/** What a window gave and what had been decided before it. Tables and weight never change; counts do, by revision. */
export interface WindowRecord {
  readonly end: number;
  /** Null: the window is missing; nothing happens. */
  readonly counts: readonly number[] | null;
  /** ln of the test's weight in its family. */
  readonly logWeight: number;
  /** Log ratios of the adaptive tables of this window, null where there was no bet; null before they are decided. */
  readonly adaptive: readonly (readonly number[] | null)[] | null;
  /** What was decided after this window. An alarm is never taken back. */
  readonly event: WindowEvent | null;
}

export type WindowEvent =
  | { readonly kind: 'alarm'; readonly opened: OpenCase }
  /** A case in `warn` that has gone over its breach limit. */
  | { readonly kind: 'worse' }
  | { readonly kind: 'restart'; readonly why: 'recovered' | 'released'; readonly odds: number | null };

/** A test that has been named, or is one of several that raised an alarm together. */
export interface OpenCase {
  /** End of the window after which it opened. */
  readonly since: number;
  readonly verdict: 'warn' | 'breach';
  /** With whom it raised the alarm; null when alone. */
  readonly together: Together | null;
  /** ln of the detector at the alarm and of what was asked, both without the test's weight. */
  readonly evidence: number;
  readonly needed: number;
  /** Name of the alternative that gathered most. */
  readonly alternative: string;
  /** The windows that carry the evidence, added up, and how many they are. */
  readonly pool: readonly number[];
  readonly windows: number;
  /** ln of the detector at the alarm as it stands after corrections, when these took it below what was asked; else null. */
  readonly withdrawn: number | null;
  readonly recovery: Recovery;
}

/** An alarm of several tests of which none was proven alone. */
export interface Together {
  /** Keys, largest detector first. */
  readonly members: readonly string[];
  /** ln of the sum of the family's detectors at the alarm, and of its threshold. */
  readonly evidence: number;
  readonly needed: number;
}

/** The state of a test that nothing is known of. */
export function freshState(identity: string, alternatives: number): TestState {
  return {
    version: STATE_VERSION,
    identity,
    base: storeDetector(freshDetector(alternatives)),
    baseEnd: null,
    records: [],
  };
}

/** A detector at zero with nothing to look back on. */
export function freshDetector(alternatives: number): Detector {
  return { logM: Array.from({ length: alternatives }, () => -Infinity), memory: [], open: null };
}

export function storeDetector(detector: Detector): StoredDetector {
  return { ...detector, logM: detector.logM.map((value) => (value === -Infinity ? null : value)) };
}

export function loadDetector(stored: StoredDetector): Detector {
  // An array that has only ever held numbers holds them unboxed, and so do its copies: a third of what a judgement would allocate.
  const logM: number[] = [];
  for (const value of stored.logM) logM.push(value ?? -Infinity);
  return { ...stored, logM };
}

/** What the store gave back, if it is a state of this library and of this version of the program; else a fresh one. */
export function restoreState(stored: unknown, identity: string, alternatives: number): TestState {
  return isStateOf(stored, identity) ? stored : freshState(identity, alternatives);
}

function isStateOf(stored: unknown, identity: string): stored is TestState {
  if (typeof stored !== 'object' || stored === null) return false;
  if (!('version' in stored && 'identity' in stored)) return false;
  return stored.version === STATE_VERSION && stored.identity === identity;
}
