import { describe, expect, test } from 'vitest';
import { type AuditRecord } from '../../src/audit/record.ts';
import { type Daemon } from '../../src/daemon.ts';
import { canonical, sha256 } from './support/canonical.ts';
import { checkOf, evaluationOf } from './support/evaluation.ts';
import { crowd, DAY } from './support/people.ts';
import {
  APPROVE,
  AUTO,
  approvedSite,
  BAD,
  badDay,
  GOOD,
  MINUTE,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  states,
} from './support/rig.ts';
import { siteWithTraining } from './support/site.ts';

async function audit(daemon: Daemon, kind: string): Promise<AuditRecord['body'][]> {
  const records = await daemon.app.store.auditFrom(1, 1000);
  return records.filter((record) => record.kind === kind).map(({ body }) => body);
}

const scrape = async (daemon: Daemon): Promise<string> => (await fetch(`${daemon.url}/metrics`)).text();

describe('auto', () => {
  test('moves traffic first and the alias second, each once, reads both back, and tells it all', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    const [evaluation] = await daemon.wake();
    expect(evaluation?.actions.map(({ action }) => action)).toEqual(['open_exception', 'plan_rollback']);
    expect(states(await rollbackOf(daemon))).toEqual(['planned', 'shifting_traffic']);
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 0, aliases: { champion: 2 } });

    site.domain.advance(89_000);
    await daemon.drive();
    expect((await rollbackOf(daemon)).state).toBe('shifting_traffic');
    site.domain.advance(1000);
    await daemon.drive();
    expect(outside(site)).toEqual({
      puts: 1,
      aliasPuts: 1,
      routes: { 'credit-1': 100, 'credit-2': 0 },
      aliases: { champion: 1, rollback: 1 },
    });
    await settle(site, daemon);
    const rollback = await rollbackOf(daemon);
    expect(states(rollback)).toEqual([
      'planned',
      'shifting_traffic',
      'traffic_verified',
      'moving_alias',
      'alias_verified',
      'dwelling',
      'done',
    ]);
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
    expect(rollback.planHash).toBe(sha256(canonical(rollback.plan)));

    const told = (await audit(daemon, 'rollback')).map(({ state, from, to }) => ({ state, from, to }));
    expect(told).toEqual(states(rollback).map((state) => ({ state, from: '2', to: '1' })));
    const entities = site.workspace.snapshot().endpoints['credit']?.config.served_entities;
    expect(entities?.map(({ environment_vars }) => environment_vars?.['NOTE'])).toEqual([
      'kept for version 1',
      'kept for version 2',
    ]);
    const metrics = await scrape(daemon);
    expect(metrics).toContain('driftwarden_rollbacks_total{model="credit",trigger="automatic"} 1');
    expect(metrics).toContain('driftwarden_rollbacks_total{model="credit",trigger="manual"} 0');
    expect(metrics).toContain('driftwarden_rollback_state{model="credit",state="done"} 1');
    expect(metrics).toContain('driftwarden_rollback_in_progress{model="credit"} 0');
    expect(site.desk.taken().map(({ body }) => body.action)[0]).toBe('open');
    expect(site.desk.taken().every(({ signed }) => signed)).toBe(true);
  });

  test('deploys a champion that is not on the endpoint, and the failing version serves until it is ready', async () => {
    const { site, daemon } = await approvedSite({ products: [{ ...PROMOTED, served: ['2'] }] });
    await badDay(site);
    await daemon.wake();
    expect((await rollbackOf(daemon)).plan).toMatchObject({
      readiness: 'absent',
      adds: { name: 'credit-1', version: '1', like: 'credit-2' },
    });
    site.domain.advance(14 * MINUTE);
    await daemon.drive();
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 0, routes: { 'credit-2': 100 } });
    site.domain.advance(MINUTE);
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site)).toEqual({
      puts: 1,
      aliasPuts: 1,
      routes: { 'credit-1': 100, 'credit-2': 0 },
      aliases: { champion: 1, rollback: 1 },
    });
    const [old, deployed] = site.workspace.snapshot().endpoints['credit']?.config.served_entities ?? [];
    expect(deployed).toMatchObject({ entity_version: '1', environment_vars: old?.environment_vars });
  });

  test('every intent is in the chain before its write is in the workspace', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    const records = await daemon.app.store.auditFrom(1, 1000);
    const seqOf = (state: string): number =>
      records.find(({ kind, body }) => kind === 'rollback' && body['state'] === state)?.seq ?? Infinity;
    const order = ['planned', 'shifting_traffic', 'traffic_verified', 'moving_alias', 'alias_verified'].map(
      seqOf,
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every(Number.isFinite)).toBe(true);
  });

  test('a version that was rolled back is on hold until somebody releases it', async () => {
    const { site, daemon } = await approvedSite({ model: { rollback: { ...AUTO, cooldown: '1h' } } });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    const again = async (daysAhead: number): Promise<string[]> => {
      await badDay(site, 'credit', -daysAhead + 1);
      site.domain.set(Date.UTC(2026, 2, 10 + daysAhead, 2));
      const [evaluation] = await daemon.wake();
      return (
        evaluation?.actions.map(({ action, key }) =>
          `${action} ${action === 'hold_rollback' ? key : ''}`.trim(),
        ) ?? []
      );
    };
    site.workspace.change((state) => {
      const endpoint = state.endpoints['credit'];
      if (endpoint === undefined) throw new Error('no endpoint');
      const config = { ...endpoint.config, config_version: 9, routes: { 'credit-1': 0, 'credit-2': 100 } };
      return { ...state, endpoints: { ...state.endpoints, credit: { ...endpoint, config } } };
    });
    // It serves again although it was left: that is told as well, and not fought.
    expect(await again(1)).toEqual(['open_exception', 'hold_rollback hold']);
    expect(await daemon.app.store.exceptions({ open: true })).toContainEqual(
      expect.objectContaining({
        cause: 'conformance',
        version: '2',
        text: expect.stringContaining('serves again, although rollback'),
      }),
    );
    const released = await site.run(
      'rollback',
      'release',
      'credit',
      '--version',
      '2',
      '--by',
      'bob',
      '--reason',
      'fixed',
    );
    expect([released.code, released.stderr]).toEqual([0, '']);
    expect((await audit(daemon, 'override')).at(-1)).toMatchObject({
      action: 'release',
      by: 'bob',
      identity: 'claimed',
      reason: 'fixed',
    });
    expect(await again(2)).toEqual(['plan_rollback']);
    await settle(site, daemon);
    expect(outside(site).puts).toBe(2);
    expect(await daemon.app.store.rollbacks({ model: 'credit' })).toHaveLength(2);
    expect(
      (await site.run('rollback', 'release', 'credit', '--version', '7', '--by', 'bob', '--reason', 'x'))
        .code,
    ).toBe(4);
  });
});

describe('observe', () => {
  test('changes nothing, and leaves a record of the gate that held', async () => {
    const { site, daemon } = await approvedSite({
      model: { rollback: { mode: 'observe', breaches: '1 of 1' } },
    });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(await audit(daemon, 'rollback')).toMatchObject([
      { rollback: null, model: 'credit', from: '2', to: '1', state: 'blocked', gate: 'mode' },
    ]);
    const metrics = await scrape(daemon);
    expect(metrics).toContain('driftwarden_rollbacks_suppressed_total{model="credit",reason="mode"} 1');
    expect(metrics).toContain('driftwarden_rollback_gate_held{model="credit",reason="mode"} 1');
  });
});

describe('approve', () => {
  const rollback = { ...APPROVE, approvalExpires: '4h' };

  test('the owner is told plan and hash; another person approves; only then is anything written', async () => {
    const { site, daemon } = await approvedSite({ model: { rollback } });
    await badDay(site);
    await daemon.wake();
    await daemon.drive();
    const waiting = await rollbackOf(daemon);
    expect(waiting.state).toBe('awaiting_approval');
    expect(outside(site).puts).toBe(0);
    const texts = site.desk.taken().map(({ body }) => body.text);
    expect(texts.some((text) => text.includes(waiting.id) && text.includes(waiting.planHash))).toBe(true);

    const itself = await site.run('rollback', 'approve', waiting.id, '--by', ' DriftWarden');
    expect([itself.code, itself.stderr]).toEqual([2, expect.stringContaining('another person')]);
    const approved = await site.run(
      'rollback',
      'approve',
      waiting.id,
      '--by',
      'bob',
      '--reason',
      'agreed',
      '--json',
    );
    expect(approved.code).toBe(0);
    expect(approved.json()).toMatchObject({ rollback: { id: waiting.id, state: 'shifting_traffic' } });
    expect(await audit(daemon, 'approval')).toContainEqual(
      expect.objectContaining({
        subject: waiting.id,
        action: 'approve',
        by: 'bob',
        identity: 'claimed',
        planHash: waiting.planHash,
      }),
    );
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site).puts).toBe(1);
  });

  test('nobody comes: expired, then refused; the next breach plans anew', async () => {
    const { site, daemon } = await approvedSite({ model: { rollback } });
    await badDay(site);
    await daemon.wake();
    await daemon.drive();
    const first = await rollbackOf(daemon);
    site.domain.advance(4 * 60 * MINUTE);
    const late = await site.run('rollback', 'approve', first.id, '--by', 'bob');
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('could be approved until')]);
    await daemon.drive();
    expect((await daemon.app.store.rollback(first.id))?.state).toBe('expired');
    await badDay(site, 'credit', 0);
    site.domain.set(Date.UTC(2026, 2, 11, 2));
    await daemon.wake();
    await daemon.drive();
    expect((await rollbackOf(daemon)).id).not.toBe(first.id);
    expect((await rollbackOf(daemon)).state).toBe('awaiting_approval');
    expect(outside(site).puts).toBe(0);
  });

  test('who asked for it by hand cannot be who approves it', async () => {
    const { site, daemon } = await approvedSite({ model: { rollback } });
    await site.day('credit', 1, crowd({ ...GOOD, seed: 5 }));
    await daemon.wake();
    const applied = await site.run(
      'rollback',
      'apply',
      'credit',
      '--by',
      'Ana',
      '--reason',
      'complaints',
      '--json',
    );
    expect(applied.code).toBe(0);
    const { id } = (applied.json() as { rollback: { id: string } }).rollback;
    await daemon.drive();
    expect(await rollbackOf(daemon)).toMatchObject({
      state: 'awaiting_approval',
      trigger: 'manual',
      requestedBy: 'Ana',
    });
    expect((await site.run('rollback', 'approve', id, '--by', 'ana')).code).toBe(2);
    expect(outside(site).puts).toBe(0);
    expect((await site.run('rollback', 'approve', id, '--by', 'bob')).code).toBe(0);
    await settle(site, daemon);
    expect(outside(site).puts).toBe(1);
    expect(await daemon.app.store.exceptions({})).toMatchObject([{ cause: 'rollback', state: 'resolved' }]);
    expect(await scrape(daemon)).toContain('driftwarden_rollbacks_total{model="credit",trigger="manual"} 1');
  });
});

describe('m of n', () => {
  test.each([
    ['3 of 4', [BAD, null, BAD, null, null, BAD], true],
    ['3 of 4', [BAD, BAD, GOOD, GOOD, BAD], false],
    ['1 of 1', [BAD, null], false],
  ] as const)('%s on %j: %s', async (breaches, moods, acts) => {
    const { site, daemon } = await approvedSite({
      model: { rollback: { ...AUTO, breaches }, since: '2026-03-03T00:00:00Z' },
    });
    for (const [index, mood] of moods.entries()) {
      const daysAgo = moods.length - index;
      if (mood !== null) await site.day('credit', daysAgo, crowd({ ...mood, seed: 90 + daysAgo }));
    }
    await daemon.wake();
    await settle(site, daemon);
    expect(outside(site).puts).toBe(acts ? 1 : 0);
    expect(await daemon.app.store.exceptions({})).toHaveLength(acts ? 1 : 0);
  });

  test('missing rows never lead to a rollback, however long they are missing', async () => {
    const site = await siteWithTraining({ model: { rollback: AUTO, unknownAfter: '1d' } });
    await badDay(site, 'credit', 9);
    const daemon = await site.start();
    for (let day = 0; day < 4; day += 1) {
      await daemon.wake();
      await daemon.drive();
      site.domain.advance(DAY);
    }
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(await audit(daemon, 'rollback')).toEqual([]);
    expect(outside(site).puts).toBe(0);
    expect(await daemon.app.store.exceptions({})).toMatchObject([{ cause: 'unknown', severity: 'medium' }]);
  });
});

describe('what a rollback may move', () => {
  test('traffic alone: done, and a case asks a person to move the alias', async () => {
    const { site, daemon } = await approvedSite({
      products: [PROMOTED],
      model: { rollback: { ...AUTO, moves: ['traffic'] } },
    });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    expect(states(await rollbackOf(daemon))).toEqual([
      'planned',
      'shifting_traffic',
      'traffic_verified',
      'dwelling',
      'done',
    ]);
    expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 0, aliases: { champion: 2 } });
    const open = await daemon.app.store.exceptions({ open: true });
    expect(open.map(({ cause }) => cause).sort((a, b) => a.localeCompare(b))).toEqual([
      'conformance',
      'prediction',
    ]);
    expect(open.find(({ cause }) => cause === 'conformance')?.text).toContain('champion alias to version 1');
  });

  test('the alias alone: traffic stays', async () => {
    const { site, daemon } = await approvedSite({
      products: [PROMOTED],
      model: { rollback: { ...AUTO, moves: ['alias'] } },
    });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    expect(states(await rollbackOf(daemon)).slice(0, 3)).toEqual([
      'planned',
      'moving_alias',
      'alias_verified',
    ]);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 1, aliases: { champion: 1 } });
  });

  test('a batch model has an alias and no endpoint', async () => {
    const { site, daemon } = await approvedSite({
      products: [PROMOTED],
      model: { endpoint: null, rollback: AUTO },
    });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).endpoint).toBeNull();
    expect((await rollbackOf(daemon)).state).toBe('done');
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 1, aliases: { champion: 1 } });
  });

  test('a champion that sleeps is a cold target, and is put back all the same', async () => {
    const { site, daemon } = await approvedSite({ products: [{ ...PROMOTED, scaleToZero: true }] });
    await badDay(site);
    await daemon.wake();
    expect((await rollbackOf(daemon)).plan.readiness).toBe('cold');
    await settle(site, daemon);
    expect((await rollbackOf(daemon)).state).toBe('done');
  });
});

describe('traffic that is split', () => {
  const SPLIT = { name: 'credit', shares: { '1': 80, '2': 20 } };

  test('a challenger with a fifth of the traffic goes wrong: it is taken back, the champion goes on', async () => {
    const { site, daemon } = await approvedSite({ products: [SPLIT] });
    await site.day('credit', 1, [
      ...crowd({ ...GOOD, seed: 5, version: '1', rows: 800 }),
      ...crowd({ ...BAD, seed: 6, rows: 210 }),
    ]);
    await daemon.wake();
    await settle(site, daemon);
    expect(await rollbackOf(daemon)).toMatchObject({ from: '2', to: '1', state: 'done' });
    expect(outside(site)).toMatchObject({ puts: 1, routes: { 'credit-1': 100, 'credit-2': 0 } });
  });

  test('both go wrong at once: it is what they are fed, and nothing is moved', async () => {
    const { site, daemon } = await approvedSite({ products: [SPLIT] });
    await site.day('credit', 1, [
      ...crowd({ ...BAD, seed: 5, version: '1', rows: 800 }),
      ...crowd({ ...BAD, seed: 6, rows: 210 }),
    ]);
    await daemon.wake();
    await settle(site, daemon);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
    const records = await daemon.app.store.auditFrom(1, 100);
    const held = records.find(({ kind, body }) => kind === 'rollback' && body['state'] === 'blocked');
    expect(['champion_breach', 'no_target']).toContain(held?.body['gate']);
  });

  test('rows of a version that has no traffic any more lead nowhere', async () => {
    const { site, daemon } = await approvedSite({
      products: [{ name: 'credit', shares: { '1': 100, '2': 0 } }],
    });
    await site.day('credit', 1, [
      ...crowd({ ...GOOD, seed: 5, version: '1', rows: 800 }),
      ...crowd({ ...BAD, seed: 6, rows: 210 }),
    ]);
    await daemon.wake();
    await settle(site, daemon);
    expect(outside(site)).toMatchObject({ puts: 0, aliasPuts: 0 });
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
  });
});

describe('a restart', () => {
  test.each(['shifting_traffic', 'dwelling', 'awaiting_approval'] as const)(
    'while %s: looks first, and writes nothing twice',
    async (at) => {
      const mode = at === 'awaiting_approval' ? APPROVE : AUTO;
      const { site, daemon } = await approvedSite({ products: [PROMOTED], model: { rollback: mode } });
      await badDay(site);
      await daemon.wake();
      await daemon.drive();
      while ((await rollbackOf(daemon)).state !== at) {
        site.domain.advance(30_000);
        await daemon.drive();
      }
      const { id } = await rollbackOf(daemon);
      await daemon.stop();
      const again = await site.start();
      expect(await again.wake()).toEqual([]);
      if (at === 'awaiting_approval') await site.run('rollback', 'approve', id, '--by', 'bob');
      await settle(site, again);
      expect(await rollbackOf(again)).toMatchObject({ id, state: 'done' });
      expect(outside(site)).toMatchObject({ puts: 1, aliasPuts: 1 });
      expect(site.desk.taken().filter(({ body }) => body.action === 'open')).toHaveLength(1);
    },
  );
});

test('two people and the schedule ask for the same window at once: one evaluation, one case, one answer', async () => {
  const site = await siteWithTraining();
  await badDay(site);
  const daemon = await site.start();
  const ask = () => daemon.app.operations.evaluate('credit', null);
  const [one, other, woken] = await Promise.all([ask(), ask(), daemon.wake()]);
  expect(one).toEqual(other);
  expect(woken.length).toBeLessThanOrEqual(1);
  const records = await daemon.app.store.auditFrom(1, 100);
  expect(records.filter(({ kind }) => kind === 'evaluation')).toHaveLength(1);
  await daemon.drive();
  expect(site.desk.taken()).toHaveLength(1);
});

describe('rule evidence', () => {
  test('quiet windows stay quiet, drift is proven and breaks, numbers of evidence stand in every judged check', async () => {
    const site = await siteWithTraining({
      model: { drift: { rule: 'evidence' }, since: '2026-03-04T00:00:00Z' },
    });
    for (const [index, mood] of [GOOD, GOOD, GOOD, GOOD, BAD, BAD].entries())
      await site.day('credit', 6 - index, crowd({ ...mood, seed: 40 + index, rows: 800 }));
    const daemon = await site.start();
    const evaluations = await daemon.wake();
    expect(evaluations.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok', 'ok', 'breach', 'breach']);
    const printed = evaluationOf(await site.run('evaluate', 'credit', '--json'));
    const score = checkOf(printed, 'score');
    expect(score).toMatchObject({ verdict: 'breach', warn: 0.1, breach: 0.25 });
    expect(score.evidence).toBeGreaterThan(score.evidenceNeeded ?? Infinity);
    const income = checkOf(printed, 'income');
    expect(income.evidence).toBeLessThan(income.evidenceNeeded ?? 0);
    expect(await daemon.app.store.exceptions({ open: true })).toMatchObject([{ cause: 'prediction' }]);
  });

  test('evidence is carried over a restart as over a day, and a look in between changes nothing', async () => {
    const moods = [GOOD, { ...GOOD, scoreShift: 0.6 }, { ...GOOD, scoreShift: 0.6 }];
    const verdicts = async (restarts: boolean): Promise<unknown[]> => {
      const site = await siteWithTraining({ model: { drift: { rule: 'evidence' } } });
      let daemon = await site.start();
      const seen: unknown[] = [];
      for (const [index, mood] of moods.entries()) {
        await site.day('credit', 1 - index, crowd({ ...mood, seed: 40 + index, rows: 500 }));
        if (restarts) {
          await site.run('evaluate', 'credit', '--json');
          await daemon.stop();
          daemon = await site.start();
        }
        const [evaluation] = await daemon.wake();
        const score = evaluation?.checks.find(
          ({ subject, method }) => subject === 'score' && method === 'psi',
        );
        seen.push([score?.verdict, score?.evidence, score?.value]);
        site.domain.advance(DAY);
      }
      await daemon.stop();
      return seen;
    };
    expect(await verdicts(true)).toEqual(await verdicts(false));
  });
});
