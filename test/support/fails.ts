import { expect } from 'vitest';
import { RemoteError, type RemoteReason } from '../../src/remote/error.ts';

/** The RemoteError a call ends with; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<RemoteError> {
  try {
    const answer = await call;
    throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
  } catch (error) {
    if (error instanceof RemoteError) return error;
    throw error;
  }
}

export async function expectFailure(
  call: Promise<unknown>,
  ...reasons: RemoteReason[]
): Promise<RemoteError> {
  const error = await failureOf(call);
  expect(reasons).toContain(error.reason);
  expect(error.message).not.toBe('');
  expect(error.remedy).not.toBe('');
  return error;
}

/** All that an error could tell a reader, for tests of what it must not tell. */
export function everythingIn({ reason, place, message, remedy, code, stack }: RemoteError): string {
  return JSON.stringify([reason, place, message, remedy, code, stack]);
}
