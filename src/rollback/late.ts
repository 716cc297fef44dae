import type { Endpoint } from '../serving/serving.ts';
import { isAsPlanned, type ServingSight } from './compare.ts';
import type { Rollback } from './rollback.ts';
import type { Observation } from './step.ts';

/**
 * The newest rollback of the same model that ended without knowing what became of its write, as when an update is stuck
 * past every deadline: it may still be carried out. Null: there is none.
 */
export function givenUpBefore(rollback: Rollback, ofModel: readonly Rollback[]): Rollback | null {
  const [newest] = ofModel
    .filter((other) => other.id !== rollback.id && other.wrote && other.state === 'needs_human')
    .sort((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? ''));
  return newest ?? null;
}

interface Look {
  readonly rollback: Rollback;
  readonly seen: Observation;
  readonly serving: ServingSight;
}

/**
 * In a sentence, that an endpoint has become what an earlier rollback had asked for, and no write of the present one has
 * done it; null when it has not. It is nobody else's change, though the plan at hand is as pointless as after one.
 */
export function arrivedLate(look: Look): string | null {
  const { givenUp, endpoint } = look.seen;
  if (givenUp === null || endpoint?.seen !== true || !isUnforeseen(look)) return null;
  if (!isNumbered(givenUp, endpoint.value) || !isAsPlanned(givenUp, endpoint.value)) return null;
  const { id, to, endedAt } = givenUp;
  return `What rollback ${id} had asked for before it was given up at ${endedAt ?? ''} has come into force after all: version ${to} has all the traffic. Look at what is left to do for version ${look.rollback.from}.`;
}

/** Not as this plan found the endpoint; or as it wants it, though its own write is known not to have been carried out. */
function isUnforeseen({ serving, seen: { attempt } }: Look): boolean {
  const notOurs = attempt.kind === 'conflict' || attempt.kind === 'rejected';
  return serving.at === 'changed' || (serving.at === 'after' && notOurs);
}

/** Only the configuration version tells a late write of ours from a person's doing the same. */
function isNumbered({ plan }: Rollback, endpoint: Endpoint): boolean {
  const before = plan.servingBefore?.configVersion ?? null;
  return before !== null && endpoint.configVersion !== null;
}
