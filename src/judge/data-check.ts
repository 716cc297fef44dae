import type { DataMethod, Measurement } from '../statistics/measurement.ts';
import type { Check } from './verdict.ts';

/** A check before it is judged. */
export type CheckBase = Omit<Check, 'verdict' | 'reason'>;

/** A check that could not be measured, with the reason in words. */
export function unmeasured(base: CheckBase, what: string, reason: string): Check {
  return { ...base, verdict: 'insufficient', reason: `${what} cannot be told: ${reason}.` };
}

/** A check of the policy check `data`, measured and not judged yet. */
export function checkOf(subject: string, method: DataMethod, measurement: Measurement): CheckBase {
  const measured = measurement.kind === 'measured' ? measurement : null;
  return {
    check: 'data',
    kind: 'data',
    subject,
    method,
    segment: 'all',
    version: 'all',
    value: measured?.value ?? null,
    lower: measured?.lower ?? null,
    upper: measured?.upper ?? null,
    noiseFloor: measured?.noiseFloor ?? null,
    warn: null,
    breach: null,
    evidence: null,
    evidenceNeeded: null,
    clusters: null,
    window: null,
    rows: measurement.rows,
    baselineRows: measurement.baselineRows,
    cells: null,
    details: measured?.details ?? null,
  };
}
