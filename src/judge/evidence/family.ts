import { logSum } from './detector.ts';

/**
 * Families of checks with a clock of their own. Scores of a window are known before its labels, so one sum over both would need the null on labels to
 * hold given the scores; expectations of counts add whatever the clocks, so each family gets a detector sum and a share of the budget.
 */
export const FAMILIES = ['drift', 'prediction', 'labelled'] as const;
export type Family = (typeof FAMILIES)[number];

/** Half for `drift` and `data`, a quarter for `prediction`, a quarter for labelled checks. */
const SHARES: { readonly [family in Family]: number } = { drift: 0.5, prediction: 0.25, labelled: 0.25 };

/**
 * What of the whole budget the checks on the data themselves may use up by chance: their limits are exact binomial ones, not detectors. It comes
 * out of the half that `drift` and `data` share.
 */
export const DATA_SHARE = 0.1;

/**
 * False alarms per year of each family that the model has; the shares of families it lacks go to the rest. With {@link DATA_SHARE} of `perYear` for
 * the data they sum to `perYear`.
 */
export function splitBudget(perYear: number, present: readonly Family[]): ReadonlyMap<Family, number> {
  const families = FAMILIES.filter((family) => present.includes(family));
  const shares = families.reduce((sum, family) => sum + SHARES[family], 0);
  const spent = (family: Family): number => (family === 'drift' ? DATA_SHARE : 0);
  return new Map(families.map((family) => [family, perYear * (SHARES[family] / shares - spent(family))]));
}

/**
 * ln of the threshold h = windows per year / false alarms per year. While every check of the family is within its limit, alarms that each lower the sum
 * by h number at most t/h on average after t windows, for every t: at most the budget in a year.
 */
export function logThreshold(windowsPerYear: number, falseAlarmsPerYear: number): number {
  if (!(windowsPerYear > 0 && falseAlarmsPerYear > 0))
    throw new Error('a family needs windows and a budget of false alarms above 0');
  return Math.log(windowsPerYear / falseAlarmsPerYear);
}

/** ln of each test's weight: the checks of a family share evenly, and so do the tests of a check. They sum to 1. */
export function logWeights(
  tests: readonly { readonly key: string; readonly check: string }[],
): ReadonlyMap<string, number> {
  const perCheck = new Map<string, number>();
  for (const { check } of tests) perCheck.set(check, (perCheck.get(check) ?? 0) + 1);
  return new Map(
    tests.map(({ key, check }) => [key, -Math.log(perCheck.size) - Math.log(perCheck.get(check) ?? 1)]),
  );
}

/** Who raises an alarm: each test that reaches the threshold by itself, or, if none does, the smallest set that reaches it together. */
export interface Alarm {
  readonly named: readonly string[];
  readonly together: readonly string[];
}

/** `logTotals`: ln of each test's detector, its weight included; tests with an open case have none. */
export function alarm(logTotals: ReadonlyMap<string, number>, logNeeded: number): Alarm {
  const named = [...logTotals].filter(([, value]) => value >= logNeeded).map(([key]) => key);
  if (named.length > 0 || logSum([...logTotals.values()]) < logNeeded) return { named, together: [] };
  const largestFirst = [...logTotals].sort(([, a], [, b]) => b - a);
  const together: string[] = [];
  const values: number[] = [];
  for (const [key, value] of largestFirst) {
    together.push(key);
    values.push(value);
    if (logSum(values) >= logNeeded) break;
  }
  return { named: [], together };
}
