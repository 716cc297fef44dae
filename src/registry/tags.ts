import { z } from 'zod';
import { dictionary } from '../remote/call.ts';

/** MLflow's list of tags, which it leaves out when it is empty. */
export const Tags = z
  .array(z.object({ key: z.string(), value: z.string().nullish() }))
  .nullish()
  .transform((tags) => dictionary((tags ?? []).map((tag) => [tag.key, tag.value ?? ''] as const)));
