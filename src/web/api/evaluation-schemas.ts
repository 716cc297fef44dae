import { z } from 'zod';
import { CHECK_KINDS, VERDICTS } from '../../judge/verdict.ts';
import { GATES } from '../../rollback/rollback.ts';

export const time = z.iso.datetime({ precision: 3 }).describe('ISO 8601, UTC, milliseconds');
export const text = z.string();
export const nullableText = text.nullable();
export const number = z.number().nullable();
export const count = z.int().min(0);
/** Rows of a sample, or of customers, are weighted and need not be whole. */
export const rows = z.number().min(0);
export const hash = z.string().describe('SHA-256, lower-case hex');
export const window = z.strictObject({ start: time, end: time }).describe('Half-open interval of event time');
export const verdict = z.enum(VERDICTS);
export const numbers = z.record(z.string(), z.number());

export const problem = z.strictObject({
  error: text.describe('What is wrong and what to do'),
  gate: z.enum(GATES).nullable().describe('The gate that refused, where one did'),
  field: nullableText.describe('The key of the body or of the query that is wrong, where one is'),
});

export const cells = z.strictObject({
  edges: z.array(z.number()).nullable(),
  labels: z.array(text),
  baseline: z.array(rows),
  window: z.array(rows),
});

export const check = z.strictObject({
  check: text.describe('Policy check: drift, prediction, data, ...'),
  kind: z.enum(CHECK_KINDS),
  subject: text,
  method: nullableText,
  segment: text,
  version: text,
  verdict,
  reason: text,
  value: number,
  lower: number,
  upper: number,
  noiseFloor: number.describe(
    'Value that no drift at all would exceed once in a thousand windows of this size',
  ),
  warn: number,
  breach: number,
  evidence: number,
  evidenceNeeded: number,
  clusters: number,
  window: window.nullable(),
  rows,
  baselineRows: rows,
  cells: cells.nullable(),
  rules: z
    .object({
      limit: verdict,
      evidence: verdict.nullable(),
      chance: z.object({ warn: z.number(), breach: z.number() }).nullable(),
    })
    .nullable()
    .optional()
    .describe(
      'What either rule says, whichever decides, and how often per window fixed limits would speak without drift',
    ),
  tables: z.string().nullable().optional().describe('Hash of what the tables of evidence were derived from'),
  details: z
    .record(z.string(), number)
    .nullable()
    .optional()
    .describe('Further numbers of the same statistic, by name; nothing is judged on them'),
});

export const policy = z.strictObject({
  check: text,
  kind: z.enum(CHECK_KINDS),
  version: text,
  verdict,
  reason: text,
  worst: nullableText,
});

export const evaluation = z.strictObject({
  evaluation: text,
  model: text,
  window,
  revision: count,
  verdict,
  rows,
  baseline: z.strictObject({ id: text, hash, rows }).nullable(),
  policy: z.array(policy),
  checks: z.array(check),
  actions: z.array(z.strictObject({ action: text, key: text, reason: text })),
  payload: z
    .strictObject({
      requests: count,
      accepted: count,
      rejected: z.record(z.string(), count),
      records: count,
      wrongType: count,
      answered: count.describe('Records that these stand for, by their sampling fractions'),
      unmapped: z.array(z.strictObject({ entity: text, rows })),
    })
    .optional()
    .describe('Present where requests are logged as JSON: what became of each of them'),
  bake: z
    .strictObject({ version: text, since: time })
    .optional()
    .describe('Present on a window of a bake: the release it watches, and since when'),
});

export const evaluationLine = z.strictObject({
  evaluation: text,
  model: text,
  window,
  revision: count,
  verdict,
  rows,
  hash: hash.describe('Of the canonical JSON of the whole evaluation'),
  endedAt: time,
});
