import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allDashboards } from '../../dashboards/source/all.ts';
import { nameFaults } from '../alerts/promql.ts';
import { type DashboardJson, dashboardSchema, expressionsOf, lint } from './lint.ts';

const FOLDER = new URL('../../dashboards/', import.meta.url);
const dashboards = Object.entries(allDashboards());

test('what ships is what the source makes (UPDATE_DOCS=1 rewrites it)', () => {
  for (const [file, text] of dashboards) {
    const path = new URL(file, FOLDER);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, text);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  const shipped = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  expect(shipped.sort()).toEqual(dashboards.map(([file]) => file).sort());
});

describe.each(dashboards)('%s', (file, text) => {
  const dashboard = dashboardSchema.parse(JSON.parse(text));

  test('keeps the rules of dashboard linters', () => {
    expect(lint(dashboard)).toEqual([]);
  });

  test('is found under the name of its file', () => {
    expect(file).toBe(`${dashboard.uid}.json`);
  });

  test.each(expressionsOf(dashboard).map((expression) => [expression] as const))(
    'asks for metrics and labels that exist: %s',
    (expression) => {
      expect(nameFaults(expression)).toEqual([]);
    },
  );
});

describe('the rules find what is planted', () => {
  const sound = dashboardSchema.parse(JSON.parse(dashboards[0]![1]));
  const timeseries = sound.panels.findIndex((panel) => panel.type === 'timeseries');

  function broken(change: (copy: DashboardJson) => void): readonly string[] {
    const copy = structuredClone(sound);
    change(copy);
    return lint(copy);
  }
  function panelOf(copy: DashboardJson) {
    return copy.panels[timeseries]!;
  }

  test.each<[string, (copy: DashboardJson) => void, RegExp]>([
    ['an editable dashboard', (copy) => (copy.editable = true), /can be edited/],
    ['a newer schema', (copy) => (copy.schemaVersion = 99), /schema version/],
    ['a panel id twice', (copy) => (panelOf(copy).id = 1), /id 1 twice/],
    ['two panels on one place', (copy) => (panelOf(copy).gridPos = copy.panels[1]!.gridPos!), /overlap/],
    ['no title', (copy) => (panelOf(copy).title = ''), /no title/],
    ['no description', (copy) => (panelOf(copy).description = ''), /no description/],
    ['a fixed data source', (copy) => (panelOf(copy).datasource = { uid: 'abc' }), /data source/],
    ['no unit', (copy) => (panelOf(copy).fieldConfig = { defaults: {}, overrides: [] }), /no unit/],
    ['no query', (copy) => (panelOf(copy).targets = []), /no query/],
    ['an unnarrowed selector', (copy) => (panelOf(copy).targets![0]!.expr = 'driftwarden_series'), /job=~/],
    [
      'a counter without rate',
      (copy) =>
        (panelOf(copy).targets![0]!.expr = 'driftwarden_rollbacks_total{job=~"$job", instance=~"$instance"}'),
      /counter/,
    ],
    [
      'a rate over a fixed range',
      (copy) =>
        (panelOf(copy).targets![0]!.expr =
          'rate(driftwarden_rollbacks_total{job=~"$job", instance=~"$instance"}[5m])'),
      /__rate_interval/,
    ],
    ['no job variable', (copy) => copy.templating.list.splice(1, 1), /no variable job/],
    ['a job variable with one value', (copy) => (copy.templating.list[1]!.multi = false), /variable job/],
    ['a variable that never refreshes', (copy) => (copy.templating.list[3]!.refresh = 1), /variable model/],
    ['an annotation in the hidden menu', (copy) => (copy.annotations.list[0]!.placement = 'x'), /placement/],
  ])('%s', (_, change, fault) => {
    expect(broken(change).join('\n')).toMatch(fault);
  });
});
