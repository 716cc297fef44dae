import { expect, test } from 'vitest';
import { groupingLabels, nameFaults, selectorsIn } from './promql.ts';

test('selectors are found with their matchers, label values are no names', () => {
  const expression =
    'max by (model) (driftwarden_check_status{job=~"$job", check="driftwarden_x"}) * on (model) model:driftwarden_owner:info';
  expect(selectorsIn(expression)).toEqual([
    { metric: 'driftwarden_check_status', matchers: ['job', 'check'] },
    { metric: 'model:driftwarden_owner:info', matchers: [] },
  ]);
  expect(groupingLabels(expression)).toEqual(['model', 'model']);
});

test.each([
  ['driftwarden_check_statuses', 'driftwarden_check_statuses is not in the catalogue'],
  ['driftwarden_slo_events_total', 'driftwarden_slo_events_total is not exposed by this version'],
  ['driftwarden_check_status{feature="x"}', 'driftwarden_check_status has no label feature'],
  ['sum by (desk) (driftwarden_check_status)', 'nothing in the expression has a label desk'],
  ['model:driftwarden_gone:info', 'model:driftwarden_gone:info is not in the catalogue'],
  ['driftwarden_check_status_bucket', 'driftwarden_check_status_bucket is not in the catalogue'],
])('a wrong name is a fault: %s', (expression, fault) => {
  expect(nameFaults(expression)).toEqual([fault]);
});

test.each([
  'sum by (le) (rate(driftwarden_source_query_duration_seconds_bucket{source="duckdb"}[5m]))',
  'max without (instance, pod) (driftwarden_check_status{check_kind="data"})',
])('right names are no fault: %s', (expression) => {
  expect(nameFaults(expression)).toEqual([]);
});
