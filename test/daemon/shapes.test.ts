import { describe, expect, test } from 'vitest';
import { checkOf, evaluationOf } from './support/evaluation.ts';
import { crowd, DAY } from './support/people.ts';
import {
  APPROVE,
  AUTO,
  approvedSite,
  BAD,
  badDay,
  GOOD,
  outside,
  PROMOTED,
  rollbackOf,
  settle,
  states,
} from './support/rig.ts';
import { siteWithTraining } from './support/site.ts';

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
    const moods = [GOOD, GOOD, { ...GOOD, scoreShift: 0.6 }, { ...GOOD, scoreShift: 0.6 }];
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
