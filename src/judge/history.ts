import { isUnknown, type Verdict } from './verdict.ts';

/** `m of n`: how many breach windows among the last n known ones make a finding. */
export interface Breaches {
  readonly m: number;
  readonly n: number;
}

/**
 * How many of the last `n` windows with a known verdict are in breach, newest first. Unknown windows take no place and
 * clear nothing: they are neither healthy nor a breach.
 */
export function countBreaches(verdicts: readonly Verdict[], n: number): number {
  return verdicts
    .filter((verdict) => !isUnknown(verdict))
    .slice(0, n)
    .filter((verdict) => verdict === 'breach').length;
}

/** Whether this window, in breach itself, completes the m of n. */
export function completes(verdicts: readonly Verdict[], breaches: Breaches): boolean {
  return verdicts[0] === 'breach' && countBreaches(verdicts, breaches.n) >= breaches.m;
}
