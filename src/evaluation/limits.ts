import type { ModelConfig } from '../config/config.ts';
import type { Limits } from '../judge/limit.ts';
import type { Method } from '../statistics/measurement.ts';

/** The limits of one method for one subject: the subject's own, else the model's; null where the method is not judged. */
export function limitsOf(model: ModelConfig, subject: string, method: Method): Limits | null {
  const own = model.drift.features[subject];
  return method === 'psi' ? (own?.psi ?? model.drift.psi) : (own?.ks ?? model.drift.ks);
}
