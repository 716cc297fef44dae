import { describe, expect, test } from 'vitest';
import { checkColumn } from '../../src/judge/checks.ts';
import { withDecisions } from '../../src/judge/decisions.ts';
import type { Check } from '../../src/judge/verdict.ts';

/** Cells of a score: up to 0.2, up to 0.5, above. */
function psiOf(baseline: readonly number[], window: readonly number[]): Check {
  const counts = (cells: readonly number[]) => ({ cells, missing: 2, nonFinite: 0, other: 0, unseen: 0 });
  const rows = window.reduce((sum, count) => sum + count, 2);
  const checks = checkColumn({
    ...{ check: 'prediction', kind: 'output_drift', version: '7', minRows: 1, rows },
    column: {
      name: 'score',
      bins: { kind: 'numeric', edges: [0.2, 0.5], coarseEdges: [0.2, 0.5] },
      counts: counts(baseline),
    },
    counts: counts(window),
    baselineRows: 1002,
    limits: () => ({ warn: 0.1, breach: 0.25 }),
  });
  const psi = checks.find(({ method }) => method === 'psi');
  if (psi === undefined) throw new Error('no PSI check');
  return psi;
}

const drifted = (): Check => psiOf([500, 400, 100], [100, 150, 250]);

describe('what a prediction check says of the decisions', () => {
  test.each([
    [null, '50 % of the predictions are above 0.5; 10 % in the baseline.'],
    ['above', '50 % of the predictions are above 0.5, the favourable side; 10 % in the baseline.'],
    ['below', '50 % of the predictions are at or below 0.5, the favourable side; 90 % in the baseline.'],
  ] as const)('favourable %s', (favourable, words) => {
    const check = drifted();
    const told = withDecisions(check, { threshold: 0.5, favourable });
    expect(told).toEqual({ ...check, reason: `${check.reason} Decisions: ${words}` });
  });

  test('is nothing where the threshold is no edge, no number arrived, or the check is of something else', () => {
    const decision = { threshold: 0.5, favourable: null };
    const check = drifted();
    expect(withDecisions(check, { ...decision, threshold: 0.4 })).toBe(check);
    const empty = psiOf([500, 400, 100], [0, 0, 0]);
    expect(withDecisions(empty, decision)).toBe(empty);
    const feature = { ...check, kind: 'input_drift' as const };
    expect(withDecisions(feature, decision)).toBe(feature);
    const ks = { ...check, method: 'ks' };
    expect(withDecisions(ks, decision)).toBe(ks);
  });
});
