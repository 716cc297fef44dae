import type { Projection } from './projection.ts';
import { type ConvexSet, certify, project } from './set.ts';

/** Evidence per row and cell: the logarithm of an e-value is the dot product of counts and `logRatio`. */
export interface EvidenceTable {
  /** Natural logarithms: ln r_i - ln dual. */
  readonly logRatio: readonly number[];
  readonly logDual: number;
  readonly projection: Projection;
}

export const TABLE_FAULTS = ['no_certificate', 'certificate_off', 'cells_differ'] as const;
export type TableFault = (typeof TABLE_FAULTS)[number];

/** A table that must not be used. `certificate_off`: a solver's fault, or a table made for another set. */
export class EvidenceTableError extends Error {
  override readonly name = 'EvidenceTableError';
  readonly reason: TableFault;

  constructor(reason: TableFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A certificate further from 1 than this is a fault of a solver, not rounding. */
const CERTIFICATE_TOLERANCE = 1e-9;
/** Added to ln dual for the rounding of the certificate itself. */
const ROUNDING = 1e-12;

/**
 * The table of an alternative against a set; null when the alternative lies within it.
 * Throws EvidenceTableError when the solver did not reach its optimum.
 */
export function buildTable(set: ConvexSet, p1: readonly number[]): EvidenceTable | null {
  const projection = project(set, p1);
  return projection === null ? null : acceptTable(set, tableOf(projection));
}

/** The table of a projection, converged or not: valid by its certificate alone. */
export function tableOf(projection: Projection): EvidenceTable {
  const { ratio, dual } = projection;
  if (!(Number.isFinite(dual) && dual > 0)) {
    throw new EvidenceTableError('no_certificate', `A table needs a finite certificate, got ${dual}.`);
  }
  const logDual = Math.log(dual) + ROUNDING;
  return { logRatio: ratio.map((value) => Math.log(value) - logDual), logDual, projection };
}

/** The table, if its certificate for this very set is 1 to within 1e-9; else throws EvidenceTableError. */
export function acceptTable(set: ConvexSet, table: EvidenceTable): EvidenceTable {
  const dual = certify(set, table.projection);
  if (!(Math.abs(dual - 1) <= CERTIFICATE_TOLERANCE)) {
    throw new EvidenceTableError(
      'certificate_off',
      `A table against ${set.kind} within ${set.limit} has the certificate ${dual} instead of 1: it was made for another set, or its solver failed.`,
    );
  }
  return table;
}

/** Whether the solver says of itself that it reached its optimum. */
export function isConverged(table: EvidenceTable): boolean {
  return Math.abs(Math.expm1(table.logDual)) <= CERTIFICATE_TOLERANCE;
}

/** Natural logarithm of the e-value of one window: sum of count times log ratio. A cell without rows adds nothing, whatever its ratio. */
export function logEvidence(counts: readonly number[], table: Pick<EvidenceTable, 'logRatio'>): number {
  const { logRatio } = table;
  if (counts.length !== logRatio.length) {
    throw new EvidenceTableError(
      'cells_differ',
      `A table of ${logRatio.length} cells cannot weigh counts of ${counts.length} cells.`,
    );
  }
  let sum = 0;
  for (let cell = 0; cell < counts.length; cell += 1) {
    const count = counts[cell] ?? 0;
    if (count > 0) sum += count * (logRatio[cell] ?? 0);
  }
  return sum;
}
