import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { VIOLATIONS, type Violation } from './planted/violations.ts';

const run = promisify(execFile);

/** A copy of what is committed or staged here, in which faults can be planted. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftwarden-planted-'));
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
  for (const file of files.filter((name) => name !== '')) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(file, join(folder, file));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const copy = copyOfRepository();
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const Report = z.object({ numFailedTests: z.number(), numTotalTests: z.number().positive() });

/** How many tests of the guards fail. */
async function failures(guards: readonly string[]): Promise<number> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const words = ['vitest', 'run', '--reporter=json', `--outputFile=${report}`, ...guards];
  await run('npx', words, { cwd: copy }).catch(() => undefined);
  return Report.parse(JSON.parse(readFileSync(report, 'utf8'))).numFailedTests;
}

function planted(text: string, { find, put, file }: Violation): string {
  if (find === '') return `${put}${text}`;
  expect(text.split(find), `${file} has ${JSON.stringify(find)} once`).toHaveLength(2);
  return text.replace(find, () => put);
}

describe('each invariant of ARCHITECTURE.md is guarded: a planted violation turns its tests red', () => {
  test('every invariant has one', () => {
    const invariants =
      readFileSync('ARCHITECTURE.md', 'utf8').split('## Invariants')[1]?.split('## Time')[0] ?? '';
    const numbers = [...invariants.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect([...new Set(VIOLATIONS.map(({ invariant }) => invariant))]).toEqual(numbers);
  });

  test.each(VIOLATIONS)('$invariant: $says', async (violation) => {
    const file = join(copy, violation.file);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, planted(whole, violation));
    const failed = await failures(violation.guards).finally(() => writeFileSync(file, whole));
    expect(failed).toBeGreaterThan(0);
  });

  test('and without one they are green', async () => {
    const guards = [...new Set(VIOLATIONS.flatMap((violation) => violation.guards))];
    expect(await failures(guards)).toBe(0);
  });
});
