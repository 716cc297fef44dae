import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { moveTraffic, together } from '../../src/simulator/workspace/people.ts';
import { evaluationOf } from './support/evaluation.ts';
import { type Columns, type Row, writeParquet } from './support/parquet.ts';
import { crowd, DAY, HOUR, MINUTE, requests } from './support/people.ts';
import { AUTO, BAD, PROMOTED, rollbackOf, settle } from './support/rig.ts';
import { type Fields, MIDNIGHT, NOW, type Site, type SiteOptions, siteWithTraining } from './support/site.ts';

/** An inference table of AI Gateway, as an endpoint writes it. */
const COLUMNS: Columns = {
  databricks_request_id: 'VARCHAR',
  request_time: 'TIMESTAMP',
  status_code: 'BIGINT',
  sampling_fraction: 'DOUBLE',
  request: 'VARCHAR',
  response: 'VARCHAR',
  served_entity_id: 'VARCHAR',
};

const MODEL: Fields = {
  source: { table: 'main.t.credit_payload', layout: 'ai-gateway' },
  features: { income: 'double', purpose: 'string' },
};

/** The id that the simulated endpoint gives to what serves a version. */
function entityOf(version: string): string {
  return createHash('sha256').update(`id-of-credit credit-${version} ${version}`).digest('hex').slice(0, 32);
}

/** One request per person, in one of the forms that a body has. */
function logged(people: readonly Row[], start: number, length = DAY): Row[] {
  return requests(people, start, length).map((row, index) => {
    const { income, purpose, score, model_version: version } = row;
    const person = { income, purpose };
    const forms = [
      { dataframe_records: [person] },
      { dataframe_split: { columns: ['purpose', 'income'], data: [[purpose, income]] } },
      { inputs: { income: [income], purpose: [purpose] } },
      { instances: [person] },
    ];
    return {
      databricks_request_id: String(row['request_id']),
      request_time: row['event_time'] ?? null,
      status_code: 200,
      sampling_fraction: 1,
      request: JSON.stringify(forms[index % forms.length]),
      response: JSON.stringify({ predictions: index % 2 === 0 ? [score] : [{ score, reason: 'x' }] }),
      served_entity_id: entityOf(String(version)),
    };
  });
}

function write(site: Site, name: string, rows: readonly Row[]): Promise<void> {
  return writeParquet(join(site.folder, 'lake', 'credit_payload', `${name}.parquet`), COLUMNS, rows);
}

const YESTERDAY = MIDNIGHT - DAY;
const PEOPLE = crowd({ seed: 5, rows: 800, version: '2' });

describe('a table of logged requests', () => {
  test('is judged like a table with a column per feature, to the last digit', async () => {
    const plain = await siteWithTraining();
    await plain.day('credit', 1, PEOPLE);
    const expected = evaluationOf(await plain.run('evaluate', 'credit', '--json'));
    const site = await siteWithTraining({ model: MODEL });
    await write(site, 'day', logged(PEOPLE, YESTERDAY));
    const answer = await site.run('evaluate', 'credit', '--json');
    const found = evaluationOf(answer);
    expect(found.verdict).toBe('ok');
    expect(found.rows).toBe(800);
    expect(found.checks).toEqual(expected.checks);
    expect(answer.json()).toMatchObject({
      payload: { requests: 800, accepted: 800, rejected: {}, records: 800, answered: 800, unmapped: [] },
    });
  });

  test('goes through the daemon into the store and onto the page, with what became of every request', async () => {
    const site = await siteWithTraining({ model: MODEL });
    const rows = logged(PEOPLE, YESTERDAY).map((row, index) => {
      if (index < 30) return { ...row, request: '{"dataframe_records":' };
      if (index < 36) return { ...row, status_code: 429 };
      return index < 40 ? { ...row, served_entity_id: 'long gone' } : row;
    });
    await write(site, 'day', [...rows, ...rows.slice(100, 110)]);
    const daemon = await site.start();
    const [evaluation] = await daemon.wake();
    expect(evaluation).toMatchObject({
      verdict: 'breach',
      rows: 764,
      payload: {
        requests: 810,
        accepted: 764,
        rejected: { duplicate: 10, client_error: 6, request_shape: 30 },
        unmapped: [{ entity: 'long gone', rows: 4 }],
      },
    });
    const rejected = evaluation?.checks.find(({ method }) => method === 'rejected_rate');
    expect(rejected).toMatchObject({
      check: 'data',
      subject: 'requests',
      verdict: 'breach',
      value: 30 / 800,
    });
    expect(rejected?.reason).toContain('30 with a request that cannot be read');
    expect(evaluation?.policy.filter(({ check }) => check === 'prediction')).toMatchObject([
      { version: '2', verdict: 'ok' },
    ]);
    const cases = await daemon.app.store.exceptions({ model: 'credit' });
    expect(cases.map(({ cause }) => cause)).toEqual(['data']);
    const page = await (await fetch(`${daemon.url}/evaluations/${evaluation?.evaluation}`)).text();
    expect(page).toContain('810 requests logged: 764 counted with 764 records');
    expect(page).toContain('served entity long gone');
    const told = await (await fetch(`${daemon.url}/api/v1/evaluations/${evaluation?.evaluation}`)).json();
    expect(told).toMatchObject({ payload: { requests: 810 } });
    expect((await site.run('audit', 'verify')).code).toBe(0);
    // The same rows once more are the same evaluation.
    expect(await daemon.wake()).toEqual([]);
  });

  test('of whose rows none can be counted is unknown, and says why', async () => {
    const site = await siteWithTraining({ model: MODEL });
    await write(
      site,
      'day',
      logged(PEOPLE, YESTERDAY).map((row) => ({ ...row, response: '{"outputs":[]}' })),
    );
    const { verdict, checks } = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(verdict).toBe('breach');
    expect(checks.find(({ check }) => check === 'drift')?.reason).toContain(
      '800 with a response that cannot be read',
    );
    expect(checks.find(({ method }) => method === 'rejected_rate')?.verdict).toBe('breach');
  });

  test('of another layout is an error that names the right one', async () => {
    const site = await siteWithTraining({
      model: { ...MODEL, source: { table: 'main.t.credit_payload', layout: 'legacy' } },
    });
    await write(site, 'day', logged(PEOPLE, YESTERDAY));
    const { verdict, checks } = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    expect(verdict).toBe('error');
    expect(checks[0]?.reason).toContain('set source.layout: ai-gateway');
  });

  test('is its own baseline where it is trailing, and a sample of changing fractions is weighted', async () => {
    const site = await siteWithTraining({ model: { ...MODEL, baseline: { trailing: '2d' } } });
    await write(
      site,
      'before',
      logged(crowd({ seed: 9, rows: 2000, version: '2' }), YESTERDAY - 2 * DAY, 2 * DAY),
    );
    await write(
      site,
      'day',
      logged(PEOPLE, YESTERDAY).map((row, index) => ({ ...row, sampling_fraction: index < 400 ? 1 : 0.3 })),
    );
    const daemon = await site.start();
    const [evaluation] = await daemon.wake();
    expect(evaluation?.rows).toBeCloseTo(400 + 400 * 0.3, 3);
    expect(evaluation?.payload).toMatchObject({ records: 800, answered: Math.round(400 + 400 / 0.3) });
    expect(evaluation?.verdict).toBe('ok');
    expect(evaluation?.checks.some(({ value }) => value !== null && !Number.isFinite(value))).toBe(false);
    expect((await fetch(`${daemon.url}/evaluations/${evaluation?.evaluation}`)).status).toBe(200);
    expect(await daemon.wake()).toEqual([]);
  });
});

describe('after a release', () => {
  test('an endpoint whose every answer is an error is seen in the first hour', async () => {
    const products = [{ name: 'credit', aliases: { champion: 1 }, shares: { '1': 100, '2': 0 } }];
    const model = { ...MODEL, rollback: { ...AUTO, cooldown: '1h' } };
    const { site, daemon } = await approvedPayloadSite({ products, model });
    await write(site, 'old', logged(crowd({ seed: 3, rows: 2400 }), MIDNIGHT - DAY, 26 * HOUR));
    await daemon.wake();
    site.domain.advance(HOUR / 2);
    await daemon.wake();
    site.workspace.change(
      together(moveTraffic({ endpoint: 'credit', shares: { '1': 0, '2': 100 }, by: 'ana' })),
    );
    await write(
      site,
      'new',
      logged(crowd({ seed: 4, rows: 200, version: '2' }), NOW + HOUR / 2, 2 * HOUR).map((row) => ({
        ...row,
        status_code: 503,
        response: null,
      })),
    );
    for (const hour of [2.6, 3.8, 5.2]) {
      site.domain.set(MIDNIGHT + hour * HOUR);
      await daemon.wake();
    }
    expect(await rollbackOf(daemon)).toMatchObject({ from: '2', to: '1', cause: 'prediction' });
    const [bake] = await daemon.app.store.evaluations({ model: 'credit', limit: 9, series: 'bake' });
    expect(bake?.record.policy[0]?.reason).toContain('are error answers');
  });
});

describe('after a rollback', () => {
  test('rows and error answers are told per version, though rows name entities', async () => {
    const { site, daemon } = await approvedPayloadSite({
      products: [PROMOTED],
      model: { ...MODEL, rollback: AUTO },
    });
    await write(site, 'bad', logged(crowd({ ...BAD, seed: 71 }), YESTERDAY));
    await daemon.wake();
    await settle(site, daemon);
    const { state, history } = await rollbackOf(daemon);
    expect(state).toBe('done');
    const moved = Date.parse(history.find((step) => step.state === 'traffic_verified')?.at ?? '');
    const after = logged(crowd({ seed: 72, rows: 43, version: '1' }), moved + 5 * MINUTE, MINUTE);
    const failed = after.map((row, at) => (at < 3 ? { ...row, status_code: 503, response: null } : row));
    await write(site, 'after', failed);
    site.domain.advance(15 * MINUTE);
    await daemon.wake();
    await daemon.drive();
    expect(site.desk.taken().at(-1)?.body.text).toContain(
      '40 rows of version 1 (and 3 error answers of 43) and 0 of version 2 have arrived.',
    );
  });
});

/** The baseline is approved, so that nothing but the release matters. */
async function approvedPayloadSite(options: SiteOptions): Promise<{ site: Site; daemon: Daemon }> {
  const site = await siteWithTraining(options);
  await write(site, 'long-ago', logged(crowd({ seed: 40, rows: 10 }), MIDNIGHT - 40 * DAY));
  const daemon = await site.start();
  const claim = { by: 'ana', identity: 'claimed', reason: 'looked at' } as const;
  const { id } = await daemon.app.operations.freezeBaseline('credit', claim);
  await daemon.app.operations.approveBaseline(id, claim);
  return { site, daemon };
}
