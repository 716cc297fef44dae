import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOf, evaluationOf } from './support/evaluation.ts';
import type { Row } from './support/parquet.ts';
import { crowd, DAY, HOUR, PAYLOAD_COLUMNS, PURPOSES, requests } from './support/people.ts';
import { countNumbers, expectClose, ksOf, psiOf, quantile } from './support/recount.ts';
import { MIDNIGHT, NOW, type Site, siteWithTraining } from './support/site.ts';

const TRAINED = [
  ...crowd({ seed: 1, rows: 1000, version: '1' }),
  ...crowd({ seed: 2, rows: 1000, version: '2' }),
];

function numbers(rows: readonly Row[], column: string): number[] {
  return rows.map((row) => Number(row[column]));
}

/** Every file of the site with its bytes and times. */
function traceOf(site: Site): string {
  const names = readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).sort();
  return names
    .map((name) => {
      const path = join(site.folder, name);
      const { mtimeMs, mode } = statSync(path);
      const bytes = statSync(path).isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : '';
      return `${name} ${mode} ${mtimeMs} ${bytes}`;
    })
    .join('\n');
}

describe('the numbers', () => {
  test.each([
    { seed: 5, incomeShift: 0, verdict: 'ok', code: 0 },
    { seed: 6, incomeShift: 0.36, verdict: 'warn', code: 1 },
    { seed: 7, incomeShift: 0.8, verdict: 'breach', code: 2 },
  ])('PSI and KS of a shift by $incomeShift are what the raw rows say, and it is $verdict', async (given) => {
    const { seed, incomeShift, verdict, code } = given;
    const site = await siteWithTraining();
    const people = crowd({ seed, rows: 700, version: '2', incomeShift });
    await site.day('credit', 1, people);
    const answer = await site.run('evaluate', 'credit', '--json');
    expect(answer.code).toBe(code);
    const evaluation = evaluationOf(answer);
    expect(evaluation).toMatchObject({ model: 'credit', rows: 700, revision: 0, verdict });
    expect(evaluation.window).toEqual({ start: '2026-03-09T00:00:00.000Z', end: '2026-03-10T00:00:00.000Z' });
    expect(evaluation.baseline?.rows).toBe(2000);

    const psi = checkOf(evaluation, 'income');
    const edges = psi.cells?.edges ?? [];
    const deciles = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) =>
      quantile(numbers(TRAINED, 'income'), tenth / 10),
    );
    expect(edges).toHaveLength(9);
    for (const [index, edge] of edges.entries()) expectClose(edge, deciles[index] ?? Number.NaN);
    const before = countNumbers(numbers(TRAINED, 'income'), edges);
    const after = countNumbers(numbers(people, 'income'), edges);
    expect(psi.cells?.baseline).toEqual(before);
    expect(psi.cells?.window).toEqual(after);
    expectClose(psi.value, psiOf(before, after));
    expect(psi).toMatchObject({
      kind: 'input_drift',
      segment: 'all',
      version: 'all',
      verdict,
      warn: 0.1,
      breach: 0.25,
    });
    expect(psi.lower).toBeLessThanOrEqual(psi.value ?? 0);
    expect(psi.upper).toBeGreaterThanOrEqual(psi.value ?? 0);

    const ks = checkOf(evaluation, 'income', 'ks');
    const fine = ks.cells?.edges ?? [];
    expect(fine).toHaveLength(19);
    expectClose(
      ks.value,
      ksOf(countNumbers(numbers(TRAINED, 'income'), fine), countNumbers(numbers(people, 'income'), fine)),
    );
    expect(ks).toMatchObject({ warn: null, breach: null, verdict: 'ok' });
  });

  test('a category is counted by name, and a name the baseline never had is unseen', async () => {
    const site = await siteWithTraining();
    const people = crowd({ seed: 8, rows: 600, version: '2' }).map((row, index) =>
      index % 20 === 0
        ? { ...row, purpose: 'spaceship' }
        : index % 50 === 1
          ? { ...row, purpose: null }
          : row,
    );
    await site.day('credit', 1, people);
    const check = checkOf(evaluationOf(await site.run('evaluate', 'credit', '--json')), 'purpose');
    const count = (rows: readonly Row[], name: string | null): number =>
      rows.filter((row) => row['purpose'] === name).length;
    expect(check.cells?.edges).toBeNull();
    expect(check.cells?.labels).toEqual([...PURPOSES, 'missing', 'unseen']);
    expect(check.cells?.baseline).toEqual([...PURPOSES.map((name) => count(TRAINED, name)), 0, 0]);
    expect(check.cells?.window).toEqual([
      ...PURPOSES.map((name) => count(people, name)),
      count(people, null),
      count(people, 'spaceship'),
    ]);
    expectClose(check.value, psiOf(check.cells?.baseline ?? [], check.cells?.window ?? []));
  });

  test('the prediction is judged per version, each against what that version predicted in training', async () => {
    const site = await siteWithTraining();
    const one = crowd({ seed: 9, rows: 300, version: '1' });
    const two = crowd({ seed: 10, rows: 300, version: '2', scoreShift: 1 });
    await site.day('credit', 1, [...one, ...two]);
    const evaluation = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    const scores = evaluation.checks.filter(
      ({ check, method }) => check === 'prediction' && method === 'psi',
    );
    expect(
      scores.map(({ version, verdict, rows, baselineRows }) => ({ version, verdict, rows, baselineRows })),
    ).toEqual([
      { version: '1', verdict: 'ok', rows: 300, baselineRows: 1000 },
      { version: '2', verdict: 'breach', rows: 300, baselineRows: 1000 },
    ]);
    for (const score of scores) {
      const rows = TRAINED.filter((row) => row['model_version'] === score.version);
      const edges = score.cells?.edges ?? [];
      expect(score.kind).toBe('output_drift');
      expect(score.cells?.baseline).toEqual(countNumbers(numbers(rows, 'score'), edges));
      expectClose(score.value, psiOf(score.cells?.baseline ?? [], score.cells?.window ?? []));
    }
    expect(evaluation.verdict).toBe('breach');
  });

  test('a request that was logged twice is one row, the first one', async () => {
    const site = await siteWithTraining();
    const rows = requests(crowd({ seed: 11, rows: 300, version: '2' }), MIDNIGHT - DAY);
    const again = rows.map((row) => ({ ...row, income: 1e6, event_time: Number(row['event_time']) + 1 }));
    await site.write('credit_payload', PAYLOAD_COLUMNS, [...again, ...rows]);
    const evaluation = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(evaluation.rows).toBe(300);
    const { cells } = checkOf(evaluation, 'income');
    expect(cells?.window).toEqual(countNumbers(numbers(rows, 'income'), cells?.edges ?? []));
  });
});

describe('the window', () => {
  test('begins with its start and ends before its end', async () => {
    const site = await siteWithTraining({ model: { minRows: 1 } });
    const [row] = crowd({ seed: 12, rows: 1, version: '2' });
    const times = [-DAY - 1, -DAY, -1, 0].map((offset) => MIDNIGHT + offset);
    const rows = times.map((event_time) => ({ ...row, event_time, request_id: `r${event_time}` }));
    await site.write('credit_payload', PAYLOAD_COLUMNS, rows);
    const counted = async (end: string): Promise<number> =>
      evaluationOf(await site.run('evaluate', 'credit', '--json', '--window-end', end)).rows;
    expect(await counted('2026-03-09T00:00:00Z')).toBe(1);
    expect(await counted('2026-03-10T00:00:00Z')).toBe(2);
    site.domain.advance(DAY);
    expect(await counted('2026-03-11T00:00:00Z')).toBe(1);
  });

  test('closes when its lateness has passed, not a millisecond before', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 5, rows: 300 }));
    const newest = async (): Promise<string> =>
      evaluationOf(await site.run('evaluate', 'credit', '--json')).window.end;
    site.domain.set(MIDNIGHT + HOUR - 1);
    expect(await newest()).toBe('2026-03-09T00:00:00.000Z');
    site.domain.set(MIDNIGHT + HOUR);
    expect(await newest()).toBe('2026-03-10T00:00:00.000Z');
  });

  test.each([
    ['2026-03-10T00:30:00Z', 'No window of credit ends at'],
    ['2026-03-11T00:00:00Z', 'has not closed yet'],
  ])('that ends at %s is refused with 4, which no verdict has', async (end, why) => {
    const site = await siteWithTraining();
    const answer = await site.run('evaluate', 'credit', '--window-end', end);
    expect(answer.code).toBe(4);
    expect(answer.stderr).toContain(why);
    expect(answer.stdout).toBe('');
  });
});

describe('without --act', () => {
  test('nothing is written, before there is a store and beside one, and it says the same again', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 7, rows: 400, version: '2', scoreShift: 1 }));
    const untouched = traceOf(site);
    const first = await site.run('evaluate', 'credit', '--json');
    const second = await site.run('evaluate', 'credit', '--json');
    expect(first.code).toBe(2);
    expect(second.stdout).toBe(first.stdout);
    expect(traceOf(site)).toBe(untouched);

    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(2);
    const stored = traceOf(site);
    site.domain.advance(DAY);
    expect((await site.run('evaluate', 'credit', '--json')).code).toBe(3);
    expect(traceOf(site)).toBe(stored);
    expect(site.workspace.snapshot().endpoints['credit']?.puts).toEqual({ effective: 0, refused: 0 });
    expect(site.desk.deliveries).toHaveLength(1);
  });

  test('a table is printed for people: window, verdict, and each check with its number', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 7, rows: 400, version: '2', incomeShift: 0.8 }));
    const { stdout, code } = await site.run('evaluate', 'credit');
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^credit {2}2026-03-09T00:00:00\.000Z to 2026-03-10T00:00:00\.000Z {2}400 rows {2}verdict: breach$/m,
    );
    expect(stdout).toMatch(/^drift +income +all +psi +breach +0\.\d+/m);
    expect(stdout).toMatch(/^prediction of version 2: ok\. PSI of score is/m);
  });
});

describe('bad usage', () => {
  test.each([
    [['evaluate', 'mortgage'], 'There is no model "mortgage"'],
    [['evaluate'], "missing required argument 'model'"],
    [['evaluate', 'credit', '--window-end', 'yesterday'], 'ISO 8601'],
    [['evaluate', 'credit', '--frobnicate'], 'unknown option'],
  ])('%j ends with 4 and says what is wrong', async (words, why) => {
    const site = await siteWithTraining();
    const answer = await site.run(...words);
    expect(answer.code).toBe(4);
    expect(answer.stderr).toContain(why);
  });

  test('a configuration that is wrong ends with 4 and all its problems', async () => {
    const site = await siteWithTraining();
    site.configure({ model: { window: '0d', lateness: 'soon', frob: 1 } });
    const answer = await site.run('evaluate', 'credit');
    expect(answer.code).toBe(4);
    for (const key of ['window', 'lateness', 'frob']) expect(answer.stderr).toContain(`models.credit.${key}`);
    expect(site.domain.now()).toBe(NOW);
  });
});
