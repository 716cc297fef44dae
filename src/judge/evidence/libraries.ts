import { ADAPTIVE, type AdaptiveQuestion } from './adaptive.ts';
import { fixedAlternatives, LIBRARY_VERSION, type LibraryQuestion, tiltScores } from './library.ts';

/** Share of the prior weight that the fixed alternatives have together; the adaptive ones have the rest. */
const FIXED_SHARE = 0.3;

/** A library ready for use: all fixed tables in one array, and what the adaptive ones need. */
export interface Library extends AdaptiveQuestion {
  readonly ordered: number;
  /** Set, order and library version in writing. A detector that was stepped under another identity starts anew. */
  readonly identity: string;
  readonly cells: number;
  readonly names: readonly string[];
  /** ln r - ln dual of the fixed tables, one after the other, `cells` numbers each. */
  readonly logRatios: Float64Array;
  /** ln of each alternative's share of a test's weight, fixed ones first; they sum to 1. */
  readonly logShares: readonly number[];
}

/** Where a judgement finds libraries: building one takes milliseconds, so the caller keeps them. */
export type Libraries = (question: LibraryQuestion) => Library;

export function buildLibrary(question: LibraryQuestion): Library {
  const fixed = fixedAlternatives(question);
  const scores = tiltScores(question);
  return {
    ...question,
    scores,
    identity: libraryIdentity(question),
    cells: question.set.q.length,
    names: [...fixed.map(({ name }) => name), ...ADAPTIVE.map(({ name }) => name)],
    logRatios: Float64Array.from(fixed.flatMap(({ table }) => table.logRatio)),
    logShares: logShares(fixed.length, scores.length > 0),
  };
}

/**
 * Keeps what it has built. One per daemon, or one per model. Found by a number made of the shares: writing an identity out takes longer than a
 * test's whole step of a window.
 */
export function rememberLibraries(): Libraries {
  const built = new Map<number, Library[]>();
  return (question) => {
    const place = placeOf(question);
    const there = built.get(place) ?? [];
    const known = there.find((library) => isFor(library, question));
    if (known !== undefined) return known;
    const library = buildLibrary(question);
    built.set(place, [...there, library]);
    return library;
  };
}

function placeOf({ set: { q, limit }, ordered }: LibraryQuestion): number {
  let place = limit + ordered;
  for (let cell = 0; cell < q.length; cell += 1) place = place * 1.25 + (q[cell] ?? 0);
  return place;
}

function isFor(library: Library, { set, ordered }: LibraryQuestion): boolean {
  const own = library.set;
  if (own.kind !== set.kind || own.limit !== set.limit || library.ordered !== ordered) return false;
  return sameNumbers(own.q, set.q) && sameNumbers(own.losses ?? [], set.losses ?? []);
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

export function libraryIdentity({ set, ordered }: LibraryQuestion): string {
  return JSON.stringify([LIBRARY_VERSION, set.kind, set.limit, ordered, set.q, set.losses]);
}

/** Everything a spreadsheet needs to recompute the tables and their certificates, and what is hashed: plain data in a fixed order. */
export interface TableContent {
  readonly library: number;
  readonly set: LibraryQuestion['set'];
  readonly ordered: number;
  readonly tables: readonly {
    readonly name: string;
    readonly p1: readonly number[];
    readonly ratio: readonly number[];
    readonly x: readonly number[] | null;
    readonly multipliers: { readonly [name: string]: number };
    readonly dual: number;
    readonly logRatio: readonly number[];
  }[];
}

/** The fixed tables of a set in full: for `baseline show --tables`, and for the hash that stands in an evaluation. */
export function tableContent(question: LibraryQuestion): TableContent {
  const tables = fixedAlternatives(question).map(({ name, p1, table }) => {
    const { ratio, x, multipliers, dual } = table.projection;
    return { name, p1, ratio, x, multipliers, dual, logRatio: table.logRatio };
  });
  return { library: LIBRARY_VERSION, set: question.set, ordered: question.ordered, tables };
}

function logShares(fixed: number, tilts: boolean): readonly number[] {
  const weights = ADAPTIVE.map(({ name, weight }) => (name === 'fitted tilt' && !tilts ? 0 : weight));
  const adaptive = weights.reduce<number>((sum, weight) => sum + weight, 0);
  const forAdaptive = fixed === 0 ? 1 : 1 - FIXED_SHARE;
  return [
    ...Array.from({ length: fixed }, () => Math.log(FIXED_SHARE / fixed)),
    ...weights.map((weight) => Math.log((forAdaptive * weight) / adaptive)),
  ];
}
