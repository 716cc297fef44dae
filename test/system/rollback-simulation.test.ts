import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const SEEDS = 100_000;

/** A stretch that has been seen to hold, in three minutes on two idle cores; a longer one is bench/results/rollback-simulation.md. A failing seed is printed with a trace, and with the command that runs it again. */
test(`${SEEDS} seeds of the rollback simulation break no invariant`, async () => {
  const command = [join(ROOT, 'bench/rollback-simulation.mjs'), '--seeds', String(SEEDS)];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT }).catch(
    (error: Error & { readonly stdout?: string }) => ({ stdout: error.stdout ?? error.message }),
  );
  expect(stdout).toContain(`100 000 seeds (1 to ${SEEDS})`);
  expect(stdout, stdout).toContain('No run broke an invariant.');
});
