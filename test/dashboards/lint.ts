import { z } from 'zod';

const targetSchema = z.looseObject({ expr: z.string(), refId: z.string() });
const panelSchema = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  datasource: z.looseObject({ uid: z.string() }).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }).optional(),
  targets: z.array(targetSchema).optional(),
  fieldConfig: z
    .looseObject({
      defaults: z.looseObject({ unit: z.string().optional() }),
      overrides: z.array(z.unknown()),
    })
    .optional(),
});
const variableSchema = z.looseObject({
  name: z.string(),
  type: z.string(),
  label: z.string().optional(),
  query: z.unknown(),
  datasource: z.looseObject({ uid: z.string() }).optional(),
  multi: z.boolean().optional(),
  allValue: z.string().optional(),
  refresh: z.number().optional(),
});

/** As much of Classic dashboard JSON as the rules look at. */
export const dashboardSchema = z.looseObject({
  uid: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  editable: z.boolean(),
  schemaVersion: z.number(),
  panels: z.array(panelSchema),
  templating: z.object({ list: z.array(variableSchema) }),
  annotations: z.object({
    list: z.array(z.looseObject({ expr: z.string(), placement: z.string().optional() })),
  }),
});
export type DashboardJson = z.infer<typeof dashboardSchema>;
type Panel = z.infer<typeof panelSchema>;
type Variable = z.infer<typeof variableSchema>;

/** The unit ids in use here that Grafana knows. */
const UNITS = ['short', 'percentunit', 's', 'cps', 'bytes'];
const NARROWED = '{job=~"$job", instance=~"$instance"';

/** Every expression a viewer can cause: panels, variables, annotations. */
export function expressionsOf(dashboard: DashboardJson): readonly string[] {
  const variables = dashboard.templating.list.flatMap((variable) => {
    const argument = /^label_values\((.+), *\w+\)$/.exec(
      typeof variable.query === 'string' ? variable.query : '',
    );
    return argument === null ? [] : [argument[1]!];
  });
  return [...panelExpressions(dashboard), ...variables];
}

function panelExpressions(dashboard: DashboardJson): readonly string[] {
  const targets = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
  return [...targets, ...dashboard.annotations.list.map((annotation) => annotation.expr)];
}

/** The rules of grafana/dashboard-linter as far as they apply, and a few of our own. Each fault is one line. */
export function lint(dashboard: DashboardJson): readonly string[] {
  return [
    ...wholeFaults(dashboard),
    ...variableFaults(dashboard),
    ...placeFaults(dashboard.panels),
    ...dashboard.panels.filter((panel) => panel.type !== 'row').flatMap(panelFaults),
    ...panelExpressions(dashboard).flatMap(expressionFaults),
  ];
}

function wholeFaults(dashboard: DashboardJson): readonly string[] {
  const faults: string[] = [];
  if (dashboard.editable) faults.push('the dashboard can be edited');
  if (dashboard.schemaVersion > 42) faults.push('a schema version that current Grafana does not load');
  if (!dashboard.tags.includes('driftwarden')) faults.push('the tag driftwarden is missing');
  for (const key of ['apiVersion', 'kind', 'spec', 'elements'])
    if (key in dashboard) faults.push(`${key} is of dashboards v2, which file provisioning refuses`);
  if (dashboard.annotations.list.some((annotation) => annotation.placement !== undefined))
    faults.push('an annotation has a placement, which hides it');
  return faults;
}

/** The messages of those conditions that hold. */
function when(...rules: readonly (readonly [boolean, string])[]): readonly string[] {
  return rules.filter(([wrong]) => wrong).map(([, message]) => message);
}

function variableFaults(dashboard: DashboardJson): readonly string[] {
  const { list } = dashboard.templating;
  const sources = list.filter((variable) => variable.type === 'datasource');
  const named = sources.map((variable) => `${variable.name}, ${variable.label}`);
  return [
    ...when([
      named.join() !== 'datasource, Data source',
      'one data source variable: datasource, Data source',
    ]),
    ...['job', 'instance'].flatMap((name) => targetVariableFaults(name, list)),
    ...list.filter((variable) => variable.type === 'query').flatMap(queryVariableFaults),
  ];
}

function targetVariableFaults(name: string, list: readonly Variable[]): readonly string[] {
  const variable = list.find((candidate) => candidate.name === name);
  if (variable === undefined) return [`no variable ${name}`];
  const many = variable.multi === true && variable.allValue === '.+';
  return when([!many, `variable ${name} must take many values, all of them as .+`]);
}

function queryVariableFaults(variable: Variable): readonly string[] {
  const name = `variable ${variable.name}`;
  return when(
    [variable.refresh !== 2, `${name} must refresh when the time range changes`],
    [variable.datasource?.uid !== '${datasource}', `${name}: fixed data source`],
    [!/^label_values\(.+\)$/.test(String(variable.query)), `${name}: query must be label_values(...)`],
  );
}

function placeFaults(panels: readonly Panel[]): readonly string[] {
  const faults: string[] = [];
  for (const [at, panel] of panels.entries()) {
    for (const other of panels.slice(0, at)) {
      if (other.id === panel.id) faults.push(`id ${panel.id} twice`);
      if (overlap(panel.gridPos, other.gridPos)) faults.push(`${panel.title} and ${other.title} overlap`);
    }
  }
  return faults;
}

function overlap(a: Panel['gridPos'], b: Panel['gridPos']): boolean {
  if (a === undefined || b === undefined) return false;
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function panelFaults(panel: Panel): readonly string[] {
  const { title = '', description = '', targets = [] } = panel;
  const name = `panel ${panel.id} "${title}"`;
  const unit = panel.fieldConfig?.defaults.unit ?? '';
  const references = targets.map((target) => target.refId);
  return when(
    [title === '', `${name} has no title`],
    [description === '', `${name} has no description`],
    [panel.datasource?.uid !== '${datasource}', `${name} has a fixed data source`],
    [unit === '', `${name} has no unit`],
    [unit !== '' && !UNITS.includes(unit), `${name} has a unit that is not known: ${unit}`],
    [targets.length === 0, `${name} has no query`],
    [new Set(references).size !== references.length, `${name} uses a refId twice`],
  );
}

function expressionFaults(expression: string): readonly string[] {
  const faults: string[] = [];
  for (const found of expression.matchAll(
    /\b((?:driftwarden|process|nodejs)_[a-z0-9_]+)(\{[^}]*\})?(\[[^\]]+\])?/g,
  )) {
    const [, metric = '', matchers = '', range = ''] = found;
    const before = expression.slice(0, found.index);
    if (!matchers.startsWith(NARROWED))
      faults.push(`${metric} is not narrowed by job=~"$job", instance=~"$instance"`);
    if (metric.endsWith('_total') && !/(rate|irate|increase)\($/.test(before))
      faults.push(`${metric} is a counter outside rate or increase`);
    if (/\birate\($|\brate\($/.test(before) && range !== '[$__rate_interval]')
      faults.push(`${metric}: a rate must use $__rate_interval`);
  }
  return faults;
}
