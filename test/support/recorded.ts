import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { StatementAnswer } from './fake-sql-warehouse.ts';

/**
 * What open-source Spark answered to the statements of the contract suite, one line each: a key, and the answer. Made by
 * `RECORD_SPARK=1 npm run test:system -- spark`; a statement that was never asked there has no answer here.
 */
export const RECORDED = new URL('../fixtures/databricks/recorded.jsonl', import.meta.url);
/** The same for the statements about the audit log and those of no table, made by `RECORD_SPARK=1 npm run test:system -- spark-audit`. */
export const RECORDED_AUDIT = new URL('../fixtures/databricks/recorded-audit.jsonl', import.meta.url);

export function keyOf(statement: string, values: { readonly [name: string]: string | null }): string {
  return createHash('sha256')
    .update(JSON.stringify([statement, values]))
    .digest('base64')
    .slice(0, 20);
}

export function readRecorded(from: URL = RECORDED): ReadonlyMap<string, StatementAnswer> {
  const lines = readFileSync(from, 'utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line) as [string, StatementAnswer]));
}
