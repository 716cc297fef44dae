import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type Daemon } from '../../src/daemon.ts';
import { moveAlias, moveTraffic } from '../../src/simulator/workspace/people.ts';
import { StoreError } from '../../src/store/store.ts';
import { crowd, DAY } from './support/people.ts';
import {
  APPROVE,
  AUTO,
  approvedSite,
  badDay,
  MINUTE,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  states,
  TROUBLES,
  WRITES,
} from './support/rig.ts';
import { type Site } from './support/site.ts';

async function wake(site: Site, daemon: Daemon): Promise<void> {
  await badDay(site);
  await daemon.wake();
}

describe('gates', () => {
  const held = async (daemon: Daemon): Promise<unknown[]> => {
    const records = await daemon.app.store.auditFrom(1, 1000);
    return records
      .filter(({ kind, body }) => kind === 'rollback' && body['state'] === 'blocked')
      .map(({ body }) => body['gate']);
  };

  test('the kill switch file holds everything, before and between the writes, and lets go when it is gone', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    const stop = join(site.folder, 'state/STOP');
    mkdirSync(dirname(stop), { recursive: true });
    writeFileSync(stop, '');
    await wake(site, daemon);
    expect(await held(daemon)).toEqual(['kill_switch']);
    expect(outside(site).puts).toBe(0);

    rmSync(stop);
    await badDay(site, 'credit', 0);
    site.domain.advance(DAY);
    await daemon.wake();
    expect(outside(site).puts).toBe(1);
    writeFileSync(stop, '');
    site.domain.advance(90_000);
    await daemon.drive();
    expect((await rollbackOf(daemon)).state).toBe('traffic_verified');
    expect(outside(site).aliasPuts).toBe(0);
    rmSync(stop);
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
  });

  test('four models in breach at once on one feed: none is touched, each owner is told', async () => {
    const products = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const { site, daemon } = await approvedSite({ products });
    for (const { name } of products) await badDay(site, name);
    await daemon.wake();
    await settle(site, daemon);
    for (const { name } of products) expect(outside(site, name).puts).toBe(0);
    expect(new Set(await held(daemon))).toEqual(new Set(['blast_radius']));
    const rollbacks = await daemon.app.store.rollbacks({});
    expect(rollbacks.every(({ state, wrote }) => state === 'blocked' && !wrote)).toBe(true);
    const cases = await daemon.app.store.exceptions({});
    expect(cases.map(({ model, cause }) => `${model} ${cause}`).sort()).toEqual(
      products.map(({ name }) => `${name} prediction`),
    );
    expect(new Set(site.desk.taken().map(({ body }) => body.exception['model']))).toEqual(
      new Set(['a', 'b', 'c', 'd']),
    );
  });

  test('two models in breach are two models: both are put back', async () => {
    const products = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const { site, daemon } = await approvedSite({ products });
    for (const name of ['a', 'b']) await badDay(site, name);
    await daemon.wake();
    await settle(site, daemon);
    expect(products.map(({ name }) => outside(site, name).puts)).toEqual([1, 1, 0, 0]);
  });

  test.each([
    ['no_target', { name: 'credit', aliases: {} }],
    ['no_target', { name: 'credit', aliases: { champion: 2 } }],
    ['champion_not_ready', { name: 'credit', aliases: { champion: 3 } }],
  ])('%s holds: %j', async (gate, product) => {
    const { site, daemon } = await approvedSite({ products: [product] });
    await wake(site, daemon);
    expect(await held(daemon)).toEqual([gate]);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
    const plan = await site.run('rollback', 'plan', 'credit', '--json');
    expect(plan.code).toBe(2);
    expect((plan.json() as { gates: unknown[] }).gates).toContainEqual(
      expect.objectContaining({ gate, held: true, reason: expect.stringMatching(/.{15}/) }),
    );
    const applied = await site.run('rollback', 'apply', 'credit', '--by', 'ana', '--reason', 'now');
    expect([applied.code, applied.stderr]).toEqual([2, expect.stringContaining(`gate ${gate}`)]);
  });

  test('a champion whose version is not READY in the registry holds', async () => {
    const { site, daemon } = await approvedSite();
    site.workspace.change((state) => {
      const model = state.models['main.t.credit'];
      if (model === undefined) throw new Error('no model');
      const versions = model.versions.map((version) =>
        version.version === 1 ? { ...version, status: 'FAILED_REGISTRATION' } : version,
      );
      return { ...state, models: { ...state.models, [model.name]: { ...model, versions } } };
    });
    await wake(site, daemon);
    expect(await held(daemon)).toEqual(['champion_not_ready']);
  });

  test('a draft baseline holds, and approving it lets the next breach through', async () => {
    const { site, daemon } = await approvedSite({ model: { rollback: AUTO } });
    const frozen = await site.run('baseline', 'list', '--json');
    expect(frozen.json()).toMatchObject({ baselines: [{ state: 'approved', approvedBy: 'ana' }] });
    await wake(site, daemon);
    await settle(site, daemon);
    expect(states(await rollbackOf(daemon)).at(-1)).toBe('done');
  });
});

describe('a workspace that misbehaves (the whole table is in test/system)', () => {
  test.each([
    ['traffic', '500'],
    ['traffic', 'html'],
    ['traffic', 'lost-response'],
    ['alias', 'lost-response'],
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
    // Who it was is asked of an audit log, and this lake has none: that is told, afterwards.
    site.domain.advance(5 * MINUTE);
    expect(await daemon.app.tellChanges()).toEqual(['credit']);
    await daemon.drive();
    expect(site.desk.taken().at(-1)?.body.text).toContain(
      'Who changed it is not told: warehouse.kind duckdb has no audit log of a workspace.',
    );
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

test('a ticket desk that never answers keeps no rollback from its next step', async () => {
  const { site, daemon } = await approvedSite({ products: [PROMOTED] });
  await daemon.stop();
  await badDay(site);
  site.desk.behave('hang');
  const alive = await site.start({ selfDriven: true });
  // Nobody drives: the daemon beats by itself, and time goes by.
  await vi.waitUntil(() => outside(site).puts === 1, { timeout: 30_000 });
  await vi.waitUntil(() => site.desk.deliveries.length === 1, { timeout: 30_000 });
  site.domain.advance(90_000);
  await vi.waitUntil(() => outside(site).aliasPuts === 1, { timeout: 30_000 });
  expect(site.desk.deliveries).toHaveLength(1);
  expect((await rollbackOf(alive)).state).not.toBe('needs_human');
  site.desk.behave('take');
});
