import { UNIT } from './payload.ts';
import { WarehouseError } from './warehouse.ts';

/** Why a logged request is not taken for data. Each request has exactly one of these, or none. */
export const PAYLOAD_REASONS = [
  'duplicate',
  'client_error',
  'error_answer',
  'too_large',
  'not_logged',
  'sampling_fraction',
  'request_shape',
  'response_shape',
  'length_mismatch',
  'empty',
] as const;
export type PayloadReason = (typeof PAYLOAD_REASONS)[number];

/** What became of every logged request of a window: accepted and each reason together are all of them. */
export interface PayloadAccount extends Outcomes {
  /** Rows of the table in the window. */
  readonly requests: number;
  /** Records of the accepted requests: rows to the rest of the program. */
  readonly records: number;
  /** Records that hold a value which is not of the type it is read as; the value counts as missing. */
  readonly wrongType: number;
  /** Records before sampling: each stands for so many as its `sampling_fraction` says. */
  readonly answered: number;
  /** The outcomes of the requests of each version, rejected ones too: only a body tells no version. */
  readonly versions: readonly ({ readonly version: string | null } & Outcomes)[];
}

export interface Outcomes {
  readonly accepted: number;
  readonly rejected: { readonly [reason in PayloadReason]: number };
}

/** Rows of an answer with this place of a column tell the account; `cell` says what, by the codes below. */
export const ACCOUNT = -2;

/** 0 is an accepted request, `1 + place` a reason of {@link PAYLOAD_REASONS}. */
export const ACCEPTED = 0;
export const CODES: { readonly [reason in PayloadReason]: number } = {
  duplicate: 1,
  client_error: 2,
  error_answer: 3,
  too_large: 4,
  not_logged: 5,
  sampling_fraction: 6,
  request_shape: 7,
  response_shape: 8,
  length_mismatch: 9,
  empty: 10,
};
export const RECORDS = 100;
export const WRONG_TYPE = 101;
/** In units of a weight of one. */
export const ANSWERED = 102;
/** Rows of the table, counted without looking into them: what everything else has to add up to. */
export const REQUESTS = 103;

export interface AccountRow {
  readonly version: string | null;
  readonly cell: number;
  readonly count: number;
}

/** The account as an answer tells it. Throws `bad_answer` when requests are lost or made up on the way. */
export function foldAccount(table: string, rows: readonly AccountRow[]): PayloadAccount {
  const requests = sumOf(rows, REQUESTS);
  const outcomes = outcomesOf(rows);
  const told = Object.values(outcomes.rejected).reduce((sum, count) => sum + count, outcomes.accepted);
  if (told !== requests) throw lost(table, requests, told);
  const versions = [...new Set(rows.filter(({ cell }) => cell < RECORDS).map(({ version }) => version))];
  return {
    requests,
    ...outcomes,
    records: sumOf(rows, RECORDS),
    wrongType: sumOf(rows, WRONG_TYPE),
    answered: Math.round(sumOf(rows, ANSWERED) / UNIT),
    versions: versions
      .sort(byVersion)
      .map((version) => ({ version, ...outcomesOf(rows.filter((row) => row.version === version)) })),
  };
}

function outcomesOf(rows: readonly AccountRow[]): Outcomes {
  const rejected = PAYLOAD_REASONS.map((reason) => [reason, sumOf(rows, CODES[reason])] as const);
  return {
    accepted: sumOf(rows, ACCEPTED),
    rejected: Object.fromEntries(rejected) as { [reason in PayloadReason]: number },
  };
}

function sumOf(rows: readonly AccountRow[], cell: number): number {
  return rows.reduce((sum, row) => sum + (row.cell === cell ? row.count : 0), 0);
}

function byVersion(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function lost(table: string, requests: number, told: number): WarehouseError {
  return new WarehouseError({
    reason: 'bad_answer',
    table,
    message: `The requests of ${table} do not add up: ${told} have an outcome, ${requests} were logged.`,
    remedy:
      'If files of the table are rewritten in place, put them there by renaming; otherwise report this as a defect.',
  });
}
