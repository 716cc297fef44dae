import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';

import {
  AUTO,
  approvedSite,
  badDay,
  DAY,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  states,
} from './support/rig.ts';
import type { Site } from './support/site.ts';

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
