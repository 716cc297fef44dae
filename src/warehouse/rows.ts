import type { z } from 'zod';
import { WarehouseError } from './warehouse.ts';

/** Rows of an answer, as the statement promised them. Throws `bad_answer`. */
export function decodeRows<T>(schema: z.ZodType<T>, rows: unknown, table: string): T {
  const parsed = schema.safeParse(rows);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WarehouseError({
    reason: 'bad_answer',
    table,
    message: `The answer about ${table} has another shape than asked for: ${issue?.message ?? ''} (row ${issue?.path.join('.') ?? ''}).`,
    remedy:
      'If files of the table are rewritten in place, put them there by renaming; otherwise report this as a defect.',
  });
}
