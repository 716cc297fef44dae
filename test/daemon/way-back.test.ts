import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { moveAlias } from '../../src/simulator/workspace/people.ts';
import { AUTO, approvedSite, badDay, MINUTE, settle, TROUBLES } from './support/rig.ts';
import { type Site } from './support/site.ts';

const HOUR = 60 * MINUTE;
/** Version 2 serves and is the champion; nothing says what was good before. */
const ALONE = { name: 'credit', aliases: { champion: 2 } };
/** The alias names a version that the registry does not have. */
const LOST = { name: 'credit', aliases: { champion: 2, rollback: 9 } };

async function later(site: Site, daemon: Daemon, milliseconds: number): Promise<void> {
  site.domain.advance(milliseconds);
  await daemon.wake();
}

async function cases(daemon: Daemon) {
  const all = await daemon.app.store.exceptions({ model: 'credit' });
  return all.filter(({ cause }) => cause === 'rollback');
}

const point = (site: Site, version: number | null): void =>
  site.workspace.change(moveAlias({ model: 'main.t.credit', alias: 'rollback', version }));

describe('a model without a way back', () => {
  test('is told to the owner after an hour, once, and closed an hour after it has one', async () => {
    const { site, daemon } = await approvedSite({ products: [LOST] });
    await daemon.wake();
    await later(site, daemon, HOUR - 1);
    expect(await cases(daemon)).toEqual([]);
    await later(site, daemon, 15 * MINUTE);
    const [opened] = await cases(daemon);
    expect(opened).toMatchObject({
      cause: 'rollback',
      severity: 'high',
      state: 'open',
      owner: 'risk',
      version: '2',
      title: 'credit: no way back from version 2',
    });
    expect(opened?.text).toContain('version 9 does not exist in the registry');
    expect(opened?.text).toContain('driftwarden rollback plan credit');
    await daemon.drive();
    expect(site.desk.taken().map(({ body }) => [body.action, body.title])).toContainEqual([
      'open',
      'credit: no way back from version 2',
    ]);
    await later(site, daemon, HOUR);
    expect(await cases(daemon)).toHaveLength(1);

    point(site, 1);
    await later(site, daemon, 15 * MINUTE);
    expect((await cases(daemon)).map(({ state }) => state)).toEqual(['open']);
    await later(site, daemon, HOUR);
    expect((await cases(daemon)).map(({ state }) => state)).toEqual(['resolved']);

    // Lost again within days: the same case comes back.
    point(site, 9);
    await later(site, daemon, 15 * MINUTE);
    await later(site, daemon, HOUR);
    expect((await cases(daemon)).map(({ state }) => state)).toEqual(['reopened']);
    const text = (await site.run('explain', opened?.id ?? '')).stdout;
    expect(text).toContain('no way back from version 2');
    expect(text).toContain('There is a way back: version 1 could take over.');
  });

  test('is not told in mode observe, nor while it has one, nor where nothing was before the champion', async () => {
    for (const options of [
      { products: [LOST], model: { rollback: { mode: 'observe' } } },
      { products: [ALONE] },
      { products: [{ name: 'credit', aliases: { champion: 2, rollback: 1 } }] },
    ]) {
      const { site, daemon } = await approvedSite(options);
      await daemon.wake();
      await later(site, daemon, 2 * HOUR);
      expect(await cases(daemon)).toEqual([]);
      await daemon.stop();
    }
  });

  test('what cannot be read is not missing', async () => {
    const { site, daemon } = await approvedSite({ products: [LOST] });
    await daemon.wake();
    const trouble = TROUBLES['503'];
    if (trouble === undefined) throw new Error('no such trouble');
    site.workspace.fault({ match: { method: 'GET' }, trouble, times: 1000 });
    await later(site, daemon, 3 * HOUR);
    expect(await cases(daemon)).toEqual([]);
  });

  test('a case of a rollback is not closed by a way back', async () => {
    const { site, daemon } = await approvedSite({
      model: { rollback: { ...AUTO, cooldown: '1h' } },
      products: [{ name: 'credit', aliases: { champion: 2, rollback: 1 } }],
    });
    await badDay(site);
    site.workspace.fault({
      match: { method: 'PUT', path: '/api/2.0/serving-endpoints/credit/config' },
      trouble: { kind: 'status', status: 403 },
      times: 100,
    });
    await daemon.wake();
    await settle(site, daemon);
    expect((await cases(daemon)).map(({ state, severity }) => [state, severity])).toEqual([
      ['open', 'critical'],
    ]);
    await later(site, daemon, 2 * HOUR);
    await later(site, daemon, 2 * HOUR);
    expect((await cases(daemon)).map(({ state }) => state)).toEqual(['open']);
  });
});
