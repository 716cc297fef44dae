import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Names of the fields of the configuration, as the rest of the program gets it. */
function fields(): readonly string[] {
  const text = readFileSync('src/config/config.ts', 'utf8');
  return [...new Set([...text.matchAll(/^\s*readonly (\w+)\??:/gm)].map(([, name]) => name ?? ''))];
}

/** Code outside the room that parses, without comments: a field is read where its name stands, and nowhere else. */
function readers(): string {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('config/'))
    .map((file) => readFileSync(join('src', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');
}

function unread(names: readonly string[], code: string): readonly string[] {
  return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code));
}

// A key that is parsed and never read does nothing, silently. It is built, or it is refused in not-yet.ts.
test('every field of the configuration is read by somebody outside the parser', () => {
  const names = fields();
  expect(names.length).toBeGreaterThan(60);
  expect(unread(names, readers())).toEqual([]);
});

test('a field that nobody reads is found', () => {
  expect(unread([...fields(), 'zebraStripes'], readers())).toEqual(['zebraStripes']);
});
