import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STATISTICS } from '../../src/statistics/catalogue.ts';
import { type EffectSizes, effectSizes } from '../../src/statistics/effect-size.ts';
import { DATA_METHODS, METHODS } from '../../src/statistics/measurement.ts';

const docs = new URL('../../docs/statistics/', import.meta.url);
const pages = readdirSync(docs).filter((name) => name !== 'README.md');
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8');
const pageOf = (method: string): string => `${method.replaceAll('_', '-')}.md`;
const readme = read('README.md');

const HEADINGS = ['Formula', 'Noise floor and bounds', 'When it misleads', 'Limits in use', 'Example'];
const methods = [...METHODS, ...DATA_METHODS];

describe('the pages', () => {
  test('every method has a page, and every page a method', () => {
    expect(pages.sort()).toEqual(methods.map(pageOf).sort());
  });

  test.each(methods)('%s: every section, its method, its source and its example', (method) => {
    const page = read(pageOf(method));
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
    for (const section of page.split(/^## .+$/m)) expect(section.trim().length).toBeGreaterThan(10);
    expect(page).toContain(`Method \`${method}\``);
    const [, source = ''] = /`(src\/statistics\/[\w-]+\.ts)`/.exec(page) ?? [];
    const header = readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8');
    const [, example = ''] = /@example (.+)$/m.exec(header) ?? [];
    expect(page).toContain(`\`\`\`ts\n${example}\n\`\`\``);
  });

  test('the title is what evaluations call it', () => {
    for (const { method, title } of STATISTICS) {
      const [heading = ''] = read(pageOf(method)).split('\n');
      expect(heading.toLowerCase()).toContain(title.toLowerCase());
    }
  });

  test('a link between pages leads somewhere', () => {
    const links = [...pages, 'README.md'].flatMap((name) =>
      [...read(name).matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, target = '']) => target),
    );
    expect(links.length).toBeGreaterThan(methods.length);
    for (const target of links) expect([...pages, 'README.md']).toContain(target);
  });
});

describe('the overview', () => {
  test('has a line per method that says which columns it accepts', () => {
    const lines = [...readme.matchAll(/^\| \[`(\w+)`\]\(([\w-]+\.md)\) \| (.+?) \|/gm)].map(
      ([, ...cells]) => cells,
    );
    expect(lines.map(([method]) => method)).toEqual(methods);
    for (const [method = '', page] of lines) expect(page).toBe(pageOf(method));
    for (const { method, accepts } of STATISTICS) {
      const words = accepts.map((kind) => (kind === 'numeric' ? 'numbers' : 'categories')).join(', ');
      expect(lines.find(([name]) => name === method)?.[2]).toBe(words);
    }
  });

  test('the table of effect sizes is what the function says', () => {
    const columns: readonly (keyof EffectSizes)[] = [
      'shift',
      'psiDeciles',
      'ks',
      'js',
      'linf',
      'w1PerDeviation',
      'w1',
      'hellinger',
      'auc',
    ];
    const rows = [...readme.matchAll(/^\| ([\d.]+) \| (.+) \|$/gm)];
    expect(rows.length).toBeGreaterThanOrEqual(8);
    for (const [, psi, rest = ''] of rows) {
      const sizes = effectSizes(Number(psi));
      expect(rest.split(' | ')).toEqual(columns.map((column) => sizes[column].toFixed(3)));
    }
  });
});
