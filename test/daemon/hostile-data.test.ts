import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOf, type EvaluationJson, evaluationOf } from './support/evaluation.ts';
import type { Columns, Row } from './support/parquet.ts';
import { crowd, DAY, PAYLOAD_COLUMNS, requests, TRAINING_COLUMNS } from './support/people.ts';
import { countNumbers, expectClose, missing, nonFinite, psiOf } from './support/recount.ts';
import { createSite, type Fields, MIDNIGHT, type Site, siteWithTraining } from './support/site.ts';

const START = MIDNIGHT - DAY;

async function evaluate(site: Site, code: number): Promise<EvaluationJson> {
  const answer = await site.run('evaluate', 'credit', '--json');
  expect([answer.code, answer.stderr]).toEqual([code, '']);
  return evaluationOf(answer);
}

describe('strange values', () => {
  test('missing values, NaN and infinities are cells of their own', async () => {
    const site = await createSite();
    const strange = (rows: Row[]): Row[] =>
      rows.map((row, index) => {
        const income =
          [null, Number.NaN, Infinity, -Infinity][index % 40] ?? (index % 40 === 0 ? null : row['income']);
        return { ...row, income: income ?? null };
      });
    const before = strange(crowd({ seed: 1, rows: 2000, version: '2' }));
    const after = strange(crowd({ seed: 5, rows: 800, version: '2' }));
    await site.write('credit_training', TRAINING_COLUMNS, before);
    await site.day('credit', 1, after);
    const { cells, value } = checkOf(await evaluate(site, 0), 'income');
    const counts = (rows: readonly Row[]): number[] => {
      const values = rows.map((row) => row['income'] ?? null);
      return [...countNumbers(values, cells?.edges ?? []), missing(values), nonFinite(values)];
    };
    expect(cells?.labels.slice(-2)).toEqual(['missing', 'non_finite']);
    expect(cells?.baseline).toEqual(counts(before));
    expect(cells?.window).toEqual(counts(after));
    expect(counts(after).slice(-2)).toEqual([20, 60]);
    expectClose(value, psiOf(counts(before), counts(after)));
  });

  test('a feature that turns all null is a breach and not an error', async () => {
    const site = await siteWithTraining();
    await site.day(
      'credit',
      1,
      crowd({ seed: 5, rows: 400, version: '2' }).map((row) => ({ ...row, income: null })),
    );
    const evaluation = await evaluate(site, 2);
    const psi = checkOf(evaluation, 'income');
    expect(psi.verdict).toBe('breach');
    expect(psi.cells?.window.at(-1)).toBe(400);
    expect(checkOf(evaluation, 'income', 'ks')).toMatchObject({ value: null, verdict: 'insufficient' });
    expect(checkOf(evaluation, 'income', 'ks').reason).toContain('no finite values');
  });

  test('a feature that was all null in the baseline too is nothing to alarm about', async () => {
    const site = await createSite();
    const none = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, income: null }));
    await site.write('credit_training', TRAINING_COLUMNS, none(crowd({ seed: 1, rows: 1000, version: '2' })));
    await site.day('credit', 1, none(crowd({ seed: 5, rows: 400, version: '2' })));
    const evaluation = await evaluate(site, 0);
    const psi = checkOf(evaluation, 'income');
    expect(psi.cells?.window).toEqual([0, 400]);
    expectClose(psi.value, psiOf([0, 1000], [0, 400]));
  });

  test('a feature that was constant in the baseline is unknown: one cell shows no change', async () => {
    const site = await createSite();
    const constant = (rows: readonly Row[], income: number): Row[] => rows.map((row) => ({ ...row, income }));
    await site.write(
      'credit_training',
      TRAINING_COLUMNS,
      constant(crowd({ seed: 1, rows: 1000, version: '2' }), 7),
    );
    await site.day('credit', 1, constant(crowd({ seed: 5, rows: 400, version: '2' }), 7));
    for (const value of [7, 8]) {
      await site.day('credit', 1, constant(crowd({ seed: 5, rows: 400, version: '2' }), value));
      const psi = checkOf(await evaluate(site, 0), 'income');
      expect(psi.verdict).toBe('insufficient');
      expect(psi.reason).toContain('one value in the baseline');
    }
  });

  test('rows that do not tell their version are bad data, and leave the prediction unknown', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 5, rows: 400, version: null, scoreShift: 3 }));
    const evaluation = await evaluate(site, 2);
    const data = evaluation.checks.find(({ subject }) => subject === 'model_version');
    expect(data).toMatchObject({ check: 'data', method: 'missing_rate', verdict: 'breach', value: 1 });
    const prediction = evaluation.checks.find(({ check }) => check === 'prediction');
    expect(prediction).toMatchObject({ verdict: 'insufficient', rows: 400 });
    expect(prediction?.reason).toContain('model_version');
  });

  test('too few rows are insufficient, and the reason says how many it would take', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 5, rows: 199, version: '2', scoreShift: 3 }));
    const evaluation = await evaluate(site, 3);
    expect(evaluation.verdict).toBe('insufficient');
    expect(checkOf(evaluation, 'score').reason).toMatch(/at least 200 rows.*199/);
    await site.day('credit', 1, crowd({ seed: 5, rows: 200, version: '2', scoreShift: 3 }));
    expect((await evaluate(site, 2)).verdict).toBe('breach');
  });
});

describe('no rows', () => {
  test('none at all is stale, none here but newer ones is no_data', async () => {
    const site = await siteWithTraining();
    await site.write('credit_payload', PAYLOAD_COLUMNS, []);
    const empty = await evaluate(site, 3);
    expect(empty.verdict).toBe('stale');
    expect(
      empty.checks.every(
        ({ reason }) => reason.includes('main.t.credit_payload') && reason.includes('empty'),
      ),
    ).toBe(true);

    await site.day('credit', 5, crowd({ seed: 5, rows: 300, version: '2' }));
    const stale = await evaluate(site, 3);
    expect(stale.verdict).toBe('stale');
    expect(stale.checks[0]?.reason).toContain('2026-03-05T23');

    await site.day('credit', 0, crowd({ seed: 5, rows: 300, version: '2' }));
    const gap = await evaluate(site, 3);
    expect(gap.verdict).toBe('no_data');
    expect(gap).toMatchObject({ rows: 0 });
  });
});

interface Unreadable {
  readonly what: string;
  readonly columns?: Columns;
  readonly training?: readonly Row[];
  readonly model?: (table: string) => Fields;
  readonly names: readonly string[];
}

const SOURCE = { layout: 'columns', timestamp: 'event_time' };
const { model_version: _version, ...WITHOUT_VERSION } = PAYLOAD_COLUMNS;

/** What is wrong with one model each, and what a person has to be told; `*` stands for the model's name. */
const UNREADABLE: { readonly [model: string]: Unreadable } = {
  absent: { what: 'a table that is not there', names: ['main.t.*_payload', '*_payload/*.parquet'] },
  unfilled: {
    what: 'a baseline table that is empty',
    columns: PAYLOAD_COLUMNS,
    training: [],
    names: ['Model *:', 'main.t.*_training', 'no rows'],
  },
  misspelt: {
    what: 'a feature that is not in the table',
    columns: PAYLOAD_COLUMNS,
    model: () => ({ features: { incom: 'double' } }),
    names: ['Model *:', 'main.t.*_payload', '"incom"', 'income'],
  },
  texts: {
    what: 'a number that is text',
    columns: { ...PAYLOAD_COLUMNS, income: 'VARCHAR' },
    model: () => ({ features: { income: 'double' } }),
    names: ['Model *:', 'main.t.*_payload', '"income"', 'VARCHAR', 'cast it to a number'],
  },
  nested: {
    what: 'a feature that is a list',
    columns: { ...PAYLOAD_COLUMNS, income: 'INTEGER[]' },
    model: () => ({ features: { income: 'string' } }),
    names: ['Model *:', 'main.t.*_payload', '"income"', 'LIST', 'models.*.features'],
  },
  newborn: {
    what: 'a feature that the baseline lacks',
    columns: { ...PAYLOAD_COLUMNS, age: 'DOUBLE' },
    model: () => ({ features: { age: 'double' } }),
    names: ['Model *:', 'main.t.*_training', '"age"', 'baseline.columns'],
  },
  timeless: {
    what: 'an event time that is text',
    columns: { ...PAYLOAD_COLUMNS, event_time: 'VARCHAR' },
    names: ['main.t.*_payload', 'event_time', 'VARCHAR', 'timestamp'],
  },
  versionless: {
    what: 'a version column that is not there',
    columns: WITHOUT_VERSION,
    names: ['main.t.*_payload', 'model_version', 'version'],
  },
  silent: {
    what: 'a prediction that is not there',
    columns: PAYLOAD_COLUMNS,
    model: () => ({ prediction: { name: 'pd', type: 'double' } }),
    names: ['Model *:', 'main.t.*_payload', '"pd"'],
  },
  filtered: {
    what: 'a where column of another type',
    columns: PAYLOAD_COLUMNS,
    model: (table) => ({ source: { ...SOURCE, table, where: { column: 'income', equals: 'x' } } }),
    names: ['main.t.*_payload', 'income', 'DOUBLE', 'text'],
  },
};

describe('what cannot be read is an error with place and remedy', () => {
  test('each model is told its own, in the evaluation, in the log and by its exit code, and the twin goes on', async () => {
    const bad = Object.entries(UNREADABLE);
    const site = await createSite({
      products: [...bad.map(([name]) => ({ name })), { name: 'twin' }],
      models: Object.fromEntries(
        bad.map(([name, { model }]) => [name, model?.(`main.t.${name}_payload`) ?? {}]),
      ),
    });
    const trained = crowd({ seed: 1, rows: 500, version: '2' });
    const people = requests(crowd({ seed: 5, rows: 300, version: '2' }), START);
    for (const [name, { columns, training }] of bad) {
      await site.write(`${name}_training`, TRAINING_COLUMNS, training ?? trained);
      if (columns !== undefined) await site.write(`${name}_payload`, columns, people);
    }
    await site.write('twin_training', TRAINING_COLUMNS, trained);
    await site.write('twin_payload', PAYLOAD_COLUMNS, people);

    const daemon = await site.start();
    const evaluations = await daemon.wake();
    expect(
      evaluations
        .filter(({ verdict }) => verdict === 'error')
        .map(({ model }) => model)
        .sort(),
    ).toEqual(Object.keys(UNREADABLE).sort());
    expect(evaluations.find(({ model }) => model === 'twin')?.verdict).toBe('ok');
    for (const [name, { what, names }] of bad) {
      const evaluation = evaluations.find(({ model }) => model === name);
      const reason = evaluation?.checks[0]?.reason ?? '';
      for (const part of names)
        expect(reason, what).toContain(part.replace(/^(\W*|main\.t\.|models\.|Model )\*/, `$1${name}`));
      const logged = site.log.find(({ level, model }) => level === 'error' && model === name);
      expect(logged).toMatchObject({ verdict: 'error', reason });
    }
    expect((await site.run('evaluate', 'nested', '--json')).code).toBe(4);
    expect((await site.run('evaluate', 'twin', '--json')).code).toBe(0);
    const puts = Object.values(site.workspace.snapshot().endpoints).map(({ puts }) => puts.effective);
    expect(new Set(puts)).toEqual(new Set([0]));
  });

  test('a table that disappears while the daemon runs, and comes back', async () => {
    const site = await siteWithTraining({ products: [{ name: 'credit' }, { name: 'twin' }] });
    for (const name of ['credit', 'twin'])
      await site.day(name, 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const daemon = await site.start();
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);

    rmSync(join(site.folder, 'lake/credit_payload'), { recursive: true });
    await site.day('twin', 0, crowd({ seed: 7, rows: 300, version: '2' }));
    site.domain.advance(DAY);
    const verdicts = (await daemon.wake()).map(({ model, verdict }) => `${model} ${verdict}`);
    expect(verdicts.sort()).toEqual(['credit error', 'twin ok']);

    for (const daysAgo of [1, 0])
      await site.day('credit', daysAgo, crowd({ seed: 8, rows: 300, version: '2' }));
    site.wall.advance(DAY);
    const again = await daemon.wake();
    expect(again.map(({ model, verdict, revision }) => `${model} ${verdict} ${revision}`)).toEqual([
      'credit ok 0',
    ]);
    expect(again[0]?.window.end).toBe('2026-03-11T00:00:00.000Z');
  });
});
