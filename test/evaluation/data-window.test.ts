import { describe, expect, test } from 'vitest';
import type { Baseline, BaselineColumn, CellCounts } from '../../src/baseline/bins.ts';
import { dataQuestion } from '../../src/evaluation/data-window.ts';
import type { Reading, VersionRows } from '../../src/evaluation/read.ts';
import type { Memory } from '../../src/evaluation/recall.ts';
import { aModel } from '../rollback/support.ts';

const DAY = 86_400_000;
const counts = (cells: number[], rest: Partial<CellCounts> = {}): CellCounts => ({
  cells,
  missing: 0,
  nonFinite: 0,
  other: 0,
  unseen: 0,
  ...rest,
});
const numeric = { kind: 'numeric' as const, edges: [1], coarseEdges: [1] };
const income: BaselineColumn = { name: 'income', bins: numeric, counts: counts([480, 510], { missing: 10 }) };
const purpose: BaselineColumn = {
  name: 'purpose',
  bins: { kind: 'categorical', levels: ['car'], other: false },
  counts: counts([1000]),
};
const score = (version: string, rows: number, missing: number) => ({
  version,
  rows,
  column: { name: 'score', bins: numeric, counts: counts([rows - missing, 0], { missing }) },
});
const baseline = {
  id: 'bl-1',
  content: { rows: 1000, columns: [income, purpose], predictions: [score('1', 600, 6), score('2', 400, 0)] },
} as unknown as Baseline;

const version = (name: string | null, rows: number, fields: Partial<VersionRows> = {}): VersionRows => ({
  version: name,
  rows,
  features: {
    income: counts([rows - 2, 0], { missing: 2 }),
    purpose: counts([rows - 1], { unseen: 1 }),
  },
  prediction: null,
  ...fields,
});
const predicted = (of: string, rows: number, missing: number) => {
  const own = baseline.content.predictions.find((candidate) => candidate.version === of);
  if (own === undefined) throw new Error(`no version ${of}`);
  return { prediction: { baseline: own, counts: counts([rows - missing, 0], { missing }) } };
};
const reading = {
  baseline,
  features: ['income', 'purpose'],
  versions: [
    version('1', 100, predicted('1', 100, 3)),
    version('2', 50, predicted('2', 50, 0)),
    version(null, 7),
  ],
  rows: 157,
} as unknown as Reading;
const memory = {
  earlier: [
    { record: { window: { start: '2026-03-01T00:00:00.000Z', end: '2026-03-02T00:00:00.000Z' }, rows: 150 } },
  ],
} as unknown as Memory;
const start = Date.parse('2026-03-08T00:00:00.000Z');
const model = aModel(
  {},
  {
    source: { ...aModel().source, version: 'model_version' },
    prediction: { name: 'score', kind: 'numeric' } as never,
    window: { kind: 'fixed', milliseconds: DAY },
    falseAlarmsPerYear: 1,
    minRows: 200,
  },
);
const asked = (changed: Partial<Reading> = {}, configured = model) =>
  dataQuestion(configured, baseline, {
    window: { start, end: start + DAY },
    reading: { ...reading, ...changed },
    memory,
  });
const rateOf = (subject: string, method: string, question = asked()) =>
  question.rates.find((rate) => rate.subject === subject && rate.method === method);

describe('what is asked about the data of a window', () => {
  test('features are counted over all versions', () => {
    expect(rateOf('income', 'missing_rate')).toMatchObject({
      count: 6,
      rows: 157,
      baselineCount: 10,
      baselineRows: 1000,
    });
    expect(rateOf('purpose', 'unseen_rate')).toMatchObject({ count: 3, rows: 157 });
  });

  test('the prediction over the versions that have a baseline of it, each baseline once', () => {
    expect(rateOf('score', 'missing_rate')).toMatchObject({
      count: 3,
      rows: 150,
      baselineCount: 6,
      baselineRows: 1000,
    });
    const shared = [version('3', 100, predicted('1', 100, 3)), version('4', 100, predicted('1', 100, 4))];
    expect(rateOf('score', 'missing_rate', asked({ versions: shared }))).toMatchObject({
      count: 7,
      rows: 200,
      baselineCount: 6,
      baselineRows: 600,
    });
  });

  test('rows without a version are rows without a value, where there is a version to tell', () => {
    expect(rateOf('model_version', 'missing_rate')).toMatchObject({ count: 7, rows: 157, baselineCount: 0 });
    const without = { ...model, source: { ...model.source, version: null } };
    expect(asked({}, without).rates.map(({ subject }) => subject)).not.toContain('model_version');
  });

  test('a model without a prediction has no rates of one', () => {
    expect(rateOf('score', 'missing_rate', asked({}, { ...model, prediction: null }))).toBeUndefined();
  });

  test('ignored features are neither asked for nor expected', () => {
    const ignoring = {
      ...model,
      drift: { ...model.drift, features: { purpose: { ignore: true, psi: null, ks: null } } },
    };
    const { columns, rates } = asked({ features: ['income'] }, ignoring);
    expect(columns).toMatchObject({ expected: ['income'], found: ['income'] });
    expect(rates.map(({ subject }) => subject)).not.toContain('purpose');
  });

  test('the budget: a tenth of it, per window, and never more than one in a hundred', () => {
    expect(asked().chance).toBeCloseTo(0.1 / 365.25, 12);
    expect(asked({}, { ...model, falseAlarmsPerYear: 1000 }).chance).toBe(0.01);
  });

  test('earlier windows are what was counted then', () => {
    expect(asked().earlier).toEqual([
      {
        start: Date.parse('2026-03-01T00:00:00.000Z'),
        end: Date.parse('2026-03-02T00:00:00.000Z'),
        rows: 150,
      },
    ]);
    expect(asked().window).toEqual({ start, end: start + DAY, rows: 157 });
  });
});
