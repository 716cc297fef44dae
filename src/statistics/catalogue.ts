import type { Cells } from '../baseline/cells.ts';
import { chiSquare } from './chi-square.ts';
import type { EffectSizes } from './effect-size.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { ks } from './ks.ts';
import { lInfinity } from './l-infinity.ts';
import type { Measurement, Method } from './measurement.ts';
import { psi } from './psi.ts';
import { totalVariation } from './total-variation.ts';
import { wasserstein } from './wasserstein.ts';

/** One statistic: what it is called, which columns it accepts, which cells it is measured on. */
export interface Statistic {
  readonly method: Method;
  /** As people write it in a sentence. */
  readonly title: string;
  readonly accepts: readonly ('numeric' | 'categorical')[];
  /** `coarse`: the coarse cells with missing, non-finite, other and unseen; `fine`: the numeric fine grid alone. */
  readonly cells: 'coarse' | 'fine';
  readonly measure: (cells: Cells) => Measurement;
  /** Its place among the effect sizes of one materiality; null where the size depends on the rows. */
  readonly effect: keyof EffectSizes | null;
}

const BOTH = ['numeric', 'categorical'] as const;
const NUMERIC = ['numeric'] as const;
const CATEGORICAL = ['categorical'] as const;

/**
 * Every distance there is, each measured and shown for every column it accepts. A new one is a file beside this one, a line here and a
 * page in `docs/statistics`. Of those on the same cells the first carries them into the evaluation, so `psi` and `ks` come first.
 */
export const STATISTICS: readonly Statistic[] = [
  { method: 'psi', title: 'PSI', accepts: BOTH, cells: 'coarse', measure: onCounts(psi), effect: 'psi' },
  { method: 'ks', title: 'KS', accepts: NUMERIC, cells: 'fine', measure: onCounts(ks), effect: 'ks' },
  {
    method: 'js',
    title: 'Jensen-Shannon distance',
    accepts: BOTH,
    cells: 'coarse',
    measure: onCounts(jensenShannon),
    effect: 'js',
  },
  {
    method: 'tv',
    title: 'Total variation',
    accepts: BOTH,
    cells: 'coarse',
    measure: onCounts(totalVariation),
    effect: 'tv',
  },
  {
    method: 'linf',
    title: 'L-infinity distance',
    accepts: BOTH,
    cells: 'coarse',
    measure: onCounts(lInfinity),
    effect: 'linf',
  },
  {
    method: 'w1',
    title: 'Wasserstein-1 distance',
    accepts: NUMERIC,
    cells: 'fine',
    measure: ({ edges, baseline, window }) => wasserstein(baseline, window, edges ?? []),
    effect: 'w1',
  },
  {
    method: 'chi_square',
    title: 'Chi-square',
    accepts: CATEGORICAL,
    cells: 'coarse',
    measure: onCounts(chiSquare),
    effect: null,
  },
];

function onCounts(
  statistic: (baseline: readonly number[], window: readonly number[]) => Measurement,
): (cells: Cells) => Measurement {
  return ({ baseline, window }) => statistic(baseline, window);
}
