import type { Columns, Row } from './parquet.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const MINUTE = 60_000;

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const PURPOSES = ['car', 'home', 'study', 'travel'] as const;
const PURPOSE_SHARES = [0.4, 0.3, 0.2, 0.1];

export const TRAINING_COLUMNS: Columns = {
  model_version: 'VARCHAR',
  income: 'DOUBLE',
  purpose: 'VARCHAR',
  score: 'DOUBLE',
};

export const PAYLOAD_COLUMNS: Columns = {
  request_id: 'VARCHAR',
  event_time: 'TIMESTAMP',
  ...TRAINING_COLUMNS,
};

export interface Crowd {
  readonly seed: number;
  readonly rows: number;
  /** Version that answered; null: the row does not tell. */
  readonly version?: string | null;
  /** Added to the income of everybody, in standard deviations. */
  readonly incomeShift?: number;
  readonly scoreShift?: number;
}

/** Applicants as they always are, or shifted. Same seed, same people. */
export function crowd({ seed, rows, version = '1', incomeShift = 0, scoreShift = 0 }: Crowd): Row[] {
  const random = randomOf(seed);
  return Array.from({ length: rows }, () => ({
    model_version: version,
    income: 50 + 10 * (normal(random) + incomeShift),
    purpose: purposeAt(random()),
    score: 0.5 + 0.1 * (normal(random) + scoreShift),
  }));
}

function purposeAt(place: number): string {
  let sum = 0;
  for (const [index, share] of PURPOSE_SHARES.entries()) {
    sum += share;
    if (place < sum) return PURPOSES[index] ?? 'travel';
  }
  return 'travel';
}

/** The people of a crowd as requests, evenly over the window. */
export function requests(people: readonly Row[], start: number, length: number = DAY): Row[] {
  return people.map((row, index) => ({
    ...row,
    request_id: `r-${start}-${index}`,
    event_time: start + Math.floor((index * length) / people.length),
  }));
}
