import type { ModelConfig } from '../config/config.ts';
import type { Limits } from '../judge/limit.ts';
import type { Method } from '../statistics/measurement.ts';

/** The limits of one method for one subject: the subject's own, else the model's; null where the method is not judged: only PSI and KS have limits. */
export function limitsOf(model: ModelConfig, subject: string, method: Method): Limits | null {
  const own = model.drift.features[subject];
  if (method === 'psi') return own?.psi ?? model.drift.psi;
  if (method === 'ks') return own?.ks ?? model.drift.ks;
  return null;
}
