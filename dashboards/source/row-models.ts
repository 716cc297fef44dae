import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import * as units from '@grafana/grafana-foundation-sdk/units';
import {
  BY_THRESHOLD,
  ofModels,
  type PanelSource,
  PROMETHEUS,
  query,
  STATUS_STEPS,
  STATUS_WORDS,
  tableQuery,
} from './parts.ts';

export function modelRow(): readonly PanelSource[] {
  return [modelTable(), statusTimeline()];
}

/** Column order and titles of the table; what is not here is left out. */
const COLUMNS: readonly (readonly [field: string, title: string])[] = [
  ['model', 'Model'],
  ['Value #B', 'Worst check'],
  ['Value #C', 'Progress to breach'],
  ['Value #D', 'Last evaluation'],
  ['model_version', 'Version'],
  ['readiness', 'Rollback target'],
  ['Value #G', 'Open exceptions'],
  ['model_owner', 'Owner'],
  ['model_tier', 'Tier'],
];
const HIDDEN = [
  'Time',
  'Value #A',
  'Value #E',
  'Value #F',
  ...[1, 2, 3, 4, 5, 6, 7].map((at) => `Time ${at}`),
];

function modelTable(): PanelSource {
  return new TablePanel()
    .title('Models')
    .description('Every configured model, worst first. The name narrows this dashboard to the model.')
    .datasource(PROMETHEUS)
    .unit(units.Short)
    .span(24)
    .height(9)
    .noValue('-')
    .withTarget(tableQuery('A', `max by (model, model_owner, model_tier) (${ofModels('model_info')})`))
    .withTarget(tableQuery('B', `max by (model) (${ofModels('check_status')})`))
    .withTarget(tableQuery('C', `max by (model) (${ofModels('check_breach_ratio')})`))
    .withTarget(
      tableQuery(
        'D',
        `time() - max by (model) (${ofModels('evaluation_last_completion_timestamp_seconds')})`,
      ),
    )
    .withTarget(tableQuery('E', `max by (model, model_version) (${ofModels('model_active_version_info')})`))
    .withTarget(tableQuery('F', `max by (model, readiness) (${ofModels('rollback_ready')})`))
    .withTarget(tableQuery('G', `sum by (model) (max by (model, severity) (${ofModels('exceptions_open')}))`))
    .withTransformation({ id: 'joinByField', options: { byField: 'model', mode: 'outerTabular' } })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(HIDDEN.map((field) => [field, true])),
        indexByName: Object.fromEntries(COLUMNS.map(([field], at) => [field, at])),
        renameByName: Object.fromEntries(COLUMNS),
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'Worst check', desc: true }] } })
    .overrideByName('Model', [
      {
        id: 'links',
        value: [
          {
            title: 'This model',
            url: '/d/driftwarden-fleet?var-model=${__value.raw}&${__url_time_range}',
          },
        ],
      },
    ])
    .overrideByName('Worst check', [
      { id: 'mappings', value: STATUS_WORDS },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'noValue', value: 'no verdict' },
    ])
    .overrideByName('Progress to breach', [
      { id: 'unit', value: units.PercentUnit },
      { id: 'decimals', value: 0 },
      { id: 'max', value: 1 },
      { id: 'min', value: 0 },
      { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic' } },
    ])
    .overrideByName('Last evaluation', [
      { id: 'unit', value: units.Seconds },
      { id: 'decimals', value: 0 },
    ]);
}

function statusTimeline(): PanelSource {
  return new StateTimelinePanel()
    .title('Worst check of each model')
    .description('A gap is a time without a verdict: neither healthy nor in breach.')
    .datasource(PROMETHEUS)
    .unit(units.Short)
    .span(24)
    .height(7)
    .noValue('no verdict')
    .withTarget(query('A', { expr: `max by (model) (${ofModels('check_status')})`, legend: '{{model}}' }))
    .mappings(STATUS_WORDS)
    .thresholds(STATUS_STEPS)
    .colorScheme(BY_THRESHOLD)
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.8)
    .lineWidth(0);
}
