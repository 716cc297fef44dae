import type { Verdict } from '../verdict.ts';
import { oddsInWords } from './reasons.ts';
import type { OpenCase, Together } from './state.ts';

/** A test that takes part in an alarm of several. */
export interface Member {
  readonly key: string;
  /** `PSI of income`. */
  readonly name: string;
  readonly logWeight: number;
  readonly open: OpenCase & { readonly together: Together };
}

/** The subject `several`: an alarm of tests of which none is proven alone. */
export interface SeveralVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Keys of the tests whose case is still open. */
  readonly members: readonly string[];
  /** log10 of the sum of the family's detectors at the alarm, and of its threshold. */
  readonly evidence: number;
  readonly evidenceNeeded: number;
}

/**
 * `breach` when the members over their breach limits carried more than half of the evidence, else `warn`; it stays until the last member has
 * recovered. Null when no such alarm is open.
 */
export function severalVerdict(members: readonly Member[]): SeveralVerdict | null {
  const newest = [...members].sort((a, b) => b.open.since - a.open.since)[0];
  if (newest === undefined) return null;
  const { evidence, needed } = newest.open.together;
  const parts = members.map((member) => ({
    ...member,
    part: Math.exp(member.open.evidence + member.logWeight - newest.open.evidence - newest.logWeight),
  }));
  const sum = parts.reduce((total, { part }) => total + part, 0);
  const over = parts.reduce((total, { part, open }) => total + (open.verdict === 'breach' ? part : 0), 0);
  const names = [...parts]
    .sort((a, b) => b.part - a.part)
    .slice(0, 5)
    .map(({ name, part }) => `${name} (${Math.round((100 * part) / sum)} %)`);
  return {
    verdict: over > sum / 2 ? 'breach' : 'warn',
    reason: `That not all tests are within their limits is proven: ${oddsInWords(evidence)}, ${oddsInWords(needed)} asked. No single one is proven. The evidence comes from ${names.join(', ')}${members.length > 5 ? ` and ${members.length - 5} more` : ''}.`,
    members: members.map(({ key }) => key),
    evidence: evidence / Math.LN10,
    evidenceNeeded: needed / Math.LN10,
  };
}
