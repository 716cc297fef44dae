import type { ModelConfig } from '../config/config.ts';
import { readOn } from '../exceptions/messages.ts';
import { resolveOwner } from '../exceptions/owner.ts';
import { unknownFinding } from '../judge/decide.ts';
import { look } from '../rollback/view.ts';
import type { Change } from '../store/store.ts';
import { casesAfterWindow } from './cases.ts';
import type { CycleDeps } from './task.ts';

/**
 * Opens the case of a model that has been without a verdict for longer than `unknownAfter`, between two windows: a month is too long
 * to wait for the next one. Null: there is a verdict, it is not late yet, or the case of this stretch has been opened.
 */
export async function unknownTooLong(model: ModelConfig, deps: CycleDeps): Promise<Change | null> {
  const { store, clocks, config, ports } = deps;
  const now = clocks.domain.now();
  const since = (await store.progress(model.name))?.unknownSince ?? null;
  if (since === null || now - since <= model.unknownAfter) return null;
  const cases = (await store.exceptions({ model: model.name })).filter(({ cause }) => cause === 'unknown');
  // One that a person has closed meanwhile is not opened again each minute: the next window asks anew.
  const told = cases.some(
    ({ state, history }) => state !== 'resolved' || history.some(({ at }) => Date.parse(at) > since),
  );
  const [newest] = await store.evaluations({ model: model.name, limit: 1 });
  if (told || newest === undefined) return null;
  const { verdict, policy, evaluation } = newest.record;
  const { unknownAfter } = model;
  const finding = unknownFinding({ verdict, verdicts: policy, unknownFor: now - since, unknownAfter });
  const { registered } = await look(ports, model);
  const owner = resolveOwner(config, model, registered.seen ? registered.value.tags : 'unread');
  const { exceptions, queue, audit, count } = casesAfterWindow({
    ...{ model: model.name, evaluation, owner, now, cases, findings: [finding] },
    ...readOn(config, model.name),
    mayOpen: true,
    counts: false,
  });
  return { exceptions, queue, audit, count };
}
