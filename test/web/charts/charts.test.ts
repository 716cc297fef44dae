import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VERDICTS } from '../../../src/judge/verdict.ts';
import { bullet } from '../../../src/web/charts/bullet.ts';
import { spread } from '../../../src/web/charts/end-labels.ts';
import { histogram } from '../../../src/web/charts/histogram.ts';
import type { SeriesPoint } from '../../../src/web/charts/series-path.ts';
import { shape } from '../../../src/web/charts/shapes.ts';
import { type SeriesData, timeSeries } from '../../../src/web/charts/time-series.ts';
import { timeline } from '../../../src/web/charts/timeline.ts';
import { type Element, find, parseMarkup, textOf } from '../markup.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-10-05T00:00:00Z');

function point(day: number, value: number | null, more: Partial<SeriesPoint> = {}): SeriesPoint {
  const start = START + day * DAY;
  return {
    start,
    end: start + DAY,
    value,
    noiseFloor: 0.01,
    verdict: value === null ? 'stale' : 'ok',
    ...more,
  };
}

function series(points: readonly SeriesPoint[], changes: Partial<SeriesData> = {}): Element {
  const data = { measure: 'PSI', points, others: [], warn: 0.1, breach: 0.25, marks: [], ...changes };
  return parseMarkup(timeSeries({ id: 'c', subject: 'income' }, data).text);
}

function tableOf(root: Element): readonly (readonly string[])[] {
  return find(root, 'tr').map((row) => row.children.map(textOf));
}

function numbers(text: string | undefined): readonly number[] {
  return [...(text ?? '').matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number));
}

describe('every drawing', () => {
  const drawings: readonly (readonly [string, string])[] = [
    [
      'histogram',
      histogram(
        { id: 'c', subject: 'x' },
        { edges: [1], labels: ['a', 'b'], baseline: [1, 2], window: [2, 1] },
      ).text,
    ],
    [
      'time series',
      timeSeries(
        { id: 'c', subject: 'x' },
        { measure: 'PSI', points: [point(0, 0.1)], others: [], warn: null, breach: null, marks: [] },
      ).text,
    ],
    [
      'time series of nothing',
      timeSeries(
        { id: 'c', subject: 'x' },
        { measure: 'PSI', points: [], others: [], warn: 0.1, breach: 0.2, marks: [] },
      ).text,
    ],
    [
      'bullet',
      bullet('c', {
        measure: 'psi',
        value: 0.1,
        lower: null,
        upper: null,
        noiseFloor: null,
        warn: null,
        breach: null,
        verdict: 'ok',
      }).text,
    ],
    ['timeline', timeline('c', 400, { span: [0, 10], lanes: [{ name: 'm', windows: [], marks: [] }] }).text],
  ];

  test.each(drawings)('%s is a picture with a name and a description', (_, markup) => {
    const [svg] = find(parseMarkup(markup), 'svg');
    expect(svg?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'c-t c-d' });
    expect(svg?.attributes['viewBox']).toMatch(/^0 0 \d+ \d+$/);
    const [title, desc] = (svg?.children ?? []) as readonly Element[];
    expect([title?.name, title?.attributes['id'], desc?.name, desc?.attributes['id']]).toEqual([
      'title',
      'c-t',
      'desc',
      'c-d',
    ]);
    expect(textOf(title ?? '')).not.toBe('');
    expect(textOf(desc ?? '')).not.toBe('');
  });

  test.each(drawings)('%s has no number that is not finite and no style of its own', (_, markup) => {
    expect(markup).not.toMatch(/NaN|Infinity|undefined|style=/);
  });
});

describe('histogram', () => {
  const cells = {
    edges: [10, 20],
    labels: ['(-inf, 10]', '(10, 20]', '(20, inf)', 'missing'],
    baseline: [50, 30, 20, 0],
    window: [15, 15, 60, 10],
  };
  const root = parseMarkup(histogram({ id: 'h', subject: 'income' }, cells).text);

  test('bars are as high as their share of the baseline', () => {
    const heights = find(root, 'rect', 'baseline')
      .slice(0, 4)
      .map((bar) => Number(bar.attributes['height']));
    expect((heights[1] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(0.6, 1);
    expect(heights[3]).toBe(0);
  });

  test('intervals share one stepped line, the special cell has its own frame', () => {
    const d = find(root, 'path', 'window')[0]?.attributes['d'] ?? '';
    expect(d.match(/M/g)).toHaveLength(2);
    expect(d.match(/H/g)).toHaveLength(4);
  });

  test('both sides are shares: a hundredth of the window draws the same outline', () => {
    const small = { ...cells, window: cells.window.map((count) => count / 10) };
    const other = parseMarkup(histogram({ id: 'h', subject: 'income' }, small).text);
    expect(find(other, 'path', 'window')[0]).toEqual(find(root, 'path', 'window')[0]);
  });

  test('says where the largest change is and lists every cell', () => {
    expect(textOf(find(root, 'desc')[0] ?? '')).toContain(
      'largest change is in (20, inf): 20 % in the baseline, 60 %',
    );
    expect(tableOf(root)).toEqual([
      ['cell', 'baseline rows', 'window rows', 'baseline', 'window'],
      ['(-inf, 10]', '50', '15', '50 %', '15 %'],
      ['(10, 20]', '30', '15', '30 %', '15 %'],
      ['(20, inf)', '20', '60', '20 %', '60 %'],
      ['missing', '0', '10', '0 %', '10 %'],
    ]);
  });

  test('an empty window is flat, not broken', () => {
    const empty = parseMarkup(histogram({ id: 'h', subject: 'x' }, { ...cells, window: [0, 0, 0, 0] }).text);
    expect(tableOf(empty)[1]).toEqual(['(-inf, 10]', '50', '0', '50 %', '0 %']);
  });

  test.each([
    [24, 24, false],
    [25, 24, true],
  ])('%d categories are drawn as %d, and all stand in the table', (count, drawn, folded) => {
    const many = Array.from({ length: count }, (_, index) => index + 1);
    const labels = many.map((index) => `level ${index}`);
    const figure = parseMarkup(
      histogram({ id: 'h', subject: 'x' }, { edges: null, labels, baseline: many, window: many }).text,
    );
    expect(find(figure, 'g', 'cell')).toHaveLength(drawn);
    expect(textOf(figure).includes('2 more')).toBe(folded);
    expect(tableOf(figure)).toHaveLength(count + 1);
  });

  test('everything stays inside the drawing, whatever the counts', () => {
    const count = fc.nat({ max: 1e9 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        (pairs, numeric) => {
          const data = {
            edges: numeric ? pairs.slice(1).map((_, index) => index * 1.5) : null,
            labels: pairs.map((_, index) => `c${index}`),
            baseline: pairs.map(([before]) => before),
            window: pairs.map(([, after]) => after),
          };
          const figure = parseMarkup(histogram({ id: 'h', subject: 'x' }, data).text);
          for (const bar of find(figure, 'rect', 'baseline')) {
            const { x, y, width, height } = bar.attributes;
            expect(Number(x)).toBeGreaterThanOrEqual(0);
            expect(Number(x) + Number(width)).toBeLessThanOrEqual(400);
            expect(Number(y) + Number(height)).toBeLessThanOrEqual(210);
            expect(Math.min(Number(y), Number(height), Number(width))).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('time series', () => {
  const pieces = (root: Element): number =>
    (find(root, 'path', 'value')[0]?.attributes['d'] ?? '').split('M').length - 1;

  test('the line is whole while one window follows another', () => {
    expect(pieces(series([point(0, 0.01), point(1, 0.02), point(2, 0.01)]))).toBe(1);
  });

  test('it is broken where a window was never evaluated', () => {
    expect(pieces(series([point(0, 0.01), point(1, 0.02), point(3, 0.01)]))).toBe(2);
  });

  test('it is broken and the window hatched where there was no number', () => {
    const root = series([point(0, 0.01), point(1, null), point(2, 0.01)]);
    expect(pieces(root)).toBe(2);
    const [hatched] = find(root, 'rect', 'unknown');
    expect(textOf(hatched ?? '')).toBe('stale');
    expect(hatched?.attributes['fill']).toBe(`url(#${find(root, 'pattern')[0]?.attributes['id'] ?? ''})`);
  });

  test('limits are lines of their own kind, named at the right end with the value and the noise floor', () => {
    const root = series([point(0, 0.01), point(1, 0.3, { verdict: 'breach' })]);
    expect(find(root, 'line', 'limit', 'warn')).toHaveLength(1);
    expect(find(root, 'line', 'limit', 'breach')).toHaveLength(1);
    expect(find(root, 'text', 'end').map(textOf)).toEqual(['0.3', 'breach 0.25', 'warn 0.1', 'noise 0.01']);
  });

  test('a value between the limits is drawn between them', () => {
    const root = series([point(0, 0.01), point(1, 0.17)]);
    const [warn] = find(root, 'line', 'limit', 'warn');
    const [breach] = find(root, 'line', 'limit', 'breach');
    const last = numbers(find(root, 'path', 'value')[0]?.attributes['d']).at(-1) ?? 0;
    expect(last).toBeLessThan(Number(warn?.attributes['y1']));
    expect(last).toBeGreaterThan(Number(breach?.attributes['y1']));
  });

  test('windows in warn and in breach carry the shape of their verdict', () => {
    const root = series([
      point(0, 0.01),
      point(1, 0.2, { verdict: 'warn' }),
      point(2, 0.3, { verdict: 'breach' }),
      point(3, 0.01),
    ]);
    expect(find(root, 'path', 's-warn')).toHaveLength(1);
    expect(find(root, 'rect', 's-breach')).toHaveLength(1);
  });

  test('events inside the span are drawn, others are not', () => {
    const marks = [
      { at: START + DAY, text: 'rollback' },
      { at: START - DAY, text: 'too early' },
    ];
    const words = textOf(series([point(0, 0.01), point(1, 0.02)], { marks }));
    expect(words).toContain('rollback');
    expect(words).not.toContain('too early');
  });

  test('says the latest, the highest and the limits; the newest window is first in the table', () => {
    const root = series([point(0, 0.4, { verdict: 'breach' }), point(1, 0.02)]);
    expect(textOf(find(root, 'desc')[0] ?? '')).toBe(
      '2 of 2 windows have a value. The latest is 0.02 (ok), the highest 0.4. Warn beyond 0.1. Breach beyond 0.25. Noise floor 0.01.',
    );
    expect(tableOf(root)[1]).toEqual(['2026-10-07 00:00', '0.02', '0.01', 'ok']);
  });
});

describe('other lines', () => {
  const bad = [point(1, 0.3, { verdict: 'breach' }), point(2, 0.9, { verdict: 'breach' })];
  const root = series([point(0, 0.01), point(3, 0.02)], { others: [{ label: 'v7', points: bad }] });

  test('are drawn with the shapes of their verdicts, named, and never as the line itself', () => {
    expect(find(root, 'path', 'other')[0]?.attributes['d']).toMatch(/^M[\d.]+,[\d.]+L[\d.]+,[\d.]+$/);
    expect(find(root, 'rect', 's-breach')).toHaveLength(2);
    expect(find(root, 'text', 'other-name').map(textOf)).toEqual(['v7']);
  });

  test('are told in words and in the table', () => {
    expect(textOf(find(root, 'desc')[0] ?? '')).toMatch(/v7: highest 0\.9\.$/);
    expect(tableOf(root).map((row) => [row[0], row.at(-1)])).toEqual([
      ['window end', 'line'],
      ['2026-10-09 00:00', ''],
      ['2026-10-08 00:00', 'v7'],
      ['2026-10-07 00:00', 'v7'],
      ['2026-10-06 00:00', ''],
    ]);
  });

  test('may be older than the line: the drawing has room for both', () => {
    const early = series([point(9, 0.01)], {
      others: [{ label: 'v1', points: [point(0, 0.02), point(1, 0.02)] }],
    });
    for (const x of numbers(find(early, 'path', 'other')[0]?.attributes['d'])) expect(x).toBeGreaterThan(0);
  });
});

describe('labels at the end of lines', () => {
  const label = (y: number) => ({ y, text: String(y), kind: 'value' as const });

  test('stay where they are when there is room', () => {
    expect(spread([label(20), label(50)], 0, 100).map(({ y }) => y)).toEqual([20, 50]);
  });

  test('keep their order, at least 12 apart and inside', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 250, noNaN: true }), { maxLength: 5 }), (places) => {
        const put = spread(places.map(label), 0, 180);
        const names = put.map(({ text }) => Number(text));
        expect(names).toEqual([...names].sort((a, b) => a - b));
        for (const [index, { y }] of put.entries()) {
          expect(y).toBeGreaterThanOrEqual(-1e-9);
          expect(y).toBeLessThanOrEqual(180);
          if (index > 0) expect(y - (put[index - 1]?.y ?? 0)).toBeGreaterThanOrEqual(12 - 1e-9);
        }
      }),
    );
  });
});

describe('bullet', () => {
  const data = {
    measure: 'psi',
    value: 0.2,
    lower: 0.15,
    upper: 0.24,
    noiseFloor: 0.02,
    warn: 0.1,
    breach: 0.3,
    verdict: 'warn' as const,
  };
  const draw = (changes: Partial<typeof data>): Element =>
    parseMarkup(bullet('b', { ...data, ...changes }).text);

  test('noise, warn, value and breach lie in the order of their numbers', () => {
    const root = draw({});
    const noise = Number(find(root, 'rect', 'noise')[0]?.attributes['width']);
    const warn = Number(find(root, 'line', 'limit-mark', 'warn')[0]?.attributes['x1']);
    const value = numbers(find(root, 'path', 's-warn')[0]?.attributes['d'])[0] ?? 0;
    const breach = Number(find(root, 'line', 'limit-mark', 'breach')[0]?.attributes['x1']);
    expect([noise, warn, value, breach]).toEqual([noise, warn, value, breach].sort((a, b) => a - b));
  });

  test.each([
    [0.99, 0],
    [1, 0],
    [1.01, 1],
  ])('of a line that ends at 1 the value %d has %d arrows beyond', (value, arrows) => {
    expect(find(draw({ value, breach: 0.75 }), 'path', 'beyond')).toHaveLength(arrows);
  });
});

describe('timeline', () => {
  const lanes = [
    {
      name: 'credit',
      windows: VERDICTS.map((verdict, index) => ({
        start: START + index * DAY,
        end: START + (index + 1) * DAY,
        verdict,
      })),
      marks: [
        { at: START + 2 * DAY, text: 'rollback v7 to v6' },
        { at: START - DAY, text: 'long ago' },
      ],
    },
  ];
  const root = parseMarkup(timeline('t', 400, { lanes, span: [START, START + 7 * DAY] }).text);
  const height = (verdict: string): number =>
    Number(find(root, 'rect', `b-${verdict}`)[0]?.attributes['height']);

  test('the worse the verdict, the taller the bar; unknown is hatched', () => {
    expect(height('ok')).toBeLessThan(height('warn'));
    expect(height('warn')).toBeLessThan(height('breach'));
    const hatched = find(root, 'rect').filter((bar) => bar.attributes['fill'] === 'url(#t-h)');
    expect(hatched.map(({ attributes }) => attributes['class'])).toEqual([
      'b-insufficient',
      'b-no_data',
      'b-stale',
      'b-error',
    ]);
  });

  test('tells in words what it draws', () => {
    expect(textOf(find(root, 'desc')[0] ?? '')).toBe(
      'credit: 7 windows, 1 breach, 1 warn, 4 unknown; rollback v7 to v6.',
    );
    expect(textOf(root)).not.toContain('long ago');
  });
});

test('no two verdicts have the same shape', () => {
  const outlines = VERDICTS.map((verdict) =>
    shape(verdict, { x: 5, y: 5, size: 5 }).text.replaceAll(/s-(ok|warn|breach|error|unknown)/g, ''),
  );
  expect(new Set(outlines).size).toBe(VERDICTS.length);
});
