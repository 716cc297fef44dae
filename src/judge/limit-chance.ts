import type { Method } from '../statistics/measurement.ts';
import { logChiSquareTail } from '../statistics/special/chi-square.ts';
import { kolmogorovTail } from '../statistics/special/kolmogorov.ts';
import type { Limits } from './limit.ts';
import type { Check } from './verdict.ts';

/** How often, per window, a value is over a limit though nothing has drifted at all. */
export interface LimitChance {
  readonly warn: number;
  readonly breach: number;
}

/** What the chance depends on: rows of both sides, and the number of cells. */
export interface Sampled {
  readonly rows: number;
  readonly baselineRows: number;
  readonly cells: number;
}

/**
 * The chance of rule `limit` to speak without drift, by the limit laws of the statistics: PSI / (1/n + 1/m) is chi-square with B - 1 degrees of
 * freedom, KS / sqrt(1/n + 1/m) has Kolmogorov's law. Null for other methods: none of them has limits. A column that has moved a little, but not to
 * its limit, is over it more often than that.
 *
 * @example limitChance('psi', { warn: 0.1, breach: 0.25 }, { rows: 200, baselineRows: 100000, cells: 10 }) // warn 0.0184..., breach 5e-8
 */
export function limitChance(method: Method, limits: Limits, sampled: Sampled): LimitChance | null {
  const tail = tailOf(method, sampled);
  return tail === null ? null : { warn: tail(limits.warn), breach: tail(limits.breach) };
}

function tailOf(method: Method, { rows, baselineRows, cells }: Sampled): ((limit: number) => number) | null {
  const scale = 1 / rows + 1 / baselineRows;
  if (cells < 2) return () => 0;
  if (method === 'psi') return (limit) => Math.exp(logChiSquareTail(limit / scale, cells - 1));
  if (method === 'ks') return (limit) => kolmogorovTail(limit / Math.sqrt(scale));
  return null;
}

const YEAR = 365.25 * 86_400_000;

/**
 * What rule `limit` would say by chance alone in a year of windows like this one: how many values over their warn and breach limits are expected,
 * added up over the checks, if nothing had drifted. Null when none of them has a limit.
 */
export function limitAlarmsPerYear(
  checks: readonly Check[],
  window: { readonly start: string; readonly end: string },
): LimitChance | null {
  const windows = YEAR / (Date.parse(window.end) - Date.parse(window.start));
  const chances = checks.flatMap(({ rules }) => rules?.chance ?? []);
  if (chances.length === 0) return null;
  return {
    warn: windows * chances.reduce((sum, { warn }) => sum + warn, 0),
    breach: windows * chances.reduce((sum, { breach }) => sum + breach, 0),
  };
}
