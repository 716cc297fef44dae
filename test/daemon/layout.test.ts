import { describe, expect, test } from 'vitest';
import { checkOf, evaluationOf } from './support/evaluation.ts';
import type { Columns, Row } from './support/parquet.ts';
import { crowd, DAY, PAYLOAD_COLUMNS, PURPOSES, requests, TRAINING_COLUMNS } from './support/people.ts';
import { countNumbers, expectClose, psiOf } from './support/recount.ts';
import { createSite, MIDNIGHT, type Site } from './support/site.ts';

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
