import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { Daemon } from '../../src/daemon.ts';
import { evaluationOf } from './support/evaluation.ts';
import { crowd, DAY } from './support/people.ts';
import { MIDNIGHT, type Site, type SiteOptions, siteWithTraining } from './support/site.ts';

const GOOD = { rows: 300, version: '2' } as const;
const BAD = { rows: 300, version: '2', scoreShift: 2 } as const;

/** Days of requests, the newest last; the last one ends at {@link MIDNIGHT}. */
async function days(site: Site, moods: readonly (typeof GOOD | typeof BAD | null)[]): Promise<void> {
  for (const [index, mood] of moods.entries()) {
    const daysAgo = moods.length - index;
    if (mood !== null) await site.day('credit', daysAgo, crowd({ ...mood, seed: 30 + daysAgo }));
  }
}

async function siteOf(model: SiteOptions['model'], moods: Parameters<typeof days>[1]): Promise<Site> {
  const site = await siteWithTraining({ model: { ...model } });
  await days(site, moods);
  return site;
}

async function audit(daemon: Daemon, kind: string): Promise<AuditRecord['body'][]> {
  const records = await daemon.app.store.auditFrom(1, 1000);
  return records.filter((record) => record.kind === kind).map(({ body }) => body);
}

function ends(evaluations: readonly { readonly window: { readonly end: string } }[]): string[] {
  return evaluations.map(({ window }) => window.end.slice(0, 10));
}

const AUTO = { mode: 'auto', on: ['prediction'], breaches: '1 of 1' };

describe('catching up', () => {
  test('missed windows come oldest first, those missed for too long are on the record as skipped, the newest acts', async () => {
    const site = await siteOf({ since: '2026-02-28T00:00:00Z', catchUp: '4d', rollback: AUTO }, [
      GOOD,
      GOOD,
      BAD,
      BAD,
      GOOD,
    ]);
    const daemon = await site.start();
    const evaluations = await daemon.wake();
    expect(ends(evaluations)).toEqual(['2026-03-07', '2026-03-08', '2026-03-09', '2026-03-10']);
    expect(evaluations.map(({ verdict }) => verdict)).toEqual(['ok', 'breach', 'breach', 'ok']);
    expect(await audit(daemon, 'skipped_window')).toMatchObject([
      { model: 'credit', from: '2026-02-28T00:00:00.000Z', to: '2026-03-06T00:00:00.000Z', windows: 6 },
    ]);
    expect(evaluations.flatMap(({ actions }) => actions)).toEqual([]);
    expect(await daemon.app.store.exceptions({})).toEqual([]);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(site.desk.deliveries).toEqual([]);
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toContain('driftwarden_windows_skipped_total{model="credit",reason="catch_up"} 6');

    expect(await daemon.wake()).toEqual([]);
    expect(await audit(daemon, 'evaluation')).toHaveLength(4);
  });

  test('old breaches count: three of four, the last of them today', async () => {
    const site = await siteOf({ since: '2026-03-06T00:00:00Z', rollback: { ...AUTO, breaches: '3 of 4' } }, [
      BAD,
      BAD,
      GOOD,
      BAD,
    ]);
    const daemon = await site.start();
    const evaluations = await daemon.wake();
    expect(evaluations.map(({ actions }) => actions.map(({ action }) => action))).toEqual([
      [],
      [],
      [],
      ['open_exception', 'hold_rollback'],
    ]);
    expect(evaluations.at(-1)?.actions[1]?.key).toBe('baseline_not_approved');
  });

  test('without since the first window is the newest closed one', async () => {
    const site = await siteOf({}, [GOOD, GOOD, GOOD]);
    const daemon = await site.start();
    expect(ends(await daemon.wake())).toEqual(['2026-03-10']);
  });

  test('a since in the middle of a window begins with the next one', async () => {
    const site = await siteOf({ since: '2026-03-07T00:00:00.001Z' }, [GOOD, GOOD, GOOD]);
    const daemon = await site.start();
    expect(ends(await daemon.wake())).toEqual(['2026-03-09', '2026-03-10']);
  });
});

describe('evaluate --act', () => {
  test('does what is due, oldest first, and asked again it prints what is stored and writes nothing', async () => {
    const site = await siteOf({ since: '2026-03-07T00:00:00Z' }, [GOOD, GOOD, BAD]);
    const first = await site.run('evaluate', 'credit', '--act', '--json');
    expect(first.code).toBe(2);
    expect(evaluationOf(first).actions.map(({ action }) => action)).toEqual([
      'open_exception',
      'hold_rollback',
    ]);
    const exported = await site.run('audit', 'export', '--json', '--out', join(site.folder, 'one.jsonl'));
    const second = await site.run('evaluate', 'credit', '--act', '--json');
    expect(second.stdout).toBe(first.stdout);
    const again = await site.run('audit', 'export', '--json', '--out', join(site.folder, 'two.jsonl'));
    expect((again.json() as { records: number }).records).toBe(
      (exported.json() as { records: number }).records,
    );
    const daemon = await site.start();
    expect(
      ends((await daemon.app.store.evaluations({ model: 'credit', limit: 9 })).map(({ record }) => record)),
    ).toEqual(['2026-03-10', '2026-03-09', '2026-03-08']);
    expect(site.desk.taken()).toHaveLength(1);
  });

  test('of a named window leaves out none that is due before it', async () => {
    const site = await siteOf({ since: '2026-03-07T00:00:00Z' }, [GOOD, BAD, GOOD]);
    const answer = await site.run(
      'evaluate',
      'credit',
      '--act',
      '--json',
      '--window-end',
      '2026-03-10T00:00:00Z',
    );
    expect(answer.code).toBe(0);
    const daemon = await site.start();
    expect(ends((await audit(daemon, 'evaluation')) as never)).toEqual([
      '2026-03-08',
      '2026-03-09',
      '2026-03-10',
    ]);
    expect(await daemon.wake()).toEqual([]);
  });

  test('of a window of the past judges that one alone: no case is opened, closed or counted on it', async () => {
    const site = await siteOf({}, [BAD, GOOD, GOOD, BAD]);
    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(2);
    const open = async () => (await site.run('exceptions', 'list', '--json')).json();
    const before = await open();
    for (const end of ['2026-03-07', '2026-03-08', '2026-03-09']) {
      const answer = await site.run(
        'evaluate',
        'credit',
        '--act',
        '--json',
        '--window-end',
        `${end}T00:00:00Z`,
      );
      expect(evaluationOf(answer).actions).toEqual([]);
    }
    expect(await open()).toEqual(before);
    expect(site.desk.taken()).toHaveLength(1);
  });

  test('of a window with late rows makes a revision: not one quiet window more, and never a rollback', async () => {
    const site = await siteOf({ rollback: AUTO }, [BAD]);
    await site.run('evaluate', 'credit', '--act');
    const approved = await site.run('baseline', 'list', '--json');
    const { baselines } = approved.json() as { baselines: { id: string }[] };
    await site.run('baseline', 'approve', baselines[0]?.id ?? '', '--by', 'ana', '--reason', 'fine');
    site.domain.advance(DAY);
    await site.day('credit', 0, crowd({ ...GOOD, seed: 50 }));
    const quiet = evaluationOf(await site.run('evaluate', 'credit', '--act', '--json'));
    expect(quiet).toMatchObject({ verdict: 'ok', revision: 0, actions: [] });

    await site.day('credit', 0, crowd({ ...GOOD, rows: 310, seed: 50 }));
    const late = evaluationOf(await site.run('evaluate', 'credit', '--act', '--json'));
    expect(late).toMatchObject({ verdict: 'ok', revision: 1, rows: 310, actions: [] });
    expect(late.evaluation).not.toBe(quiet.evaluation);

    await site.day('credit', 0, crowd({ ...BAD, rows: 320, seed: 50 }));
    const worse = evaluationOf(await site.run('evaluate', 'credit', '--act', '--json'));
    expect(worse).toMatchObject({ verdict: 'breach', revision: 2, actions: [] });
    const daemon = await site.start();
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(await daemon.app.store.exceptions({ open: true })).toMatchObject([
      { cause: 'prediction', quietWindows: 0 },
    ]);
  });

  test('while the model rests after a failure does the work all the same, and leaves out nothing', async () => {
    const site = await siteOf({ since: '2026-03-09T00:00:00Z' }, [GOOD]);
    const daemon = await site.start();
    await daemon.wake();
    rmSync(join(site.folder, 'lake/credit_payload'), { recursive: true });
    site.domain.advance(DAY);
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['error']);
    for (const daysAgo of [0, -1, -2]) await site.day('credit', daysAgo, crowd({ ...GOOD, seed: 60 }));
    site.domain.advance(2 * DAY);
    expect(await daemon.wake()).toEqual([]);
    const answer = await site.run('evaluate', 'credit', '--act', '--json');
    expect(answer.code).toBe(0);
    const stored = await daemon.app.store.evaluations({ model: 'credit', limit: 9 });
    expect(stored.map(({ record }) => `${record.window.end.slice(0, 10)} ${record.verdict}`)).toEqual([
      '2026-03-13 ok',
      '2026-03-12 ok',
      '2026-03-11 ok',
      '2026-03-10 ok',
    ]);
    expect(MIDNIGHT).toBeLessThan(site.domain.now());
  });
});

describe('late rows', () => {
  const late = { rows: 200, version: '2', scoreShift: 6 } as const;

  test('make a revision when the next window closes; one that turns into a breach opens a case and plans nothing', async () => {
    const site = await siteOf({ rollback: AUTO }, [GOOD]);
    const daemon = await site.start();
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['ok']);
    await site.day('credit', 1, [...crowd({ ...GOOD, seed: 31 }), ...crowd({ ...late, seed: 99 })]);
    expect(await daemon.wake()).toEqual([]);
    await site.day('credit', 0, crowd({ ...GOOD, seed: 50 }));
    site.domain.advance(DAY);
    const evaluations = await daemon.wake();
    expect(
      evaluations.map(({ window, revision, verdict, rows }) => [
        window.end.slice(0, 10),
        revision,
        verdict,
        rows,
      ]),
    ).toEqual([
      ['2026-03-11', 0, 'ok', 300],
      ['2026-03-10', 1, 'breach', 500],
    ]);
    expect(evaluations[1]?.actions.map(({ action }) => action)).toEqual(['open_exception']);
    expect(await daemon.app.store.rollbacks({})).toEqual([]);
    expect(await daemon.app.store.exceptions({ open: true })).toMatchObject([{ cause: 'prediction' }]);
    const stored = await daemon.app.store.revisions('credit', Date.UTC(2026, 2, 10));
    expect(stored.map(({ record }) => record.revision)).toEqual([1, 0]);
    expect(await daemon.wake()).toEqual([]);

    // Every statement is counted: those of an evaluation with it, and those that only looked whether rows came late.
    const all = [...stored, ...(await daemon.app.store.revisions('credit', Date.UTC(2026, 2, 11)))];
    const told = all.reduce((sum, { cost }) => sum + (cost?.statements ?? 0), 0);
    expect(all.map(({ cost }) => (cost?.statements ?? 0) > 0)).toEqual([true, true, true]);
    const counters = await daemon.app.store.counters();
    const counted = counters.find(({ name }) => name === 'warehouse_statements_total')?.value ?? 0;
    expect(counted).toBeGreaterThan(told);
  });

  test('that say the same again open nothing twice, and those that come too late change nothing', async () => {
    const site = await siteOf({ rollback: AUTO, revisions: '1d' }, [BAD]);
    const daemon = await site.start();
    await daemon.wake();
    await site.day('credit', 1, [...crowd({ ...BAD, seed: 31 }), ...crowd({ ...late, seed: 99 })]);
    await site.day('credit', 0, crowd({ ...GOOD, seed: 50 }));
    // A day and the lateness after its end the first window is still open for a minute.
    site.domain.set(Date.UTC(2026, 2, 11, 1) - 1);
    expect(await daemon.wake()).toEqual([]);
    site.domain.set(Date.UTC(2026, 2, 11, 1));
    expect((await daemon.wake()).map(({ revision }) => revision)).toEqual([0]);
    expect(await daemon.app.store.exceptions({})).toHaveLength(1);
    expect(site.desk.taken().map(({ body }) => body.action)).toEqual(['open']);
  });
});

test('what goes wrong with one model in a way that nobody foresaw stops no other', async () => {
  const site = await siteWithTraining({ products: ['credit', 'home'].map((name) => ({ name })) });
  const daemon = await site.start();
  for (const name of ['credit', 'home']) await site.day(name, 1, crowd({ seed: 5, rows: 700 }));
  const { store } = daemon.app;
  const read = store.progress.bind(store);
  vi.spyOn(store, 'progress').mockImplementation(async (model) => {
    if (model === 'credit') throw new TypeError('a bug that only this model meets');
    return read(model);
  });
  expect((await daemon.wake()).map(({ model }) => model)).toEqual(['home']);
  expect(site.log).toContainEqual(
    expect.objectContaining({
      model: 'credit',
      msg: expect.stringContaining('the other models go on'),
    }),
  );
});
