import type { CycleDeps } from '../evaluation/task.ts';
import { type TellDeps, tellRollback } from '../exceptions/tell-rollback.ts';
import { createDriver, type Driver } from './driver.ts';
import { evidenceOf, gatherFacts } from './facts.ts';
import { askGates } from './gates.ts';
import { gateSources } from './sources.ts';

/** The driver as the program uses it: gates asked of the store as it is, and the owner told with every state. */
export function createAppDriver(deps: { readonly cycle: () => CycleDeps; readonly tell: TellDeps }): Driver {
  const { store, ports, clocks, logger, killSwitch } = deps.cycle();
  return createDriver({
    store,
    ports,
    clocks,
    logger,
    killSwitch,
    model: (name) => deps.cycle().config.models[name] ?? null,
    gates: async ({ rollback, model, view, now }) => {
      const evidence = await evidenceOf(rollback, store);
      const { trigger, requestedBy } = rollback;
      const sources = gateSources(deps.cycle());
      return askGates(
        await gatherFacts({ model, trigger, view, evidence, requestedBy, rollback, now }, sources),
      );
    },
    onTransition: (rollback) => tellRollback(rollback, deps.tell),
  });
}
