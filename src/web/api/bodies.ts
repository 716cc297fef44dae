import { z } from 'zod';

/** One line that a person typed: it goes into the audit chain, tickets and pages. */
const PLAIN = /^[^\p{Cc}\p{Bidi_Control}]*$/u;

const by = z
  .string()
  .trim()
  .min(1, 'say who')
  .max(200, 'has more than 200 characters')
  .regex(PLAIN, 'has control characters');

const reason = z
  .string()
  .trim()
  .min(1, 'say why')
  .max(2000, 'has more than 2000 characters')
  .regex(/^(?:[^\p{Cc}\p{Bidi_Control}]|[\t\n\r])*$/u, 'has control characters');

const moment = z.iso
  .datetime({ offset: true, error: 'must be a time in ISO 8601, such as 2026-11-24T00:00:00Z' })
  .transform((text) => Date.parse(text));

/** `by` is needed with the command line's token, and follows from a token that has a name. */
const who = by.optional().describe('Who asks for it; left out with a token that has a name');

export const CLAIM = z.strictObject({ by: who, reason: reason.optional() });
export const CLAIM_WITH_REASON = z.strictObject({ by: who, reason });
export const RELEASE = z.strictObject({
  by: who,
  reason,
  version: z.string().trim().min(1, 'say which version').max(200, 'has more than 200 characters'),
});
export const SILENCE = z.strictObject({
  by: who,
  reason,
  model: z.string().trim().min(1, 'say which model').max(200, 'has more than 200 characters'),
  until: moment.nullable().describe('Nothing of the model is rolled back until then; null lifts the silence'),
});
export const KILL_SWITCH = z.strictObject({
  by: who,
  reason,
  on: z.boolean().describe('true: nothing outside is changed from now on'),
});
export const ACCEPT_RISK = z.strictObject({ by: who, reason, until: moment });
export const EVALUATE = z.strictObject({ windowEnd: moment.optional() });

export const EVALUATIONS_QUERY = z.strictObject({
  model: z.string().min(1),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: moment.optional().describe('Only windows that end before this'),
});
export const MODEL_QUERY = z.strictObject({ model: z.string().min(1).optional() });
export const EXCEPTIONS_QUERY = MODEL_QUERY.extend({
  open: z.enum(['true', 'false']).optional().describe('true: only cases that are not resolved'),
});
export const ROLLBACKS_QUERY = MODEL_QUERY.extend({
  active: z.enum(['true', 'false']).optional().describe('true: only rollbacks that have not ended'),
});
export const AUDIT_QUERY = z.strictObject({
  from: z.coerce.number().int().min(1).default(1).describe('First sequence number'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
