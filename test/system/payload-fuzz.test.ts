import { expect, it } from 'vitest';
import { fuzzPayloads } from '../support/payload-fuzz-run.ts';

it('a hundred thousand generated requests: none fails the statement, none is lost', async () => {
  const account = await fuzzPayloads(100_000, 2026);
  process.stdout.write(`${JSON.stringify({ ...account, versions: account.versions.length })}\n`);
  expect(account.requests).toBe(100_000);
});
