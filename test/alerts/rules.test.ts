import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { familyOf, nameFaults, selectorsIn } from './promql.ts';

const ROOT = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const alertSchema = z.strictObject({
  alert: z.string().regex(/^Driftwarden[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z.string().optional(),
  keep_firing_for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info', 'none']) }),
  annotations: z.strictObject({
    summary: z.string(),
    description: z.string(),
    runbook_url: z.string(),
    dashboard_url: z.string(),
  }),
});
const recordSchema = z.strictObject({ record: z.string(), expr: z.string() });
const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([alertSchema, recordSchema])) })),
});

const source = text('alerts/driftwarden.rules.yaml');
const rules = rulesSchema.parse(parse(source)).groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => 'alert' in rule);
const recorded = rules.filter((rule) => 'record' in rule).map((rule) => rule.record);
function isAboutModel(expression: string): boolean {
  return selectorsIn(expression).some(({ metric }) => familyOf(metric)?.labels.includes('model') === true);
}

const named = alerts.map((alert) => [alert.alert, alert] as const);

test('the file holds the alerts that this version has metrics for', () => {
  expect(alerts.length).toBe(25);
  expect(new Set(alerts.map((alert) => alert.alert)).size).toBe(25);
});

test('YAML anchors are not used: other tools that read rule files do not know them', () => {
  expect(source).not.toMatch(/[:-] [&*][a-z]/);
});

test.each(rules.map((rule) => ['alert' in rule ? rule.alert : rule.record, rule.expr] as const))(
  '%s asks for metrics and labels that exist',
  (_, expr) => {
    expect(nameFaults(expr, recorded)).toEqual([]);
  },
);

describe.each(named)('%s', (name, alert) => {
  test('has a runbook page with its sections', () => {
    const page = text(`docs/runbooks/${name}.md`);
    expect(page.split('\n')[0]).toBe(`# ${name}`);
    for (const section of ['Meaning', 'Impact', 'What to look at', 'What to do', 'How to stop it'])
      expect(page).toContain(`\n## ${section}\n\n`);
    const after = alert.for === undefined ? 'fires at once' : `fires after ${alert.for}`;
    expect(page).toContain(`${alert.annotations.summary} (severity ${alert.labels.severity}, ${after}`);
    expect(alert.annotations.runbook_url).toBe(`https://runbooks.example/driftwarden/${name}`);
  });

  test('says which model it is about, and only labels that its expression leaves', () => {
    const { description, summary, dashboard_url: dashboard } = alert.annotations;
    const aboutModel = isAboutModel(alert.expr);
    expect(description.includes('$labels.model }}')).toBe(aboutModel);
    expect(dashboard.endsWith('?var-model={{ $labels.model }}')).toBe(aboutModel);
    expect(summary).not.toContain('{{');
    if (/without \(instance|by \(/.test(alert.expr)) expect(description).not.toContain('$labels.instance');
  });

  test('has a unit test', () => {
    const tests = text('alerts/driftwarden.test.yaml') + text('alerts/driftwarden.days.test.yaml');
    expect(tests).toContain(`alertname="${name}", alertstate="firing"`);
  });
});

test('no runbook page is left of an alert that is gone', () => {
  const pages = readdirSync(new URL('docs/runbooks/', ROOT)).filter((file) => file.startsWith('Driftwarden'));
  expect(pages.sort()).toEqual(alerts.map((alert) => `${alert.alert}.md`).sort());
});

test('an alert about a model carries its owner, so that it can be routed', () => {
  const without = alerts
    .filter((alert) => isAboutModel(alert.expr) && !alert.expr.includes('model_owner'))
    .map((alert) => alert.alert);
  // Nobody can be named where the finding is that there is nobody.
  expect(without).toEqual(['DriftwardenModelOwnerUnresolved']);
});
