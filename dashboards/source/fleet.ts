import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { manyOf, ofModels, oneOf, type PanelSource, PROMETHEUS } from './parts.ts';
import { actionRow } from './row-actions.ts';
import { daemonRow } from './row-daemon.ts';
import { driftRow } from './row-drift.ts';
import { modelRow } from './row-models.ts';
import { nowRow } from './row-now.ts';

const OF_JOB = 'job=~"$job", instance=~"$instance"';

/** One dashboard for all models, and for one: the variable `model` narrows everything in it. */
export function fleetDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Driftwarden / Fleet')
    .uid('driftwarden-fleet')
    .description(
      'Models watched by driftwarden: verdicts, drift, rollbacks, exceptions, and the daemon itself.',
    )
    .tags(['driftwarden'])
    .readonly()
    .timezone('browser')
    .refresh('1m')
    .time({ from: 'now-7d', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Driftwarden')
        .type(DashboardLinkType.Dashboards)
        .tags(['driftwarden'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(rollbackMarks());
  addVariables(dashboard);
  addRow(dashboard, 'Now', nowRow());
  addRow(dashboard, 'Models', modelRow());
  addRow(dashboard, 'Drift', driftRow());
  addRow(dashboard, 'Rollbacks, exceptions, tickets', actionRow());
  addRow(dashboard, 'Daemon', daemonRow());
  return dashboard.build();
}

function addRow(dashboard: DashboardBuilder, title: string, panels: readonly PanelSource[]): void {
  dashboard.withRow(new RowBuilder(title));
  for (const panel of panels) dashboard.withPanel(panel);
}

function addVariables(dashboard: DashboardBuilder): void {
  const checks = `driftwarden_check_score{${OF_JOB}, model=~"$model"}`;
  dashboard
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(manyOf({ name: 'job', label: 'Job', query: 'label_values(driftwarden_build_info, job)' }))
    .withVariable(
      manyOf({
        name: 'instance',
        label: 'Instance',
        query: 'label_values(driftwarden_build_info{job=~"$job"}, instance)',
      }),
    )
    .withVariable(
      manyOf({
        name: 'model',
        label: 'Model',
        query: `label_values(driftwarden_model_info{${OF_JOB}}, model)`,
      }),
    )
    .withVariable(oneOf({ name: 'check', label: 'Check', query: `label_values(${checks}, check)` }, 'drift'))
    .withVariable(
      oneOf({ name: 'method', label: 'Method', query: `label_values(${checks}, method)` }, 'psi'),
    );
}

/**
 * Rollbacks as marks on every graph. The value is the time, in milliseconds: a mark on the change of the series would
 * miss a first rollback, whose series did not exist before it.
 */
function rollbackMarks(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Rollbacks')
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor('purple')
    .useValueForTime(true)
    .expr(`max by (model) (${ofModels('rollback_last_timestamp_seconds')}) * 1000`)
    .titleFormat('Rollback')
    .textFormat('{{model}}')
    .tagKeys('model')
    .step('60s');
}
