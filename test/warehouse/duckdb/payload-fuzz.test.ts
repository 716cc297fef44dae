import { expect, it } from 'vitest';
import { fuzzPayloads } from '../../support/payload-fuzz-run.ts';

// A hundred thousand of them run in test/system/payload-fuzz.test.ts.
it.each([1, 2, 3])('no generated request is lost, whatever is in it: seed %i', async (seed) => {
  const { accepted, rejected } = await fuzzPayloads(1_500, seed);
  expect(accepted).toBeGreaterThan(200);
  for (const reason of ['request_shape', 'response_shape', 'length_mismatch', 'client_error'] as const)
    expect([reason, rejected[reason] > 0]).toEqual([reason, true]);
});
