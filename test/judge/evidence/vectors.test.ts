import { describe, expect, test } from 'vitest';
import { PSI_DIVERGENCE } from '../../../src/judge/evidence/divergence.ts';
import { divergenceOf, projectDivergence } from '../../../src/judge/evidence/project-divergence.ts';
import { projectImpactRatio } from '../../../src/judge/evidence/project-impact-ratio.ts';
import { projectKs } from '../../../src/judge/evidence/project-ks.ts';
import { projectMeanLoss } from '../../../src/judge/evidence/project-linear.ts';
import type { Projection } from '../../../src/judge/evidence/projection.ts';
import { fastestLambda, recoveryTable, startRecovery } from '../../../src/judge/evidence/recovery.ts';
import { replay } from '../../../src/judge/evidence/replay.ts';
import { freshState } from '../../../src/judge/evidence/state.ts';
import { logTotal } from '../../../src/judge/evidence/step.ts';
import { logEvidence, tableOf } from '../../../src/judge/evidence/table.ts';
import { handLibrary, setOf } from './support.ts';

function found(projection: Projection | null): Projection {
  if (projection === null) throw new Error('the alternative lies within the set');
  return projection;
}
function closeTo(actual: readonly number[], expected: readonly number[], tolerance = 1e-11): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of actual.entries())
    expect(Math.abs(value - (expected[index] ?? NaN)), `at ${index}: ${value}`).toBeLessThanOrEqual(
      tolerance,
    );
}
const psi = (q: number[], limit: number, p1: number[]): Projection =>
  found(projectDivergence({ divergence: PSI_DIVERGENCE, q, limit, p1 }));

describe('PSI within 0.1', () => {
  const q = [0.5, 0.3, 0.2];

  test('an upper tail that grows', () => {
    const projection = psi(q, 0.1, [0.3, 0.3, 0.4]);
    closeTo([divergenceOf(PSI_DIVERGENCE, [0.3, 0.3, 0.4], q)], [0.24079456086519]);
    closeTo(
      [projection.multipliers['mu'] ?? 0, projection.multipliers['lambda'] ?? 0],
      [0.9858061486586, 0.27535423772054],
    );
    closeTo(projection.p0, [0.37118612861415, 0.30276902498347, 0.32604484640239]);
    const table = tableOf(projection);
    closeTo(table.logRatio, [-0.21292115652244, -0.0091877463755842, 0.20442960955107]);
    closeTo([logEvidence([60, 61, 79], table)], [2.8142172342773], 1e-9);
  });

  test('the other way', () => {
    const projection = psi(q, 0.1, [0.7, 0.2, 0.1]);
    closeTo(
      [projection.multipliers['mu'] ?? 0, projection.multipliers['lambda'] ?? 0],
      [0.99213102293757, 0.16105018399127],
    );
    closeTo(projection.p0, [0.65257393837713, 0.22442716112226, 0.12299890050061]);
    closeTo(tableOf(projection).logRatio, [0.070155886745772, -0.11523383864515, -0.20700523032494]);
    closeTo([logEvidence([60, 61, 79], tableOf(projection))], [-19.173324148278], 1e-9);
  });

  test('a rare cell', () => {
    const projection = psi([0.6, 0.398, 0.002], 0.1, [0.5, 0.47, 0.03]);
    closeTo(
      [projection.multipliers['mu'] ?? 0, projection.multipliers['lambda'] ?? 0],
      [0.99920529936185, 0.012392422889996],
    );
    closeTo(projection.p0, [0.50270737166584, 0.46855049611803, 0.028742132216133]);
    closeTo([logEvidence([100, 95, 5], tableOf(projection))], [-0.032409513514336], 1e-9);
  });

  test('an alternative within the limit has no table', () => {
    expect(
      projectDivergence({ divergence: PSI_DIVERGENCE, q, limit: 0.1, p1: [0.45, 0.33, 0.22] }),
    ).toBeNull();
  });
});

describe('KS', () => {
  test('a straight shift', () => {
    const projection = found(projectKs([0.4, 0.3, 0.2, 0.1], 0.126, [0.1, 0.2, 0.3, 0.4]));
    closeTo(projection.p0, [0.274, 0.3, 0.2, 0.226]);
    closeTo(
      tableOf(projection).logRatio,
      [-1.00795792039998, -0.405465108108164, 0.405465108108164, 0.570929547835696],
    );
    closeTo([logEvidence([20, 45, 66, 69], tableOf(projection))], [27.7497476629349], 1e-9);
  });

  test('a zigzag', () => {
    const projection = found(projectKs([0.2, 0.2, 0.2, 0.2, 0.2], 0.05, [0.05, 0.35, 0.05, 0.35, 0.2]));
    closeTo(projection.p0, [3 / 20, 3 / 10, 1 / 10, 63 / 220, 9 / 55]);
    closeTo(projection.ratio, [1 / 3, 7 / 6, 1 / 2, 11 / 9, 11 / 9]);
  });
});

test('a mean loss', () => {
  const projection = found(projectMeanLoss({ losses: [0, 1, 5], limit: 0.5, p1: [0.7, 0.2, 0.1] }));
  closeTo([projection.multipliers['lambda'] ?? 0], [2 / 15]);
  closeTo(projection.p0, [0.75, 0.1875, 0.0625]);
  closeTo([logEvidence([138, 41, 21], tableOf(projection))], [2.9951393156016], 1e-9);
});

test('an adverse impact ratio, given the sizes of the groups', () => {
  const table = projectImpactRatio({
    ratio: 0.8,
    alternative: { protected: 0.4, reference: 0.6 },
    sizes: { protected: 120, reference: 500 },
  });
  if (table === null) throw new Error('the alternative keeps the ratio');
  closeTo([table.rates.protected, table.rates.reference], [0.46959529066925, 0.58699411333656]);
  closeTo([table.dual], [1]);
  const evidence =
    logEvidence([72, 48], { logRatio: table.protected }) +
    logEvidence([200, 300], { logRatio: table.reference });
  closeTo([evidence], [1.352310354472]);
});

describe('a detector of two tables over six windows', () => {
  const q = [0.5, 0.3, 0.2];
  const windows = [[101, 58, 41], [97, 63, 40], null, [70, 58, 72], [61, 60, 79], [58, 63, 79]];
  const logA = [
    -14.167137730722, -13.565820273492, -13.565820273492, -1.2292618430664, 2.496764487469, 5.7666772242943,
  ];
  const logA2 = [
    -9.0013232552926, -9.6508026961111, -9.6508026961111, -17.593156962749, -19.90422509757, -20.460394325263,
  ];
  const log10M = [
    -3.906752937088, -4.1827156482104, -4.1827156482104, -0.5338616012927, 1.0843310396009, 2.5044360974299,
  ];
  /** The certificate's rounding, 1e-12 for each of a thousand rows. */
  const ROUNDING = 2e-9;

  test('each alternative and their sum', () => {
    const library = handLibrary(setOf('psi', q, 0.1), [
      { ...tableOf(psi(q, 0.1, [0.3, 0.3, 0.4])), weight: 0.6 },
      { ...tableOf(psi(q, 0.1, [0.7, 0.2, 0.1])), weight: 0.4 },
    ]);
    let state = freshState(library.identity, library.logShares.length);
    for (const [index, counts] of windows.entries()) {
      const replayed = replay(library, state, { end: index + 1, counts, logWeight: 0 });
      state = replayed.state;
      const { logM } = replayed.detector;
      closeTo([logM[0] ?? NaN, logM[1] ?? NaN], [logA[index] ?? NaN, logA2[index] ?? NaN], ROUNDING);
      closeTo([logTotal(replayed.detector) / Math.LN10], [log10M[index] ?? NaN], ROUNDING);
    }
    const late = replay(library, state, { end: 5, counts: [63, 63, 84], logWeight: 0 });
    closeTo([late.detector.logM[0] ?? NaN], [6.3147849175539], ROUNDING);
    closeTo([logTotal(late.detector) / Math.LN10], [2.7424762441006], ROUNDING);
  });
});

test('the recovery table of the upper tail', () => {
  const q = [0.5, 0.3, 0.2];
  // The ratios themselves: the 1e-12 that a table takes off for rounding shows in the eleventh digit of lambda.
  const logRatio = psi(q, 0.1, [0.3, 0.3, 0.4]).ratio.map((ratio) => Math.log(ratio));
  const lambda = fastestLambda(logRatio, q);
  closeTo([lambda], [1.7310155448656]);
  closeTo([1 / (Math.exp(Math.max(...logRatio)) - 1)], [4.408683243042], 1e-10);
  const table = recoveryTable(logRatio, lambda);
  closeTo(table, [0.28666236, 0.01570729, -0.49862991], 5e-9);
  closeTo([q.reduce((sum, share, cell) => sum + share * (table[cell] ?? 0), 0)], [0.0483173834], 5e-10);
  closeTo(startRecovery(logRatio, q).lambdas, [lambda, lambda / 2, lambda / 5]);
});
