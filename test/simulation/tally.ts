import type { Outcome } from './simulate.ts';
import type { Violation } from './violation.ts';

/** Many runs, added up. */
export interface Tally {
  readonly seeds: number;
  readonly counts: { readonly [what: string]: number };
  /** Runs that broke each invariant. */
  readonly broken: { readonly [invariant: string]: number };
  /** The first few, to be run again. */
  readonly violations: readonly (Violation & { readonly seed: number })[];
}

export const NOTHING: Tally = { seeds: 0, counts: {}, broken: {}, violations: [] };

const KEPT = 20;

export function tallyOf({ seed, counts, violations }: Outcome): Tally {
  const broken = Object.fromEntries(violations.map(({ invariant }) => [invariant, 1]));
  return { seeds: 1, counts, broken, violations: violations.slice(0, 1).map((one) => ({ seed, ...one })) };
}

export function add(a: Tally, b: Tally): Tally {
  const violations = [...a.violations, ...b.violations].sort((x, y) => x.seed - y.seed).slice(0, KEPT);
  return {
    seeds: a.seeds + b.seeds,
    counts: sum(a.counts, b.counts),
    broken: sum(a.broken, b.broken),
    violations,
  };
}

function sum(a: Tally['counts'], b: Tally['counts']): Tally['counts'] {
  const total: { [what: string]: number } = { ...a };
  for (const [what, number] of Object.entries(b)) total[what] = (total[what] ?? 0) + number;
  return total;
}
