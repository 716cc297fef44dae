import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { NOT_YET } from '../../src/config/not-yet.ts';
import { referencePage } from '../../src/config/reference-page.ts';
import { loadText, shown, temporaryFolder } from './files.ts';

const EXAMPLE = 'driftwarden.example.yaml';
const example = readFileSync(EXAMPLE, 'utf8');
const folder = temporaryFolder();

/** Every key the format knows, with its schema, wherever it stands. */
function keysOf(schema: JsonSchema, path = ''): readonly (readonly [string, string, JsonSchema])[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    [`${path}.${key}`, key, property] as const,
    ...keysOf(property, `${path}.${key}`),
  ]);
  const more = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  const others = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...more,
    ...(schema.items ? [schema.items] : []),
  ];
  const definitions = Object.entries(schema.$defs ?? {}).flatMap(([name, inside]) => keysOf(inside, name));
  return [...inner, ...others.flatMap((other) => keysOf(other, path)), ...definitions];
}

describe('what is generated from the schema', () => {
  test.each([
    ['docs/config.schema.json', () => `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['docs/configuration.md', referencePage],
  ])('%s is up to date: else run UPDATE_DOCS=1 npx vitest run test/config', (file, generate) => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, generate());
    expect(readFileSync(file, 'utf8')).toBe(generate());
  });

  test('describes every key', () => {
    const keys = keysOf(configJsonSchema());
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter(([, , schema]) => (schema.description ?? '') === '').map(([path]) => path)).toEqual(
      [],
    );
  });

  test('says "not in this version" of every key that is refused for it', () => {
    const schema = JSON.stringify(configJsonSchema());
    const page = referencePage();
    for (const row of NOT_YET) {
      expect(schema, row.path).toContain(`(${row.instead}).`);
      expect(page, row.path).toContain(`(${row.instead}).`);
    }
  });
});

describe('the example', () => {
  test('loads without a problem', async () => {
    const result = await loadConfig(EXAMPLE);
    expect(shown(result, '.')).toEqual([]);
    expect(result.ok && Object.keys(result.config.models)).toEqual(['credit_pd']);
  });

  test('shows every key the format knows', () => {
    const missing = keysOf(configJsonSchema()).filter(
      ([, key]) => !new RegExp(`(?:^|[\\s{#])${key}:`, 'm').test(example),
    );
    expect(missing.map(([path]) => path)).toEqual([]);
  });

  test('marks what this version refuses, truly and completely', async () => {
    const lines = example.split('\n');
    const marked = lines.flatMap((line, index) =>
      /^\s*# .*# not in this version$/.test(line) ? [index] : [],
    );
    expect(marked.length).toBeGreaterThan(15);
    const met = new Set<string>();
    for (const index of marked) {
      const uncommented = lines.with(index, (lines[index] ?? '').replace('# ', ''));
      const result = await loadText(folder, uncommented.join('\n'));
      const refusals = result.ok
        ? []
        : result.problems.filter(({ message }) => message.endsWith('is not in this version'));
      expect(refusals, lines[index]).toHaveLength(1);
      for (const { path, message } of refusals) met.add(`${path} ${message.split(' ')[0]}`);
      // Where the line stands beside the key it would replace, that key is given twice; nothing else may be wrong.
      const others = result.ok
        ? []
        : result.problems.filter(({ message }) => !/is not in this version$|^is given twice/.test(message));
      expect(others, lines[index]).toEqual([]);
    }
    const rows = NOT_YET.map((row) => [row.path, row.value ?? 'is'] as const);
    const unmet = rows.filter(([path, word]) => {
      const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '[\\w-]+')} ${word}$`);
      return ![...met].some((place) => pattern.test(place));
    });
    expect(unmet).toEqual([]);
  });
});
