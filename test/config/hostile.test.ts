import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isScalar, parseDocument, visit } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { loadText, MINIMAL, shown, temporaryFolder } from './files.ts';

const folder = temporaryFolder();

describe('a file that is no configuration', () => {
  test('is not there', async () => {
    const result = await loadConfig(join(folder, 'absent.yaml'));
    expect(result).toEqual({
      ok: false,
      problems: [
        {
          file: join(folder, 'absent.yaml'),
          line: null,
          column: null,
          path: '',
          message: 'does not exist',
          remedy: 'check the name',
        },
      ],
    });
  });

  test('is a directory, a device or a pipe', async () => {
    mkdirSync(join(folder, 'directory.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(shown(await loadConfig(join(folder, 'directory.yaml')), folder)).toEqual([
      'directory.yaml: is a directory; name a file in it',
    ]);
    for (const file of [join(folder, 'pipe.yaml'), '/dev/zero']) {
      expect(shown(await loadConfig(file), folder)).toEqual([
        expect.stringContaining(': is not a regular file; copy it to a file first'),
      ]);
    }
  });

  test('is not UTF-8', async () => {
    const latin1 = Buffer.from(`${MINIMAL}# caf\u00e9\n`, 'latin1');
    const utf16 = Buffer.from(`\ufeff${MINIMAL}`, 'utf16le');
    for (const bytes of [latin1, utf16]) {
      expect(shown(await loadText(folder, bytes), folder)).toEqual([
        'driftwarden.yaml: is not UTF-8 text; save it as UTF-8',
      ]);
    }
    expect((await loadText(folder, `\ufeff${MINIMAL}`)).ok).toBe(true);
  });

  test('is larger than 1 MiB: one byte below, at, above', async () => {
    const filled = (size: number): string => `${MINIMAL}#${'x'.repeat(size - MINIMAL.length - 1)}`;
    expect((await loadText(folder, filled(1_048_575))).ok).toBe(true);
    expect((await loadText(folder, filled(1_048_576))).ok).toBe(true);
    expect(shown(await loadText(folder, filled(1_048_577)), folder)).toEqual([
      'driftwarden.yaml: is larger than 1 MiB; check the name, or split it with include',
    ]);
  });

  test('is nested without end', async () => {
    for (const text of ['['.repeat(100_000), `a: ${'{a: '.repeat(20_000)}`]) {
      const problems = shown(await loadText(folder, text), folder);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(
        'the file is nested too deeply; check for brackets that are never closed',
      );
    }
  });

  test('expands to billions of values', async () => {
    const levels = Array.from({ length: 8 }, (_, level) => {
      const items = Array(10).fill(level === 0 ? 'x' : `*a${level - 1}`);
      return `a${level}: &a${level} [${items.join(', ')}]\n`;
    });
    expect(shown(await loadText(folder, levels.join('')), folder)).toEqual([
      'driftwarden.yaml:1:1: references (*name) in the file expand to too much; use defaults instead of references',
    ]);
  });

  test('holds more references than a person writes, and a hundred are fine', async () => {
    const text = (count: number): string =>
      `${MINIMAL}    rollback: { mode: &mode observe }\n${Array.from(
        { length: count },
        (_, index) =>
          `  m${index}: { registeredModel: m, source: { table: lake.rows, layout: columns, timestamp: ts }, baseline: { trailing: 28d }, rollback: { mode: *mode } }\n`,
      ).join('')}`;
    expect(shown(await loadText(folder, text(100)), folder)).toEqual([]);
    expect(shown(await loadText(folder, text(101)), folder)).toEqual([
      expect.stringContaining(
        'models.m100.rollback.mode is one reference (*name) of more than 100 in this file',
      ),
    ]);
  });

  test('holds two thousand mistakes, each of which is told', async () => {
    const models = Array.from({ length: 2_000 }, (_, index) => `  m${index}: { lateness: soon }\n`);
    const result = await loadText(folder, MINIMAL + models.join(''));
    const problems = shown(result, folder).filter((problem) =>
      problem.includes('lateness is not a duration'),
    );
    expect(problems).toHaveLength(2_000);
    expect(problems.at(-1)).toContain('driftwarden.yaml:2011:22: models.m1999.lateness');
  });

  test('holds half a character', async () => {
    const result = await loadText(folder, `${MINIMAL}    prediction: { name: "\\ud800" }\n`);
    expect(shown(result, folder)).toEqual([
      expect.stringContaining('prediction.name is not valid Unicode text'),
    ]);
  });
});

describe('whatever a file holds', () => {
  const example = readFileSync('driftwarden.example.yaml', 'utf8');

  test('a secret in the wrong place is never repeated', async () => {
    const secret = 'hunter2-Zx81-Zx81';
    const document = parseDocument(example);
    const ranges: (readonly [number, number])[] = [];
    visit(document, {
      Scalar: (key, node) => {
        if (key !== 'key' && isScalar(node) && node.range !== null && node.range !== undefined) {
          ranges.push([node.range[0], node.range[1]]);
        }
      },
    });
    expect(ranges.length).toBeGreaterThan(100);
    const disguises = [secret, `"${secret}`, `https://user:${secret}@host/`];
    let refused = 0;
    for (const [index, [start, end]] of ranges.entries()) {
      // Plain everywhere, and every other place in quotes that are never closed, or in a URL.
      for (const value of new Set([secret, disguises[index % 3]])) {
        const result = await loadText(folder, `${example.slice(0, start)}${value}${example.slice(end)}`);
        if (result.ok) continue;
        refused += 1;
        expect(JSON.stringify(result.problems)).not.toContain('hunter2');
      }
    }
    expect(refused).toBeGreaterThan(ranges.length / 2);
  });

  test('loading ends with a configuration or with problems that have a place', async () => {
    const lines = example.split('\n');
    const junk = fc.constantFrom(
      '- x',
      '  ? y',
      '}',
      '[',
      'models:',
      '  credit_pd:',
      '\t',
      'a: *b',
      '    drift: 1',
      'version: {}',
      '...',
      '\u0000',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(lines.length - 1), fc.option(junk)), { minLength: 1, maxLength: 6 }),
        async (edits) => {
          const edited: (string | null)[] = [...lines];
          for (const [line, text] of edits) edited[line] = text;
          const result = await loadText(folder, edited.filter((line) => line !== null).join('\n'));
          if (result.ok) return;
          expect(result.problems.length).toBeGreaterThan(0);
          for (const problem of result.problems) {
            expect(problem.line).toBeGreaterThan(0);
            expect(problem.column).toBeGreaterThan(0);
            expect(problem.message).not.toBe('');
            expect(problem.remedy).not.toBe('');
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});
