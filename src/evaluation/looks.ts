import type { ModelConfig } from '../config/config.ts';
import { look } from '../rollback/view.ts';
import { StaleWrite } from '../store/store.ts';
import type { CycleDeps } from './task.ts';
import { lookForWayBack } from './way-back.ts';

/** How often a model is looked at between its windows. Milliseconds of domain time. */
const LOOK_EVERY = 900_000;

/** Looks at registry and endpoint between two windows: a day is too long to find out that there is no way back. */
export interface Looks {
  /** Looks when it is time, and commits what is new. Answers whether something was. */
  around(model: ModelConfig, deps: CycleDeps): Promise<boolean>;
}

/** When a model was last looked at is lost with the process, which does no harm: it is looked at once more. */
export function createLooks(): Looks {
  const last = new Map<string, number>();
  return {
    async around(model, deps) {
      const now = deps.clocks.domain.now();
      const before = last.get(model.name);
      if (before !== undefined && now - before < LOOK_EVERY && now >= before) return false;
      last.set(model.name, now);
      const change = await lookForWayBack(model, await look(deps.ports, model), deps);
      if (change === null) return false;
      try {
        await deps.store.commit(change);
      } catch (error) {
        if (!(error instanceof StaleWrite)) throw error;
        // A person or a rollback wrote to the same case meanwhile: the next look sees both.
        return false;
      }
      return (change.exceptions ?? []).length > 0;
    },
  };
}
