import { readFile } from 'node:fs/promises';
import type { CycleDeps } from '../evaluation/task.ts';
import { type TellDeps, tellRollback } from '../exceptions/tell-rollback.ts';
import { createDriver, type Driver } from './driver.ts';
import { evidenceOf } from './gates/evidence.ts';
import { askGates, firstHeld } from './gates/gates.ts';
import { gatherFacts } from './gates/gather.ts';
import { gateSources } from './gates/sources.ts';
import type { GateResult } from './rollback.ts';
import { smokeTest, withSmoke } from './smoke.ts';
import type { GateRequest } from './stepper.ts';

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
    gates: (request) => gatesNow(request, deps.cycle()),
    onTransition: (rollback) => tellRollback(rollback, deps.tell),
  });
}

/** Every gate; once all are open the target itself, which is asked last because that is a request to somebody else's model. */
async function gatesNow(
  { rollback, model, view, now }: GateRequest,
  cycle: CycleDeps,
): Promise<readonly GateResult[] | null> {
  const { store, ports, logger } = cycle;
  const { trigger, requestedBy } = rollback;
  const evidence = await evidenceOf(rollback, store);
  const facts = await gatherFacts(
    { model, trigger, view, evidence, requestedBy, rollback, now },
    gateSources(cycle),
  );
  const gates = askGates(facts);
  if (firstHeld(gates) !== null) return gates;
  const smoke = await smokeTest(model, view, {
    serving: ports.serving,
    readFile: (path) => readFile(path, 'utf8'),
  });
  if (smoke.outcome === 'not_yet') logger.info({ rollback: rollback.id, model: model.name }, smoke.reason);
  return withSmoke(gates, smoke);
}
