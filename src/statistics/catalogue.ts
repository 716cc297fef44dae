import { ks } from './ks.ts';
import type { Measurement, Method } from './measurement.ts';
import { psi } from './psi.ts';

/** One statistic: what it is called, which columns it accepts, which cells it is measured on. */
export interface Statistic {
  readonly method: Method;
  /** As people write it in a sentence. */
  readonly title: string;
  readonly accepts: readonly ('numeric' | 'categorical')[];
  /** `coarse`: the coarse cells with missing, non-finite, other and unseen; `fine`: the numeric fine grid alone. */
  readonly cells: 'coarse' | 'fine';
  readonly measure: (baseline: readonly number[], window: readonly number[]) => Measurement;
}

/** Every statistic there is. A new one is a file beside this one and a line here. */
export const STATISTICS: readonly Statistic[] = [
  { method: 'psi', title: 'PSI', accepts: ['numeric', 'categorical'], cells: 'coarse', measure: psi },
  { method: 'ks', title: 'KS', accepts: ['numeric'], cells: 'fine', measure: ks },
];
