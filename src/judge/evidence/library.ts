import { directions } from './directions.ts';
import { polynomialScores } from './scores.ts';
import { type ConvexSet, distance } from './set.ts';
import { buildTable, type EvidenceTable } from './table.ts';
import { tiltTo } from './tilt.ts';

/** Changes when the same baseline and limit would give other tables; a detector then starts anew. */
export const LIBRARY_VERSION = 1;

/** One fixed alternative and its table. */
export interface Alternative {
  /** Direction and size, e.g. `location up 1.8`. */
  readonly name: string;
  readonly p1: readonly number[];
  readonly table: EvidenceTable;
}

/** What a library is made for: a set, and how many of its first cells have an order. */
export interface LibraryQuestion {
  readonly set: ConvexSet;
  readonly ordered: number;
}

/** How far beyond the limit alternatives lie, in units of PSI; distances that grow like its root take the root. */
const SIZES = [1.3, 1.8, 2.6, 5] as const;
/** Above so many cells a single cell is watched at two sizes only. */
const MANY_CELLS = 20;
const FEW_SIZES = [1.8, 5] as const;
/** Where a mean loss lies between its limit and the largest loss. */
const LOSS_PARTS = [0.02, 0.06, 0.15, 0.4] as const;
/** Share of q mixed into every alternative, so that no single row can end it. */
const MIXED = 0.005;

/** Mixes a little of the baseline into an alternative. */
export function mixed(p1: readonly number[], q: readonly number[]): readonly number[] {
  return p1.map((share, cell) => (1 - MIXED) * share + MIXED * (q[cell] ?? 0));
}

/**
 * The fixed alternatives of a set with their tables: every direction at every size that can be reached. Depends on nothing but the question, so it is
 * frozen with baseline and limit. Throws EvidenceTableError if a table fails its certificate.
 */
export function fixedAlternatives({ set, ordered }: LibraryQuestion): readonly Alternative[] {
  return candidates({ set, ordered }).flatMap(({ name, p1 }) => {
    const blended = mixed(p1, set.q);
    if (distance(set, blended) - set.limit < (distance(set, p1) - set.limit) / 2) return [];
    const table = buildTable(set, blended);
    return table === null ? [] : [{ name, p1: blended, table }];
  });
}

interface Candidate {
  readonly name: string;
  readonly p1: readonly number[];
}

function candidates({ set, ordered }: LibraryQuestion): readonly Candidate[] {
  if (set.kind === 'rate') {
    return SIZES.map((size) => ({ name: `rate ${size}`, rate: size * set.limit }))
      .filter(({ rate }) => rate < 1)
      .map(({ name, rate }) => ({ name, p1: [1 - rate, rate] }));
  }
  if (set.kind === 'mean_loss') return lossCandidates(set);
  return directions(set.q, ordered).flatMap(({ name, scores }) =>
    sizesOf(set, name).flatMap((size) => {
      const p1 = tiltTo(set, scores, set.limit * (set.kind === 'psi' ? size : Math.sqrt(size)));
      return p1 === null ? [] : [{ name: `${name} ${size}`, p1 }];
    }),
  );
}

function sizesOf(set: ConvexSet, direction: string): readonly number[] {
  return set.q.length > MANY_CELLS && direction.startsWith('cell ') ? FEW_SIZES : SIZES;
}

/** Tilts of q by the losses themselves, each to a mean between the limit and the largest loss. */
function lossCandidates(set: ConvexSet): readonly Candidate[] {
  const losses = set.losses ?? [];
  const largest = Math.max(...losses);
  return LOSS_PARTS.flatMap((part) => {
    const p1 = tiltTo(set, losses, set.limit + part * (largest - set.limit));
    return p1 === null ? [] : [{ name: `mean loss ${part}`, p1 }];
  });
}

/** The scores a fitted tilt is fitted in: four polynomials over the ordered cells, none without an order. */
export function tiltScores({ set, ordered }: LibraryQuestion): readonly (readonly number[])[] {
  if (ordered < 3 || set.kind === 'rate' || set.kind === 'mean_loss') return [];
  return polynomialScores(set.q.slice(0, ordered), 4);
}
