import { expect, test, vi } from 'vitest';
import { StoreError } from '../../src/store/store.ts';
import { crowd, DAY } from './support/people.ts';
import { approvedSite, badDay, outside, PROMOTED, rollbackOf, settle } from './support/rig.ts';

test('a store that cannot be written stops every act, keeps health and metrics, and all goes on when it can', async () => {
  const { site, daemon } = await approvedSite({ products: [PROMOTED, { name: 'twin' }] });
  await badDay(site);
  await site.day('twin', 1, crowd({ seed: 5, rows: 300, version: '2' }));
  const full = new StoreError('full', 'store state/driftwarden.db: database or disk is full', 'Free space.');
  const commit = vi.spyOn(daemon.app.store, 'commit').mockRejectedValue(full);
  expect(await daemon.wake()).toEqual([]);
  await daemon.drive();
  expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
  expect(site.desk.deliveries).toEqual([]);
  for (const path of ['/-/healthy', '/metrics', '/', '/models/credit'])
    expect([path, (await fetch(`${daemon.url}${path}`)).status]).toEqual([path, 200]);
  const told = site.log.filter(({ level }) => level === 'error');
  expect(new Set(told.map(({ model }) => model))).toEqual(new Set(['credit', 'twin']));
  expect(told).toHaveLength(2);
  for (const line of told) expect(JSON.stringify(line)).toContain('Free space.');

  commit.mockRestore();
  expect((await daemon.wake()).map(({ model, verdict }) => `${model} ${verdict}`).sort()).toEqual([
    'credit breach',
    'twin ok',
  ]);
  expect(outside(site).puts).toBe(1);

  // It fills up again between the two writes: traffic has moved, the alias waits for its record.
  site.domain.advance(90_000);
  const again = vi.spyOn(daemon.app.store, 'commit').mockRejectedValue(full);
  await daemon.drive();
  await daemon.drive();
  expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 0 });
  again.mockRestore();
  await settle(site, daemon);
  expect((await rollbackOf(daemon)).state).toBe('done');
  expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
  expect(site.domain.now()).toBeLessThan(Date.UTC(2026, 2, 10, 2) + DAY);
});
