import {
  BigValueColorMode,
  BigValueGraphMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { ofModels, ours, type PanelSource, type PanelText, stat, steps } from './parts.ts';

/** One glance: is anything wrong now? */
export function nowRow(): readonly PanelSource[] {
  const models = `max by (model) (${ofModels('model_info')})`;
  const late =
    `(time() - max by (model) (${ofModels('evaluation_last_success_timestamp_seconds')}))` +
    ` > (2 * max by (model) (${ofModels('evaluation_interval_seconds')}) + 300)`;
  return [
    number(
      { title: 'Models', description: 'Configured models that are in the metrics.' },
      `count(${models})`,
    ),
    alarm(
      { title: 'In breach', description: 'Models with at least one check over its breach limit.' },
      `count(max by (model) (${ofModels('check_status')}) == 2) or vector(0)`,
    ),
    caution(
      {
        title: 'No verdict',
        description: 'Models with a check that has no verdict: too few rows, no rows, stale, or an error.',
      },
      `count(max by (model) (${ofModels('check_unknown')}) == 1) or vector(0)`,
    ),
    caution(
      { title: 'Late', description: 'Models not evaluated successfully for two intervals and five minutes.' },
      `count(${late}) or vector(0)`,
    ),
    caution(
      { title: 'Rollbacks, 24 h', description: 'Rollbacks that made a first write in the last 24 hours.' },
      `sum(increase(${ofModels('rollbacks_total')}[24h])) or vector(0)`,
    ),
    caution(
      { title: 'Open exceptions', description: 'Exceptions that wait for somebody.' },
      `sum(max by (model, severity) (${ofModels('exceptions_open')})) or vector(0)`,
    ),
    alarm(
      { title: 'Overdue', description: 'Models with an open exception past its due date.' },
      `count((time() - max by (model) (${ofModels('exception_earliest_due_timestamp_seconds')})) > 0) or vector(0)`,
    ),
    caution(
      { title: 'Undelivered', description: 'Ticket changes that wait in the outbox.' },
      `sum(max by (desk) (${ours('outbox_items')})) or vector(0)`,
    ),
  ];
}

type Text = Pick<PanelText, 'title' | 'description'>;

function tile(text: Text, expr: string) {
  return stat({ ...text, unit: units.Short, width: 3 }, expr)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(BigValueGraphMode.None);
}

function number(text: Text, expr: string): PanelSource {
  return tile(text, expr)
    .colorMode(BigValueColorMode.None)
    .thresholds(steps([null, 'text']));
}

function alarm(text: Text, expr: string): PanelSource {
  return tile(text, expr)
    .colorMode(BigValueColorMode.Background)
    .thresholds(steps([null, 'green'], [1, 'red']));
}

function caution(text: Text, expr: string): PanelSource {
  return tile(text, expr)
    .colorMode(BigValueColorMode.Background)
    .thresholds(steps([null, 'green'], [1, 'orange']));
}
