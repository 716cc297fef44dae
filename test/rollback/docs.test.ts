import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GATES, ROLLBACK_STATES } from '../../src/rollback/rollback.ts';
import { TRANSITIONS } from '../../src/rollback/transitions.ts';
import { mermaid } from './diagram.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/rollback.md');
const START = '<!-- state diagram: generated from src/rollback/transitions.ts, UPDATE_DOCS=1 rewrites it -->';
const END = '<!-- end of the state diagram -->';

/** The page with the part between the marks replaced. */
function withDiagram(page: string): string {
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${PAGE} has lost the marks around its diagram`);
  return `${before}${START}\n${mermaid(TRANSITIONS)}\n${END}${after}`;
}

/** Headings of one level inside a section of the next higher one. */
function headingsUnder(page: string, section: string): readonly string[] {
  const body = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...body.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1] ?? '');
}

describe('docs/rollback.md', () => {
  test('shows the states as the machine has them', () => {
    const page = readFileSync(PAGE, 'utf8');
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, withDiagram(page));
    expect(readFileSync(PAGE, 'utf8')).toBe(withDiagram(page));
  });

  test('has a paragraph for each gate, in the order in which they are asked', () => {
    expect(headingsUnder(readFileSync(PAGE, 'utf8'), 'The gates')).toEqual(GATES);
  });

  test('says what each state means', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const state of ROLLBACK_STATES) expect(page, state).toContain(`| \`${state}\` |`);
  });
});
