import { type Claim, NotFound, Refused } from '../operations.ts';
import { createQueue } from '../queue.ts';
import { approvalChange, refuseUnverified } from './approval.ts';
import { FINAL_STATES, type Rollback } from './rollback.ts';
import { createStepper, type StepperOptions } from './stepper.ts';

/** More steps than any rollback has between two waits; reaching it is a bug and must not become a storm of writes. */
const MOST_STEPS = 24;

export interface Driver {
  /** Steps one rollback until it must wait or has ended, and answers how far it is. Throws NotFound, StoreError. */
  advance(rollbackId: string): Promise<Rollback>;
  /** Records a person's approval and goes on. Throws NotFound, Refused, StoreError. */
  approve(rollbackId: string, claim: Claim): Promise<Rollback>;
  /** Calls off a rollback that has not written anything. Throws NotFound, Refused, StoreError. */
  cancel(rollbackId: string, claim: Claim): Promise<Rollback>;
}

/**
 * Carries out committed rollbacks: look at the world, ask the machine, commit the state with its audit record, then
 * write, and look again. What the journal says is never taken for what happened: every step begins by looking.
 */
export function createDriver(options: StepperOptions): Driver {
  const { store, clocks } = options;
  const stepper = createStepper(options);
  const queue = createQueue();

  async function load(id: string): Promise<Rollback> {
    const rollback = await store.rollback(id);
    if (rollback === null) throw new NotFound(`There is no rollback ${id}.`);
    return rollback;
  }

  async function run(id: string, cancel: Claim | null = null): Promise<Rollback> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const rollback = await load(id);
      if (FINAL_STATES.includes(rollback.state)) {
        stepper.forget(id);
        return rollback;
      }
      if (await stepper.step(rollback, cancel)) return rollback;
    }
    throw new Error(`rollback ${id} made ${MOST_STEPS} steps without coming to rest`);
  }

  /** Never two at once for one model, whoever asks. */
  async function inOrder(id: string, task: (rollback: Rollback) => Promise<Rollback>): Promise<Rollback> {
    const { model } = await load(id);
    return queue.add(model, async () => task(await load(id)));
  }

  return {
    advance: (id) => inOrder(id, () => run(id)),

    approve: (id, claim) =>
      inOrder(id, async (rollback) => {
        refuseUnverified(rollback, claim, options.model(rollback.model)?.rollback ?? null);
        await store.commit(approvalChange(rollback, claim, clocks.domain.now()));
        return run(id);
      }),

    cancel: (id, claim) =>
      inOrder(id, async (rollback) => {
        if (rollback.wrote || FINAL_STATES.includes(rollback.state)) {
          throw new Refused(
            `Rollback ${id} is ${rollback.state}: it can be called off only before its first write.`,
          );
        }
        return run(id, claim);
      }),
  };
}
