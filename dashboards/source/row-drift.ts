import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  HeatmapCellLayout,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapPanel,
  RowsHeatmapOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import * as units from '@grafana/grafana-foundation-sdk/units';
import {
  BY_THRESHOLD,
  lines,
  ofModels,
  type PanelSource,
  PROMETHEUS,
  query,
  STATUS_STEPS,
  STATUS_WORDS,
  steps,
} from './parts.ts';

export function driftRow(): readonly PanelSource[] {
  return [checkTimeline(), progress(), scores(), featureHeatmap(), driftedFeatures(), rows(), unknowns()];
}

function checkTimeline(): PanelSource {
  return new StateTimelinePanel()
    .title('Checks')
    .description('The verdict of each policy check; a gap is a time without a verdict.')
    .datasource(PROMETHEUS)
    .unit(units.Short)
    .span(12)
    .height(8)
    .noValue('no verdict')
    .withTarget(
      query('A', {
        expr: `max by (model, check) (${ofModels('check_status')})`,
        legend: '{{model}} {{check}}',
      }),
    )
    .mappings(STATUS_WORDS)
    .thresholds(STATUS_STEPS)
    .colorScheme(BY_THRESHOLD)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .lineWidth(0);
}

function progress(): PanelSource {
  return lines(
    {
      title: 'Progress to breach',
      description: 'How far each check has come to its breach limit, whatever its method: 100 % is breach.',
      unit: units.PercentUnit,
      width: 12,
    },
    [
      {
        expr: `max by (model, check) (${ofModels('check_breach_ratio')})`,
        legend: '{{model}} {{check}}',
      },
    ],
  )
    .min(0)
    .thresholds(steps([null, 'transparent'], [1, 'red']))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

/** Limits are series of their own, so that the lines here, the alerts and the daemon agree by construction. */
function scores(): PanelSource {
  const chosen = 'check="$check", method="$method"';
  return lines(
    {
      title: 'Score, limits and noise floor: $check by $method',
      description:
        'The noise floor is what no drift at all would exceed once in a thousand windows of this size. A score below it says nothing.',
      unit: units.Short,
      width: 12,
    },
    [
      { expr: `max by (model) (${ofModels('check_score', chosen)})`, legend: '{{model}}' },
      { expr: `max by (model) (${ofModels('check_lower_bound', chosen)})`, legend: '{{model}} lower bound' },
      { expr: `max by (model) (${ofModels('check_noise_floor', chosen)})`, legend: '{{model}} noise floor' },
      {
        expr: `max by (model, level) (${ofModels('check_threshold', chosen)})`,
        legend: '{{model}} {{level}} limit',
      },
    ],
  )
    .overrideByRegexp('/noise floor$/', [
      { id: 'custom.fillOpacity', value: 15 },
      { id: 'custom.lineWidth', value: 0 },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'gray' } },
    ])
    .overrideByRegexp('/lower bound$/', [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [2, 4] } },
      { id: 'custom.fillOpacity', value: 0 },
    ])
    .overrideByRegexp('/warning limit$/', [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'orange' } },
    ])
    .overrideByRegexp('/breach limit$/', [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [2, 3] } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
    ]);
}

function featureHeatmap(): PanelSource {
  return new HeatmapPanel()
    .title('Features nearest to breach')
    .description('Progress of each feature to its breach limit, for the metrics.topFeatures nearest to it.')
    .datasource(PROMETHEUS)
    .unit(units.PercentUnit)
    .span(12)
    .height(8)
    .withTarget(
      query('A', {
        expr: `max by (feature) (${ofModels('feature_breach_ratio')})`,
        legend: '{{feature}}',
      }).format(PromQueryFormat.TimeSeries),
    )
    .calculate(false)
    .cellGap(1)
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Unknown).value('progress'))
    .cellValues(new CellValuesBuilder().decimals(2).unit(units.PercentUnit))
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('YlOrRd')
        .exponent(0.5)
        .steps(32)
        .min(0)
        .max(1),
    );
}

function driftedFeatures(): PanelSource {
  return lines(
    {
      title: 'Features in breach',
      description: 'Features over their breach limit, of all that were compared.',
      unit: units.Short,
      width: 8,
    },
    [
      { expr: `max by (model) (${ofModels('features_drifted')})`, legend: '{{model}} in breach' },
      { expr: `max by (model) (${ofModels('features_monitored')})`, legend: '{{model}} compared' },
    ],
  )
    .min(0)
    .decimals(0);
}

function rows(): PanelSource {
  return lines(
    {
      title: 'Rows per window',
      description: 'Rows of the last evaluated window, as each check counted them.',
      unit: units.Short,
      width: 8,
    },
    [{ expr: `max by (model, check) (${ofModels('check_window_rows')})`, legend: '{{model}} {{check}}' }],
  ).min(0);
}

function unknowns(): PanelSource {
  return lines(
    {
      title: 'Checks without a verdict',
      description: 'By reason: too few rows, no rows though newer ones exist, nothing new, or an error.',
      unit: units.Short,
      width: 8,
    },
    [
      {
        expr: `sum by (reason) (max by (model, check, reason) (${ofModels('check_unknown')})) or vector(0)`,
        legend: '{{reason}}',
      },
    ],
  )
    .min(0)
    .decimals(0);
}
