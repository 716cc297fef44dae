import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { lines, ofModels, ours, type PanelSource, PROMETHEUS, tableQuery } from './parts.ts';

/** What was done about it. */
export function actionRow(): readonly PanelSource[] {
  return [traffic(), rollbacks(), heldGates(), exceptions(), heldNow(), deliveries()];
}

function traffic(): PanelSource {
  return lines(
    {
      title: 'Traffic share by version',
      description: 'Share of live traffic per version of the endpoint. A rollback is a step here.',
      unit: units.PercentUnit,
      width: 8,
    },
    [
      {
        expr: `max by (model, model_version) (${ofModels('traffic_share_ratio')})`,
        legend: '{{model}} version {{model_version}}',
      },
    ],
  )
    .min(0)
    .max(1);
}

function rollbacks(): PanelSource {
  return lines(
    {
      title: 'Rollbacks per day',
      description:
        'Rollbacks that made a first write, and those of them that ended with a person, over 24 hours.',
      unit: units.Short,
      width: 8,
    },
    [
      {
        expr: `sum by (model, trigger) (increase(${ofModels('rollbacks_total')}[1d])) > 0`,
        legend: '{{model}} {{trigger}}',
      },
      {
        expr: `sum by (model) (increase(${ofModels('rollback_failures_total')}[1d])) > 0`,
        legend: '{{model}} needs a person',
      },
    ],
  )
    .min(0)
    .decimals(0);
}

function heldGates(): PanelSource {
  return lines(
    {
      title: 'Rollbacks held per day',
      description: 'Rollbacks that were wanted and held, by gate, over 24 hours.',
      unit: units.Short,
      width: 8,
    },
    [
      {
        expr: `sum by (reason) (increase(${ofModels('rollbacks_suppressed_total')}[1d])) > 0`,
        legend: '{{reason}}',
      },
    ],
  )
    .min(0)
    .decimals(0);
}

function exceptions(): PanelSource {
  return lines(
    {
      title: 'Open exceptions by severity',
      description: 'Exceptions that are open, acknowledged or reopened.',
      unit: units.Short,
      width: 8,
    },
    [
      {
        expr: `sum by (severity) (max by (model, severity) (${ofModels('exceptions_open')}))`,
        legend: '{{severity}}',
      },
    ],
  )
    .min(0)
    .decimals(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
}

function heldNow(): PanelSource {
  return new TablePanel()
    .title('Gates that would hold a rollback now')
    .description(
      'What stands between a breach and a rollback at this moment. In mode observe that is the mode.',
    )
    .datasource(PROMETHEUS)
    .unit(units.Short)
    .span(8)
    .height(8)
    .noValue('none')
    .withTarget(tableQuery('A', `max by (model, reason) (${ofModels('rollback_gate_held')})`))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, Value: true },
        indexByName: { model: 0, reason: 1 },
        renameByName: { model: 'Model', reason: 'Gate' },
      },
    });
}

function deliveries(): PanelSource {
  return lines(
    {
      title: 'Ticket deliveries',
      description:
        'Ticket changes sent to each desk, and those it did not take. Nothing is lost: they are sent again.',
      unit: units.CountsPerSecond,
      width: 8,
    },
    [
      {
        expr: `sum by (desk) (rate(${ours('ticket_deliveries_total')}[$__rate_interval]))`,
        legend: '{{desk}}',
      },
      {
        expr: `sum by (desk) (rate(${ours('ticket_delivery_failures_total')}[$__rate_interval]))`,
        legend: '{{desk}} failed',
      },
    ],
  ).min(0);
}
