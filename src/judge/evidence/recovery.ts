import { logSum, stepDetector } from './detector.ts';
import { bisect } from './root.ts';
import { logEvidence } from './table.ts';

/**
 * Whether the drift that was proven still holds, in the direction in which it was proven.
 *
 * "Outside the limit" is not convex, so nothing proves "within the limit" in every direction at once. What can be proven is that the half-space
 * that fired no longer holds: with the frozen table r of the alternative that gathered most, the null is "sum P r >= 1", and
 * r' = 1 + l (1 - r) has mean at most 1 under it for every l in [0, 1 / (max r - 1)). Three such e-detectors, l being 1, 0.5 and 0.2 of the one
 * that grows fastest when the rows follow the baseline again, share the weight of a product. Other directions are watched by the test's own
 * detectors once it starts again.
 */
export interface Recovery {
  /** ln r of the alternative that gathered most, divided by its certificate. */
  readonly logRatio: readonly number[];
  readonly lambdas: readonly number[];
  /** ln of the recovery detector per lambda; null is zero. */
  readonly logR: readonly (number | null)[];
  /** ln of the detector of the same table, started anew: it proves that the drift is still there. */
  readonly logOut: number | null;
  /** Windows since the drift was last proven. */
  readonly silent: number;
}

export type RecoveryWord = 'still out' | 'undecided' | 'recovered';

/** At least so many windows are expected before a false recovery while the half-space holds. */
export const RECOVERY_ODDS = 100;
/** Windows without proof either way after which a person decides. */
const SILENT_WINDOWS = 30;
const PARTS = [1, 0.5, 0.2] as const;

/** The recovery of a table that has just fired, q the baseline. */
export function startRecovery(logRatio: readonly number[], q: readonly number[]): Recovery {
  const best = fastestLambda(logRatio, q);
  return {
    logRatio,
    lambdas: PARTS.map((part) => part * best),
    logR: PARTS.map(() => null),
    logOut: null,
    silent: 0,
  };
}

/** One window more: both e-detectors step; proof that the drift is still there begins the count of silent windows anew. */
export function stepRecovery(recovery: Recovery, counts: readonly number[]): Recovery {
  const { logRatio, lambdas } = recovery;
  const logR = lambdas.map((lambda, index) => {
    const logE = logEvidence(counts, { logRatio: recoveryTable(logRatio, lambda) });
    return zeroAsNull(stepDetector(recovery.logR[index] ?? -Infinity, -Math.log(lambdas.length), logE));
  });
  const logOut = stepDetector(recovery.logOut ?? -Infinity, 0, logEvidence(counts, { logRatio }));
  const out = logOut >= Math.log(RECOVERY_ODDS);
  return {
    ...recovery,
    logR,
    logOut: out ? null : zeroAsNull(logOut),
    silent: out ? 0 : recovery.silent + 1,
  };
}

/** ln of the odds that the half-space no longer holds. */
export function recoveryEvidence({ logR }: Recovery): number {
  return logSum(logR.map((value) => value ?? -Infinity));
}

/** In one word. `inside`: the last window's value is under the limit again, which recovery asks for beside the proof. */
export function recoveryWord(recovery: Recovery, inside: boolean): RecoveryWord {
  if (inside && recoveryEvidence(recovery) >= Math.log(RECOVERY_ODDS)) return 'recovered';
  return recovery.silent >= SILENT_WINDOWS ? 'undecided' : 'still out';
}

/** ln(1 + lambda (1 - r)) per cell. */
export function recoveryTable(logRatio: readonly number[], lambda: number): readonly number[] {
  return logRatio.map((value) => Math.log1p(lambda * (1 - Math.exp(value))));
}

/** The lambda that maximises sum q ln(1 + lambda (1 - r)), below its ceiling. */
export function fastestLambda(logRatio: readonly number[], q: readonly number[]): number {
  const gains = logRatio.map((value) => 1 - Math.exp(value));
  const worst = Math.min(...gains);
  const ceiling = worst < 0 ? (1 / -worst) * (1 - 1e-9) : 1;
  const growth = (lambda: number): number =>
    gains.reduce((sum, gain, cell) => sum + ((q[cell] ?? 0) * gain) / (1 + lambda * gain), 0);
  return growth(ceiling) >= 0 ? ceiling : bisect(growth, { low: 0, high: ceiling });
}

function zeroAsNull(value: number): number | null {
  return value === -Infinity ? null : value;
}
