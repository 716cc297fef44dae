import * as units from '@grafana/grafana-foundation-sdk/units';
import { lines, ofModels, ours, type PanelSource, selector } from './parts.ts';

/** The daemon itself: does it keep up, and does it get its answers? */
export function daemonRow(): readonly PanelSource[] {
  return [queryDuration(), queries(), runTime(), queue(), process(), log()];
}

/** Without a query in the interval a quantile is NaN, which `>= 0` leaves out. */
function queryDuration(): PanelSource {
  const buckets = `sum by (source, le) (rate(${selector('driftwarden_source_query_duration_seconds_bucket')}[$__rate_interval]))`;
  return lines(
    {
      title: 'Query duration',
      description: 'Run time of queries to the data sources: half of them, and 95 of 100, are faster.',
      unit: units.Seconds,
      width: 8,
    },
    [
      { expr: `histogram_quantile(0.5, ${buckets}) >= 0`, legend: '{{source}} median' },
      { expr: `histogram_quantile(0.95, ${buckets}) >= 0`, legend: '{{source}} 95 %' },
    ],
  ).min(0);
}

function queries(): PanelSource {
  return lines(
    {
      title: 'Queries',
      description: 'Queries to the data sources, and those that failed.',
      unit: units.CountsPerSecond,
      width: 8,
    },
    [
      {
        expr: `sum by (source) (rate(${ours('source_queries_total')}[$__rate_interval]))`,
        legend: '{{source}}',
      },
      {
        expr: `sum by (source) (rate(${ours('source_query_failures_total')}[$__rate_interval]))`,
        legend: '{{source}} failed',
      },
    ],
  ).min(0);
}

function runTime(): PanelSource {
  return lines(
    {
      title: 'Evaluation run time',
      description: 'Run time of the last evaluation of the ten slowest models.',
      unit: units.Seconds,
      width: 8,
    },
    [
      {
        expr: `topk(10, max by (model) (${ofModels('evaluation_last_duration_seconds')}))`,
        legend: '{{model}}',
      },
    ],
  ).min(0);
}

function queue(): PanelSource {
  return lines(
    {
      title: 'Evaluations running and waiting',
      description: 'A queue that does not empty between windows means that warehouse.concurrency is too low.',
      unit: units.Short,
      width: 8,
    },
    [
      { expr: `sum by (instance) (${ours('evaluations_in_progress')})`, legend: '{{instance}} running' },
      { expr: `sum by (instance) (${ours('evaluation_queue_length')})`, legend: '{{instance}} waiting' },
    ],
  )
    .min(0)
    .decimals(0);
}

function process(): PanelSource {
  return lines(
    {
      title: 'Memory and event loop',
      description: 'Resident memory, and how late the event loop runs (99 of 100 turns are faster).',
      unit: units.BytesIEC,
      width: 8,
    },
    [
      {
        expr: `max by (instance) (${selector('process_resident_memory_bytes')})`,
        legend: '{{instance}} memory',
      },
      {
        expr: `max by (instance) (${selector('nodejs_eventloop_lag_p99_seconds')})`,
        legend: '{{instance}} lag',
      },
    ],
  )
    .min(0)
    .overrideByRegexp('/ lag$/', [
      { id: 'unit', value: units.Seconds },
      { id: 'custom.axisPlacement', value: 'right' },
    ]);
}

function log(): PanelSource {
  return lines(
    {
      title: 'Warnings and errors in the log',
      description: 'Log messages per second, by level.',
      unit: units.CountsPerSecond,
      width: 8,
    },
    [
      {
        expr: `sum by (level) (rate(${ours('log_messages_total', 'level=~"warn|error|fatal"')}[$__rate_interval]))`,
        legend: '{{level}}',
      },
    ],
  ).min(0);
}
