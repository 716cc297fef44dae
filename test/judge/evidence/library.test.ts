import { describe, expect, test } from 'vitest';
import { adaptiveTables, clearestLookBack } from '../../../src/judge/evidence/adaptive.ts';
import { directions } from '../../../src/judge/evidence/directions.ts';
import {
  buildLibrary,
  libraryIdentity,
  rememberLibraries,
  tableContent,
} from '../../../src/judge/evidence/libraries.ts';
import { fixedAlternatives } from '../../../src/judge/evidence/library.ts';
import type { Memory } from '../../../src/judge/evidence/memory.ts';
import { polynomialScores } from '../../../src/judge/evidence/scores.ts';
import { type ConvexSet, distance } from '../../../src/judge/evidence/set.ts';
import { acceptTable, tableOf } from '../../../src/judge/evidence/table.ts';
import { tilt, tiltTo } from '../../../src/judge/evidence/tilt.ts';
import { DECILES, decileLibrary, draw, RISING, setOf, shares, uniforms } from './support.ts';
import { worstMean } from './worst-point.ts';

const SKEWED = setOf('psi', shares([46, 20, 12, 8, 6, 4, 2, 1, 0.5, 0.5, 0.001]), 0.1);

describe('directions', () => {
  test('of ten deciles: shapes and cells, each way, none twice', () => {
    const names = directions(DECILES.q, 10).map(({ name }) => name);
    expect(names).toContain('location up');
    expect(names).toContain('outer quarters down');
    expect(names).toContain('cell 10 down');
    expect(new Set(names).size).toBe(names.length);
    // The outer tenths of deciles are the end cells.
    expect(names).toContain('outer tenths up');
    expect(names).not.toContain('end cells up');
  });

  test('without an order: sharper, flatter, rarer, and every cell', () => {
    const names = directions(shares([50, 30, 15, 5]), 0).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['sharpness up', 'sharpness down', 'rarer half up', 'cell 2 down']),
    );
    expect(names).not.toContain('location up');
  });

  test('cells below 2 % are not watched for emptying', () => {
    const names = directions([0.97, 0.02, 0.01 - 1e-9, 1e-9], 0).map(({ name }) => name);
    expect(names).toContain('cell 2 down');
    expect(names).not.toContain('cell 3 down');
    expect(names).toContain('cell 4 up');
  });

  test('a single cell has none', () => {
    expect(directions([1], 1)).toEqual([]);
    expect(buildLibrary({ set: setOf('psi', [1], 0.1), ordered: 1 }).names).toHaveLength(4);
  });

  test('scores are orthonormal under the baseline', () => {
    const scores = polynomialScores(SKEWED.q, 4);
    expect(scores).toHaveLength(4);
    for (const [i, left] of scores.entries()) {
      for (const [j, right] of scores.entries()) {
        const product = SKEWED.q.reduce(
          (sum, share, cell) => sum + share * (left[cell] ?? 0) * (right[cell] ?? 0),
          0,
        );
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-9);
      }
    }
  });
});

describe('tilts', () => {
  test('keep special cells as they are, and reach their size', () => {
    const q = [0.3, 0.3, 0.3, 0.1];
    const p = tilt(q, [1, 2, 3], 0.5);
    expect(p[3]).toBe(0.1);
    expect(p.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    const far = tiltTo(setOf('psi', q, 0.1), [1, 2, 3], 0.3);
    expect(distance(setOf('psi', q, 0.1), far ?? q)).toBeCloseTo(0.3, 2);
  });

  test('a size that cannot be reached has none', () => {
    expect(tiltTo(setOf('ks', [0.5, 0.5], 0.1), [0, 1], 0.6)).toBeNull();
    expect(tiltTo(setOf('psi', [0.5, 0.5], 0.1), [1, 1], 0.2)).toBeNull();
  });
});

describe('the fixed tables', () => {
  const sets: readonly (readonly [string, ConvexSet, number])[] = [
    ['deciles', DECILES, 10],
    ['a skewed baseline with a rare special cell', SKEWED, 10],
    ['categories', setOf('psi', shares([40, 25, 15, 10, 5, 3, 1, 0.001, 0.001]), 0.1), 0],
    ['Jensen-Shannon', { ...DECILES, kind: 'js', limit: 0.133 }, 10],
    ['KS', { ...DECILES, kind: 'ks', limit: 0.126 }, 10],
    ['total variation', { ...DECILES, kind: 'tv', limit: 0.126 }, 10],
    ['L-infinity', { ...DECILES, kind: 'linf', limit: 0.05 }, 10],
    ['a rate', setOf('rate', [0.99, 0.01], 0.02), 0],
    ['a mean loss', { kind: 'mean_loss', q: shares([80, 15, 5]), limit: 0.6, losses: [0, 1, 5] }, 0],
  ];

  test.each(sets)('of %s are many, certified, and beyond the limit', (_, set, ordered) => {
    const fixed = fixedAlternatives({ set, ordered });
    expect(fixed.length).toBeGreaterThanOrEqual(set.q.length < 4 ? 4 : 40);
    for (const { p1, table } of fixed) {
      expect(distance(set, p1)).toBeGreaterThan(set.limit);
      expect(() => acceptTable(set, table)).not.toThrow();
      const worst = worstMean(set, {
        ratio: table.logRatio.map((value) => Math.exp(value)),
        targets: [p1],
        uniform: uniforms(3),
        steps: 0,
      });
      expect(worst).toBeLessThanOrEqual(1);
    }
  });

  test('none is left with a cell that a single row would end', () => {
    for (const { table } of fixedAlternatives({ set: SKEWED, ordered: 10 }))
      expect(Math.min(...table.logRatio)).toBeGreaterThan(-7);
  });

  test('are printed with everything that recomputes them', () => {
    const content = tableContent({ set: DECILES, ordered: 10 });
    expect(content.tables).toHaveLength(buildLibrary({ set: DECILES, ordered: 10 }).names.length - 4);
    for (const { ratio, x, multipliers, dual, p1, logRatio, name } of content.tables) {
      const again = tableOf({ p0: p1, ratio, x, multipliers, dual });
      expect(again.logRatio, name).toEqual(logRatio);
    }
    expect(JSON.parse(JSON.stringify(content))).toEqual(content);
  });
});

describe('a library', () => {
  test('has weights that sum to one, with and without a fitted tilt', () => {
    for (const library of [
      buildLibrary({ set: DECILES, ordered: 10 }),
      buildLibrary({ set: SKEWED, ordered: 0 }),
    ]) {
      const sum = library.logShares.reduce((total, value) => total + Math.exp(value), 0);
      expect(sum).toBeCloseTo(1, 12);
      expect(library.logShares).toHaveLength(library.names.length);
    }
  });

  test('is built once, and anew for another limit', () => {
    const libraries = rememberLibraries();
    const question = { set: DECILES, ordered: 10 };
    expect(libraries(question)).toBe(libraries({ ...question }));
    expect(libraries({ ...question, set: { ...DECILES, limit: 0.2 } })).not.toBe(libraries(question));
    expect(libraryIdentity(question)).not.toBe(libraryIdentity({ ...question, ordered: 0 }));
  });
});

describe('adaptive tables', () => {
  const uniform = uniforms(8);
  const drifted: Memory = [{ windows: 1, counts: draw(2000, RISING, uniform) }];
  const calm: Memory = [{ windows: 1, counts: draw(2000, DECILES.q, uniform) }];

  test('are not made while no look-back lies beyond the limit', () => {
    expect(adaptiveTables(decileLibrary(), [])).toEqual([null, null, null, null]);
    expect(adaptiveTables(decileLibrary(), calm)).toEqual([null, null, null, null]);
  });

  test('bet on what the memory saw, and are valid whatever it saw', () => {
    const tables = adaptiveTables(decileLibrary(), drifted);
    expect(tables.every((table) => table !== null)).toBe(true);
    for (const table of tables) {
      const logRatio = table ?? [];
      const growth = RISING.reduce((sum, share, cell) => sum + share * (logRatio[cell] ?? 0), 0);
      expect(growth).toBeGreaterThan(0);
      const worst = worstMean(DECILES, {
        ratio: logRatio.map((value) => Math.exp(value)),
        targets: [RISING],
        uniform: uniforms(3),
        steps: 40,
      });
      expect(worst).toBeLessThanOrEqual(1);
    }
  });

  test('look back over the windows that speak most clearly', () => {
    const memory: Memory = [drifted[0] ?? { windows: 1, counts: [] }, ...calm, ...calm, ...calm];
    expect(clearestLookBack(DECILES, memory)?.windows).toBe(1);
    const twice: Memory = [...drifted, { windows: 1, counts: draw(2000, RISING, uniform) }, ...calm];
    expect(clearestLookBack(DECILES, twice)?.windows).toBe(2);
  });

  test('without an order there is no fitted tilt', () => {
    const library = buildLibrary({ set: DECILES, ordered: 0 });
    const [recent, shrunk, fitted, largest] = adaptiveTables(library, drifted);
    expect(fitted).toBeNull();
    expect([recent, shrunk, largest].every((table) => table !== null)).toBe(true);
  });
});
