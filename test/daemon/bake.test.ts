import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { moveTraffic, together } from '../../src/simulator/workspace/people.ts';
import { type Columns, type Row, writeParquet } from './support/parquet.ts';
import { crowd, HOUR, MINUTE, PAYLOAD_COLUMNS, requests } from './support/people.ts';
import { AUTO, approvedSite, outside, rollbackOf, settle } from './support/rig.ts';
import { MIDNIGHT, type Site, type SiteOptions } from './support/site.ts';

const COLUMNS: Columns = { ...PAYLOAD_COLUMNS, status: 'BIGINT', took: 'DOUBLE' };
const SOURCE = {
  table: 'main.t.credit_payload',
  layout: 'columns',
  requestId: 'request_id',
  timestamp: 'event_time',
  version: 'model_version',
  status: 'status',
  latency: 'took',
};
/** Version 1 serves and is the champion. */
const CHAMPION = { name: 'credit', aliases: { champion: 1 }, shares: { '1': 100, '2': 0 } };

type Answer = (row: Row, index: number) => Row;
const well: Answer = (row, index) => ({ ...row, status: 200, took: 20 + (index % 50) });

/** Rows of so many hours from an hour of the tenth on. */
async function hours(
  site: Site,
  from: number,
  what: {
    readonly version: string;
    readonly answer?: Answer;
    readonly rows?: number;
    readonly length?: number;
  },
): Promise<void> {
  const { version, answer = well, rows = 120, length = 1 } = what;
  const start = MIDNIGHT + from * HOUR;
  const people = crowd({ seed: 500 + from, rows, version }).map((row, index) =>
    answer(well(row, index), index),
  );
  const file = join(site.folder, 'lake', 'credit_payload', `${start}-${version}.parquet`);
  await writeParquet(file, COLUMNS, requests(people, start, length * HOUR));
}

/** A day of version 1 behind it; at half past two version 2 takes all the traffic. */
async function released(options: SiteOptions = {}): Promise<{ site: Site; daemon: Daemon }> {
  const model = { source: SOURCE, rollback: { ...AUTO, cooldown: '1h' }, ...options.model };
  const { site, daemon } = await approvedSite({ products: [CHAMPION], ...options, model });
  await hours(site, -24, { version: '1', rows: 2400, length: 26 });
  await daemon.wake();
  site.domain.advance(30 * MINUTE);
  await daemon.wake();
  site.workspace.change(
    together(moveTraffic({ endpoint: 'credit', shares: { '1': 0, '2': 100 }, by: 'ana' })),
  );
  site.domain.advance(2 * MINUTE);
  await at(site, daemon, 2.75);
  return { site, daemon };
}

async function at(site: Site, daemon: Daemon, hour: number): Promise<void> {
  site.domain.set(MIDNIGHT + hour * HOUR);
  await daemon.wake();
}

const bakes = (daemon: Daemon) =>
  daemon.app.store.evaluations({ model: 'credit', limit: 100, series: 'bake' });

const BROKEN: readonly (readonly [string, Answer, string])[] = [
  [
    'one score for everybody',
    (row) => ({ ...row, score: 0.5 }),
    'have the same one, though the features vary',
  ],
  ['no score', (row) => ({ ...row, score: null }), 'have no score'],
  ['error answers', (row) => ({ ...row, status: 503 }), 'are error answers'],
  ['answers that take many times as long', (row) => ({ ...row, took: 9000 }), 'took longer than'],
];

describe('after a release', () => {
  test.each(BROKEN)(
    '%s are seen in the first hour, and the champion is put back',
    async (_what, answer, words) => {
      const { site, daemon } = await released();
      await hours(site, 2, { version: '2', answer });
      await at(site, daemon, 3.75);
      expect(await bakes(daemon)).toEqual([]);
      await at(site, daemon, 4.1);
      const [bake] = await bakes(daemon);
      expect(bake?.record).toMatchObject({ verdict: 'breach', bake: { version: '2' } });
      const rollback = await rollbackOf(daemon);
      expect(rollback).toMatchObject({ from: '2', to: '1', cause: 'prediction', trigger: 'automatic' });
      expect(rollback.history[0]?.why).toContain('Gross failure after a release.');
      expect(rollback.history[0]?.why).toContain(words);
      await settle(site, daemon);
      expect((await rollbackOf(daemon)).state).toBe('done');
      expect(outside(site)).toMatchObject({ puts: 1, routes: { 'credit-1': 100, 'credit-2': 0 } });
      const cases = await daemon.app.store.exceptions({ model: 'credit' });
      expect(cases.map(({ cause, version }) => [cause, version])).toEqual([['prediction', '2']]);

      const told = (await site.run('explain', bake?.record.evaluation ?? '')).stdout;
      expect(told).toContain(words);
      expect(told).toContain('release of version 2');
      const page = await (await fetch(`${daemon.url}/models/credit`)).text();
      expect(page).toContain('After a release');
      expect(page).toContain(bake?.record.evaluation ?? 'none');
      expect((await site.run('audit', 'verify')).code).toBe(0);
      const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
      expect(metrics).toContain('driftwarden_bake_windows_total{model="credit",verdict="breach"} 1');
    },
  );

  test('a release in good health is watched for a day, window by window, and nothing else happens', async () => {
    const { site, daemon } = await released();
    await hours(site, 2, { version: '2', rows: 26 * 60, length: 26 });
    for (const hour of [4.1, 5.1, 9.3, 30]) await at(site, daemon, hour);
    const judged = await bakes(daemon);
    expect(judged.map(({ record }) => record.verdict)).toEqual(Array.from({ length: 25 }, () => 'ok'));
    expect(new Set(judged.map(({ record }) => record.window.start)).size).toBe(25);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    await at(site, daemon, 40);
    expect(await bakes(daemon)).toHaveLength(25);
  });

  test('no rows, few rows and a table that cannot be read lead to nothing', async () => {
    const { site, daemon } = await released();
    await at(site, daemon, 4.1);
    await hours(site, 3, { version: '2', rows: 49, answer: (row) => ({ ...row, score: null }) });
    await at(site, daemon, 5.1);
    expect((await bakes(daemon)).map(({ record }) => record.verdict)).toEqual(['insufficient', 'no_data']);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(await daemon.app.store.exceptions({ open: true })).toEqual([]);
  });

  test('a feed that lost its features is not the release: the gate on the data holds', async () => {
    const { site, daemon } = await released();
    await hours(site, 2, { version: '2', answer: (row) => ({ ...row, income: null, score: null }) });
    await at(site, daemon, 4.1);
    const [bake] = await bakes(daemon);
    expect(bake?.record.actions).toContainEqual(
      expect.objectContaining({ action: 'hold_rollback', key: 'data_quality' }),
    );
    expect(outside(site).puts).toBe(0);
  });

  test('a breach in a window that was missed is on the record, and the newest one acts alone', async () => {
    const { site, daemon } = await released();
    await hours(site, 2, { version: '2', answer: (row) => ({ ...row, score: null }) });
    await hours(site, 3, { version: '2' });
    await at(site, daemon, 5.1);
    expect((await bakes(daemon)).map(({ record }) => record.verdict)).toEqual(['ok', 'breach']);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
  });

  test('in mode observe the owner is told and nothing is moved', async () => {
    const { site, daemon } = await released({
      model: { source: SOURCE, rollback: { ...AUTO, mode: 'observe' } },
    });
    await hours(site, 2, { version: '2', answer: (row) => ({ ...row, score: 0.5 }) });
    await at(site, daemon, 4.1);
    const cases = await daemon.app.store.exceptions({ open: true });
    expect(cases.map(({ cause }) => cause)).toContain('prediction');
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(outside(site).puts).toBe(0);
  });
});
