import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { gridOf, numericBins } from '../../src/warehouse/edges.ts';
import type { CountRequest } from '../../src/warehouse/warehouse.ts';
import { distributionOf, type PlainRow, recount } from './warehouse-recount.ts';
import { categorical, numeric, type SeedTable, sourceOf, type WarehouseMaker } from './warehouse-seed.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const WORDS = ['', 'a', 'B', 'b', "o'c", 'x,y', '"', 'ü', '😀', 'null'];

const word = fc.option(fc.constantFrom(...WORDS), { freq: 6 });
const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(-1, -0, 0, 0.1, 0.30000000000000004, 0.3, 1, 1e-308, 5e-324, 1e308),
  },
  { weight: 2, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, null) },
);
const rising = fc
  .uniqueArray(
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 0.1, 0.3, 1)),
    {
      maxLength: 6,
      comparator: 'SameValueZero',
    },
  )
  .map((edges) => edges.map((edge) => edge + 0).sort((a, b) => a - b));

const row = fc.record({
  id: fc.option(fc.constantFrom('r1', 'r2', 'r3', 'r4'), { freq: 2 }),
  version: fc.option(fc.constantFrom('1', '2', '10'), { freq: 4 }),
  probe: fc.constantFrom('yes', 'no'),
  x: value,
  c: word,
});

const question = fc.record({
  rows: fc.array(row, { maxLength: 40 }),
  baseline: fc.array(word, { maxLength: 10 }),
  edges: fc.tuple(rising, rising),
  levels: fc.uniqueArray(fc.constantFrom(...WORDS), { maxLength: 6 }),
  other: fc.boolean(),
  window: fc.option(fc.tuple(fc.integer({ min: -1, max: 41 }), fc.integer({ min: -1, max: 41 }))),
  deduplicated: fc.boolean(),
  version: fc.constantFrom(null, 'all', '1', '2'),
  filtered: fc.boolean(),
});

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** Small tables with everything that goes wrong in them, against a recount in plain words. */
export function randomContract(make: WarehouseMaker): void {
  it('counts what a plain recount counts', async () => {
    await fc.assert(
      fc.asyncProperty(question, async (asked) => {
        const { tables, plain, request } = stage(asked);
        const warehouse = await make(tables);
        try {
          const { groups } = await warehouse.count(request);
          expect(groups).toEqual(recount(request, plain));
        } finally {
          await warehouse.close();
        }
      }),
      { numRuns: 25 },
    );
  });
  cutsContract(make);
}

/** Columns of three types whose values repeat, lie close together, or are no numbers. */
function cutsContract(make: WarehouseMaker): void {
  it('cuts columns where their sorted values say', async () => {
    const single = fc.float({ noDefaultInfinity: true });
    const columns = fc.record({
      bins: fc.integer({ min: 2, max: 25 }),
      rows: fc.array(fc.tuple(value, fc.option(single), fc.option(fc.integer({ min: -40, max: 40 }))), {
        maxLength: 300,
        size: 'max',
      }),
    });
    await fc.assert(
      fc.asyncProperty(columns, async ({ bins, rows }) => {
        const names = { x: 'double', s: 'single', i: 'integer' } as const;
        const warehouse = await make([{ name: 'main.random.cuts', columns: names, rows }]);
        try {
          const answer = await warehouse.bins({
            source: sourceOf('main.random.cuts'),
            window: null,
            columns: Object.keys(names).map((name) => ({ name, from: name, kind: 'numeric' })),
            bins,
            minLevelRows: 1,
            maxLevels: 1,
          });
          const wanted = Object.values(names).map((type, index) =>
            numericBins(
              gridOf(bins),
              distributionOf(
                rows.map((row) => row[index] ?? null),
                bins,
                type === 'single',
              ),
            ),
          );
          expect(answer.rows).toBe(rows.length);
          expect(Object.values(answer.bins)).toEqual(wanted);
        } finally {
          await warehouse.close();
        }
      }),
      { numRuns: 10 },
    );
  });
}

function stage(asked: Question): {
  readonly tables: readonly SeedTable[];
  readonly plain: { readonly [name: string]: readonly PlainRow[] };
  readonly request: CountRequest;
} {
  // Every row has a time of its own: which of two rows at one time counts is left to the engine.
  const rows = asked.rows.map((values, index) => ({ ...values, at: START + index }));
  const baseline = asked.baseline.map((c) => ({ level: c }));
  const levels = categorical(asked.levels, asked.other);
  const levelsIn = { source: sourceOf('main.random.baseline'), column: 'level' };
  const [start, end] = asked.window ?? [0, 0];
  const request: CountRequest = {
    source: sourceOf('main.random.rows', {
      timestamp: 'at',
      version: asked.version === null ? null : 'version',
      onlyVersion: asked.version === 'all' ? null : asked.version,
      requestId: asked.deduplicated ? 'id' : null,
      where: asked.filtered ? { column: 'probe', equals: 'no' } : null,
    }),
    window:
      asked.window === null
        ? null
        : { start: START + Math.min(start, end), end: START + Math.max(start, end) },
    columns: [
      { name: 'x', from: 'x', bins: numeric(asked.edges[0]), levelsIn: null },
      { name: 'x again', from: 'x', bins: numeric(asked.edges[1]), levelsIn: null },
      { name: 'c', from: 'c', bins: levels, levelsIn: asked.other ? levelsIn : null },
      { name: 'c again', from: 'c', bins: categorical(asked.levels.slice(1)), levelsIn: null },
    ],
  };
  return {
    request,
    plain: { 'main.random.rows': rows, 'main.random.baseline': baseline },
    tables: [
      {
        name: 'main.random.rows',
        columns: { at: 'timestamp', id: 'text', version: 'text', probe: 'text', x: 'double', c: 'text' },
        rows: rows.map(({ at, id, version, probe, x, c }) => [
          new Date(at).toISOString(),
          id,
          version,
          probe,
          x,
          c,
        ]),
      },
      {
        name: 'main.random.baseline',
        columns: { level: 'text' },
        rows: asked.baseline.map((level) => [level]),
      },
    ],
  };
}
