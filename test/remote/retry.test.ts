import { describe, expect, it } from 'vitest';
import { RemoteError, type RemoteReason } from '../../src/remote/error.ts';
import { type RetryPolicy, retryRead, withReadRetries } from '../../src/remote/retry.ts';
import { failureOf } from '../support/fails.ts';
import { testDeps } from '../support/remote-deps.ts';

const POLICY: RetryPolicy = { tries: 4, totalMs: 60_000, firstWaitMs: 1_000, longestWaitMs: 3_000 };

function failing(reason: RemoteReason, retryAfter: number | null = null): RemoteError {
  return new RemoteError({ reason, place: 'here', message: reason, remedy: 'wait', retryAfter });
}

/** A read that fails with each of these in turn and then answers. */
function readAfter(failures: readonly Error[]) {
  let calls = 0;
  return {
    calls: () => calls,
    read: async () => {
      const failure = failures[calls];
      calls += 1;
      if (failure !== undefined) throw failure;
      return 'answer';
    },
  };
}

describe('repeating a read', () => {
  it('answers at once when the first try does', async () => {
    const deps = testDeps();
    expect(await retryRead(readAfter([]).read, { ...deps, policy: POLICY })).toBe('answer');
    expect(deps.waits).toEqual([]);
  });

  it('waits a random part of a limit that doubles up to the longest', async () => {
    const deps = testDeps({}, { jitter: () => 0.5 });
    const trouble = readAfter([failing('unavailable'), failing('network'), failing('timeout')]);
    expect(await retryRead(trouble.read, { ...deps, policy: POLICY })).toBe('answer');
    expect(deps.waits).toEqual([500, 1_000, 1_500]);
  });

  it('gives up after the last try, with its error', async () => {
    const failures = ['unavailable', 'unavailable', 'unavailable', 'network'] as const;
    const trouble = readAfter([...failures.map((reason) => failing(reason)), failing('timeout')]);
    const error = await failureOf(retryRead(trouble.read, { ...testDeps(), policy: POLICY }));
    expect(error.reason).toBe('network');
    expect(trouble.calls()).toBe(4);
  });

  it('waits as long as the other side asked', async () => {
    const deps = testDeps();
    const trouble = readAfter([failing('rate_limited', 7_000), failing('unavailable', 0)]);
    await retryRead(trouble.read, { ...deps, policy: POLICY });
    expect(deps.waits).toEqual([7_000, 0]);
  });

  it.each([
    [59_999, 2],
    [60_000, 2],
    [60_001, 1],
  ])('asked to wait %i ms of 60 000, tries %i times', async (wait, tries) => {
    const trouble = readAfter([failing('rate_limited', wait)]);
    await retryRead(trouble.read, { ...testDeps(), policy: POLICY }).catch(() => undefined);
    expect(trouble.calls()).toBe(tries);
  });

  it('counts the time of the tries towards the total', async () => {
    const deps = testDeps();
    let calls = 0;
    const slow = async (): Promise<never> => {
      calls += 1;
      deps.advance(30_000);
      throw failing('timeout');
    };
    await failureOf(retryRead(slow, { ...deps, policy: POLICY }));
    expect(calls).toBe(2);
  });

  it.each(['unauthorized', 'forbidden', 'not_found', 'bad_answer', 'rejected'] as const)(
    'does not repeat %s',
    async (reason) => {
      const trouble = readAfter([failing(reason)]);
      expect((await failureOf(retryRead(trouble.read, { ...testDeps(), policy: POLICY }))).reason).toBe(
        reason,
      );
      expect(trouble.calls()).toBe(1);
    },
  );

  it('does not repeat a mistake of our own', async () => {
    const trouble = readAfter([new TypeError('mistake')]);
    await expect(retryRead(trouble.read, { ...testDeps(), policy: POLICY })).rejects.toThrow(TypeError);
    expect(trouble.calls()).toBe(1);
  });

  it.each([
    ['GET', 2],
    ['PUT', 1],
    ['POST', 1],
  ] as const)('sends %s at most %i times', async (method, times) => {
    const trouble = readAfter([failing('network')]);
    const client = withReadRetries({ name: 'x', request: trouble.read }, { ...testDeps(), policy: POLICY });
    await client.request({ method, path: '/', place: 'here' }).catch(() => undefined);
    expect(trouble.calls()).toBe(times);
    expect(client.name).toBe('x');
  });
});
