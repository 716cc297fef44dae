import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crowd, DAY, HOUR } from './support/people.ts';
import { AUTO, approvedSite, badDay, GOOD, PROMOTED, settle, WRITES } from './support/rig.ts';
import { createSite, type Site, siteWithTraining } from './support/site.ts';

/** What stands in the log at these levels, as `level message`. */
function loud(site: Site, from = 0): string[] {
  return site.log
    .slice(from)
    .filter(({ level }) => level === 'warn' || level === 'error')
    .map(({ level, msg }) => `${level} ${msg}`);
}

describe('the log at three in the morning', () => {
  test('a quiet day is one line a model, and nothing above info', async () => {
    const { site, daemon } = await approvedSite();
    await site.day('credit', 1, crowd({ ...GOOD, seed: 5 }));
    const from = site.log.length;
    await daemon.wake();
    expect(site.log.slice(from).map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'info window evaluated',
    ]);
    expect(site.log.at(-1)).toMatchObject({
      model: 'credit',
      window: '2026-03-10T00:00:00.000Z',
      verdict: 'ok',
      rows: 300,
    });
  });

  test('a breach says what was found, what follows, and each state of the rollback with its reason', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    await daemon.wake();
    const breach = site.log.find(({ verdict }) => verdict === 'breach');
    expect(breach).toMatchObject({ level: 'warn', reason: expect.stringContaining('PSI of score') });
    expect(breach?.['actions']).toEqual([
      expect.stringMatching(/^open_exception ex-/),
      expect.stringMatching(/^plan_rollback rb-/),
    ]);
    await daemon.drive();
    await daemon.drive();
    await settle(site, daemon);
    const story = site.log
      .filter(({ rollback }) => rollback !== undefined)
      .map(({ msg }) => msg.split(':')[0]);
    expect(story).toEqual([
      'rollback shifting traffic',
      'rollback waits',
      'rollback traffic verified',
      'rollback moving alias',
      'rollback alias verified',
      'rollback dwelling',
      'rollback waits',
      'rollback done',
    ]);
  });

  test('a gate that holds is named with the window', async () => {
    const site = await siteWithTraining({ model: { rollback: AUTO } });
    await badDay(site);
    const daemon = await site.start();
    await daemon.wake();
    const breach = site.log.find(({ verdict }) => verdict === 'breach');
    expect(breach?.['actions']).toContain('hold_rollback baseline_not_approved');
  });

  test('a person is called for by an error, with where, what and the remedy', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    site.workspace.fault({ match: WRITES['traffic'] ?? {}, trouble: { kind: 'status', status: 403 } });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    const called = site.log.find(({ level }) => level === 'error');
    expect(called).toMatchObject({ model: 'credit', state: 'needs_human' });
    for (const part of [
      'rollback needs human',
      'moving traffic of endpoint credit',
      'status 403',
      'CAN MANAGE',
    ])
      expect(called?.msg).toContain(part);
  });

  test('a workspace that cannot be read is told with the window, though the window itself is fine', async () => {
    const { site, daemon } = await approvedSite();
    await site.day('credit', 1, crowd({ ...GOOD, seed: 5 }));
    site.workspace.fault({
      match: { path: /serving-endpoints/ },
      trouble: { kind: 'status', status: 503 },
      times: 1e6,
    });
    await daemon.wake();
    expect(loud(site)).toEqual([
      'warn registry or endpoint could not be read: no rollback of this model now',
    ]);
    expect(site.log.at(-1)).toMatchObject({
      model: 'credit',
      trouble: expect.stringMatching(/endpoint credit.*503/),
    });
  });

  test('a table that is gone is an error once, and one line for every time it is tried again', async () => {
    const { site, daemon } = await approvedSite({ model: { since: '2026-03-06T00:00:00Z' } });
    rmSync(join(site.folder, 'lake/credit_payload'), { recursive: true });
    await daemon.wake();
    expect(loud(site)).toEqual([
      ...Array.from({ length: 4 }, () => 'error window could not be evaluated'),
      'warn windows of this model could not be evaluated; they are tried again, sooner after a reload of the configuration',
    ]);
    const from = site.log.length;
    site.wall.advance(2 * HOUR);
    await daemon.wake();
    expect(loud(site, from)).toHaveLength(1);
    expect(site.log.at(-1)).toMatchObject({
      model: 'credit',
      failed: 4,
      reason: expect.stringContaining('credit_payload'),
      nextTry: expect.any(String),
    });

    // The trouble is another one now: that is what the next look at the evaluation has to say.
    await site.write('credit_payload', { when: 'TIMESTAMP', income: 'DOUBLE' }, []);
    site.wall.advance(4 * HOUR);
    await daemon.wake();
    const stored = await daemon.app.store.evaluations({ model: 'credit', limit: 1 });
    expect(stored[0]?.record.checks[0]?.reason).toContain('score');
    expect(stored[0]?.record.revision).toBe(0);
  });

  test('no rows is a warning that names the table and the newest row', async () => {
    const { site, daemon } = await approvedSite();
    await daemon.wake();
    expect(loud(site)).toEqual(['warn window evaluated']);
    expect(site.log.at(-1)).toMatchObject({
      verdict: 'stale',
      reason: expect.stringMatching(/main\.t\.credit_payload.*newest row is of 2026-01-29/),
    });
  });

  test('the kill switch is told while a rollback waits for it', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    await daemon.wake();
    mkdirSync(join(site.folder, 'state'), { recursive: true });
    writeFileSync(join(site.folder, 'state/STOP'), '');
    site.domain.advance(90_000);
    for (let times = 0; times < 5; times += 1) await daemon.drive();
    expect(site.log.filter(({ msg }) => msg === 'rollback waits: the kill switch is on')).toHaveLength(1);
  });
});

describe('what a ticket links to', () => {
  test('the pages where people reach them, and the runbook', async () => {
    const site = await siteWithTraining({
      model: { runbook: 'https://wiki.bank.example/credit' },
      config: { http: { listen: '127.0.0.1:0', publicUrl: 'https://drift.bank.example' } },
    });
    await badDay(site);
    expect((await site.run('evaluate', 'credit', '--act')).code).toBe(2);
    const [delivery] = site.desk.taken();
    const id = String(delivery?.body.exception['id']);
    expect(delivery?.body.links).toEqual({
      runbook: 'https://wiki.bank.example/credit',
      exception: `https://drift.bank.example/exceptions/${id}`,
      model: 'https://drift.bank.example/models/credit',
      evaluation: expect.stringMatching(/^https:\/\/drift\.bank\.example\/evaluations\/ev-/),
    });
  });

  test('nothing where nobody said how the pages are reached', async () => {
    const site = await siteWithTraining();
    await badDay(site);
    await site.run('evaluate', 'credit', '--act');
    expect(site.desk.taken()[0]?.body.links).toEqual({});
  });

  test('a month without a verdict is told when it is late, not when the month is over', async () => {
    const { site, daemon } = await approvedSite({ model: { window: 'month', unknownAfter: '2d' } });
    site.domain.set(Date.UTC(2026, 2, 1, 2));
    await daemon.wake();
    expect(site.desk.taken()).toEqual([]);
    site.domain.set(Date.UTC(2026, 2, 3));
    await daemon.wake();
    expect(site.desk.taken()).toEqual([]);
    site.domain.advance(1);
    await daemon.wake();
    expect(site.desk.taken().map(({ body }) => body.exception['cause'])).toEqual(['unknown']);
    expect(site.desk.taken()[0]?.body.text).toContain('There has been no verdict for 48 hours');
    const id = String(site.desk.taken()[0]?.body.exception['id']);
    await site.run('exceptions', 'resolve', id, '--by', 'ana', '--reason', 'known');
    site.domain.advance(HOUR);
    await daemon.wake();
    expect(site.desk.taken().map(({ body }) => body.action)).toEqual(['open', 'resolve']);
  });

  test('an unknown verdict says since when, which, and what to do', async () => {
    const { site, daemon } = await approvedSite({ model: { unknownAfter: '1d' } });
    for (let day = 0; day < 3; day += 1) {
      await daemon.wake();
      site.domain.advance(DAY);
    }
    const text = site.desk.taken()[0]?.body.text;
    expect(text).toMatch(
      /^There has been no verdict for 26 hours, longer than unknownAfter allows; now it is stale\. main\.t\.credit_payload has no rows/,
    );
    expect(text).toContain('Check that the inference table is still written.');
  });
});

test.each([
  [['run', '-c', '/nowhere/driftwarden.yaml'], 4, '/nowhere/driftwarden.yaml'],
  [['check', '-c', '/nowhere/driftwarden.yaml'], 2, '/nowhere/driftwarden.yaml'],
  [['print', 'metrics', '--out', '/dev/null/x'], 4, '/dev/null'],
  [['print', 'everything', '--out', 'x'], 4, 'choose one of'],
  [['backtest', 'credit'], 4, 'not in this version'],
  [['init', 'credit', '--endpoint', 'x'], 4, 'not in this version'],
  [['frobnicate'], 4, 'unknown command'],
  [['rollback'], 4, 'Usage'],
  [['exceptions', 'show', 'ex-1'], 4, 'There is no exception ex-1'],
  [['rollback', 'show', 'rb-1'], 4, 'There is no rollback rb-1'],
  [['baseline', 'show', 'bl-1'], 4, 'There is no baseline bl-1'],
  [['baseline', 'approve', 'bl-1', '--by', 'ana', '--reason', 'x'], 4, 'There is no baseline bl-1'],
  [['baseline', 'approve', 'bl-1', '--by', 'ana'], 4, '--reason'],
  [['rollback', 'apply', 'nobody', '--by', 'ana', '--reason', 'x'], 4, 'There is no model "nobody"'],
  [['baseline', 'list', 'nobody'], 4, 'There is no model "nobody"'],
  [['audit', 'verify'], 4, 'There is no store at'],
  [['audit', 'export', '--out', '/dev/null/x'], 4, 'There is no store at'],
  [['exceptions', 'list'], 0, 'There is no store at'],
  [['baseline', 'list'], 0, 'There is no store at'],
  [['explain', 'nothing'], 4, 'Nothing is called "nothing"'],
  [['--version'], 0, '.'],
  [['--help'], 0, 'Usage: driftwarden'],
] as const)('%j ends with %d and a sentence', async (words, code, said) => {
  const site = await createSite();
  const answer = await site.run(...words);
  expect([answer.code, `${answer.stderr}${answer.stdout}`]).toEqual([code, expect.stringContaining(said)]);
  expect(answer.stderr).not.toMatch(/This is a bug|\n {4}at /);
});

describe('check', () => {
  test('of a good file says so, and --online proves every name in it', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const fine = await site.run('check');
    expect([fine.code, fine.stdout]).toEqual([0, `${site.configPath} is fine: 1 model (credit).\n`]);
    const online = await site.run('check', '--online', '--json');
    expect(online.code).toBe(0);
    const { probes } = online.json() as { probes: { what: string; fault: string | null }[] };
    for (const part of [
      'features',
      'prediction',
      'event time',
      'baseline table',
      'registered model',
      'endpoint',
      'alias champion',
      'desk',
    ])
      expect(probes.find(({ what }) => what.includes(part))).toMatchObject({ fault: null });
  });

  test('of a bad one shows every problem at once with file, line and key, and exits with 2', async () => {
    const site = await siteWithTraining({
      model: { window: '0d', frob: 1 },
      config: { http: { listen: '0.0.0.0:1' }, owners: {} },
    });
    const answer = await site.run('check', '--json');
    expect(answer.code).toBe(2);
    const { problems } = answer.json() as {
      problems: { file: string; line: number; path: string; message: string }[];
    };
    expect(problems.length).toBeGreaterThanOrEqual(4);
    for (const problem of problems)
      expect(problem).toMatchObject({ file: site.configPath, line: expect.any(Number) });
    const text = await site.run('check');
    expect(text.stdout).toMatch(/driftwarden\.yaml:\d+.*models\.credit\.window/);
    expect(text.stdout).toContain('http');
  });

  test('--online tells what is not there, everything at once, and exits with 2', async () => {
    const site = await siteWithTraining({ products: [{ name: 'credit', aliases: {} }] });
    site.workspace.fault({
      match: { path: /serving-endpoints/ },
      trouble: { kind: 'status', status: 404, code: 'RESOURCE_DOES_NOT_EXIST' },
      times: 1e6,
    });
    const answer = await site.run('check', '--online');
    expect(answer.code).toBe(2);
    expect(answer.stdout).toMatch(/FAIL {2}credit: features in main\.t\.credit_payload: .*\*\.parquet/);
    expect(answer.stdout).toMatch(/FAIL {2}credit: endpoint credit: /);
    expect(answer.stdout).toMatch(/FAIL {2}credit: alias champion: .*no such alias/);
    expect(answer.stdout).toMatch(/\d+ of \d+ probes failed\./);
  });
});

describe('explain', () => {
  test('a model, an evaluation, an exception: the numbers, the rule and the gates, in words', async () => {
    const site = await siteWithTraining();
    await badDay(site);
    const before = await site.run('explain', 'credit');
    expect([before.code, before.stdout]).toEqual([0, expect.stringContaining('has not been evaluated yet')]);
    await site.run('evaluate', 'credit', '--act');
    const model = await site.run('explain', 'credit');
    expect(model.stdout).toContain('prediction of version 2 is breach: PSI of score');
    expect(model.stdout).toMatch(/mode: rollback\.mode is observe/);
    expect(model.stdout).toMatch(/is a draft: no rollback while it is one/);
    const { evaluation, exceptions } = (await site.run('explain', 'credit', '--json')).json() as {
      evaluation: { evaluation: string };
      exceptions: { id: string }[];
    };
    expect((await site.run('explain', evaluation.evaluation)).stdout).toMatch(
      /of the baseline, .* of the window/,
    );
    const [exception] = exceptions;
    expect((await site.run('explain', exception?.id ?? '')).stdout).toContain(
      'It was opened by this window:',
    );
    expect(join(site.folder)).toBe(site.folder);
  });
});
