import { describe, expect, test } from 'vitest';
import { evaluationOf } from './support/evaluation.ts';
import { type Row } from './support/parquet.ts';
import { crowd, PAYLOAD_COLUMNS, requests, TRAINING_COLUMNS } from './support/people.ts';
import { createSite, MIDNIGHT, type Site, type SiteOptions } from './support/site.ts';

const DAY = 86_400_000;
const COLUMNS = { ...PAYLOAD_COLUMNS, customer: 'BIGINT' } as const;
const SOURCE = {
  table: 'main.t.credit_payload',
  layout: 'columns',
  requestId: 'request_id',
  timestamp: 'event_time',
  version: 'model_version',
};

/** Three hundred customers like ever, and one with an unusual income who asks four hundred times. */
async function busyCustomer(cluster: object, options: SiteOptions = {}): Promise<Site> {
  const site = await createSite({
    products: [{ name: 'credit', aliases: { champion: 2, rollback: 1 } }],
    ...options,
    model: { source: { ...SOURCE, ...cluster }, drift: { rule: 'evidence' }, ...options.model },
  });
  const trained = [
    ...crowd({ seed: 1, rows: 1000, version: '1' }),
    ...crowd({ seed: 2, rows: 1000, version: '2' }),
  ];
  await site.write('credit_training', TRAINING_COLUMNS, trained);
  const calm = crowd({ seed: 5, rows: 300, version: '2' }).map(
    (row, index): Row => ({ ...row, customer: index }),
  );
  const busy = Array.from({ length: 400 }, (): Row => ({ ...calm[0], income: 90, customer: 1000 }));
  await site.write('credit_payload', COLUMNS, requests([...calm, ...busy], MIDNIGHT - DAY));
  return site;
}

describe('one vote per customer', () => {
  test('a customer who asks hundreds of times is no drift, and the verdict says what it rests on', async () => {
    const site = await busyCustomer({ cluster: 'customer' });
    const evaluation = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(evaluation.verdict).toBe('ok');
    expect(evaluation.rows).toBeCloseTo(301, 2);
    const income = evaluation.checks.find(({ subject, method }) => subject === 'income' && method === 'psi');
    expect(income).toMatchObject({ verdict: 'ok', clusters: evaluation.rows });
    expect(evaluation.checks.map(({ subject }) => subject)).not.toContain('customer');
  });

  test('without it every row is one, which is said', async () => {
    const site = await busyCustomer({ where: { column: 'model_version', equals: '2' } });
    const evaluation = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(evaluation.verdict).toBe('breach');
    expect(evaluation.rows).toBe(700);
    const income = evaluation.checks.find(({ subject, method }) => subject === 'income' && method === 'psi');
    expect(income).toMatchObject({ verdict: 'breach', clusters: null });
    expect(income?.reason).toContain('Rows are taken as independent of each other.');
  });

  test('customers who have all changed are drift, told as theirs; the daemon keeps it', async () => {
    const site = await busyCustomer({ cluster: 'customer' });
    const moved = crowd({ seed: 6, rows: 300, version: '2', incomeShift: 2 });
    const rows = [...moved, ...moved].map((row, index): Row => ({ ...row, customer: index % 300 }));
    await site.write('credit_payload', COLUMNS, requests(rows, MIDNIGHT - DAY));
    const daemon = await site.start();
    const [evaluation] = await daemon.wake();
    expect(evaluation).toMatchObject({ verdict: 'breach', rows: 300 });
    const income = evaluation?.checks.find(({ subject, method }) => subject === 'income' && method === 'psi');
    expect(income?.reason).toContain(
      'Each customer has one vote; customers are taken as independent of each other.',
    );
    expect(await daemon.wake()).toEqual([]);
    expect((await site.run('audit', 'verify')).code).toBe(0);
  });

  test('a reference that names its customers counts their votes too', async () => {
    const site = await busyCustomer({ cluster: 'customer' });
    const trained = crowd({ seed: 2, rows: 1000, version: '2' });
    // Every second one stands there five times.
    const rows = trained.flatMap((row, index): Row[] =>
      Array.from({ length: index % 2 === 0 ? 5 : 1 }, () => ({ ...row, customer: index })),
    );
    await site.write('credit_training', { ...TRAINING_COLUMNS, customer: 'BIGINT' }, rows);
    const evaluation = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(evaluation.baseline?.rows).toBe(1000);
    expect(evaluation.verdict).toBe('ok');
  });
});
