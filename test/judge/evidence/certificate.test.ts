import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConvexSet,
  certify,
  distance,
  project,
  SET_KINDS,
  type SetKind,
} from '../../../src/judge/evidence/set.ts';
import {
  acceptTable,
  buildTable,
  EvidenceTableError,
  logEvidence,
  tableOf,
} from '../../../src/judge/evidence/table.ts';
import { CASES, CASES_TIMEOUT, shares, uniforms } from './support.ts';
import { worstMean } from './worst-point.ts';

const LIMITS: { readonly [kind in SetKind]: readonly number[] } = {
  psi: [0.001, 0.02, 0.1, 0.25, 1],
  js: [0.02, 0.1, 0.133, 0.3],
  ks: [0.01, 0.05, 0.126, 0.3],
  tv: [0.01, 0.05, 0.126, 0.3],
  linf: [0.01, 0.05, 0.1, 0.2],
  rate: [0.001, 0.01, 0.1, 0.5],
  mean_loss: [0.5, 1, 2, 3],
};

interface Case {
  readonly set: ConvexSet;
  readonly p1: readonly number[];
  readonly seed: number;
}

/** Random shares, some of them down to a billionth; alternatives near and far; 2 to 12 cells and sometimes 50. */
function caseOf(kind: SetKind): fc.Arbitrary<Case> {
  return fc
    .record({
      seed: fc.integer({ min: 1, max: 2_000_000_000 }),
      cells: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 2, max: 12 }) },
        { weight: 1, arbitrary: fc.constant(50) },
      ),
      limit: fc.constantFrom(...LIMITS[kind]),
      peaks: fc.tuple(fc.constantFrom(0.3, 1, 4, 12), fc.constantFrom(0.3, 1, 4, 12)),
      near: fc.boolean(),
    })
    .map(({ seed, cells, limit, peaks, near }) => {
      const uniform = uniforms(seed);
      const size = kind === 'rate' ? 2 : cells;
      const random = (peak: number): readonly number[] =>
        shares(Array.from({ length: size }, () => uniform() ** peak + 1e-9));
      const q = random(peaks[0]);
      const far = random(peaks[1]);
      const p1 = far.map((share, cell) => {
        const base = q[cell] ?? 0;
        return 0.995 * (near ? 0.9 * base + 0.1 * share : share) + 0.005 * base;
      });
      const losses = kind === 'mean_loss' ? q.map((_, cell) => (cell === 0 ? 0 : 5 * uniform())) : null;
      return { set: { kind, q, limit, losses }, p1, seed };
    });
}

describe.each(SET_KINDS)('tables against %s', (kind) => {
  test(
    'are certified to within 1e-9, and no point of the set exceeds the certificate',
    () => {
      let tables = 0;
      fc.assert(
        fc.property(caseOf(kind), ({ set, p1, seed }) => {
          const projection = project(set, p1);
          if (projection === null) return distance(set, p1) <= set.limit * (1 + 1e-9) + 1e-12;
          tables += 1;
          const dual = certify(set, projection);
          expect(Math.abs(dual - 1)).toBeLessThanOrEqual(1e-9);
          expect(projection.ratio.every((ratio) => ratio > 0 && Number.isFinite(ratio))).toBe(true);
          const worst = worstMean(set, {
            ratio: projection.ratio,
            targets: [p1, projection.p0],
            uniform: uniforms(seed),
            steps: 15,
          });
          expect(worst).toBeLessThanOrEqual(dual + 1e-11);
          return true;
        }),
        { numRuns: CASES, seed: 20_260_101 },
      );
      expect(tables).toBeGreaterThan(CASES / 3);
    },
    CASES_TIMEOUT,
  );

  test(
    'stay valid when the solver is stopped after two steps',
    () => {
      fc.assert(
        fc.property(caseOf(kind), ({ set, p1, seed }) => {
          const stopped = project(set, p1, { steps: 2 });
          if (stopped === null) return;
          const table = tableOf(stopped);
          const e = table.logRatio.map((value) => Math.exp(value));
          const worst = worstMean(set, {
            ratio: e,
            targets: [p1, stopped.p0, project(set, p1)?.p0 ?? p1],
            uniform: uniforms(seed),
            steps: 15,
          });
          expect(worst).toBeLessThanOrEqual(1);
        }),
        { numRuns: CASES, seed: 20_260_102 },
      );
    },
    CASES_TIMEOUT,
  );

  test('are refused for another limit', () => {
    fc.assert(
      fc.property(caseOf(kind), fc.constantFrom(0.5, 0.99, 1.01, 2), ({ set, p1 }, factor) => {
        const table = buildTable(set, p1);
        if (table === null) return;
        const other = { ...set, limit: set.limit * factor };
        if (distance(other, table.projection.p0) < other.limit / 2 && factor > 1) return;
        expect(() => acceptTable(other, table)).toThrow(EvidenceTableError);
        expect(acceptTable(set, table)).toBe(table);
      }),
      { numRuns: 100, seed: 20_260_103 },
    );
  });

  test('do not change when the cells are given other names', () => {
    fc.assert(
      fc.property(caseOf(kind), ({ set, p1 }) => {
        if (kind === 'rate') return;
        // KS knows an order, so its cells can only be read from the other end.
        const order = set.q.map((_, cell) => cell);
        const relabelled =
          kind === 'ks' ? order.reverse() : order.sort((a, b) => ((a * 7) % 13) - ((b * 7) % 13));
        const moved = (values: readonly number[]): readonly number[] =>
          relabelled.map((cell) => values[cell] ?? 0);
        const losses = set.losses === null ? null : moved(set.losses);
        const plain = buildTable(set, p1);
        const other = buildTable({ ...set, q: moved(set.q), losses }, moved(p1));
        expect(other === null).toBe(plain === null);
        if (plain === null || other === null) return;
        for (const [cell, value] of moved(plain.logRatio).entries())
          expect(Math.abs((other.logRatio[cell] ?? NaN) - value)).toBeLessThanOrEqual(
            1e-6 * Math.max(1, Math.abs(value)),
          );
      }),
      { numRuns: 100, seed: 20_260_104 },
    );
  });
});

test('evidence under one table adds up over windows, and a cell without rows adds nothing', () => {
  fc.assert(
    fc.property(
      caseOf('psi'),
      fc.array(fc.array(fc.nat({ max: 1_000_000 }), { minLength: 50, maxLength: 50 }), {
        minLength: 1,
        maxLength: 6,
      }),
      ({ set, p1 }, windows) => {
        const table = buildTable(set, p1);
        if (table === null) return;
        const counts = windows.map((window) => window.slice(0, set.q.length));
        const pooled = set.q.map((_, cell) => counts.reduce((sum, window) => sum + (window[cell] ?? 0), 0));
        const sum = counts.reduce((total, window) => total + logEvidence(window, table), 0);
        const together = logEvidence(pooled, table);
        expect(Math.abs(sum - together)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(sum)));
      },
    ),
    { numRuns: 100, seed: 20_260_105 },
  );
  expect(logEvidence([0, 3], { logRatio: [-Infinity, 0.5] })).toBe(1.5);
  expect(logEvidence([1, 3], { logRatio: [-Infinity, 0.5] })).toBe(-Infinity);
});

describe('what has no table', () => {
  test('an alternative on the border or within the set', () => {
    const set: ConvexSet = { kind: 'tv', q: [0.5, 0.5], limit: 0.25, losses: null };
    expect(project(set, [0.75, 0.25])).toBeNull();
    expect(project(set, [0.75 + 1e-6, 0.25 - 1e-6])).not.toBeNull();
    expect(project(set, [0.75 - 1e-6, 0.25 + 1e-6])).toBeNull();
  });

  test('a projection without a finite certificate', () => {
    const broken = { p0: [0.5, 0.5], ratio: [1, 1], dual: Infinity, multipliers: {}, x: null };
    expect(() => tableOf(broken)).toThrow(EvidenceTableError);
    expect(() => tableOf({ ...broken, dual: 0 })).toThrow('finite certificate');
  });

  test('counts of other cells', () => {
    expect(() => logEvidence([1, 2, 3], { logRatio: [0, 0] })).toThrow(
      '2 cells cannot weigh counts of 3 cells',
    );
  });

  test('ratios that were changed by hand', () => {
    for (const kind of ['psi', 'js', 'ks', 'tv', 'linf'] as const) {
      const set: ConvexSet = { kind, q: [0.4, 0.3, 0.2, 0.1], limit: 0.05, losses: null };
      const table = buildTable(set, [0.1, 0.2, 0.3, 0.4]);
      if (table === null) throw new Error('no table');
      const { projection } = table;
      const raised = { ...projection, ratio: projection.ratio.map((ratio) => ratio * 1.001) };
      expect(() => acceptTable(set, tableOf(raised)), kind).toThrow(EvidenceTableError);
    }
  });
});
