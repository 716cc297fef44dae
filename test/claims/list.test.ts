import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STEPS } from '../../src/claims/claim.ts';
import { CLAIMS } from '../../src/claims/list.ts';
import { claimsPage } from '../../src/claims/page.ts';

const PAGE = 'docs/claims.md';

/** Files of the program, without the simulator and without the claims themselves. */
const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/^(simulator|claims|commands)\//.test(path))
  .map((path) => ({ path, text: readFileSync(`src/${path}`, 'utf8') }));

/** Where a call to a system of somebody else is written down, by its method. Desks and deployers of one's own speak our words. */
const OURS = /^(tickets|web|serving\/webhook|remote\/(call|client|retry))/;

describe('the list of what is relied on', () => {
  test('has each claim once, about a file that there is, shown by a step that there is', () => {
    expect(new Set(CLAIMS.map(({ id }) => id)).size).toBe(CLAIMS.length);
    const known = new Set(files.map(({ path }) => path));
    expect(CLAIMS.filter(({ file }) => !known.has(file)).map(({ id }) => id)).toEqual([]);
    const steps = new Set(CLAIMS.flatMap(({ step }) => step ?? []));
    expect([...steps].sort()).toEqual([...STEPS].sort());
  });

  test('names every file in which a call over REST is written', () => {
    const calling = files
      .filter(({ path, text }) => !OURS.test(path) && /method: '(GET|POST|PUT|DELETE|PATCH)'/.test(text))
      .map(({ path }) => path);
    const named = new Set(CLAIMS.filter(({ kind }) => kind === 'rest').map(({ file }) => file));
    expect(calling.length).toBeGreaterThan(4);
    expect([...named].sort()).toEqual(calling.sort());
  });

  test('has a claim of each method that a file uses', () => {
    for (const file of new Set(CLAIMS.filter(({ kind }) => kind === 'rest').map((claim) => claim.file))) {
      const text = files.find(({ path }) => path === file)?.text ?? '';
      const methods = new Set(text.match(/(?<=method: ')(GET|POST|PUT)(?=')/g));
      const claimed = new Set(
        CLAIMS.filter((claim) => claim.file === file).map(({ form }) => form.split(' ')[0] ?? ''),
      );
      expect(claimed, file).toEqual(methods);
    }
  });

  test('tries nothing that changes something', () => {
    for (const { id, form, step } of CLAIMS.filter(({ kind }) => kind === 'rest')) {
      const reads = form.startsWith('GET ') || id === 'rest.token';
      expect(step !== null, id).toBe(reads);
    }
    const changing = /\b(INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|GRANT|COPY|PUT)\b/i;
    expect(CLAIMS.filter(({ kind, form }) => kind === 'sql' && changing.test(form))).toEqual([]);
  });

  test('claims nothing of a live workspace that nobody has sent a record of', () => {
    expect(CLAIMS.filter(({ tested }) => tested.live !== null)).toEqual([]);
  });

  test(`${PAGE} is what the list says (UPDATE_DOCS=1 rewrites it)`, () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, claimsPage());
    expect(readFileSync(PAGE, 'utf8')).toBe(claimsPage());
  });
});
