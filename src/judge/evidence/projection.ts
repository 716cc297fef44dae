/**
 * The reverse information projection of an alternative onto a convex set of distributions, with its certificate.
 *
 * The null says that a row's cell follows some distribution P of a closed convex set C ("within the limit"). For an alternative p1 outside C let
 * p0 be the point of C that maximises sum p1_i ln P_i. Then for EVERY P in C the ratios r_i = p1_i / p0_i have mean at most 1,
 * so the product of r over a window's rows is an e-value, in finite samples, for any number of rows.
 *
 * A solver that stopped early, or has a fault, must not make that claim: each projection therefore carries `dual`, an upper bound of the
 * largest mean of r over C that is computed from the ratios alone. The table ln r_i - ln dual is valid whatever the solver did;
 * at the optimum dual is 1, so convergence only buys power.
 *
 * Sources: Grünwald, de Heide, Koolen 2024, Safe Testing, JRSS-B 86; Larsson, Ramdas, Ruf 2024, The numeraire e-variable.
 */
export interface Projection {
  /** The least favourable distribution, as far as the solver got. */
  readonly p0: readonly number[];
  /** Likelihood ratios per cell, not yet divided by `dual`. */
  readonly ratio: readonly number[];
  /** Upper bound of the mean of `ratio` over the whole set. */
  readonly dual: number;
  /** The numbers an auditor needs to recompute `dual`: multipliers and, for divergences, x_i = p0_i / q_i. */
  readonly multipliers: { readonly [name: string]: number };
  readonly x: readonly number[] | null;
}

/** Evidence per row and cell: the logarithm of an e-value is the dot product of counts and `logRatio`. */
export interface EvidenceTable {
  /** Natural logarithms: ln r_i - ln dual. */
  readonly logRatio: readonly number[];
  readonly logDual: number;
  readonly projection: Projection;
}

/** A certificate further from 1 than this is a fault of a solver, not rounding. */
export const CERTIFICATE_TOLERANCE = 1e-9;
/** Added to ln dual for the rounding of the certificate itself. */
const ROUNDING = 1e-12;

/** The table of a projection, valid by its certificate alone. Throws when there is no finite certificate. */
export function tableOf(projection: Projection): EvidenceTable {
  const { ratio, dual } = projection;
  if (!(Number.isFinite(dual) && dual > 0))
    throw new Error(`a projection needs a positive finite certificate, got ${dual}`);
  const logDual = Math.log(dual) + ROUNDING;
  return { logRatio: ratio.map((value) => Math.log(value) - logDual), logDual, projection };
}

/** Whether a table may be used: its certificate says that the solver converged. */
export function isConverged(table: EvidenceTable): boolean {
  return Math.abs(Math.expm1(table.logDual)) <= CERTIFICATE_TOLERANCE;
}

/** Natural logarithm of the e-value of one window: sum of count times log ratio. A cell without rows adds nothing, whatever its ratio. */
export function logEvidence(counts: readonly number[], table: EvidenceTable): number {
  if (counts.length !== table.logRatio.length)
    throw new Error('logEvidence requires one count per cell of the table');
  let sum = 0;
  for (const [cell, count] of counts.entries()) {
    if (count > 0) sum += count * (table.logRatio[cell] ?? 0);
  }
  return sum;
}
