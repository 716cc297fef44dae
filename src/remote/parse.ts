import type { z } from 'zod';
import type { RemoteCall, RemoteClient } from './call.ts';
import { RemoteError } from './error.ts';

/** A call whose answer is held to the shape we rely on. Throws RemoteError. */
export async function ask<T>(client: RemoteClient, call: RemoteCall, shape: z.ZodType<T>): Promise<T> {
  return fit(shape, await client.request(call), { client, place: call.place });
}

/** Throws `bad_answer` naming the fields that do not fit and never their values, since an answer may hold anything. */
export function fit<T>(
  shape: z.ZodType<T>,
  answer: unknown,
  from: { readonly client: RemoteClient; readonly place: string },
): T {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'its top level'));
  const shown = [...fields].slice(0, 3).join(', ');
  throw badAnswer(from.client, from.place, `does not have the expected shape at ${shown}`);
}

/** An answer that is well formed and cannot be true, or is not about what was asked. */
export function badAnswer(client: RemoteClient, place: string, what: string): RemoteError {
  return new RemoteError({
    reason: 'bad_answer',
    place: `${client.name}, ${place}`,
    message: `${client.name}, ${place}: the answer ${what}`,
    remedy: 'check that the URL leads to the right system, in a version that driftwarden knows',
  });
}
