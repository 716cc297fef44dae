import { carrying } from './carrying.ts';
import type { Library } from './libraries.ts';
import { lookBacks } from './memory.ts';
import { recoveryEvidence, recoveryWord, startRecovery } from './recovery.ts';
import { estimate, excess } from './shares.ts';
import type { Detector, OpenCase, Together, WindowEvent, WindowRecord } from './state.ts';
import { logTotal } from './step.ts';

/** Squared standard deviations that an open case in `warn` must lie beyond its breach limit, on some look-back, to become a breach. */
const WORSE = 9;

/** A test at its newest window. */
export interface Standing {
  readonly library: Library;
  readonly detector: Detector;
  readonly newest: WindowRecord;
  readonly breach: number;
}

/** The alarm of a test: its case opens with the windows that carry the evidence and with the table that gathered most. */
export function openingOf(
  { library, detector, newest, breach }: Standing,
  asked: { readonly logNeeded: number; readonly logWeight: number; readonly together: Together | null },
): WindowEvent {
  const carried = carrying(library, detector, newest);
  if (carried === null) throw new Error('an alarm needs a window that raised it');
  const { alternative, logRatio, pool, windows } = carried;
  const opened: OpenCase = {
    since: newest.end,
    verdict: estimate(library.set, pool) > breach ? 'breach' : 'warn',
    together: asked.together,
    evidence: logTotal(detector) - asked.logWeight,
    needed: asked.logNeeded - asked.logWeight,
    alternative,
    pool,
    windows,
    withdrawn: null,
    recovery: startRecovery(logRatio, library.set.q),
  };
  return { kind: 'alarm', opened };
}

/**
 * What an open case comes to: it starts anew when a person has closed it or when it has recovered; from `warn` it becomes `breach` when some
 * look-back lies three standard deviations over the breach limit. Null: nothing changes.
 */
export function progressOf(
  { library, detector, newest, breach }: Standing,
  released: boolean,
): WindowEvent | null {
  const { open, memory } = detector;
  if (open === null) return null;
  if (released) return { kind: 'restart', why: 'released', odds: null };
  if (open.since >= newest.end || newest.counts === null) return null;
  const inside = estimate(library.set, newest.counts) <= library.set.limit;
  if (recoveryWord(open.recovery, inside) === 'recovered')
    return { kind: 'restart', why: 'recovered', odds: recoveryEvidence(open.recovery) };
  if (open.verdict === 'breach') return null;
  const beyond = { ...library.set, limit: breach };
  const worse = lookBacks(memory).some(({ counts }) => excess(beyond, counts) >= WORSE);
  return worse ? { kind: 'worse' } : null;
}
