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
