import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { AUTO, approvedSite, badDay, DAY, outside, PROMOTED, rollbackOf, settle } from './support/rig.ts';

const WHO = ['--by', 'ana', '--reason', 'planned work'] as const;

async function bodies(daemon: Daemon, kind: string): Promise<readonly { readonly [key: string]: unknown }[]> {
  const records = await daemon.app.store.auditFrom(1, 1000);
  // The baseline of the site was frozen by a person too.
  return records
    .filter((record) => record.kind === kind && record.body['action'] !== 'freeze')
    .map(({ body }) => body);
}

const heldBy = async (daemon: Daemon): Promise<readonly unknown[]> =>
  (await bodies(daemon, 'rollback')).flatMap(({ state, gate }) => (state === 'blocked' ? [gate] : []));

describe('a silence', () => {
  test('holds the rollback of its model until its time, and no longer', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    const until = new Date(site.domain.now() + DAY).toISOString();
    const said = await site.run('rollback', 'silence', 'credit', '--until', until, ...WHO, '--json');
    expect(said.json()).toMatchObject({
      silence: { model: 'credit', until, by: 'ana', identity: 'claimed' },
    });
    expect(await bodies(daemon, 'override')).toEqual([
      {
        ...{ subject: 'credit', action: 'silence', until, by: 'ana' },
        ...{ identity: 'claimed', reason: 'planned work' },
      },
    ]);
    await badDay(site);
    await daemon.wake();
    expect(await heldBy(daemon)).toEqual(['silenced']);
    expect(outside(site).puts).toBe(0);
    expect(site.desk.taken().map(({ body }) => body.action)).toContain('open');

    await badDay(site, 'credit', 0);
    site.domain.advance(DAY);
    await daemon.wake();
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
  });

  test('is lifted before its time, and refused for a model that is not there or a time that is over', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    const now = site.domain.now();
    const silence = async (model: string, ...words: readonly string[]): Promise<number | null> =>
      (await site.run('rollback', 'silence', model, ...words, ...WHO)).code;
    expect(await silence('credit', '--until', new Date(now).toISOString())).toBe(2);
    expect(await silence('credit', '--until', new Date(now + 1).toISOString())).toBe(0);
    expect(await silence('other', '--until', new Date(now + DAY).toISOString())).toBe(4);
    expect(await silence('credit', '--until', new Date(now + DAY).toISOString())).toBe(0);
    expect(await silence('credit')).toBe(0);
    await badDay(site);
    await daemon.wake();
    expect(await heldBy(daemon)).toEqual([]);
    expect(outside(site).puts).toBe(1);
  });
});

describe('the kill switch from afar', () => {
  test('is the file, says who made it, and lets go', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    const file = join(site.folder, 'state/STOP');
    const stopped = await site.run('rollback', 'stop', ...WHO, '--json');
    expect(stopped.json()).toEqual({ killSwitch: { on: true, file } });
    expect(readFileSync(file, 'utf8')).toMatch(
      /^driftwarden kill switch, .* by ana \(claimed\) at .*: planned work\n$/,
    );
    await badDay(site);
    await daemon.wake();
    expect(await heldBy(daemon)).toEqual(['kill_switch']);
    expect((await site.run('rollback', 'resume', ...WHO)).code).toBe(0);
    expect(existsSync(file)).toBe(false);
    const words = (await bodies(daemon, 'override')).map(({ subject, action, by }) => [subject, action, by]);
    expect(words).toEqual([
      ['kill_switch', 'on', 'ana'],
      ['kill_switch', 'off', 'ana'],
    ]);
  });

  test('does not remove a file that was made by hand', async () => {
    const { site, daemon } = await approvedSite();
    const file = join(site.folder, 'state/STOP');
    mkdirSync(join(site.folder, 'state'), { recursive: true });
    writeFileSync(file, 'stop!\n');
    const refused = await site.run('rollback', 'resume', ...WHO);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('made by hand')]);
    expect(await bodies(daemon, 'override')).toEqual([]);
    expect((await site.run('rollback', 'stop', ...WHO)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('stop!\n');
  });

  test('is refused where there is none, and off where it is off already', async () => {
    const { site } = await approvedSite();
    expect((await site.run('rollback', 'resume', ...WHO)).code).toBe(0);
    const { site: without } = await approvedSite({ config: { actions: { killSwitch: null } } });
    const refused = await without.run('rollback', 'stop', ...WHO);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('actions.killSwitch is null'),
    ]);
  });
});

test('a person who made the endpoint and has left holds the rollback', async () => {
  const { site, daemon } = await approvedSite({ products: [PROMOTED] });
  site.workspace.change((state) => ({
    ...state,
    users: state.users.map((user) => ({ ...user, active: false })),
  }));
  await badDay(site);
  await daemon.wake();
  expect(await heldBy(daemon)).toEqual(['creator_inactive']);
  expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
});

describe('a smoke request', () => {
  const smokeSite = async (payload: string) => {
    const rig = await approvedSite({
      products: [PROMOTED],
      model: { rollback: { ...AUTO, smoke: { payload: { file: 'smoke.json' } } } },
    });
    writeFileSync(join(rig.site.folder, 'smoke.json'), payload);
    await badDay(rig.site);
    await rig.daemon.wake();
    return rig;
  };

  test('that the champion answers lets the rollback go on', async () => {
    const { site, daemon } = await smokeSite('{ "dataframe_records": [ { "income": 1 } ] }');
    await settle(site, daemon);
    const { state, gates } = await rollbackOf(daemon);
    expect(state).toBe('done');
    expect(gates.find(({ gate }) => gate === 'champion_not_ready')?.reason).toContain(
      'answered the smoke request',
    );
  });

  test('that it refuses blocks the rollback before any write', async () => {
    const { site, daemon } = await smokeSite('{}');
    const { state, history } = await rollbackOf(daemon);
    expect([state, history.at(-1)?.why]).toEqual([
      'blocked',
      expect.stringContaining('Gate champion_not_ready'),
    ]);
    expect(await heldBy(daemon)).toEqual(['champion_not_ready']);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
  });
});
