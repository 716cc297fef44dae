import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../src/statistics/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

interface Example {
  readonly file: string;
  readonly call: string;
  readonly results: string;
}

/** `@example name(arguments) // result`, on one line of the header. */
const examples = files.flatMap((file): readonly Example[] =>
  [...readFileSync(folder + file, 'utf8').matchAll(/@example (.+) \/\/ (.+)$/gm)].map(
    ([, call = '', results = '']) => ({ file, call, results }),
  ),
);

/** Files that only hold words or a helper without a result of its own. */
const WITHOUT_EXAMPLE = ['catalogue.ts', 'measure.ts', 'measurement.ts', 'special/root.ts'];

/** What stands behind the slashes, by name where it has one; `0.167...` is cut off, `0.012` is all there is. */
function expectResult(found: unknown, results: string): void {
  for (const [place, part] of results.split(', ').entries()) {
    const [, name, written = ''] = /^(?:(\w+) )?(-?[\d.]+)$/.exec(part) ?? [];
    expect(written, `unreadable result "${part}"`).not.toBe('');
    const value = name === undefined ? (Array.isArray(found) ? found[place] : found) : pick(found, name);
    const digits = written.replace(/\.\.\.$/, '');
    expect(typeof value, part).toBe('number');
    if (digits === written) expect(value).toBeCloseTo(Number(digits), 12);
    else
      expect(Math.abs(Number(value) - Number(digits)), `${part}, got ${value}`).toBeLessThan(
        lastPlace(digits),
      );
  }
}

function lastPlace(digits: string): number {
  return 0.999999 * 10 ** -(digits.split('.')[1] ?? '').length;
}

function pick(found: unknown, name: string): unknown {
  const record = found as { readonly details?: Record<string, unknown> } & Record<string, unknown>;
  return record[name] ?? record.details?.[name];
}

describe('the header of a statistic', () => {
  const named = files.filter(
    (file) => !file.includes('/') && file !== 'sides.ts' && examples.some((example) => example.file === file),
  );
  test.each(named)('%s says where it comes from and what it costs', (file) => {
    const header = readFileSync(folder + file, 'utf8');
    expect(header).toMatch(/\bSources?: /);
    expect(header).toMatch(/O\(|evaluations of|tails per cell/);
  });

  const methods = [
    'psi',
    'ks',
    'jensen-shannon',
    'total-variation',
    'l-infinity',
    'wasserstein',
    'chi-square',
  ];
  test.each([...methods, 'rate', 'volume', 'schema', 'effect-size'])('%s says when it misleads', (name) => {
    expect(readFileSync(`${folder}${name}.ts`, 'utf8')).toMatch(/^ \* Misleads: /m);
  });
});

describe('the worked examples in the headers', () => {
  test.each(examples)('$file: $call', async ({ file, call, results }) => {
    const exported = (await import(pathToFileURL(folder + file).href)) as Record<string, unknown>;
    const helpers = (await import(pathToFileURL(`${folder}sides.ts`).href)) as Record<string, unknown>;
    expectResult(runInNewContext(call, { ...helpers, ...exported }), results);
  });

  test('every file has one', () => {
    const without = files.filter((file) => !examples.some((example) => example.file === file));
    expect(without.sort()).toEqual([...WITHOUT_EXAMPLE].sort());
  });

  test('an example that is wrong is noticed', () => {
    expect(() => expectResult({ value: 0.2 }, 'value 0.1')).toThrow('0.1');
    expect(() => expectResult(0.25, '0.26...')).toThrow('0.26');
    expect(() => expectResult(0.25, 'about a quarter')).toThrow('unreadable');
  });
});
