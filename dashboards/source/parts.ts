import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { type FamilyName, fullName } from '../../src/metrics/families.ts';

export type PanelSource = Builder<Panel>;

/** The Prometheus that the viewer chose. */
export const PROMETHEUS = { type: 'prometheus', uid: '${datasource}' };

const TARGET = 'job=~"$job", instance=~"$instance"';

/** A selector of one of our families, always narrowed to the chosen job and instance. A name we do not have does not compile. */
export function ours(name: FamilyName, matchers = ''): string {
  return selector(fullName(name), matchers);
}

/** The same for a series of a histogram, or one that Node exposes. */
export function selector(metric: string, matchers = ''): string {
  return `${metric}{${TARGET}${matchers === '' ? '' : `, ${matchers}`}}`;
}

/** A selector of a family that has the label `model`, narrowed to the chosen models. */
export function ofModels(name: FamilyName, matchers = ''): string {
  return ours(name, `model=~"$model"${matchers === '' ? '' : `, ${matchers}`}`);
}

export interface QueryText {
  readonly expr: string;
  readonly legend?: string;
}

export function query(refId: string, { expr, legend = '' }: QueryText): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).refId(refId).expr(expr).legendFormat(legend);
}

/** A query for tables and single numbers: the newest value, not the whole range. */
export function instant(refId: string, expr: string): DataqueryBuilder {
  return query(refId, { expr }).instant();
}

export function tableQuery(refId: string, expr: string): DataqueryBuilder {
  return instant(refId, expr).format(PromQueryFormat.Table);
}

/** Colours from a value on; null is the lowest. */
export function steps(...list: readonly (readonly [number | null, string])[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(list.map(([value, color]) => ({ value, color })));
}

export const BY_THRESHOLD = new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

/** The words for `driftwarden_check_status`; state is told by the word, colour only repeats it. */
export const STATUS_WORDS = [
  {
    type: MappingType.ValueToText as const,
    options: {
      '0': { text: 'OK', color: 'green', index: 0 },
      '1': { text: 'Warning', color: 'orange', index: 1 },
      '2': { text: 'Breach', color: 'red', index: 2 },
    },
  },
];
export const STATUS_STEPS = steps([null, 'green'], [1, 'orange'], [2, 'red']);

interface VariableText {
  readonly name: string;
  readonly label: string;
  readonly query: string;
}

function queryVariable({ name, label, query: text }: VariableText): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(text)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Any number of values, all of them at first. */
export function manyOf(text: VariableText): QueryVariableBuilder {
  return queryVariable(text)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** Exactly one value. */
export function oneOf(text: VariableText, first: string): QueryVariableBuilder {
  return queryVariable(text)
    .multi(false)
    .includeAll(false)
    .current({ selected: true, text: first, value: first });
}

export interface PanelText {
  readonly title: string;
  /** Shown behind the small i: what it means, and what to do with it. */
  readonly description: string;
  readonly unit: string;
  readonly width: number;
}

export function stat(text: PanelText, expr: string): StatPanel {
  return new StatPanel()
    .title(text.title)
    .description(text.description)
    .datasource(PROMETHEUS)
    .unit(text.unit)
    .decimals(0)
    .span(text.width)
    .height(4)
    .noValue('no data')
    .withTarget(instant('A', expr));
}

export function lines(text: PanelText, queries: readonly QueryText[]): TimeSeriesPanel {
  const panel = new TimeSeriesPanel()
    .title(text.title)
    .description(text.description)
    .datasource(PROMETHEUS)
    .unit(text.unit)
    .span(text.width)
    .height(8)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .noValue('no data')
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
  for (const [at, text] of queries.entries()) panel.withTarget(query(String.fromCharCode(65 + at), text));
  return panel;
}
