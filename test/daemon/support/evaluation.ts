import { expect } from 'vitest';
import type { Answer } from './cli.ts';

/** What section 8 of the contract promises of an evaluation, read without the program's own types. */
export interface EvaluationJson {
  readonly evaluation: string;
  readonly model: string;
  readonly window: { readonly start: string; readonly end: string };
  readonly revision: number;
  readonly verdict: string;
  readonly rows: number;
  readonly baseline: { readonly id: string; readonly hash: string; readonly rows: number } | null;
  readonly checks: readonly CheckJson[];
  readonly actions: readonly { readonly action: string; readonly key: string; readonly reason: string }[];
}

export interface CheckJson {
  readonly check: string;
  readonly kind: string;
  readonly subject: string;
  readonly method: string | null;
  readonly segment: string;
  readonly version: string;
  readonly verdict: string;
  readonly reason: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly noiseFloor: number | null;
  readonly warn: number | null;
  readonly breach: number | null;
  readonly evidence: number | null;
  readonly evidenceNeeded: number | null;
  readonly clusters: number | null;
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly rows: number;
  readonly baselineRows: number;
  readonly cells: {
    readonly edges: readonly number[] | null;
    readonly labels: readonly string[];
    readonly baseline: readonly number[];
    readonly window: readonly number[];
  } | null;
}

const CHECK_FIELDS = [
  'check',
  'kind',
  'subject',
  'method',
  'segment',
  'version',
  'verdict',
  'reason',
  'value',
  'lower',
  'upper',
  'noiseFloor',
  'warn',
  'breach',
  'evidence',
  'evidenceNeeded',
  'clusters',
  'window',
  'rows',
  'baselineRows',
  'cells',
];
const VERDICTS = ['ok', 'warn', 'breach', 'insufficient', 'no_data', 'stale', 'error'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The document on stdout, after its shape has been held against the contract. */
export function evaluationOf(answer: Answer): EvaluationJson {
  const evaluation = answer.json() as EvaluationJson;
  for (const field of [
    'evaluation',
    'model',
    'window',
    'revision',
    'verdict',
    'rows',
    'baseline',
    'checks',
    'actions',
  ])
    expect(evaluation).toHaveProperty(field);
  expect(evaluation.window.start).toMatch(TIME);
  expect(evaluation.window.end).toMatch(TIME);
  expect(VERDICTS).toContain(evaluation.verdict);
  for (const check of evaluation.checks) expectCheck(check);
  expectFinite(evaluation);
  return evaluation;
}

function expectCheck(check: CheckJson): void {
  for (const field of CHECK_FIELDS) expect(check).toHaveProperty(field);
  expect(VERDICTS).toContain(check.verdict);
  expect(check.reason.length).toBeGreaterThan(10);
  const { cells } = check;
  if (cells === null) return;
  expect(cells.baseline).toHaveLength(cells.labels.length);
  expect(cells.window).toHaveLength(cells.labels.length);
}

/** Absent is null; nothing else that JSON cannot say may have been written as null or text. */
function expectFinite(value: unknown): void {
  if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectFinite);
  else expect(value).not.toBeUndefined();
}

export function checkOf(
  evaluation: EvaluationJson,
  subject: string,
  method: string | null = 'psi',
): CheckJson {
  const found = evaluation.checks.find((check) => check.subject === subject && check.method === method);
  if (found === undefined)
    throw new Error(`no check of ${subject} by ${method} in ${JSON.stringify(evaluation.checks)}`);
  return found;
}
