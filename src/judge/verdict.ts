/** The closed list of verdicts. Only `breach` may count towards a rollback; see {@link isUnknown}. */
export const VERDICTS = ['ok', 'warn', 'breach', 'insufficient', 'no_data', 'stale', 'error'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Unknown is never healthy and never a breach. */
export function isUnknown(verdict: Verdict): boolean {
  return verdict === 'insufficient' || verdict === 'no_data' || verdict === 'stale' || verdict === 'error';
}

/** The order in which one verdict stands for many: the first of these that any of them has. */
export const VERDICT_ORDER: readonly Verdict[] = [
  'breach',
  'error',
  'warn',
  'stale',
  'no_data',
  'insufficient',
  'ok',
];

export const CHECK_KINDS = ['input_drift', 'output_drift', 'quality', 'data'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** Policy-level checks built so far; `performance:<metric>`, `challenger:<metric>`, `fairness`, `labels` have their place here. */
export const POLICY_CHECKS = ['drift', 'prediction', 'data'] as const;
export type PolicyCheck = (typeof POLICY_CHECKS)[number];

/** The cells a check was measured on, as written into evaluations. */
export interface CheckCells {
  /** Null for categorical columns. */
  readonly edges: readonly number[] | null;
  readonly labels: readonly string[];
  readonly baseline: readonly number[];
  readonly window: readonly number[];
}

/** One judged measurement: (policy check, subject, method, segment, version). Field names are the contract's. */
export interface Check {
  readonly check: PolicyCheck;
  readonly kind: CheckKind;
  readonly subject: string;
  readonly method: string | null;
  readonly segment: string;
  readonly version: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly noiseFloor: number | null;
  readonly warn: number | null;
  readonly breach: number | null;
  readonly evidence: number | null;
  readonly evidenceNeeded: number | null;
  readonly clusters: number | null;
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly rows: number;
  readonly baselineRows: number;
  /** Null where another check of the same subject, measured on the same cells, carries them. */
  readonly cells: CheckCells | null;
  /** SHA-256 of what the tables of evidence were derived from: library version, cells, baseline shares, limit. Null where none were used. */
  readonly tables?: string | null;
  /** Further numbers of the same statistic by name; absent in evaluations written before there were any. */
  readonly details?: { readonly [name: string]: number | null } | null;
  /** What either rule says, whichever decides; null where nothing is judged, absent in evaluations written before. */
  readonly rules?: CheckRules | null;
}

/** Both rules side by side. */
export interface CheckRules {
  readonly limit: Verdict;
  readonly evidence: Verdict | null;
  /** How often, per window like this one, rule `limit` would speak without any drift. */
  readonly chance: { readonly warn: number; readonly breach: number } | null;
}

/** The verdict of one policy check of one version in one window: what actions are decided on. */
export interface PolicyVerdict {
  readonly check: PolicyCheck;
  readonly kind: CheckKind;
  readonly version: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** The subject that decided, e.g. the worst feature; null when none did. */
  readonly worst: string | null;
}

export interface PlannedAction {
  readonly action: string;
  readonly key: string;
  readonly reason: string;
}

/** What became of the logged requests of a window: `accepted` and all of `rejected` together are `requests`. */
export interface EvaluatedPayload {
  readonly requests: number;
  readonly accepted: number;
  /** Only the reasons there are. */
  readonly rejected: { readonly [reason: string]: number };
  /** Records of the accepted requests, before they are weighted. */
  readonly records: number;
  readonly wrongType: number;
  /** Records that these stand for, by the sampling fractions. */
  readonly answered: number;
  /** Served entities whose version is not known, with their rows. */
  readonly unmapped: readonly { readonly entity: string; readonly rows: number }[];
}

/** (model, window, revision): all checks of one window. The contract's JSON shape of section 8. */
export interface Evaluation {
  readonly evaluation: string;
  readonly model: string;
  readonly window: { readonly start: string; readonly end: string };
  readonly revision: number;
  readonly verdict: Verdict;
  readonly rows: number;
  readonly baseline: { readonly id: string; readonly hash: string; readonly rows: number } | null;
  readonly policy: readonly PolicyVerdict[];
  readonly checks: readonly Check[];
  readonly actions: readonly PlannedAction[];
  /** Present where requests are logged as JSON: what became of each of them. */
  readonly payload?: EvaluatedPayload;
  /** Present on a window of a bake: which release it watches, and since when. */
  readonly bake?: { readonly version: string; readonly since: string };
}
