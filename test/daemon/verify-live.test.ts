import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/claims/claim.ts';
import { type Exchange, isOfForm, recording } from '../../src/claims/exchange.ts';
import { CLAIMS } from '../../src/claims/list.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSecret } from '../../src/config/secrets.ts';
import { silentLogger } from '../../src/log.ts';
import { createPorts, workspaceOf } from '../../src/ports.ts';
import { isAsleep } from '../../src/warehouse/databricks/sleep.ts';
import { systemTimer } from '../../src/warehouse/timer.ts';
import { testDeps } from '../support/remote-deps.ts';
import { crowd } from './support/people.ts';
import { AUTO, GOOD, outside } from './support/rig.ts';
import { type Site, siteWithTraining } from './support/site.ts';

interface Record_ {
  readonly cloud: string;
  readonly claims: readonly Pick<Outcome, 'claim' | 'outcome'>[];
  readonly seen: readonly {
    readonly claim: string;
    readonly statuses: readonly number[];
    readonly shape: string[];
  }[];
}

async function aSite(): Promise<Site> {
  const site = await siteWithTraining({ model: { rollback: AUTO } });
  await site.day('credit', 1, crowd({ ...GOOD, seed: 5 }));
  return site;
}

const of = (record: Record_, outcome: Outcome['outcome']): string[] =>
  record.claims.filter((claim) => claim.outcome === outcome).map(({ claim }) => claim);

const UNITY = ['rest.token', 'rest.model', 'rest.model-tags', 'rest.version', 'rest.version-tags'];

describe('verify-live on the simulated workspace', () => {
  test('finds every REST call that only reads as it is relied on, changes nothing, and writes a record without names', async () => {
    const site = await aSite();
    const before = outside(site);
    const file = join(site.folder, 'record.json');
    const answer = await site.run('verify-live', '--out', file, '--json');
    const record = answer.json() as Record_;
    expect(answer.code).toBe(0);
    expect(of(record, 'pass')).toEqual([
      ...UNITY,
      ...['rest.endpoint', 'rest.users', 'rest.principals', 'rest.groups'],
      ...['sql.describe', 'sql.newest', 'sql.bins', 'sql.count'],
    ]);
    expect(of(record, 'fail')).toEqual([]);
    expect(of(record, 'not_tried')).toEqual(CLAIMS.filter(({ step }) => step === null).map(({ id }) => id));
    expect(record.claims).toHaveLength(CLAIMS.length);
    expect(outside(site)).toEqual(before);

    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual(record);
    expect(record.cloud).toBe('simulated');
    const endpoint = record.seen.find(({ claim }) => claim === 'rest.endpoint');
    expect(endpoint?.shape).toContain('$.config.served_entities[].environment_vars.*: string');
    for (const name of ['credit', 'bank.example', '127.0.0.1', 'kept for version', 'NOTE', site.folder])
      expect(text).not.toContain(name);
  });

  test('says it for people, with what may not be read and why', async () => {
    const site = await aSite();
    const answer = await site.run('verify-live');
    expect(answer.stdout).toMatch(
      /^pass {10}rest\.endpoint {2}GET \/api\/2\.0\/serving-endpoints\/\{name\}$/m,
    );
    expect(answer.stdout).toMatch(
      /^not reachable sql\.audit .*\n {14}warehouse\.kind duckdb has no audit log/m,
    );
    expect(answer.stdout).toMatch(
      /^13 pass, 0 fail, \d+ not reachable, 4 not tried\. Nothing was changed\.$/m,
    );
    const file = join(site.folder, 'state/verify-live.json');
    expect(answer.stdout).toContain(`wrote ${file}`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('claims');
  });

  test.each([
    ['html', 2, 'fail'],
    ['empty', 2, 'fail'],
    [{ kind: 'status', status: 403 }, 0, 'not_reachable'],
    [{ kind: 'status', status: 404 }, 0, 'not_reachable'],
    [{ kind: 'status', status: 503 }, 0, 'not_reachable'],
  ] as const)('an endpoint that answers with %j leaves with %d: %s', async (trouble, code, outcome) => {
    const site = await aSite();
    site.workspace.fault({
      match: { path: '/api/2.0/serving-endpoints/credit' },
      trouble: typeof trouble === 'string' ? { kind: trouble } : trouble,
      times: 100,
    });
    const answer = await site.run('verify-live', '--json');
    expect(answer.code).toBe(code);
    expect(of(answer.json() as Record_, outcome)).toContain('rest.endpoint');
  });

  test('tries an update only where it is told to, and never on an endpoint that serves a model', async () => {
    const site = await aSite();
    const answer = await site.run('verify-live', '--endpoint', 'credit');
    expect(answer.code).toBe(2);
    expect(answer.stderr).toContain('Endpoint credit serves model credit');
    const spare = await site.run('verify-live', '--endpoint', 'spare', '--json');
    expect(of(spare.json() as Record_, 'not_reachable')).toContain('rest.shift');
    expect(outside(site)).toMatchObject({ puts: 0 });
  });

  test('reaches nothing of a workspace that is gone and a lake without tables', async () => {
    const site = await siteWithTraining({ model: { rollback: AUTO } });
    await site.workspace.close();
    const answer = await site.run('verify-live', '--json');
    expect([answer.code, of(answer.json() as Record_, 'pass')]).toEqual([4, []]);
  });
});

test('there is no call of the adapters to the workspace that no claim is about', async () => {
  const site = await aSite();
  const loaded = await loadConfig(site.configPath);
  if (!loaded.ok) throw new Error('not loaded');
  const exchanges: Exchange[] = [];
  const fetch = recording(globalThis.fetch, (exchange) => exchanges.push(exchange));
  const deps = { ...testDeps({}), fetch, readSecret };
  const workspace = workspaceOf(loaded.config, deps);
  const { registry, serving, directory } = createPorts(loaded.config, deps, workspace);
  if (serving === null) throw new Error('no serving');
  await registry.model('main.t.credit');
  await registry.version('main.t.credit', '1');
  await registry.setAlias('main.t.credit', 'champion', '1');
  for (const who of ['ann@bank.example', '0f0e0d0c-0000-4000-8000-000000000001', 'group'])
    await directory.lookup(who);
  const endpoint = await serving.endpoint('credit');
  await serving.smoke?.(endpoint, 'credit-1', JSON.stringify({ dataframe_records: [{}] }));
  await serving.shift(endpoint, { 'credit-1': 100, 'credit-2': 0 });
  const reader = workspace?.reader;
  if (reader === undefined) throw new Error('no workspace');
  const asleep = await isAsleep('/sql/1.0/warehouses/abc', {
    ...{ reader, setTimer: systemTimer, logger: silentLogger() },
  });
  expect(asleep).toBe(false);
  const unclaimed = exchanges.filter((exchange) => !CLAIMS.some(({ form }) => isOfForm(exchange, form)));
  expect(unclaimed).toEqual([]);
  const used = CLAIMS.filter(({ form }) => exchanges.some((exchange) => isOfForm(exchange, form)));
  expect(used.map(({ id }) => id)).toEqual(
    CLAIMS.filter(
      ({ id, kind }) => kind === 'rest' && !id.startsWith('rest.mlflow') && id !== 'rest.alias',
    ).map(({ id }) => id),
  );
});
