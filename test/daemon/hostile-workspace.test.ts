import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { moveAlias, moveTraffic } from '../../src/simulator/workspace/people.ts';
import {
  APPROVE,
  approvedSite,
  badDay,
  MINUTE,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  TROUBLES,
  WRITES,
} from './support/rig.ts';
import type { Site } from './support/site.ts';

async function wake(site: Site, daemon: Daemon): Promise<void> {
  await badDay(site);
  await daemon.wake();
}

describe('a workspace that misbehaves (the whole table is in test/system)', () => {
  test.each([
    ['traffic', '429'],
    ['traffic', '500'],
    ['traffic', 'html'],
    ['traffic', 'lost-response'],
    ['alias', 'lost-response'],
    ['alias', 'reset'],
  ])('the write of %s meets %s: one effect, and done', async (what, name) => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    const [match, trouble] = [WRITES[what], TROUBLES[name]];
    if (match === undefined || trouble === undefined) throw new Error(`${what} ${name}`);
    site.workspace.fault({ match, trouble });
    await wake(site, daemon);
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
  });

  test.each([
    ['403', /unity-catalog/],
    ['404', /serving-endpoints/],
    ['html', /oidc/],
  ])('%s from %s: nothing is planned on what was not seen', async (name, path) => {
    const { site, daemon } = await approvedSite();
    const trouble = TROUBLES[name];
    if (trouble === undefined) throw new Error(name);
    site.workspace.revokeTokens();
    site.workspace.fault({ match: { path }, trouble, times: 1e6 });
    await wake(site, daemon);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
    expect(await daemon.app.store.exceptions({})).toMatchObject([{ cause: 'prediction' }]);
  });
});

describe('a person changes something', () => {
  const traffic = moveTraffic({ endpoint: 'credit', shares: { 1: 50, 2: 50 }, by: 'kim' });
  const alias = moveAlias({ model: 'main.t.credit', alias: 'champion', version: null });

  test.each([
    ['traffic', traffic],
    ['alias', alias],
  ])('while it waits for approval (%s): superseded, and an approval comes too late', async (_what, edit) => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED], model: { rollback: APPROVE } });
    await wake(site, daemon);
    const { id } = await rollbackOf(daemon);
    site.workspace.change(edit);
    site.domain.advance(2 * MINUTE);
    const approved = await site.run('rollback', 'approve', id, '--by', 'bob', '--json');
    expect(approved.json()).toMatchObject({ rollback: { state: 'superseded' } });
    await settle(site, daemon);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
  });

  test.each([
    { what: 'the alias while traffic moves', edit: alias, at: 'shifting_traffic', puts: 1, aliasPuts: 0 },
    { what: 'the traffic in the dwell', edit: traffic, at: 'dwelling', puts: 1, aliasPuts: 1 },
    { what: 'the alias in the dwell', edit: alias, at: 'dwelling', puts: 1, aliasPuts: 1 },
  ])('$what: superseded, never fought', async ({ edit, at, puts, aliasPuts }) => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await wake(site, daemon);
    while ((await rollbackOf(daemon)).state !== at) {
      site.domain.advance(MINUTE / 2);
      await daemon.drive();
    }
    site.workspace.change(edit);
    const { routes: _routes, ...after } = outside(site);
    await settle(site, daemon);
    const rollback = await rollbackOf(daemon);
    expect(rollback.state).toBe('superseded');
    expect(rollback.history.at(-1)?.why).toContain('Somebody else changed it');
    expect(outside(site)).toMatchObject({ ...after, puts, aliasPuts });
    expect(site.desk.taken().at(-1)?.body.text).toContain('superseded');
  });

  test('an update of theirs is in progress when the plan is made: it waits, then leaves them alone', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    site.workspace.change(moveTraffic({ endpoint: 'credit', shares: { 1: 10, 2: 90 }, by: 'kim' }));
    await daemon.wake();
    await settle(site, daemon);
    expect(outside(site)).toMatchObject({
      puts: 0,
      aliasPuts: 0,
      routes: { 'credit-1': 10, 'credit-2': 90 },
    });
  });
});
