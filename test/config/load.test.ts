import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalHash } from '../../src/audit/canonical.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadText, MINIMAL, shown, temporaryFolder, write } from './files.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIXTURES = resolve('test/fixtures/config');

const folder = temporaryFolder();

async function config(text: string): Promise<Config> {
  const result = await loadText(folder, text);
  expect(shown(result, folder)).toEqual([]);
  if (!result.ok) throw new Error('not loaded');
  return result.config;
}

async function model(lines: string): Promise<ModelConfig> {
  const { models } = await config(MINIMAL + lines);
  return models['credit'] as ModelConfig;
}

describe('a minimal configuration', () => {
  test('of a Databricks SQL warehouse names the workspace and the path', async () => {
    const { warehouse } = await config(
      MINIMAL.replace(
        /^warehouse:.*$/m,
        'workspace: { url: https://dbc.example, reader: { token: { env: T } } }\nwarehouse: { httpPath: /sql/1.0/warehouses/abc123 }',
      ),
    );
    expect(warehouse).toEqual({
      kind: 'databricks',
      httpPath: '/sql/1.0/warehouses/abc123',
      concurrency: 4,
      statementTimeout: 5 * MINUTE,
    });
  });

  test('is completed with every default', async () => {
    const result = await loadConfig(join('test/fixtures/config', 'good-minimal.yaml'));
    if (!result.ok) throw new Error('not loaded');
    const { hash: _, ...content } = result.config;
    expect(content).toEqual({
      path: join(FIXTURES, 'good-minimal.yaml'),
      workspace: {
        url: 'http://127.0.0.1:8080',
        reader: { kind: 'token', token: { env: 'DRIFTWARDEN_READER_TOKEN' } },
        actor: null,
      },
      warehouse: {
        kind: 'duckdb',
        database: null,
        tables: {
          'main.risk.credit_payload': join(FIXTURES, 'lake/payload/*.parquet'),
          'main.risk.credit_training': join(FIXTURES, 'lake/training.parquet'),
        },
        threads: null,
        memoryLimit: null,
        concurrency: 4,
        statementTimeout: 5 * MINUTE,
      },
      registry: { kind: 'unity-catalog' },
      serving: { kind: 'databricks' },
      store: { kind: 'sqlite', path: join(FIXTURES, 'state/driftwarden.db') },
      http: { host: '127.0.0.1', port: 9469, publicUrl: null, auth: null },
      audit: { signingKey: join(FIXTURES, 'state/audit-ed25519.pem'), checkpointEvery: { records: 100 } },
      owners: {
        default: {
          email: 'model-risk@bank.example',
          ticketDesk: null,
          escalateTo: null,
          escalateAfter: null,
        },
      },
      ticketDesks: {},
      actions: { killSwitch: join(FIXTURES, 'state/STOP'), maxRollbacksPerHour: 3, maxShareOfModels: 0.1 },
      calendar: { freezes: [] },
      metrics: { topFeatures: 20, maxSeries: 20_000 },
      models: {
        credit_pd: {
          name: 'credit_pd',
          registeredModel: 'main.risk.credit_pd',
          endpoint: 'credit-pd',
          owner: null,
          riskTier: null,
          runbook: null,
          task: null,
          source: {
            table: 'main.risk.credit_payload',
            layout: 'columns',
            status: null,
            latency: null,
            requestId: null,
            timestamp: 'ts',
            version: null,
            where: null,
            cluster: null,
          },
          features: null,
          prediction: null,
          baseline: {
            kind: 'table',
            table: 'main.risk.credit_training',
            bins: 10,
            where: null,
            columns: {},
            version: null,
          },
          since: null,
          catchUp: 30 * DAY,
          minRows: 200,
          schedule: null,
          window: { kind: 'fixed', milliseconds: DAY },
          lateness: HOUR,
          revisions: 3 * DAY,
          unknownAfter: 2 * DAY,
          falseAlarmsPerYear: 1,
          drift: { rule: 'limit', psi: { warn: 0.1, breach: 0.25 }, ks: null, features: {} },
          rollback: {
            mode: 'observe',
            on: ['performance', 'prediction', 'challenger'],
            moves: ['traffic', 'alias'],
            breaches: { m: 3, n: 4 },
            championAlias: 'champion',
            requireTags: {},
            smoke: null,
            requireVerified: false,
            rollbackAlias: 'rollback',
            cooldown: DAY,
            approvalExpires: 4 * HOUR,
            deadline: { hot: 5 * MINUTE, cold: 30 * MINUTE, absent: 60 * MINUTE },
            dwell: 30 * MINUTE,
            bake: { for: 24 * HOUR, window: HOUR },
          },
        },
      },
    });
  });

  test('is frozen through and through', async () => {
    const loaded = await config(MINIMAL);
    const thawed: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`);
    };
    look(loaded, 'config');
    expect(thawed).toEqual([]);
  });

  test('finds nothing under names that objects bring along', async () => {
    const loaded = await config(MINIMAL);
    for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
      expect(loaded.models[name]).toBeUndefined();
      expect(loaded.owners[name]).toBeUndefined();
    }
  });
});

describe('the hash', () => {
  test('is that of the canonical JSON of everything but path and hash', async () => {
    const { path: _, hash, ...content } = await config(MINIMAL);
    expect(hash).toBe(canonicalHash(content));
  });

  test('does not see comments, order and spelling, and sees every value', async () => {
    const { hash } = await config(MINIMAL);
    const reordered = MINIMAL.replace('serving: { kind: none }\n', '').concat(
      'serving:\n  "kind": none # none\n',
    );
    expect((await config(reordered)).hash).toBe(hash);
    expect((await config(`${MINIMAL}    lateness: 60m\n`)).hash).toBe(hash);
    expect((await config(`${MINIMAL}    lateness: 61m\n`)).hash).not.toBe(hash);
  });
});

describe('a model', () => {
  test('takes limits half by half: from the feature, the model, the default', async () => {
    const { drift } = await model(`    drift:
      psi: { breach: 0.4 }
      ks: { warn: 0.15 }
      features:
        income: { psi: { warn: 0.2 }, ks: { breach: 0.3 } }
        purpose: { ignore: true }
`);
    expect(drift.psi).toEqual({ warn: 0.1, breach: 0.4 });
    expect(drift.ks).toEqual({ warn: 0.15, breach: 0.197 });
    expect(drift.features['income']).toEqual({
      ignore: false,
      psi: { warn: 0.2, breach: 0.4 },
      ks: { warn: 0.15, breach: 0.3 },
    });
    expect(drift.features['purpose']).toEqual({ ignore: true, psi: null, ks: null });
  });

  test('judges KS of one feature only, when only that feature has KS limits', async () => {
    const { drift } = await model('    drift: { features: { income: { ks: { warn: 0.1 } } } }\n');
    expect(drift.ks).toBeNull();
    expect(drift.features['income']?.ks).toEqual({ warn: 0.1, breach: 0.197 });
  });

  test('says in types how columns are measured', async () => {
    const { features, prediction } = await model(`    features:
      a: double
      b: float
      c: int
      d: bigint
      e: long
      f: decimal
      g: number
      h: string
      i: boolean
      j: categorical
    prediction: { name: score, threshold: 0.5, favourable: below }
`);
    const kinds = Object.values(features ?? {});
    expect(kinds).toEqual([...Array<string>(7).fill('numeric'), ...Array<string>(3).fill('categorical')]);
    expect(prediction).toEqual({ name: 'score', kind: 'numeric', threshold: 0.5, favourable: 'below' });
  });

  test('may be a batch model with a calendar window, a start and a schedule', async () => {
    const batch = await model(`    endpoint: null
    window: quarter
    since: 2026-01-01T00:00:00+01:00
    schedule: "15 * * * *"
    lateness: 0s
`);
    expect(batch.endpoint).toBeNull();
    expect(batch.window).toEqual({ kind: 'calendar', unit: 'quarter' });
    expect(batch.since).toBe(Date.UTC(2025, 11, 31, 23));
    expect(batch.schedule).toBe('15 * * * *');
    expect(batch.lateness).toBe(0);
  });

  test('keeps what it says itself about rows and repetition under rule limit', async () => {
    const { minRows, rollback } = await model('    minRows: 1\n    rollback: { breaches: 1 of 1 }\n');
    expect(minRows).toBe(1);
    expect(rollback.breaches).toEqual({ m: 1, n: 1 });
  });
});

describe('defaults', () => {
  test('are inherited deeply, and a model has the last word', async () => {
    const { models } = await config(`${MINIMAL.replace(
      'defaults: { drift: { rule: limit } }',
      'defaults: { lateness: 2h, drift: { rule: limit, psi: { warn: 0.05, breach: 0.3 } }, rollback: { on: [drift], dwell: 1h } }',
    )}    drift: { psi: { breach: 0.2 } }
    rollback: { on: [prediction, drift] }
`);
    const credit = models['credit'];
    expect(credit?.lateness).toBe(2 * HOUR);
    expect(credit?.drift.psi).toEqual({ warn: 0.05, breach: 0.2 });
    expect(credit?.rollback.on).toEqual(['prediction', 'drift']);
    expect(credit?.rollback.dwell).toBe(HOUR);
  });

  test('give way to the other kind of baseline', async () => {
    const inherit = (baseline: string): string =>
      MINIMAL.replace('rule: limit } }', `rule: limit }, baseline: ${baseline} }`);
    const trailing = await config(inherit('{ table: lake.training, version: v, bins: 5 }'));
    expect(trailing.models['credit']?.baseline).toEqual({ kind: 'trailing', trailing: 28 * DAY, bins: 5 });
    const table = await config(
      inherit('{ trailing: 7d }').replace(
        'baseline: { trailing: 28d }',
        'baseline: { table: lake.training }',
      ),
    );
    expect(table.models['credit']?.baseline).toMatchObject({
      kind: 'table',
      table: 'lake.training',
      bins: 10,
    });
  });

  test('may hold what every model must have', async () => {
    const text = MINIMAL.replace(
      'rule: limit } }',
      'rule: limit }, source: { layout: columns, timestamp: ts } }',
    );
    const { models } = await config(text.replace(', layout: columns, timestamp: ts', ''));
    expect(models['credit']?.source).toMatchObject({ table: 'lake.rows', timestamp: 'ts' });
  });
});

describe('include', () => {
  const fraud = MINIMAL.slice(MINIMAL.indexOf('models:')).replace('credit:', 'fraud:');

  test('adds the models of other files, in any of its forms, each file once', async () => {
    write(folder, {
      'models.d/b.yaml': fraud,
      'models.d/note.txt': 'no yaml',
      'models.d/.c.yaml': 'no: model',
    });
    for (const include of [
      'models.d/*.yaml',
      'models.d/?.yaml',
      '[models.d/b.yaml, "models.d/*.yaml"]',
      './models.d/b.yaml',
    ]) {
      const { models } = await config(`include: ${include}\n${MINIMAL}`);
      expect(Object.keys(models)).toEqual(['credit', 'fraud']);
    }
  });

  test('may match nothing yet, and never takes in the main file itself', async () => {
    write(folder, { 'models.d/note.txt': '' });
    expect(Object.keys((await config(`include: models.d/*.yml\n${MINIMAL}`)).models)).toEqual(['credit']);
    expect(Object.keys((await config(`include: drift*.yaml\n${MINIMAL}`)).models)).toEqual(['credit']);
  });

  test('lets the main file have no models of its own', async () => {
    write(folder, { 'models.d/b.yaml': fraud });
    const { models } = await config(
      `include: models.d/b.yaml\n${MINIMAL.slice(0, MINIMAL.indexOf('models:'))}`,
    );
    expect(Object.keys(models)).toEqual(['fraud']);
    expect(models['fraud']?.drift.rule).toBe('limit');
  });

  test('names the included file and its line in problems', async () => {
    write(folder, { 'models.d/b.yaml': `${fraud}    lateness: soon\n` });
    const result = await loadText(folder, `include: models.d/b.yaml\n${MINIMAL}`);
    expect(shown(result, folder)).toEqual([
      'models.d/b.yaml:6:15: models.fraud.lateness is not a duration; write 30s, 5m, 1h, 1d or 4w',
    ]);
  });
});

describe('change freezes', () => {
  test('are in UTC and without a reason unless they say so', async () => {
    const { calendar } = await config(
      `${MINIMAL}calendar: { freezes: [ { cron: "0 0 24 12 *", duration: 8d, timezone: Europe/Berlin, reason: year end }, { cron: "0 5 * * sun", duration: 366d } ] }\n`,
    );
    expect(calendar.freezes).toEqual([
      { cron: '0 0 24 12 *', duration: 8 * DAY, timezone: 'Europe/Berlin', reason: 'year end' },
      { cron: '0 5 * * sun', duration: 366 * DAY, timezone: 'UTC', reason: null },
    ]);
  });
});

describe("a deployer of one's own", () => {
  test('has an address and perhaps a secret, and needs no workspace', async () => {
    const text = MINIMAL.replace(
      'serving: { kind: none }',
      'serving: { kind: webhook, url: "https://d.example/x", secret: { file: hook } }',
    );
    expect((await config(text)).serving).toEqual({
      kind: 'webhook',
      url: 'https://d.example/x',
      secret: { file: join(folder, 'hook') },
    });
    expect((await config(text.replace(', secret: { file: hook }', ''))).serving).toMatchObject({
      secret: null,
    });
  });
});

describe('the rest of the file', () => {
  test('is read with its relative paths, its users and its desks', async () => {
    const loaded =
      await config(`${MINIMAL.replace('{ email: risk@bank.example }', '{ ticketDesk: ops, escalateTo: head }, head: { email: h@bank.example }')}
http:
  listen: 0.0.0.0:0
  publicUrl: https://driftwarden.bank.example/
  auth: { kind: bearer, tokens: [ { name: sre, token: { file: secrets/sre }, roles: [viewer, approver] } ] }
audit: { checkpointEvery: 10m, signingKey: { file: /etc/key.pem } }
actions: { killSwitch: null, maxRollbacksPerHour: 0, maxShareOfModels: 1 }
ticketDesks: { ops: { kind: webhook, url: "https://hooks.example/x", secret: { file: secrets/hook } } }
`);
    expect(loaded.http).toEqual({
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://driftwarden.bank.example',
      auth: {
        kind: 'bearer',
        tokens: [
          { name: 'sre', token: { file: join(folder, 'secrets/sre') }, roles: ['viewer', 'approver'] },
        ],
      },
    });
    expect(loaded.audit).toEqual({
      signingKey: '/etc/key.pem',
      checkpointEvery: { milliseconds: 10 * MINUTE },
    });
    expect(loaded.actions).toEqual({ killSwitch: null, maxRollbacksPerHour: 0, maxShareOfModels: 1 });
    expect(loaded.ticketDesks['ops']).toEqual({
      kind: 'webhook',
      url: 'https://hooks.example/x',
      secret: { file: join(folder, 'secrets/hook') },
    });
    expect(loaded.owners['default']).toMatchObject({ escalateTo: 'head', escalateAfter: DAY });
    expect(loaded.registry).toEqual({ kind: 'mlflow', url: 'http://127.0.0.1:5000', auth: null });
  });

  test.each(['127.0.0.1:1', 'localhost:65535', '"[::1]:9469"', '127.8.9.10:9469'])(
    'may listen on %s without auth: it is this machine',
    async (listen) => {
      expect((await config(`${MINIMAL}http: { listen: ${listen} }\n`)).http.auth).toBeNull();
    },
  );

  test.each(['0.0.0.0:1', '"[::]:1"', '10.0.0.1:1', 'localhost.evil.example:1', '127.0.0.1.evil.example:1'])(
    'may not listen on %s without auth',
    async (listen) => {
      const result = await loadText(folder, `${MINIMAL}http: { listen: ${listen} }\n`);
      expect(shown(result, folder)).toEqual([
        expect.stringContaining('http.listen is reachable from other machines'),
      ]);
    },
  );
});
