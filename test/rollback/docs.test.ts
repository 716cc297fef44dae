import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GATES, ROLLBACK_STATES } from '../../src/rollback/rollback.ts';
import { TRANSITIONS } from '../../src/rollback/transitions.ts';
import { mermaid } from './diagram.ts';
import { tableText } from './table.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/rollback.md');
const START = '<!-- state diagram: generated from src/rollback/transitions.ts, UPDATE_DOCS=1 rewrites it -->';
const END = '<!-- end of the state diagram -->';

const TABLE_START = '<!-- table of outcomes: generated from the machine, UPDATE_DOCS=1 rewrites it -->';
const TABLE_END = '<!-- end of the table of outcomes -->';

/** The page with the part between the marks replaced. */
function replaced(page: string, marks: readonly [string, string], text: string): string {
  const [start, end] = marks;
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has lost the mark ${start}`);
  return `${before}${start}\n${text}\n${end}${after}`;
}

/** The page with its generated parts as they are now. */
function withDiagram(page: string): string {
  const drawn = replaced(page, [START, END], mermaid(TRANSITIONS));
  return replaced(drawn, [TABLE_START, TABLE_END], tableText());
}

/** Headings of one level inside a section of the next higher one. */
function headingsUnder(page: string, section: string): readonly string[] {
  const body = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...body.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1] ?? '');
}

describe('docs/rollback.md', () => {
  test('shows states and outcomes as the machine has them', () => {
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
