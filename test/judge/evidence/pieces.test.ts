import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BaselineColumn, CellCounts } from '../../../src/baseline/bins.ts';
import { allCells, baselineRowsMissing, orderedCells, setAround } from '../../../src/judge/evidence/cells.ts';
import { projectImpactRatio } from '../../../src/judge/evidence/project-impact-ratio.ts';
import { oddsInWords, windowsInWords } from '../../../src/judge/evidence/reasons.ts';
import { startRecovery } from '../../../src/judge/evidence/recovery.ts';
import { severalVerdict } from '../../../src/judge/evidence/several.ts';
import { DECILES } from './support.ts';

describe('numbers in sentences', () => {
  test.each([
    [-0.1, 'less than 1 to 1'],
    [0, '1 to 1'],
    [Math.log(3.456), '3.46 to 1'],
    [Math.log(36_525), '36 500 to 1'],
    [Math.log(61_049), '61 000 to 1'],
    [Math.log(999_999), '1 000 000 to 1'],
    [Math.log(1_000_001), 'more than a million to 1'],
    [400, 'more than a million to 1'],
  ])('ln %d is "%s"', (logOdds, words) => {
    expect(oddsInWords(logOdds)).toBe(words);
  });

  test('windows are counted in words up to ten', () => {
    expect([1, 3, 10, 11, 1200].map(windowsInWords)).toEqual([
      'one window',
      'three windows',
      'ten windows',
      '11 windows',
      '1 200 windows',
    ]);
  });
});

describe('the subject "several"', () => {
  const member = (key: string, evidence: number, verdict: 'warn' | 'breach') => ({
    key,
    name: `PSI of ${key}`,
    logWeight: Math.log(0.1),
    open: {
      since: 5,
      verdict,
      together: { members: ['a', 'b'], evidence: Math.log(920), needed: Math.log(730.5) },
      evidence: Math.log(evidence),
      needed: Math.log(7305),
      alternative: 'location up 1.8',
      pool: [1],
      windows: 1,
      withdrawn: null,
      recovery: startRecovery(
        DECILES.q.map(() => 0),
        DECILES.q,
      ),
    },
  });

  test('is a breach when those over their limit carry more than half: below, above', () => {
    expect(severalVerdict([member('a', 5000, 'warn'), member('b', 4200, 'breach')])?.verdict).toBe('warn');
    expect(severalVerdict([member('a', 4200, 'warn'), member('b', 5000, 'breach')])?.verdict).toBe('breach');
    expect(severalVerdict([])).toBeNull();
  });

  test('says whom the evidence comes from', () => {
    const verdict = severalVerdict([member('a', 4600, 'warn'), member('b', 4600, 'breach')]);
    expect(verdict?.reason).toBe(
      'That not all tests are within their limits is proven: 920 to 1, 731 to 1 asked. No single one is proven. The evidence comes from PSI of a (50 %), PSI of b (50 %).',
    );
    const many = Array.from({ length: 7 }, (_, index) => member(`f${index}`, 100 + index, 'warn'));
    expect(severalVerdict(many)?.reason).toMatch(/f6 .*, PSI of f2 \(14 %\) and 2 more\.$/);
  });
});

describe('an adverse impact ratio', () => {
  const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });
  const size = fc.integer({ min: 1, max: 100_000 });

  test('no pair of rates that keeps the ratio gives an average ratio above 1', () => {
    let tables = 0;
    fc.assert(
      fc.property(
        fc.record({
          ratio: fc.constantFrom(0.5, 0.8, 1, 1.25),
          at: fc.tuple(share, share, share, share),
          sizes: fc.tuple(size, size),
        }),
        ({ ratio, at: [protectedRate, referenceRate, p, r], sizes: [few, many] }) => {
          const table = projectImpactRatio({
            ratio,
            alternative: { protected: protectedRate, reference: referenceRate },
            sizes: { protected: few, reference: many },
          });
          if (table === null) {
            expect(protectedRate).toBeGreaterThanOrEqual(ratio * referenceRate);
            return;
          }
          tables += 1;
          expect(Math.abs(table.dual - 1)).toBeLessThan(1e-9);
          const mean = ([no, yes]: readonly [number, number], rate: number): number =>
            (1 - rate) * Math.exp(no) + rate * Math.exp(yes);
          for (const [held, against] of [
            [p, r],
            [r, p],
            [ratio * r, r],
            [1, r],
            [table.rates.protected, table.rates.reference],
          ] as const) {
            if (held > 1 || held < ratio * against - 1e-12) continue;
            const average =
              (few * mean(table.protected, held) + many * mean(table.reference, against)) / (few + many);
            expect(average).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
      { seed: 20_260_401 },
    );
    expect(tables).toBeGreaterThan(20);
  });
});

describe('cells', () => {
  const counts: CellCounts = { cells: [1, 2, 3, 4], missing: 5, nonFinite: 6, other: 0, unseen: 0 };
  const numeric: BaselineColumn = {
    name: 'income',
    bins: { kind: 'numeric', edges: [10, 20, 30], coarseEdges: [20] },
    counts,
  };
  const categorical: BaselineColumn = {
    name: 'purpose',
    bins: { kind: 'categorical', levels: ['car', 'home'], other: false },
    counts: { cells: [7, 8], missing: 0, nonFinite: 0, other: 0, unseen: 0 },
  };

  test('of a number: coarse intervals, missing, non-finite, empty or not', () => {
    expect(allCells(numeric, { ...counts, missing: 0, nonFinite: 0 })).toEqual({
      labels: ['(-inf, 20]', '(20, inf)', 'missing', 'non_finite'],
      ordered: 2,
      baseline: [3, 7, 5, 6],
      window: [3, 7, 0, 0],
    });
  });

  test('of a category: levels, missing, unseen, other, without an order', () => {
    const window: CellCounts = { cells: [1, 1], missing: 2, nonFinite: 0, other: 3, unseen: 4 };
    expect(allCells(categorical, window)).toEqual({
      labels: ['car', 'home', 'missing', 'unseen', 'other'],
      ordered: 0,
      baseline: [7, 8, 0, 0, 0],
      window: [1, 1, 2, 4, 3],
    });
  });

  test('in order: the fine grid of a number alone', () => {
    expect(orderedCells(numeric, counts)?.labels).toHaveLength(4);
    expect(orderedCells(numeric, counts)?.ordered).toBe(4);
    expect(orderedCells(categorical, counts)).toBeNull();
  });

  test('the null is drawn around the smoothed baseline, positive in every cell', () => {
    const set = setAround('psi', [99, 0, 0], { limit: 0.1, losses: null });
    expect(set.q.map((share) => share.toFixed(6))).toEqual(['0.990050', '0.004975', '0.004975']);
  });

  test('rows a baseline needs: only cells with somebody in them count', () => {
    const set = (rows: readonly number[]) => setAround('psi', rows, { limit: 0.1, losses: null });
    const ten = (each: number, extra: number) => [...Array.from({ length: 10 }, () => each), extra];
    expect(baselineRowsMissing(set(ten(90, 0)), ten(90, 0))).toBeNull();
    expect(baselineRowsMissing(set(ten(89, 0)), ten(89, 0))).toBe(900);
    expect(baselineRowsMissing(set(ten(90, 1)), ten(90, 1))).toBe(1000);
    expect(baselineRowsMissing({ ...set(ten(1, 0)), kind: 'ks' }, ten(1, 0))).toBeNull();
  });
});
