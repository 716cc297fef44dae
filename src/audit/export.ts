import { existsSync } from 'node:fs';
import { AuditError } from './error.ts';
import { type AuditLines, storedLines } from './lines.ts';
import { type Draft, openDraft } from './whole-file.ts';

export interface ExportRequest {
  /** Path of the file to write; must not exist. */
  readonly out: string;
  /** Milliseconds of domain time; null: no bound. Records with `from <= time < to`, and all records between them. */
  readonly from: number | null;
  readonly to: number | null;
}

export interface Exported {
  readonly records: number;
  /** `seq` of the first and the last record. */
  readonly first: number;
  readonly last: number;
}

/**
 * Writes the stored lines of a period to a file, one record per line, exactly as they were hashed. The file appears
 * whole or not at all. A slice is always contiguous, so that it can be verified by itself.
 *
 * Throws AuditError: `exists` (nothing is overwritten), `nothing` (no record in the period), `unwritable`.
 */
export async function exportAudit(store: AuditLines, request: ExportRequest): Promise<Exported> {
  if (existsSync(request.out)) {
    throw new AuditError(
      'exists',
      `${request.out} exists already`,
      'Choose another name; an export never overwrites.',
    );
  }
  const range = await rangeOf(store, request);
  if (range === null) {
    throw new AuditError(
      'nothing',
      'the audit chain has no record in this period',
      'Widen --from and --to; they are compared with the time of the records.',
    );
  }
  const draft = writing(request.out, () => openDraft(request.out));
  try {
    let seq = range.first;
    for await (const line of storedLines(store, range.first)) {
      if (seq > range.last) break;
      writing(request.out, () => draft.write(`${line}\n`));
      seq += 1;
    }
  } catch (error) {
    draft.discard();
    throw error;
  }
  writing(request.out, () => draft.place());
  return { records: range.last - range.first + 1, ...range };
}

/** First and last record of the period. Times may step back (a clock was set), so the whole chain is looked at. */
async function rangeOf(
  store: AuditLines,
  request: ExportRequest,
): Promise<{ readonly first: number; readonly last: number } | null> {
  let first: number | null = null;
  let last = 0;
  let seq = 0;
  for await (const line of storedLines(store, 1)) {
    seq += 1;
    const time = timeOf(line);
    if ((request.from !== null && time < request.from) || (request.to !== null && time >= request.to))
      continue;
    first ??= seq;
    last = seq;
  }
  return first === null ? null : { first, last };
}

/**
 * Canonical form puts `time` last, so it can be read without parsing the record. NaN (a broken line) fails no bound and so
 * is in every period: an export must not hide it.
 */
function timeOf(line: string): number {
  return Date.parse(/"time":"([^"]*)"\}$/.exec(line)?.[1] ?? '');
}

function writing<T extends Draft | void>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new AuditError(
      'unwritable',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      'Check that the directory exists, is writable and has space.',
    );
  }
}
