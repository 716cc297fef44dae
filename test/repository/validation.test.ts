import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Rows of tables; header rows and the lines under them say nothing that was measured. */
function rowsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('|') && /\d/.test(line));
}

/** Rows that stand in none of the files. */
function unfounded(rows: readonly string[], files: readonly string[]): readonly string[] {
  const known = new Set(files.flatMap((file) => read(file).split('\n')));
  return rows.filter((row) => !known.has(row));
}

const RESULTS = ['bench/peers/results.md'];

test('every row of numbers that the validation pages quote stands in a committed file of results', () => {
  const quoted = rowsOf(read('docs/validation/results.md'));
  expect(quoted.length).toBeGreaterThan(10);
  expect(unfounded(quoted, RESULTS)).toEqual([]);
});

test('a planted number is found', () => {
  expect(unfounded(['| driftwarden | **0** (0 to 0)<br>0 |'], RESULTS)).toHaveLength(1);
});
