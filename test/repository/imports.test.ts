import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { RULES, sourceFiles, violations } from './imports.ts';

const files = sourceFiles(fileURLToPath(new URL('../../src', import.meta.url)));

describe('who may import whom', () => {
  test('the files are seen at all', () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.map(({ path }) => path)).toContain('cycle.ts');
  });

  test('no rule is broken', () => {
    expect(violations(files)).toEqual([]);
  });

  test.each([
    ['pure rooms touch nothing', 'judge/planted.ts', "import { readFileSync } from 'node:fs';"],
    ['pure rooms touch nothing', 'windows/planted.ts', "import type { Store } from '../store/store.ts';"],
    ['pure rooms touch nothing', 'rollback/machine.ts', "import { RemoteError } from '../remote/client.ts';"],
    ['measuring is not judging', 'statistics/planted.ts', "import { judgeLimit } from '../judge/limit.ts';"],
    [
      'outside systems do not know each other',
      'serving/databricks/planted.ts',
      "import type { Registry } from '../../registry/registry.ts';",
    ],
    [
      'adapters are built in one place',
      'evaluation/planted.ts',
      "import { openDuckDb } from '../warehouse/duckdb/open.ts';",
    ],
    [
      'the simulator is for the demo alone',
      'web/planted.ts',
      "import { createWorld } from '../simulator/world.ts';",
    ],
    ['commands are the outermost room', 'web/planted.ts', "import { table } from '../commands/table.ts';"],
  ])('a planted violation of "%s" is found in %s', (rule, path, text) => {
    const found = violations([...files, { path, text }]);
    expect(found.some((sentence) => sentence.startsWith(path) && sentence.includes(rule))).toBe(true);
  });

  test('every rule has a planted violation above', () => {
    expect(RULES).toHaveLength(6);
  });
});
