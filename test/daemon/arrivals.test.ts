import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { type Columns, writeParquet } from './support/parquet.ts';
import { crowd, HOUR, MINUTE, PAYLOAD_COLUMNS, requests } from './support/people.ts';
import { AUTO, approvedSite, badDay, PROMOTED, rollbackOf, settle } from './support/rig.ts';
import type { Site } from './support/site.ts';

const SOURCE = {
  table: 'main.t.credit_payload',
  layout: 'columns',
  requestId: 'request_id',
  timestamp: 'event_time',
  version: 'model_version',
};

/** A rollback from version 2 to 1 that is done, and when its traffic was read back. */
async function rolledBack(source: object = SOURCE): Promise<{ site: Site; daemon: Daemon; moved: number }> {
  const { site, daemon } = await approvedSite({ products: [PROMOTED], model: { source, rollback: AUTO } });
  await badDay(site);
  await daemon.wake();
  await settle(site, daemon);
  const { state, history } = await rollbackOf(daemon);
  expect(state).toBe('done');
  const moved = Date.parse(history.find((step) => step.state === 'traffic_verified')?.at ?? '');
  return { site, daemon, moved };
}

const COLUMNS: Columns = { ...PAYLOAD_COLUMNS, status: 'BIGINT' };

async function arrive(site: Site, what: { version: string; rows: number; from: number }): Promise<void> {
  const { version, rows, from } = what;
  const people = crowd({ seed: rows, rows, version }).map((row, at) => ({
    ...row,
    status: at === 0 ? 503 : 200,
  }));
  const file = join(site.folder, 'lake', 'credit_payload', `${from}-${version}.parquet`);
  await writeParquet(file, COLUMNS, requests(people, from, MINUTE));
}

const toldOf = (site: Site): string[] =>
  site.desk
    .taken()
    .map(({ body }) => body.text)
    .filter((text) => text.includes('of the requests since the traffic moved'));

test('rows since the traffic moved are told once, as soon as some have arrived', async () => {
  const { site, daemon, moved } = await rolledBack();
  site.domain.advance(15 * MINUTE);
  await daemon.wake();
  expect(toldOf(site)).toEqual([]);

  // Under way when the traffic moved: not counted.
  await arrive(site, { version: '2', rows: 7, from: moved - MINUTE });
  await arrive(site, { version: '1', rows: 40, from: moved + 5 * MINUTE });
  await arrive(site, { version: '2', rows: 3, from: moved + 6 * MINUTE });
  site.domain.advance(15 * MINUTE);
  await daemon.wake();
  await arrive(site, { version: '1', rows: 50, from: moved + 7 * MINUTE });
  site.domain.advance(HOUR);
  await daemon.wake();
  await daemon.drive();
  const [text, ...more] = toldOf(site);
  expect(more).toEqual([]);
  expect(text).toContain('40 rows of version 1 and 3 of version 2 have arrived.');
  const [exception] = await daemon.app.store.exceptions({ model: 'credit' });
  expect(exception?.history.map(({ why }) => why)).toContain(text);
});

test('with the error answers where the table tells them, and what is of neither version', async () => {
  const { site, daemon, moved } = await rolledBack({ ...SOURCE, status: 'status' });
  await arrive(site, { version: '1', rows: 40, from: moved + 5 * MINUTE });
  await arrive(site, { version: '9', rows: 2, from: moved + 6 * MINUTE });
  site.domain.advance(15 * MINUTE);
  await daemon.wake();
  await daemon.drive();
  expect(toldOf(site)).toEqual([
    expect.stringContaining(
      '40 rows of version 1 (1 of them error answers) and 0 of version 2 have arrived, 2 of others.',
    ),
  ]);
});

test('rows that come a day later are no news', async () => {
  const { site, daemon, moved } = await rolledBack();
  await arrive(site, { version: '1', rows: 40, from: moved + 5 * MINUTE });
  site.domain.set(moved + 24 * HOUR + 1);
  await daemon.wake();
  await daemon.drive();
  expect(toldOf(site)).toEqual([]);
});
