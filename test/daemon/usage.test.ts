import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crowd } from './support/people.ts';
import { badDay } from './support/rig.ts';
import { createSite, siteWithTraining } from './support/site.ts';

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
