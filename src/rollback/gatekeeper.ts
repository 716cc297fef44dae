import type { Store } from '../store/store.ts';
import { evidenceOf, type GateSources, gatherFacts } from './facts.ts';
import { askGates } from './gates.ts';
import type { StepperOptions } from './stepper.ts';

/** Asks every gate again for a committed rollback, on the evidence it was planned with and the world as it is now. */
export function createGatekeeper(
  sources: GateSources & { readonly store: Pick<Store, 'evaluation'> },
): StepperOptions['gates'] {
  return async ({ rollback, model, view, now }) => {
    const { trigger, requestedBy } = rollback;
    const evidence = await evidenceOf(rollback, sources.store);
    return askGates(
      await gatherFacts({ model, trigger, view, evidence, requestedBy, rollback, now }, sources),
    );
  };
}
