import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOf, evaluationOf } from './support/evaluation.ts';
import { type Columns, type Row } from './support/parquet.ts';
import {
  crowd,
  DAY,
  HOUR,
  PAYLOAD_COLUMNS,
  PURPOSES,
  randomOf,
  requests,
  TRAINING_COLUMNS,
} from './support/people.ts';
import { countNumbers, expectClose, ksOf, psiOf, quantile } from './support/recount.ts';
import { createSite, MIDNIGHT, NOW, type Site, siteWithTraining } from './support/site.ts';

const TRAINED = [
  ...crowd({ seed: 1, rows: 1000, version: '1' }),
  ...crowd({ seed: 2, rows: 1000, version: '2' }),
];

function numbers(rows: readonly Row[], column: string): number[] {
  return rows.map((row) => Number(row[column]));
}

/** Every file of the site with its bytes and times; SQLite's log and its index are housekeeping that comes and goes by itself. */
function traceOf(site: Site): string[] {
  const names = readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.flatMap((name) => {
    const path = join(site.folder, name);
    const { mtimeMs, mode } = statSync(path);
    if (!statSync(path).isFile() || /\.db-(wal|shm)$/.test(name)) return [];
    const bytes = createHash('sha256').update(readFileSync(path)).digest('hex');
    return [`${name} ${mode} ${mtimeMs} ${bytes}`];
  });
}

describe('the numbers', () => {
  test('a decision threshold is an edge, and the share of decisions is what the raw rows say', async () => {
    const prediction = { name: 'score', type: 'double', threshold: 0.4321, favourable: 'below' };
    const site = await siteWithTraining({ model: { prediction, task: 'binary' } });
    const people = crowd({ seed: 5, rows: 700, version: '2' });
    await site.day('credit', 1, people);
    const psi = checkOf(evaluationOf(await site.run('evaluate', 'credit', '--json')), 'score');
    expect(psi.cells?.edges).toContain(0.4321);
    const share = (rows: readonly Row[]) =>
      numbers(rows, 'score').filter((score) => score <= 0.4321).length / rows.length;
    const told =
      /Decisions: ([\d.]+) % .* at or below 0.4321, the favourable side; ([\d.]+) % in the baseline/;
    const [, now, before] = told.exec(psi.reason) ?? [];
    expect(Number(now)).toBeCloseTo(share(people) * 100, 1);
    expect(Number(before)).toBeCloseTo(share(TRAINED.slice(1000)) * 100, 1);
  });

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
    expect(traceOf(site)).toEqual(untouched);

    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(2);
    const stored = traceOf(site);
    site.domain.advance(DAY);
    expect((await site.run('evaluate', 'credit', '--json')).code).toBe(3);
    expect(traceOf(site)).toEqual(stored);
    expect(site.workspace.snapshot().endpoints['credit']?.puts).toEqual({ effective: 0, refused: 0 });
    expect(site.desk.deliveries).toHaveLength(1);
  });

  test('a table is printed for people: window, verdict, and each check with its number', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 7, rows: 400, version: '2', incomeShift: 0.8 }));
    const { stdout, stderr, code } = await site.run('evaluate', 'credit');
    expect(code).toBe(2);
    // Beside the answer: what it cost to find out.
    expect(stderr).toMatch(/^Asked of the warehouse: \d+ statements in \d+\.\d s\.$/m);
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

const START = MIDNIGHT - DAY;

async function evaluate(site: Site) {
  return evaluationOf(await site.run('evaluate', 'credit', '--json'));
}

function incomes(rows: readonly Row[]): number[] {
  return rows.map((row) => Number(row['income']));
}

describe('columns with other names', () => {
  const LIVE: Columns = {
    'Request Id': 'VARCHAR',
    when: 'TIMESTAMP',
    'v"er': 'BIGINT',
    probe: 'BOOLEAN',
    income: 'DOUBLE',
    purpose: 'VARCHAR',
    pd: 'DOUBLE',
  };
  const REFERENCE: Columns = {
    INC: 'DOUBLE',
    'why.not': 'VARCHAR',
    pd_train: 'DOUBLE',
    ver: 'VARCHAR',
    split: 'VARCHAR',
  };

  test('source, where and baseline are read by the names that the configuration maps', async () => {
    const site = await createSite({
      model: {
        source: {
          table: 'main.t.credit_payload',
          layout: 'columns',
          requestId: 'Request Id',
          timestamp: 'when',
          version: 'v"er',
          where: { column: 'probe', equals: false },
        },
        prediction: { name: 'pd', type: 'double' },
        baseline: {
          table: 'main.t.credit_training',
          version: 'ver',
          where: { column: 'split', equals: 'train' },
          columns: { income: 'INC', purpose: 'why.not', pd: 'pd_train' },
        },
      },
    });
    const trained = crowd({ seed: 1, rows: 1200, version: '2' });
    const reference = (rows: readonly Row[], split: string): Row[] =>
      rows.map((row) => ({
        INC: row['income'] ?? null,
        'why.not': row['purpose'] ?? null,
        pd_train: row['score'] ?? null,
        ver: '2',
        split,
      }));
    await site.write('credit_training', REFERENCE, [
      ...reference(trained, 'train'),
      ...reference(crowd({ seed: 3, rows: 800, incomeShift: 9, scoreShift: 9 }), 'test'),
    ]);
    const people = crowd({ seed: 5, rows: 400 });
    const live = (rows: readonly Row[], probe: boolean): Row[] =>
      requests(rows, START).map((row) => ({
        'Request Id': `${probe} ${String(row['request_id'])}`,
        when: row['event_time'] ?? null,
        'v"er': 2,
        probe,
        income: row['income'] ?? null,
        purpose: row['purpose'] ?? null,
        pd: row['score'] ?? null,
      }));
    await site.write('credit_payload', LIVE, [
      ...live(people, false),
      ...live(crowd({ seed: 6, rows: 300, incomeShift: 9 }), true),
    ]);

    const evaluation = await evaluate(site);
    expect(evaluation).toMatchObject({ verdict: 'ok', rows: 400, baseline: { rows: 1200 } });
    expect([...new Set(evaluation.checks.map(({ subject }) => subject))].sort()).toEqual([
      'columns',
      'income',
      'pd',
      'purpose',
      'rows',
    ]);
    const { cells, value } = checkOf(evaluation, 'income');
    const edges = cells?.edges ?? [];
    expect(cells?.baseline).toEqual(countNumbers(incomes(trained), edges));
    expect(cells?.window).toEqual(countNumbers(incomes(people), edges));
    expectClose(value, psiOf(countNumbers(incomes(trained), edges), countNumbers(incomes(people), edges)));
    expect(checkOf(evaluation, 'pd')).toMatchObject({
      check: 'prediction',
      version: '2',
      baselineRows: 1200,
    });
    expect((await site.run('check', '--online')).stdout).toContain('Everything it names answers.');
  });
});

describe('a trailing baseline', () => {
  const MODEL = {
    baseline: { trailing: '7d' },
    since: '2026-03-09T00:00:00Z',
    rollback: { mode: 'auto', on: ['drift', 'prediction'], breaches: '1 of 1' },
  };

  test('is the time before the first window, frozen once, a draft until somebody approves it', async () => {
    const site = await createSite({ model: MODEL });
    const before = await Promise.all(
      [2, 3, 4, 5, 6, 7, 8].map(async (daysAgo) => {
        const people = crowd({ seed: daysAgo, rows: 300, version: '2' });
        await site.day('credit', daysAgo, people);
        return people;
      }),
    );
    await site.day('credit', 9, crowd({ seed: 9, rows: 300, incomeShift: 5 }));
    const people = crowd({ seed: 20, rows: 400, version: '2' });
    await site.day('credit', 1, people);
    const evaluation = await evaluate(site);
    expect(evaluation.baseline?.rows).toBe(2100);
    const { cells } = checkOf(evaluation, 'income');
    expect(cells?.baseline).toEqual(countNumbers(incomes(before.flat()), cells?.edges ?? []));
    expect(cells?.window).toEqual(countNumbers(incomes(people), cells?.edges ?? []));

    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(0);
    const { baselines } = (await site.run('baseline', 'list', '--json')).json() as {
      baselines: { state: string; id: string }[];
    };
    expect(baselines).toMatchObject([{ id: evaluation.baseline?.id, state: 'draft', rows: 2100 }]);

    // A day later the same baseline stands, though the seven days before that window are others.
    await site.day('credit', 0, crowd({ seed: 21, rows: 400, version: '2', incomeShift: 2 }));
    site.domain.advance(DAY);
    const acted = await site.run('evaluate', 'credit', '--act', '--json');
    expect(acted.code).toBe(2);
    expect(evaluationOf(acted).baseline).toEqual(evaluation.baseline);
    const plan = await site.run('rollback', 'plan', 'credit');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/HELD {2}baseline_not_approved/);
    expect(site.workspace.snapshot().endpoints['credit']?.puts.effective).toBe(0);
  });

  test('tells a name that it never had from one that is merely rare', async () => {
    const site = await createSite({ model: MODEL });
    const named = (rows: Row[]): Row[] =>
      rows.map((row, index) => (index % 100 === 7 ? { ...row, purpose: 'rare' } : row));
    for (const daysAgo of [2, 3])
      await site.day('credit', daysAgo, named(crowd({ seed: daysAgo, rows: 500, version: '2' })));
    const people = named(crowd({ seed: 20, rows: 400, version: '2' })).map((row, index) =>
      index % 10 === 3 ? { ...row, purpose: 'spaceship' } : row,
    );
    await site.day('credit', 1, people);
    const { cells } = checkOf(await evaluate(site), 'purpose');
    expect(cells?.labels).toEqual([...PURPOSES, 'unseen', 'other']);
    expect(cells?.window.slice(-2)).toEqual([40, 4]);
  });
});

test('a decision that nobody ever took is unseen, one that was rare is not', async () => {
  const site = await createSite({ model: { prediction: { name: 'decision', type: 'string' } } });
  const decide = (rows: Row[], every: { readonly [decision: string]: number }): Row[] =>
    rows.map((row, index) => {
      const odd = Object.entries(every).find(([, step]) => index % step === 0)?.[0];
      return { ...row, decision: odd ?? (index % 2 === 0 ? 'grant' : 'refuse') };
    });
  const columns = { ...TRAINING_COLUMNS, decision: 'VARCHAR' } as const;
  await site.write(
    'credit_training',
    columns,
    decide(crowd({ seed: 1, rows: 1000, version: '2' }), { refer: 200 }),
  );
  const people = requests(
    decide(crowd({ seed: 5, rows: 400, version: '2' }), { panic: 100, refer: 50 }),
    START,
  );
  await site.write('credit_payload', { ...PAYLOAD_COLUMNS, decision: 'VARCHAR' }, people);
  const { cells } = checkOf(await evaluate(site), 'decision');
  expect(cells?.labels).toEqual(['refuse', 'grant', 'unseen', 'other']);
  expect(cells?.window.slice(-2)).toEqual([4, 4]);
});

test('a column of many rare levels raises nothing while nothing changes, and all of it when the rare ones take over', async () => {
  const site = await createSite();
  const random = randomOf(11);
  // Postcodes: half of the people live in one city, the others in 5 000 villages; and an identifier that nobody meant as a feature.
  const settle = (rows: Row[], cityShare: number): Row[] =>
    rows.map((row, index) => ({
      ...row,
      postcode: random() < cityShare ? 'city' : `village ${Math.floor(random() * 5000)}`,
      device: `device ${random()} ${index}`,
    }));
  const more = { postcode: 'VARCHAR', device: 'VARCHAR' } as const;
  const train = settle(crowd({ seed: 1, rows: 4000, version: '2' }), 0.5);
  await site.write('credit_training', { ...TRAINING_COLUMNS, ...more }, train);
  const judged = async (cityShare: number) => {
    const people = requests(settle(crowd({ seed: 5, rows: 2000, version: '2' }), cityShare), START);
    await site.write('credit_payload', { ...PAYLOAD_COLUMNS, ...more }, people);
    const evaluation = await evaluate(site);
    const of = (subject: string) =>
      evaluation.checks
        .filter((check) => check.subject === subject && check.breach !== null)
        .map(({ method, verdict }) => [method, verdict]);
    return { postcode: of('postcode'), device: of('device') };
  };
  const quiet = [
    ['psi', 'ok'],
    ['unseen_rate', 'ok'],
  ];
  expect(await judged(0.5)).toEqual({ postcode: quiet, device: quiet });
  expect((await judged(0.05)).postcode).toContainEqual(['psi', 'breach']);
});

test('a version that the reference does not name gets a baseline of its own first seven windows', async () => {
  const site = await createSite({
    model: { since: '2026-03-01T00:00:00Z', baseline: { table: 'main.t.credit_training' } },
  });
  await site.write('credit_training', TRAINING_COLUMNS, crowd({ seed: 1, rows: 1000 }));
  const people = [9, 8, 7, 6, 5, 4, 3, 2, 1].map((daysAgo) => ({
    daysAgo,
    rows: crowd({ seed: daysAgo, rows: 300, version: '2' }),
  }));
  for (const { daysAgo, rows } of people) await site.day('credit', daysAgo, rows);
  const daemon = await site.start();
  const evaluations = await daemon.wake();
  const verdicts = evaluations.map(
    ({ policy }) => policy.find(({ check }) => check === 'prediction')?.verdict,
  );
  expect(verdicts).toEqual([...Array.from({ length: 7 }, () => 'insufficient'), 'ok', 'ok']);
  const baselines = await daemon.app.store.baselines('credit');
  const own = baselines.find(({ content }) => content.version === '2');
  expect(own).toMatchObject({ state: 'draft', content: { rows: 2100 } });
  const score = evaluations
    .at(-1)
    ?.checks.find(({ check, method }) => check === 'prediction' && method === 'psi');
  const firstSeven = people.slice(0, 7).flatMap(({ rows }) => rows.map((row) => Number(row['score'])));
  expect(score?.cells?.baseline).toEqual(countNumbers(firstSeven, score?.cells?.edges ?? []));
});
