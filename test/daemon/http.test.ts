import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon.ts';
import { canonical } from './support/canonical.ts';
import type { Row } from './support/parquet.ts';
import { crowd, DAY, PAYLOAD_COLUMNS, requests, TRAINING_COLUMNS } from './support/people.ts';
import { AUTO, approvedSite, badDay, PROMOTED, settle } from './support/rig.ts';
import { createSite, MIDNIGHT, type Site, siteWithTraining } from './support/site.ts';

/** Name, type and labels of what the catalogue fixes and this version shows; labels in the order of the catalogue. */
const CATALOGUE = `
build_info gauge version,revision,node_version
config_last_reload_successful gauge
config_last_reload_success_timestamp_seconds gauge
store_up gauge
source_queries_total counter source
source_query_failures_total counter source
source_query_duration_seconds histogram source
evaluations_in_progress gauge
evaluation_queue_length gauge
series gauge
series_limited gauge
log_messages_total counter level
model_info gauge model,model_owner,model_tier
model_active_version_info gauge model,model_version
evaluation_interval_seconds gauge model
evaluation_last_success_timestamp_seconds gauge model
evaluation_last_completion_timestamp_seconds gauge model
evaluation_last_duration_seconds gauge model
evaluation_duration_seconds histogram
evaluations_total counter model
evaluation_failures_total counter model
check_status gauge model,check,check_kind
check_insufficient_data gauge model,check,check_kind
check_score gauge model,check,check_kind,method
check_threshold gauge model,check,method,level
check_breach_ratio gauge model,check,check_kind
check_noise_floor gauge model,check,method
check_window_rows gauge model,check
features_monitored gauge model
features_drifted gauge model
feature_drift_score gauge model,feature,method
rollbacks_total counter model,trigger
rollback_failures_total counter model,trigger
rollbacks_suppressed_total counter model,reason
rollback_in_progress gauge model
rollback_last_timestamp_seconds gauge model
tickets_open gauge model,desk
ticket_oldest_open_timestamp_seconds gauge model,desk
tickets_opened_total counter model,desk
ticket_deliveries_total counter desk
ticket_delivery_failures_total counter desk
outbox_items gauge desk
feature_drift_noise_floor gauge model,feature,method
feature_breach_ratio gauge model,feature,method
window_end_timestamp_seconds gauge model
windows_skipped_total counter model,reason
champion_conformant gauge model
rollback_state gauge model,state
exceptions_open gauge model,severity
exception_earliest_due_timestamp_seconds gauge model
exceptions_opened_total counter model,cause
owner_resolved gauge model
audit_records_total counter kind
audit_last_checkpoint_timestamp_seconds gauge
check_unknown gauge model,check,check_kind,reason
check_lower_bound gauge model,check,method
rollback_ready gauge model,readiness
rollback_gate_held gauge model,reason
traffic_share_ratio gauge model,model_version
`
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', type = '', labels = ''] = line.split(' ');
    return { name: `driftwarden_${name}`, type, labels: labels.split(',').filter((label) => label !== '') };
  });

async function scrape(daemon: Daemon, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${daemon.url}/metrics`, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

interface Sample {
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) return [];
    const labels = [...(match[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      {
        name: match[1] ?? '',
        labels: Object.fromEntries(labels.map(([, k, v]) => [k, v])),
        value: Number(match[3]),
      },
    ];
  });
}

/** Says what promtool complains of; nothing where it is not installed. */
function promtool(text: string): string {
  try {
    return execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
    return code === 'ENOENT' ? '' : `${stdout ?? ''}${stderr ?? ''}`;
  }
}

/** fetch sets Host itself. */
function raw(url: string, method: 'GET' | 'POST', headers: Record<string, string>): Promise<number> {
  const { hostname, port, pathname: path } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}

describe('metrics', () => {
  test('counters of every model, gate, cause and desk are there at 0 before anything has happened', async () => {
    const site = await siteWithTraining({ products: [{ name: 'credit' }, { name: 'twin' }] });
    const daemon = await site.start();
    const text = await scrape(daemon);
    const samples = samplesOf(text);
    const zeros = (name: string) => samples.filter((sample) => sample.name === `driftwarden_${name}`);
    for (const name of ['evaluations_total', 'evaluation_failures_total']) {
      expect(zeros(name).map(({ labels, value }) => [labels['model'], value])).toEqual([
        ['credit', 0],
        ['twin', 0],
      ]);
    }
    expect(
      zeros('rollbacks_total')
        .map(({ labels }) => String(labels['trigger']))
        .sort(),
    ).toEqual(['automatic', 'automatic', 'manual', 'manual']);
    const reasons = new Set(zeros('rollbacks_suppressed_total').map(({ labels }) => labels['reason']));
    for (const gate of [
      'mode',
      'kill_switch',
      'freeze',
      'cooldown',
      'hold',
      'blast_radius',
      'rate_limit',
      'no_target',
      'champion_not_ready',
      'champion_not_approved',
      'champion_breach',
      'creator_inactive',
      'data_quality',
      'evidence_age',
      'baseline_not_approved',
      'approver',
      'silenced',
      'version_unknown',
    ])
      expect(reasons).toContain(gate);
    for (const name of ['ticket_deliveries_total', 'ticket_delivery_failures_total', 'outbox_items'])
      expect(zeros(name)).toMatchObject([{ labels: { desk: 'desk' }, value: 0 }]);
    const timestamps = samples.filter(({ name }) =>
      /evaluation_last|rollback_last|oldest|earliest/.test(name),
    );
    expect(timestamps).toEqual([]);
    expect(promtool(text)).toBe('');
  });

  test('names, types and labels are those of the catalogue, after an evaluation, a rollback and its tickets', async () => {
    const { site, daemon } = await approvedSite({
      products: [PROMOTED, { name: 'idle', aliases: { champion: 2 } }],
      config: { audit: { checkpointEvery: 5 } },
    });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    const text = await scrape(daemon);
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    const helps = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
    const samples = samplesOf(text);
    for (const { name, type, labels } of CATALOGUE) {
      expect([name, types.get(name)]).toEqual([name, type]);
      expect(helps).toContain(name);
      const own = samples.filter(
        (sample) =>
          sample.name === name ||
          (type === 'histogram' && sample.name.replace(/_(bucket|sum|count)$/, '') === name),
      );
      expect([name, own.length > 0]).toEqual([name, true]);
      for (const sample of own) {
        const { le: _le, ...rest } = sample.labels;
        expect([name, Object.keys(rest).sort()]).toEqual([name, [...labels].sort()]);
      }
    }
    const unknown = [...types.keys()].filter(
      (name) =>
        name !== undefined &&
        name.startsWith('driftwarden_') &&
        !CATALOGUE.some((family) => family.name === name),
    );
    for (const name of unknown)
      expect(name).toMatch(
        /^driftwarden_(bake_|check_|feature_|warehouse_|false_alarm|rollback_deadline|outbox_oldest|slo_|label_)/,
      );
    expect(samples.every(({ value }) => Number.isFinite(value) || text.includes('+Inf'))).toBe(true);
    expect(promtool(text)).toBe('');

    const open = await scrape(daemon, { accept: 'application/openmetrics-text; version=1.0.0' });
    expect(open.endsWith('# EOF\n')).toBe(true);
    expect(samplesOf(open).filter(({ name }) => name === 'driftwarden_rollbacks_total')).toHaveLength(4);
  });

  test('series of a model that is no longer configured leave together', async () => {
    const site = await siteWithTraining({ products: [{ name: 'credit' }, { name: 'twin' }] });
    for (const name of ['credit', 'twin'])
      await site.day(name, 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const daemon = await site.start();
    await daemon.wake();
    expect(await scrape(daemon)).toContain('model="twin"');
    site.configure({ products: [{ name: 'credit' }] });
    const token = readFileSync(join(site.folder, 'state/cli.token'), 'utf8').trim();
    const reloaded = await fetch(`${daemon.url}/-/reload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reloaded.status).toBe(200);
    const after = await scrape(daemon);
    expect(after).not.toContain('model="twin"');
    expect(after).toContain('model="credit"');
  });
});

describe('reload', () => {
  test('refuses a bad file whole, says every problem, and the old configuration stays', async () => {
    const site = await siteWithTraining();
    await site.day('credit', 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const daemon = await site.start();
    site.configure({ model: { window: 'never', lateness: '-1h' } });
    const token = readFileSync(join(site.folder, 'state/cli.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    const refused = await fetch(`${daemon.url}/-/reload`, { method: 'POST', headers });
    expect(refused.status).toBe(500);
    const text = await refused.text();
    for (const key of ['models.credit.window', 'models.credit.lateness']) expect(text).toContain(key);
    expect(await scrape(daemon)).toContain('driftwarden_config_last_reload_successful 0');
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['ok']);

    site.configure({ model: { minRows: 301 } });
    const loaded = await fetch(`${daemon.url}/-/reload`, { method: 'POST', headers });
    expect(loaded.status).toBe(200);
    expect(await scrape(daemon)).toContain('driftwarden_config_last_reload_successful 1');
    await site.day('credit', 0, crowd({ seed: 5, rows: 300, version: '2' }));
    site.domain.advance(DAY);
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['insufficient']);
  });

  test('wakes a model that rests after a failure', async () => {
    const site = await siteWithTraining({
      model: { source: { table: 'main.t.credit_payload', layout: 'columns', timestamp: 'when' } },
    });
    await site.day('credit', 1, crowd({ seed: 5, rows: 300, version: '2' }));
    const daemon = await site.start();
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['error']);
    expect(await daemon.wake()).toEqual([]);
    site.configure({});
    expect((await daemon.reload({ by: 'ana', identity: 'claimed', reason: null })).loaded).toBe(true);
    expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['ok']);
  });
});

test('a reload in the middle of catching up is taken over at once, and no window is lost or broken by it', async () => {
  const site = await siteWithTraining({ model: { since: '2026-02-24T00:00:00Z', catchUp: '90d' } });
  for (let daysAgo = 1; daysAgo <= 14; daysAgo += 1)
    await site.day('credit', daysAgo, crowd({ seed: daysAgo, rows: 210, version: '2' }));
  const daemon = await site.start();
  const waking = daemon.wake();
  while (site.log.every(({ msg }) => msg !== 'window evaluated'))
    await new Promise((resolve) => setImmediate(resolve));
  const before = site.log.length;
  site.configure({ model: { since: '2026-02-24T00:00:00Z', catchUp: '90d', minRows: 300 } });
  expect((await daemon.reload({ by: 'ana', identity: 'claimed', reason: null })).loaded).toBe(true);
  const meanwhile = site.log.slice(before).filter(({ msg }) => msg === 'window evaluated').length;
  expect(meanwhile).toBeLessThan(12);
  const evaluations = await waking;
  expect(evaluations).toHaveLength(14);
  expect(evaluations.filter(({ verdict }) => verdict === 'error' || verdict === 'insufficient')).toEqual([]);
  await site.day('credit', 0, crowd({ seed: 5, rows: 210, version: '2' }));
  site.domain.advance(DAY);
  expect((await daemon.wake()).map(({ verdict }) => verdict)).toEqual(['insufficient']);
});

describe('who may', () => {
  const POSTS = [
    '/-/reload',
    '/api/v1/models/credit/evaluate',
    '/api/v1/models/credit/rollbacks',
    '/api/v1/exceptions/ex-1/ack',
    '/api/v1/rollbacks/rb-1/approve',
    '/api/v1/baselines/bl-1/approve',
  ];

  test('no write without a token, from a foreign page, or under another name', async () => {
    const site = await siteWithTraining();
    const daemon = await site.start();
    const path = join(site.folder, 'state/cli.token');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const token = readFileSync(path, 'utf8').trim();
    const host = new URL(daemon.url).host;
    const json = { 'content-type': 'application/json', host };
    for (const post of POSTS) {
      expect([post, await raw(`${daemon.url}${post}`, 'POST', json)]).toEqual([post, 401]);
      expect([
        post,
        await raw(`${daemon.url}${post}`, 'POST', { ...json, authorization: 'Bearer wrong' }),
      ]).toEqual([post, 401]);
      const bearer = { ...json, authorization: `Bearer ${token}` };
      expect([
        post,
        await raw(`${daemon.url}${post}`, 'POST', { ...bearer, origin: 'https://evil.example' }),
      ]).toEqual([post, 403]);
      expect([
        post,
        await raw(`${daemon.url}${post}`, 'POST', { ...bearer, 'sec-fetch-site': 'cross-site' }),
      ]).toEqual([post, 403]);
      expect([post, await raw(`${daemon.url}${post}`, 'POST', { ...bearer, host: 'evil.example' })]).toEqual([
        post,
        421,
      ]);
    }
    for (const get of ['/', '/metrics', '/-/healthy', '/api/v1/models']) {
      expect([get, await raw(`${daemon.url}${get}`, 'GET', { host })]).toEqual([get, 200]);
      expect([get, await raw(`${daemon.url}${get}`, 'GET', { host: 'rebound.example' })]).toEqual([get, 421]);
    }
    const records = await daemon.app.store.auditFrom(1, 100);
    expect(records.map(({ kind }) => kind)).toEqual(['genesis', 'config']);
    expect(site.log.map((line) => JSON.stringify(line)).join('\n')).not.toContain(token);
  });

  test('a named token is a verified identity with its roles and cannot speak for another', async () => {
    const secrets = { approver: 'an approver token 0123456789', viewer: 'a viewer token 0123456789' };
    const tokens = Object.keys(secrets).map((name) => ({
      name,
      token: { env: `TOKEN_${name}` },
      roles: [name],
    }));
    for (const [name, secret] of Object.entries(secrets))
      process.env[`TOKEN_${name}`] = secret.replaceAll(' ', '-');
    const { site, daemon } = await approvedSite({
      products: [PROMOTED],
      model: { rollback: { ...AUTO, mode: 'approve' } },
    });
    await badDay(site);
    await daemon.wake();
    await daemon.stop();
    const file = JSON.parse(readFileSync(site.configPath, 'utf8')) as { http: object };
    site.configure({
      model: { rollback: { ...AUTO, mode: 'approve' } },
      config: { http: { ...file.http, auth: { kind: 'bearer', tokens } } },
    });
    const again = await site.start();
    const [{ id } = { id: '' }] = await again.app.store.rollbacks({});
    const ask = async (name: keyof typeof secrets, body: object) =>
      fetch(`${again.url}/api/v1/rollbacks/${id}/approve`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${secrets[name].replaceAll(' ', '-')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
    expect((await ask('viewer', {})).status).toBe(403);
    expect((await ask('approver', { by: 'somebody else' })).status).toBe(400);
    const approved = await ask('approver', { reason: 'agreed' });
    expect(approved.status).toBe(200);
    expect(await approved.json()).toMatchObject({
      rollback: { approval: { by: 'approver', identity: 'verified' } },
    });
    expect((await fetch(`${again.url}/api/v1/models`)).status).toBe(401);
    expect((await fetch(`${again.url}/-/healthy`)).status).toBe(200);
  });
});

describe('pages and API', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>';
  const QUOTED = `a"b'c\\d&amp;`;

  test('names from data are shown as they are and never run', async () => {
    const site = await createSite({ model: { rollback: AUTO } });
    const columns = { [HOSTILE]: 'DOUBLE', [QUOTED]: 'VARCHAR' } as const;
    const dress = (rows: readonly Row[], level: string): Row[] =>
      rows.map((row, index) => ({
        ...row,
        [HOSTILE]: Number(row['income']) + (level === HOSTILE ? 50 : 0),
        [QUOTED]: index % 2 === 0 ? level : '</script>',
      }));
    await site.write(
      'credit_training',
      { ...TRAINING_COLUMNS, ...columns },
      dress(crowd({ seed: 1, rows: 1000, version: '2' }), 'x'),
    );
    await site.write(
      'credit_payload',
      { ...PAYLOAD_COLUMNS, ...columns },
      requests(dress(crowd({ seed: 5, rows: 400, version: '2' }), HOSTILE), MIDNIGHT - DAY),
    );
    const daemon = await site.start();
    const [evaluation] = await daemon.wake();
    expect(evaluation?.verdict).toBe('breach');
    const exception = (await daemon.app.store.exceptions({}))[0]?.id ?? '';
    const paths = [
      '/',
      '/models/credit',
      `/evaluations/${evaluation?.evaluation ?? ''}`,
      `/exceptions/${exception}`,
    ];
    for (const path of paths) {
      const response = await fetch(`${daemon.url}${path}`);
      const html = await response.text();
      expect([path, response.status]).toEqual([path, 200]);
      expect(html).not.toContain('<img');
      expect(html).not.toContain('</script>');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    const text = await scrape(daemon);
    expect(promtool(text)).toBe('');
    expect(text).toContain(`feature="${HOSTILE}"`);
    expect(text).toContain('feature="a\\"b\'c\\\\d&amp;"');
  });

  test('say the same as the commands: evaluation, exceptions, rollbacks, baselines', async () => {
    const { site, daemon } = await approvedSite({ products: [PROMOTED] });
    await badDay(site);
    await daemon.wake();
    await settle(site, daemon);
    const get = async (path: string): Promise<Record<string, unknown>> =>
      (await (await fetch(`${daemon.url}/api/v1${path}`)).json()) as Record<string, unknown>;
    const printed = (await site.run('evaluate', 'credit', '--json')).json() as { evaluation: string };
    expect(canonical(await get(`/evaluations/${printed.evaluation}`))).toBe(canonical(printed));
    const { rollbacks } = (await get('/rollbacks')) as { rollbacks: Record<string, unknown>[] };
    expect(Object.keys(rollbacks[0] ?? {})).toEqual(
      expect.arrayContaining([
        'id',
        'model',
        'endpoint',
        'from',
        'to',
        'trigger',
        'cause',
        'state',
        'planHash',
        'gates',
        'history',
      ]),
    );
    const shown = (await site.run('rollback', 'show', String(rollbacks[0]?.['id']), '--json')).json() as {
      rollback: object;
    };
    expect(shown.rollback).toMatchObject(rollbacks[0] ?? {});
    const listed = (await site.run('exceptions', 'list', '--all', '--json')).json() as {
      exceptions: object[];
    };
    const { exceptions } = (await get('/exceptions')) as { exceptions: object[] };
    expect(exceptions).toMatchObject(listed.exceptions);
    const { baselines } = (await get('/baselines')) as { baselines: object[] };
    expect(baselines).toHaveLength(1);
    const { models } = (await get('/models')) as { models: object[] };
    expect(models).toMatchObject([{ model: 'credit', verdict: 'breach' }]);
    expect((await fetch(`${daemon.url}/evaluations/none`)).status).toBe(404);
    const openapi = await get('/openapi.json');
    expect(openapi['openapi']).toMatch(/^3\./);
  });

  test('health and readiness say why in one line', async () => {
    const site: Site = await siteWithTraining();
    const daemon = await site.start();
    for (const [path, line] of [
      ['/-/healthy', /^healthy: .+\n$/],
      ['/-/ready', /^ready: .+\n$/],
    ] as const) {
      const response = await fetch(`${daemon.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(line);
    }
  });
});
