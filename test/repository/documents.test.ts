import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
  'examples/flights/README.md',
];

/** Links to files that are not there. */
function deadLinks(path: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(path), target)));
}

/** Paths in backticks below a folder of ours that are not there; `*` stands for any name. */
function deadPaths(text: string): readonly string[] {
  const folders = /^(src|test|docs|alerts|dashboards|scripts|bench|examples|\.ci)\//;
  return [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => folders.test(path) && !path.includes('<'))
    .filter((path) => !(path.includes('*') ? matchesAny(path) : existsSync(join(root, path))));
}

function matchesAny(pattern: string): boolean {
  const folder = join(root, dirname(pattern));
  const name = new RegExp(
    `^${pattern
      .slice(dirname(pattern).length + 1)
      .replaceAll('.', '\\.')
      .replaceAll('*', '.*')}$`,
  );
  return existsSync(folder) && readdirSync(folder).some((file) => name.test(file));
}

describe('documents tell the truth about the tree', () => {
  test.each(documents)('links and paths of %s lead somewhere', (path) => {
    const text = read(path);
    expect([...deadLinks(path, text), ...(path.startsWith('docs/') ? [] : deadPaths(text))]).toEqual([]);
  });

  test('planted dead ends are found', () => {
    expect(deadLinks('README.md', 'see [this](docs/nowhere.md) and [that](https://example.org)')).toEqual([
      'docs/nowhere.md',
    ]);
    expect(deadPaths('`src/nowhere.ts` and `src/cycle.ts` and `src/metrics/families*.ts`')).toEqual([
      'src/nowhere.ts',
    ]);
  });

  test('every npm script the documents name exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...read(path).matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('every room is on the map', () => {
    const map = read('ARCHITECTURE.md');
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true });
    const missing = rooms
      .map((room) => (room.isDirectory() ? `\`${room.name}/\`` : `\`${room.name}\``))
      .filter((name) => !map.includes(name));
    expect(missing).toEqual([]);
  });

  test('decisions are numbered without a gap', () => {
    const numbers = readdirSync(join(root, 'docs/decisions'))
      .sort()
      .map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});
