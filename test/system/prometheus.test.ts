import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OPENMETRICS_END } from '../../src/metrics/exposition.ts';
import { dashboardSchema, expressionsOf } from '../dashboards/lint.ts';
import { startExporter } from './exporter.ts';
import { finish, installPrometheus, startAlertmanager, startPrometheus, until } from './prometheus-server.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const RULES = root('alerts/driftwarden.rules.yaml');

// Servers for the whole file: what is asked of them is read-only.
await installPrometheus();
const exporter = await startExporter();
const alertmanager = await startAlertmanager(root('deploy/alertmanager.yml'));
const prometheus = await startPrometheus(configuration());
await until(scraped, 'a scrape that Prometheus accepts');
afterAll(async () => {
  await prometheus.stop();
  await alertmanager.stop();
  exporter.close();
});

async function scraped(): Promise<boolean> {
  const answer = await fetch(`${prometheus.url}/api/v1/query?query=up==1`);
  return (await answer.text()).includes('driftwarden');
}

function configuration(): string {
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ '${RULES}' ]
alerting: { alertmanagers: [ { static_configs: [ { targets: [ '${alertmanager.url.slice(7)}' ] } ] } ] }
scrape_configs:
  - job_name: driftwarden
    static_configs: [ { targets: [ '${exporter.address}' ] } ]
`;
}

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.enum(['vector', 'matrix', 'scalar']),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]).optional(),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
});

async function ask(path: string, parameters: { readonly [name: string]: string }) {
  const answer = await fetch(`${prometheus.url}${path}?${new URLSearchParams(parameters).toString()}`);
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`${parameters['query']}: ${JSON.stringify(body)}`);
  return answerSchema.parse(body).data.result;
}

const instantly = (query: string) => ask('/api/v1/query', { query });

/** What Grafana would send: variables replaced, all values chosen where many can be. */
function asSent(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$check', 'drift')
    .replaceAll('$method', 'psi')
    .replaceAll(/\$(job|instance|model)\b/g, '.+');
}

describe('files that promtool and amtool check', () => {
  test('the rules are sound', async () => {
    const { code, output } = await finish('promtool', [
      'check',
      'rules',
      '--lint=all',
      '--lint-fatal',
      RULES,
    ]);
    expect(output).toContain('SUCCESS: 27 rules found');
    expect(code).toBe(0);
  });

  test.each(['driftwarden.test.yaml', 'driftwarden.days.test.yaml'])(
    'the unit tests in %s pass',
    async (file) => {
      const { code, output } = await finish('promtool', ['test', 'rules', root(`alerts/${file}`)]);
      expect(output).toContain('SUCCESS');
      expect(code).toBe(0);
    },
  );

  test('the unit tests notice a rule that no longer looks at freshness', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'driftwarden-rules-'));
    const blind = readFileSync(RULES, 'utf8').replaceAll(
      '(model:driftwarden_fresh:bool == 1)',
      '(model:driftwarden_fresh:bool >= 0)',
    );
    await writeFile(join(folder, 'driftwarden.rules.yaml'), blind);
    await writeFile(
      join(folder, 'driftwarden.test.yaml'),
      readFileSync(root('alerts/driftwarden.test.yaml')),
    );
    const { code, output } = await finish('promtool', [
      'test',
      'rules',
      join(folder, 'driftwarden.test.yaml'),
    ]);
    expect(output).toContain('DriftwardenModelDriftBreach');
    expect(code).not.toBe(0);
  });

  test('the configuration of Prometheus is sound', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'driftwarden-config-'));
    const config = readFileSync(root('deploy/prometheus.yml'), 'utf8');
    const path = join(folder, 'prometheus.yml');
    await writeFile(path, config.replace('/etc/prometheus/driftwarden.rules.yaml', RULES));
    const { code, output } = await finish('promtool', ['check', 'config', path]);
    expect(output).toContain('SUCCESS');
    expect(code).toBe(0);
  });

  test('the configuration of Alertmanager is sound', async () => {
    const { code } = await finish('amtool', ['check-config', root('deploy/alertmanager.yml')]);
    expect(code).toBe(0);
  });

  test.each([
    ['on-call', ['alertname=DriftwardenRollbackFailed', 'severity=critical', 'model_owner=team']],
    ['model-owners', ['alertname=DriftwardenModelDriftBreach', 'severity=warning', 'model_owner=team']],
    ['driftwarden-team', ['alertname=DriftwardenConfigReloadFailed', 'severity=warning']],
    ['watchdog', ['alertname=DriftwardenWatchdog', 'severity=none']],
  ])('alerts reach %s', async (receiver, labels) => {
    const file = `--config.file=${root('deploy/alertmanager.yml')}`;
    const { output } = await finish('amtool', ['config', 'routes', 'test', file, ...labels]);
    expect(output.trim().split('\n').at(-1)).toBe(receiver);
  });
});

describe('what is exposed', () => {
  test('promtool finds nothing to say', async () => {
    const text = exporter.models.current().text + (await exporter.daemon.text());
    expect(await finish('promtool', ['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
  });

  test('promtool would say so if there were', async () => {
    const { code } = await finish('promtool', ['check', 'metrics'], '# TYPE x_total gauge\nx_total 1\n');
    expect(code).not.toBe(0);
  });

  test('Prometheus takes every sample, in OpenMetrics', async () => {
    const [scraped] = await instantly('scrape_samples_scraped{job="driftwarden"}');
    const text = exporter.models.current().text + (await exporter.daemon.text());
    const exposed = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    // Node's own families come and go by a few (one series per kind of resource and of garbage collection).
    expect(Math.abs(Number(scraped?.value?.[1]) - exposed)).toBeLessThan(10);
    const ours = await instantly('count({__name__=~"driftwarden_.+", __name__!~".+_bucket", model!=""})');
    expect(Number(ours[0]?.value?.[1])).toBe(exporter.models.current().series);
    expect(OPENMETRICS_END).toBe('# EOF\n');
  });

  test('a feature name with quotes, commas and a backslash arrives as it is', async () => {
    const found = await instantly('driftwarden_feature_drift_score{method="psi", model="credit_pd"}');
    const features = new Set(found.map((series) => series.metric['feature']));
    expect(features).toEqual(new Set(['debt, "to"\\income', 'income']));
  });
});

describe('alerts on the running Prometheus', () => {
  test('a rollback from a counter at zero reaches Alertmanager with its owner', async () => {
    await until(
      async () => (await instantly('driftwarden_rollbacks_total == 0')).length > 0,
      'counters at 0',
    );
    await exporter.advance();
    const owners = async (): Promise<readonly (string | undefined)[]> => {
      const answer = await fetch(
        `${alertmanager.url}/api/v2/alerts?filter=alertname="DriftwardenRollbackExecuted"`,
      );
      const alerts = z
        .array(z.object({ labels: z.record(z.string(), z.string()) }))
        .parse(await answer.json());
      return alerts.map((alert) => alert.labels['model_owner']);
    };
    await until(async () => (await owners()).length > 0, 'the alert in Alertmanager');
    expect(await owners()).toEqual(['retail-credit']);
  }, 60_000);

  test('every rule evaluates, and the model in breach is pending', async () => {
    const breach = 'ALERTS{alertname="DriftwardenModelDriftBreach"}';
    await until(async () => (await instantly(breach)).length > 0, 'the alert on drift');
    const answer = await fetch(`${prometheus.url}/api/v1/rules`);
    const { data } = z
      .object({
        data: z.object({
          groups: z.array(
            z.object({
              rules: z.array(
                z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() }),
              ),
            }),
          ),
        }),
      })
      .parse(await answer.json());
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(27);
    expect(rules.filter((rule) => rule.health !== 'ok')).toEqual([]);
    expect((await instantly(breach))[0]?.metric).toMatchObject({
      model: 'credit_pd',
      model_owner: 'retail-credit',
    });
  }, 60_000);
});

describe('the dashboard on the running Prometheus', () => {
  const text = readFileSync(root('dashboards/driftwarden-fleet.json'), 'utf8');
  const dashboard = dashboardSchema.parse(JSON.parse(text));

  test.each(expressionsOf(dashboard).map((expression) => [expression] as const))(
    'is PromQL: %s',
    async (expression) => {
      const parameters = new URLSearchParams({ query: asSent(expression) });
      const answer = await fetch(`${prometheus.url}/api/v1/format_query?${parameters.toString()}`);
      expect(await answer.json()).toMatchObject({ status: 'success' });
    },
  );

  const queries = dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => [panel.title ?? '', target.refId, target.expr] as const),
  );

  test.each(queries)(
    'panel %s, query %s has data',
    async (_, __, expr) => {
      const sent = asSent(expr);
      await until(async () => (await instantly(sent)).length > 0, `data for ${sent}`);
      const end = String(Date.now() / 1000);
      const range = await ask('/api/v1/query_range', {
        query: sent,
        start: String(Number(end) - 60),
        end,
        step: '5',
      });
      expect(range.length).toBeGreaterThan(0);
      expect(range.length).toBeLessThanOrEqual(50);
      const numbers = range.flatMap((series) => (series.values ?? []).map(([, value]) => Number(value)));
      expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
    },
    60_000,
  );
});
