import type { Baseline } from '../baseline/bins.ts';
import type { ModelConfig } from '../config/config.ts';
import { type DataQuestion, type RateQuestion, ratesOf } from '../judge/data-checks.ts';
import { DATA_SHARE } from '../judge/evidence/family.ts';
import { windowsPerYear } from '../windows/calendar.ts';
import type { Window } from '../windows/window.ts';
import { featureCounts, type Reading } from './read.ts';
import type { Memory } from './recall.ts';

/** However large the budget is: not more often than in one window of a hundred. */
const MOST_CHANCE = 0.01;

/** What is asked about the data of one window: rates of every feature and of the prediction, columns, and the number of rows. */
export function dataQuestion(
  model: ModelConfig,
  baseline: Baseline,
  { window, reading, memory }: { window: Window; reading: Reading; memory: Memory },
): DataQuestion {
  const { columns, rows: baselineRows } = baseline.content;
  const { rows } = reading;
  const watched = columns.filter(({ name }) => model.drift.features[name]?.ignore !== true);
  const features = watched.flatMap((column) => {
    const counts = featureCounts(reading, baseline, column.name);
    return counts === null ? [] : ratesOf(column, counts, { rows, baselineRows });
  });
  return {
    rates: [...features, ...predictionRates(model, reading), ...versionRates(model, reading, baselineRows)],
    columns: { expected: watched.map(({ name }) => name), found: reading.features, rows, baselineRows },
    window: { ...window, rows: reading.payload?.answered ?? rows },
    requests: reading.payload,
    earlier: memory.earlier.map(({ record }) => ({
      start: Date.parse(record.window.start),
      end: Date.parse(record.window.end),
      rows: record.payload?.answered ?? record.rows,
    })),
    minRows: model.minRows,
    chance: Math.min(MOST_CHANCE, (DATA_SHARE * model.falseAlarmsPerYear) / windowsPerYear(model.window)),
  };
}

/** Rates of the prediction over all versions that have a baseline of it: what goes wrong with a column goes wrong for all. */
function predictionRates(model: ModelConfig, { versions }: Reading): readonly RateQuestion[] {
  const { prediction } = model;
  if (prediction === null) return [];
  const merged = new Map<string, RateQuestion>();
  const seen = new Set<string>();
  for (const { rows, prediction: own } of versions) {
    if (own === null) continue;
    const { baseline, counts } = own;
    const again = seen.has(baseline.version);
    seen.add(baseline.version);
    const column = { ...baseline.column, name: prediction.name };
    for (const rate of ratesOf(column, counts, { rows, baselineRows: baseline.rows })) {
      const sum = merged.get(rate.method) ?? {
        ...rate,
        count: 0,
        rows: 0,
        baselineCount: 0,
        baselineRows: 0,
      };
      merged.set(rate.method, {
        ...sum,
        count: sum.count + rate.count,
        rows: sum.rows + rate.rows,
        baselineCount: sum.baselineCount + (again ? 0 : rate.baselineCount),
        baselineRows: sum.baselineRows + (again ? 0 : rate.baselineRows),
      });
    }
  }
  return [...merged.values()];
}

/** Rows that do not tell which version answered them: as bad as rows without a value. */
function versionRates(model: ModelConfig, reading: Reading, baselineRows: number): readonly RateQuestion[] {
  const { version } = model.source;
  if (version === null) return [];
  const count = reading.versions.reduce((sum, each) => sum + (each.version === null ? each.rows : 0), 0);
  return [
    {
      subject: version,
      method: 'missing_rate',
      count,
      rows: reading.rows,
      baselineCount: 0,
      baselineRows,
    },
  ];
}
