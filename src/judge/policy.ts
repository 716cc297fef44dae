import { type Check, isUnknown, type PolicyVerdict, VERDICT_ORDER, type Verdict } from './verdict.ts';

/** The first of {@link VERDICT_ORDER} that any of them has; `insufficient` when there are none. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return VERDICT_ORDER.find((candidate) => verdicts.includes(candidate)) ?? 'insufficient';
}

/** How far a check has come to its breach limit: 0 at ideal, 1 at breach; null where it has no value or no limit. */
export function breachRatio(check: Check): number | null {
  if (check.value === null || check.breach === null || check.breach <= 0) return null;
  return Math.max(0, check.value / check.breach);
}

/**
 * One verdict per (policy check, version) out of its judged measurements. `insufficient` subjects are ignored unless all
 * are; measurements without a limit are shown, not judged, and take no part.
 */
export function policyVerdicts(checks: readonly Check[]): readonly PolicyVerdict[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const key = `${check.check} ${check.version}`;
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return [...groups.values()].map(policyVerdict);
}

function policyVerdict(group: readonly Check[]): PolicyVerdict {
  const first = group[0];
  if (first === undefined) throw new Error('policyVerdict requires at least one check');
  const judged = group.filter((check) => check.breach !== null || isUnknown(check.verdict));
  const sufficient = judged.filter((check) => check.verdict !== 'insufficient');
  const deciding = sufficient.length > 0 ? sufficient : judged;
  const verdict = worstVerdict(deciding.map((check) => check.verdict));
  const worst = [...deciding]
    .filter((check) => check.verdict === verdict)
    .sort((a, b) => (breachRatio(b) ?? 0) - (breachRatio(a) ?? 0))[0];
  return {
    check: first.check,
    kind: first.kind,
    version: first.version,
    verdict,
    reason: worst?.reason ?? 'Nothing was measured.',
    worst: worst?.subject ?? null,
  };
}
