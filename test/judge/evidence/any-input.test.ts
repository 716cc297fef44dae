import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FamilyAnswer, judgeFamily } from '../../../src/judge/evidence/judge-family.ts';
import { rememberLibraries } from '../../../src/judge/evidence/libraries.ts';
import { CASES } from './support.ts';

const libraries = rememberLibraries();
const count = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 300 }) },
  fc.constant(0),
  fc.constant(1),
  fc.constant(1e12),
  fc.double({ min: 0, max: 50, noNaN: true }),
);
/** Few baselines, so that few libraries are built: one cell, rare cells, an empty one, a trillion rows. */
const BASELINES = [
  { baseline: [1000], ordered: 1 },
  { baseline: [1e12, 1e12, 1e4, 0], ordered: 3 },
  { baseline: [500, 300, 150, 50, 0, 0], ordered: 4 },
  { baseline: [2000, 3000, 10, 0, 0], ordered: 0 },
];

const windows = fc.array(
  fc.record({
    end: fc.integer({ min: 1, max: 6 }),
    counts: fc.option(fc.array(count, { minLength: 6, maxLength: 6 }), { nil: null }),
    released: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

test('whatever is counted, in whatever order windows come, every number is one and every verdict has its reason', () => {
  fc.assert(
    fc.property(
      windows,
      fc.constantFrom('psi' as const, 'js' as const, 'ks' as const, 'tv' as const),
      (all, kind) => {
        let states: FamilyAnswer['states'] = [];
        for (const { end, counts, released } of all) {
          const answer = judgeFamily({
            windowEnd: end,
            finalTo: end - 2,
            windowsPerYear: 365.25,
            falseAlarmsPerYear: 20,
            minRows: 1,
            libraries,
            tests: BASELINES.map(({ baseline, ordered }, index) => ({
              key: `t${index}`,
              check: 'drift',
              subject: `t${index}`,
              kind,
              title: 'PSI',
              labels: baseline.map((_, cell) => `cell ${cell + 1}`),
              ordered,
              baseline,
              losses: null,
              counts: counts === null ? null : counts.slice(0, baseline.length),
              limits: { warn: 0.1, breach: 0.25 },
              value: null,
              state: states[index]?.state ?? null,
              released,
            })),
          });
          const text = JSON.stringify(answer);
          expect(text).not.toMatch(/NaN|Infinity|undefined/);
          for (const { evidence, evidenceNeeded, estimate, reason } of answer.tests) {
            for (const value of [evidence ?? 0, evidenceNeeded, estimate ?? 0])
              expect(Number.isFinite(value), reason).toBe(true);
            expect(reason.endsWith('.')).toBe(true);
          }
          states = (JSON.parse(text) as FamilyAnswer).states;
          expect(states).toEqual(answer.states);
        }
      },
    ),
    { numRuns: Math.ceil(CASES / 3), seed: 20_260_301 },
  );
});
