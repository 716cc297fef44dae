import type { WarehouseReason } from '../warehouse.ts';
import { type Failure, failed } from './failure.ts';

/** By error class, the first word in brackets that the engine writes; SQLSTATE where there is none. */
const CLASSES: readonly (readonly [RegExp, WarehouseReason])[] = [
  [
    /^(TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|CATALOG_NOT_FOUND|NO_SUCH_CATALOG_EXCEPTION|DELTA_TABLE_NOT_FOUND|DELTA_MISSING_DELTA_TABLE|UC_\w*NOT_FOUND)/,
    'table_missing',
  ],
  [/^(UNRESOLVED_COLUMN|UNRESOLVED_FIELD|FIELD_NOT_FOUND)/, 'column_missing'],
  [
    /^(INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED|UC_NOT_ENABLED|UNAUTHORIZED_ACCESS|INSUFFICIENT_PRIVILEGES)/,
    'forbidden',
  ],
  [/^(QUERY_EXECUTION_TIMEOUT_EXCEEDED|OPERATION_TIMEOUT|QUERIED_TIMEOUT)/, 'timeout'],
  [/^(CLUSTER_NOT_READY|RESOURCE_EXHAUSTED|QUERY_REJECTED|TEMPORARILY_UNAVAILABLE|QUEUE\w*)/, 'unavailable'],
];

const STATES: { readonly [sqlState: string]: WarehouseReason } = {
  '42P01': 'table_missing',
  '42704': 'table_missing',
  '42703': 'column_missing',
  '42501': 'forbidden',
  '57KD2': 'timeout',
};

const REMEDIES: { readonly [reason in WarehouseReason]: string } = {
  table_missing:
    'Check the name of the table, and grant the reader USE CATALOG, USE SCHEMA and SELECT on it.',
  column_missing: 'The table changed while it was read; check its columns.',
  wrong_type: 'Check the types of the columns of the table.',
  forbidden: 'Grant the reader USE CATALOG, USE SCHEMA and SELECT on the table.',
  timeout:
    'Raise warehouse.statementTimeout, use a larger SQL warehouse, or cluster the table by its event time.',
  unavailable: 'Nothing, if it passes: the next cycle tries again.',
  query_failed:
    'Look the statement up in the query history of the SQL warehouse, tagged app:driftwarden; report it as a defect if the table is sound.',
  bad_answer: 'Report this as a defect.',
};

/**
 * The reason of a failed statement. Only the engine's own word and SQLSTATE are told: its sentences quote values of rows (`The
 * value 'Smith' cannot be cast`), and pages of stack trace.
 */
export function sqlFailure(text: string, state: string | null): Failure {
  const { word, sqlState } = wordsOf(text, state);
  const byWord = word === null ? undefined : CLASSES.find(([pattern]) => pattern.test(word))?.[1];
  const reason = byWord ?? STATES[sqlState ?? ''] ?? 'query_failed';
  const told = [word, sqlState === null ? null : `SQLSTATE ${sqlState}`].filter((part) => part !== null);
  const what = told.length === 0 ? 'the statement failed without a word why.' : `${told.join(', ')}.`;
  return failed(reason, what, { remedy: REMEDIES[reason] });
}

function wordsOf(
  text: string,
  state: string | null,
): { readonly word: string | null; readonly sqlState: string | null } {
  const word = /\[([A-Z][A-Z0-9_.]{2,80})\]/.exec(text)?.[1];
  const given = /^[0-9A-Z]{5}$/.exec(state ?? '')?.[0];
  return { word: word ?? null, sqlState: given ?? /SQLSTATE: ?([0-9A-Z]{5})/.exec(text)?.[1] ?? null };
}
