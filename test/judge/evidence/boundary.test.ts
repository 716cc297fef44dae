import { describe, expect, test } from 'vitest';
import { type FamilyAnswer, judgeFamily } from '../../../src/judge/evidence/judge-family.ts';
import { type Library, rememberLibraries } from '../../../src/judge/evidence/libraries.ts';
import { project } from '../../../src/judge/evidence/set.ts';
import { freshDetector } from '../../../src/judge/evidence/state.ts';
import { decideTables, logTotal, stepWindow } from '../../../src/judge/evidence/step.ts';
import { DECILES, decileLibrary, draw, RISING, STEEP, uniforms } from './support.ts';

const WINDOWS = 1000;
const THRESHOLD = 20;

describe('exactly at the limit', () => {
  test('alarms stay under windows over threshold, whatever the direction, and there are some', () => {
    const uniform = uniforms(77);
    const libraries = rememberLibraries();
    const least = [RISING, STEEP, [...RISING].reverse()].map((p1) => project(DECILES, p1)?.p0 ?? []);
    let states: FamilyAnswer['states'] = [];
    let alarms = 0;
    for (let window = 1; window <= WINDOWS; window += 1) {
      const answer = judgeFamily({
        windowEnd: window,
        finalTo: window,
        windowsPerYear: THRESHOLD,
        falseAlarmsPerYear: 1,
        minRows: 1,
        libraries,
        tests: least.map((p, index) => ({
          key: `f${index}`,
          check: 'drift',
          subject: `f${index}`,
          kind: 'psi',
          title: 'PSI',
          labels: p.map((_, cell) => `cell ${cell}`),
          ordered: 10,
          // So many rows that the smoothed baseline is that of the deciles to the last bit that matters.
          baseline: DECILES.q.map(() => 1e12),
          losses: null,
          counts: draw(60, p, uniform),
          limits: { warn: 0.1, breach: 0.25 },
          value: 0.1,
          state: states[index]?.state ?? null,
          released: true,
        })),
      });
      states = answer.states;
      alarms += answer.tests.filter(({ alarmed }) => alarmed).length;
    }
    expect(alarms).toBeGreaterThan(0);
    expect(alarms).toBeLessThanOrEqual(WINDOWS / THRESHOLD);
  });
});

describe('from the first drifted window to the proof, against 73 000 to 1', () => {
  /** Median over five seeds, thirty quiet windows before the change. */
  function delay(library: Library, p: readonly number[], rows: number): number {
    const delays = [1, 2, 3, 4, 5].map((seed) => {
      const uniform = uniforms(seed * 1009);
      let detector = freshDetector(library.logShares.length);
      for (let window = -29; window <= 60; window += 1) {
        const counts = draw(rows, window > 0 ? p : DECILES.q, uniform);
        const record = { end: window, counts, logWeight: 0, adaptive: null, event: null };
        detector = stepWindow(library, detector, decideTables(library, detector, record));
        if (logTotal(detector) >= Math.log(73_000)) return window;
      }
      return Number.POSITIVE_INFINITY;
    });
    return delays.sort((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY;
  }

  const wave = DECILES.q.map((q, cell) => q * (cell % 2 === 0 ? 1.5 : 0.5));
  test.each([
    { what: 'a shift of PSI 0.14 on 1 000 rows', p: RISING, rows: 1000, within: [4, 14] },
    { what: 'a shift of PSI 0.43 on 200 rows', p: STEEP, rows: 200, within: [1, 3] },
    { what: 'a shift of PSI 0.43 on 2 000 rows', p: STEEP, rows: 2000, within: [1, 1] },
    { what: 'a wave the library does not have, PSI 0.55 on 500 rows', p: wave, rows: 500, within: [1, 3] },
  ] as const)('$what', ({ p, rows, within }) => {
    const median = delay(decileLibrary(), p, rows);
    expect(median).toBeGreaterThanOrEqual(within[0]);
    expect(median).toBeLessThanOrEqual(within[1]);
  });
});
