import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Baseline, BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import { evaluationStory } from '../../src/commands/explain.ts';
import { assembleEvaluation } from '../../src/evaluation/assemble.ts';
import { judgeWindow } from '../../src/evaluation/judge-window.ts';
import type { Reading } from '../../src/evaluation/read.ts';
import type { Memory } from '../../src/evaluation/recall.ts';
import { rememberLibraries } from '../../src/judge/evidence/libraries.ts';
import type { Evaluation } from '../../src/judge/verdict.ts';
import { aModel } from '../rollback/support.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/explain.md');
const DAY = 86_400_000;
const START = Date.parse('2026-03-02T00:00:00.000Z');
const EDGES = [900, 1300, 1700, 2100, 2600, 3200, 4000, 5200, 7500];
const AS_EVER = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10];
/** PSI 0.43 and 0.14 from equal shares. */
const FAR = [2, 3, 5, 7, 8, 10, 12, 14, 17, 22];
const NEAR = [5, 6, 7, 8, 9, 10, 11, 12, 14, 18];

function counts(shares: readonly number[], rows: number): CellCounts {
  const cells = shares.map((share) => Math.round((share * rows) / 100));
  return { cells, missing: 0, nonFinite: 0, other: 0, unseen: 0 };
}

const income: BaselineColumn = {
  name: 'income',
  bins: { kind: 'numeric', edges: EDGES, coarseEdges: EDGES },
  counts: counts(AS_EVER, 50_000),
};
const baseline = {
  id: 'bl-1',
  hash: '0'.repeat(64),
  content: { rows: 50_000, columns: [income], predictions: [] },
} as unknown as Baseline;
const model = aModel(
  {},
  {
    prediction: null,
    minRows: 1,
    drift: { rule: 'evidence', psi: { warn: 0.1, breach: 0.25 }, ks: null, features: {} },
  },
);
const libraries = rememberLibraries();

/** The evaluation of the last of some daily windows, each of exactly these shares: no chance in it. */
function lastOf(
  days: readonly (readonly [shares: readonly number[], rows: number])[],
  rule: 'evidence' | 'limit' = 'evidence',
): Evaluation {
  let states: Memory['states'] = [];
  let evaluation: Evaluation | null = null;
  for (const [day, [shares, rows]] of days.entries()) {
    const window = { start: START + day * DAY, end: START + (day + 1) * DAY };
    const found = counts(shares, rows);
    const total = found.cells.reduce((sum, count) => sum + count, 0);
    const reading = {
      baseline,
      features: ['income'],
      versions: [{ version: '7', rows: total, features: { income: found }, prediction: null }],
      rows: total,
      trouble: null,
      payload: null,
    } as unknown as Reading;
    const memory = {
      baselines: [baseline],
      cases: [],
      progress: null,
      states,
      stored: null,
      earlier: [],
    } as unknown as Memory;
    const answer = judgeWindow({
      model: { ...model, drift: { ...model.drift, rule } },
      window,
      reading,
      memory,
      libraries,
      now: window.end,
    });
    states = answer.states;
    evaluation = assembleEvaluation({
      model: 'credit_pd',
      window,
      revision: 0,
      reading,
      checks: answer.checks,
    });
  }
  if (evaluation === null) throw new Error('there was no day');
  return evaluation;
}

const SITUATIONS = [
  {
    title: 'Quiet',
    verdict: 'ok',
    days: [[AS_EVER, 4800]],
    said: 'The feature looks like the baseline. Nothing to do.',
  },
  {
    title: 'Proven, and over the breach limit',
    verdict: 'breach',
    days: [
      [AS_EVER, 4800],
      [FAR, 4800],
    ],
    said: 'The distribution has moved, by more than the policy tolerates, and chance is no explanation. This opens an exception.',
  },
  {
    title: 'Over the breach limit, but not proven',
    verdict: 'insufficient',
    days: [[FAR, 120]],
    said: 'With so few rows a value like this can be chance. Neither healthy nor a breach: it says how many more rows would settle it.',
  },
  {
    title: 'Proven, but small',
    verdict: 'warn',
    days: [
      [NEAR, 9600],
      [NEAR, 9600],
      [NEAR, 9600],
    ],
    said: 'That it has moved beyond the warn limit is certain enough; its size is under the breach limit. Worth a look, no exception.',
  },
  {
    title: 'Recovered',
    verdict: 'ok',
    days: [
      [FAR, 4800],
      [AS_EVER, 4800],
    ],
    said: 'The very shift that was proven before has ended, and the newest window is within the limit. The test starts anew.',
  },
] as const;

function page(): string {
  const parts = SITUATIONS.flatMap(({ title, days, said }) => [
    `## ${title}`,
    '',
    said,
    '',
    '```',
    ...evaluationStory(lastOf(days)),
    '```',
    '',
  ]);
  return [INTRODUCTION, ...parts].join('\n');
}

const INTRODUCTION = `# What explain says, in five situations

What \`driftwarden explain\` prints for one feature, \`income\`, under rule \`evidence\` with a warn limit of 0.1 and a breach limit of 0.25, and how to read it. A test writes
this page from the program, so it is what you will see. The feature takes exactly these shares in each window; in real ones chance blurs them.

Three things come back in every story:

- **The value** (\`PSI of income is 0.411\`) is how far this window's distribution lies from the baseline. A small window strays far by chance alone.
- **"Proven: 652 to 1, 406 to 1 asked".** Read it as a wager. Someone who bets, window after window and at fair odds, against "the feature is within the warn limit" has made
  652 out of 1. While the feature is within its limit, nobody can count on winning. How much winning it takes to call it proven follows from the number of false alarms you allow per year
  and from how many features are watched; here that is 406. It is not the probability that there is drift.
- **"Its size there"** is the best guess of how far it has moved, over the windows that the proof rests on. Proof says *that* it is beyond the warn limit; size decides between \`warn\` and \`breach\`.

Below them stands what the rule of fixed limits would say of the same window, and how often it would say so of such windows by chance alone: with few rows often, with thousands hardly ever.
\`drift.rule\` chooses which of the two decides.
`;

test.each(SITUATIONS)('$title: $verdict', ({ verdict, days }) => {
  expect(lastOf(days).policy.find(({ check }) => check === 'drift')?.verdict).toBe(verdict);
});

test('whichever rule decides, both stand side by side, and nothing follows from the other', () => {
  const days = [[FAR, 120]] as const;
  const psiOf = ({ checks }: Evaluation) => checks.find(({ method }) => method === 'psi');
  const byEvidence = psiOf(lastOf(days));
  const byLimit = psiOf(lastOf(days, 'limit'));
  expect(byEvidence).toMatchObject({
    verdict: 'insufficient',
    rules: { limit: 'breach', evidence: 'insufficient' },
  });
  expect(byLimit).toMatchObject({ verdict: 'breach', rules: { limit: 'breach', evidence: 'insufficient' } });
  expect(byLimit).toMatchObject({ evidence: null, evidenceNeeded: null });
  expect(byEvidence?.rules?.chance?.warn).toBeGreaterThan(0.1);
  expect(lastOf(days, 'limit').checks.some(({ subject }) => subject === 'several')).toBe(false);
});

test('docs/explain.md is what explain prints', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page());
  expect(readFileSync(PAGE, 'utf8')).toBe(page());
});
