import type { Verdict } from '../verdict.ts';
import { type Carrying, carrying } from './carrying.ts';
import type { Library } from './libraries.ts';
import {
  alarmReason,
  memberReason,
  notYetReason,
  oddsInWords,
  overButNotProvenReason,
  recoveredReason,
  stillOpenReason,
  type Told,
  tooFewRowsReason,
  withinReason,
} from './reasons.ts';
import { type RecoveryWord, recoveryWord } from './recovery.ts';
import { project } from './set.ts';
import { estimate, smoothed, total } from './shares.ts';
import type { Detector, OpenCase, WindowRecord } from './state.ts';
import { logTotal } from './step.ts';

/** One test after a window, ready to be judged. */
export interface TestCase extends Told {
  readonly library: Library;
  readonly minRows: number;
  readonly detector: Detector;
  /** The newest window; null when the state has none. */
  readonly newest: WindowRecord | null;
  /** ln of the test's weight, and of the family's threshold. */
  readonly logWeight: number;
  readonly logNeeded: number;
}

export interface EvidenceVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
  /** log10 of the test's detector without its weight, after this window; while a case is open, as it was when it opened. */
  readonly evidence: number | null;
  /** log10 of what the budget asks for, without the weight: threshold of the family over weight of the test. */
  readonly evidenceNeeded: number;
  /** Distance from the baseline over the windows that carry the evidence, less what noise explains. */
  readonly estimate: number | null;
  readonly recovery: RecoveryWord | null;
}

/** ln of the least evidence that is shown; a detector below it is kept as zero. */
const LEAST = -40;

/**
 * Rule `evidence`. The null is "within the warn limit". Once the detector has proven drift beyond it, the verdict is `breach` if the estimate
 * over the windows that carry the evidence is over the breach limit, else `warn`, and stays so until recovery. Not proven: `insufficient` if
 * the estimate is over the breach limit all the same, else `ok`.
 */
export function judgeEvidence(test: TestCase): EvidenceVerdict {
  const { open } = test.detector;
  return open === null ? withoutCase(test) : withCase(test, open);
}

function withCase(test: TestCase, open: OpenCase): EvidenceVerdict {
  const { library, newest } = test;
  const value = estimate(library.set, open.pool);
  const word = open.since === newest?.end ? null : wordFor(test, open);
  const base = {
    evidence: open.evidence / Math.LN10,
    evidenceNeeded: open.needed / Math.LN10,
    estimate: value,
    recovery: word,
  };
  if (open.together !== null) {
    const verdict = value > test.breach ? 'insufficient' : 'ok';
    return { ...base, verdict, reason: memberReason(test, open.together.members.length) };
  }
  const reason =
    word === null ? alarmReason(test, open, value) : stillOpenReason(test, open, { estimate: value, word });
  return { ...base, verdict: open.verdict, reason };
}

/** Recovery asks, beside its own proof, that the last window is within the limit again. */
function wordFor({ library, newest }: TestCase, { recovery }: OpenCase): RecoveryWord {
  const counts = newest?.counts ?? null;
  return recoveryWord(recovery, counts !== null && estimate(library.set, counts) <= library.set.limit);
}

function withoutCase(test: TestCase): EvidenceVerdict {
  const { library, detector, newest, logWeight, logNeeded } = test;
  const carried = newest === null ? null : carrying(library, detector, newest);
  const logEvidence = Math.max(LEAST, logTotal(detector) - logWeight);
  const recovered = newest?.event?.kind === 'restart' && newest.event.why === 'recovered';
  const answer = {
    evidence: newest === null ? null : logEvidence / Math.LN10,
    evidenceNeeded: (logNeeded - logWeight) / Math.LN10,
    estimate: carried === null ? null : estimate(library.set, carried.pool),
    recovery: recovered ? ('recovered' as const) : null,
  };
  const minRows = Math.max(1, test.minRows);
  if (test.rows < minRows)
    return { ...answer, verdict: 'insufficient', reason: tooFewRowsReason(test, minRows) };
  return { ...answer, ...quiet(test, carried, logEvidence) };
}

/** A test without a case and with rows enough. */
function quiet(
  test: TestCase,
  carried: Carrying | null,
  logEvidence: number,
): Pick<EvidenceVerdict, 'verdict' | 'reason'> {
  const { library, newest, value } = test;
  const needed = test.logNeeded - test.logWeight;
  const odds = `${oddsInWords(logEvidence)}, ${oddsInWords(needed)} asked`;
  const event = newest?.event;
  if (event?.kind === 'restart' && event.odds !== null)
    return { verdict: 'ok', reason: recoveredReason(test, event.odds) };
  const size = carried === null ? 0 : estimate(library.set, carried.pool);
  if (carried !== null && size > test.breach) {
    const rows = rowsToGo(library, carried.pool, needed - logEvidence);
    const { windows } = carried;
    return { verdict: 'insufficient', reason: notYetReason(test, { windows, estimate: size, odds, rows }) };
  }
  const within = value === null || value <= library.set.limit;
  return { verdict: 'ok', reason: within ? withinReason(test) : overButNotProvenReason(test, odds) };
}

/** Rows until the proof, if they keep coming like those of the pool: nats missing over nats per row of the best table, KL(p || p0). */
function rowsToGo({ set }: Library, pool: readonly number[], missing: number): number {
  const p = smoothed(pool, set.q);
  const projection = project(set, p);
  if (projection === null || !(missing > 0)) return total(pool);
  const perRow = p.reduce((sum, share, cell) => sum + share * Math.log(projection.ratio[cell] ?? 1), 0);
  return Math.ceil(missing / perRow);
}
