import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { roomOf, type SourceFile, sourceFiles } from './imports.ts';

const files = sourceFiles(fileURLToPath(new URL('../../src', import.meta.url)));

interface Habit {
  readonly name: string;
  readonly because: string;
  readonly broken: (file: SourceFile) => boolean;
}

const PURE_ROOMS = ['windows', 'baseline', 'statistics', 'judge'];
const matches = (pattern: RegExp) => (file: SourceFile) => pattern.test(withoutComments(file.text));

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const HABITS: readonly Habit[] = [
  {
    name: 'files stay short',
    because: 'a file over 250 lines has a second subject that wants a file of its own',
    broken: ({ text }) => text.split('\n').length > 251,
  },
  {
    name: 'one file ends the process',
    because: 'only main.ts knows exit codes; others throw',
    broken: (file) => file.path !== 'main.ts' && matches(/process\.exit\b/)(file),
  },
  {
    name: 'the clock is injected',
    because: 'only clock.ts reads the time of this machine',
    broken: (file) => file.path !== 'clock.ts' && matches(/Date\.now\(|new Date\(\)/)(file),
  },
  {
    name: 'chance is injected',
    because: 'only app.ts hands out randomness',
    broken: (file) => file.path !== 'app.ts' && matches(/Math\.random/)(file),
  },
  {
    name: 'no enum, no any',
    because: 'unions of string literals and real types',
    broken: matches(/^\s*(export )?(const )?enum |: any\b|as any\b/m),
  },
  { name: 'no default export', because: 'one name everywhere', broken: matches(/^export default/m) },
  {
    name: 'no unfinished marks',
    because: 'finish it, or write down why it is open',
    broken: ({ text }) => /TODO|FIXME|XXX/.test(text),
  },
  {
    name: 'rows stay in the lakehouse',
    because:
      'SQL returns counts, sums, edges and frequent names: a bare SELECT * would bring rows into the process (preparing or describing one to learn its columns does not)',
    broken: (file) =>
      roomOf(file.path) === 'warehouse' &&
      matches(/(?<!prepare\(`|DESCRIBE QUERY )select \*\s+from(?! \()/i)(file),
  },
  {
    name: 'pure rooms are synchronous',
    because: 'what decides does not wait for anything',
    broken: (file) => PURE_ROOMS.includes(roomOf(file.path)) && matches(/\basync\b|\bPromise\b/)(file),
  },
];

function broken(all: readonly SourceFile[]): readonly string[] {
  return all.flatMap((file) =>
    HABITS.filter((habit) => habit.broken(file)).map(
      (habit) => `${file.path}: ${habit.name}. ${habit.because}.`,
    ),
  );
}

describe('habits of the source', () => {
  test('none is broken', () => {
    expect(broken(files)).toEqual([]);
  });

  test.each([
    ['files stay short', 'x.ts', '\n'.repeat(260)],
    ['one file ends the process', 'web/x.ts', 'process.exit(1);'],
    ['the clock is injected', 'judge/x.ts', 'const now = Date.now();'],
    ['the clock is injected', 'judge/x.ts', 'const now = new Date();'],
    ['chance is injected', 'web/x.ts', 'Math.random();'],
    ['no enum, no any', 'x.ts', 'export enum Colour { Red }'],
    ['no enum, no any', 'x.ts', 'const x: any = 1;'],
    ['no default export', 'x.ts', 'export default 1;'],
    ['no unfinished marks', 'x.ts', '// TO' + 'DO later'],
    ['rows stay in the lakehouse', 'warehouse/x.ts', 'const sql = `SELECT * FROM payload`;'],
    ['pure rooms are synchronous', 'judge/x.ts', 'export async function judge() {}'],
  ])('a planted "%s" is found', (habit, path, text) => {
    expect(broken([{ path, text }]).some((sentence) => sentence.includes(habit))).toBe(true);
  });
});
