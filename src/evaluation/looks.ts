import type { ModelConfig } from '../config/config.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Logger } from '../log.ts';
import { look } from '../rollback/view.ts';
import { StaleWrite } from '../store/store.ts';
import { WarehouseError } from '../warehouse/warehouse.ts';
import { type ArrivalsQuestion, tellArrivals } from './arrivals.ts';
import { type BakeQuestion, nextOfBake } from './bake/bake.ts';
import type { CycleDeps } from './task.ts';
import { lookForWayBack } from './way-back.ts';

/** How often a model is looked at between its windows. Milliseconds of domain time. */
const LOOK_EVERY = 900_000;

/** Looks at registry and endpoint between two windows: a day is too long to find out that a release is broken, or has no way back. */
export interface Looks {
  /** Looks when it is time, and commits what is new. Answers whether somebody has to be told. */
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
      try {
        return await lookAround(model, deps, before ?? now);
      } catch (error) {
        if (!(error instanceof StaleWrite)) throw error;
        // A person or a rollback wrote to the same case meanwhile: the next wake-up sees both.
        last.delete(model.name);
        return false;
      }
    },
  };
}

async function lookAround(model: ModelConfig, deps: CycleDeps, lookedAt: number): Promise<boolean> {
  const world = await look(deps.ports, model);
  const released = await followReleases({ model, world, deps, lookedAt });
  const arrived = await followRollback({ model, world, deps });
  const change = await lookForWayBack(model, world, deps);
  if (change !== null) await deps.store.commit(change);
  return released || arrived || (change?.exceptions ?? []).length > 0;
}

/** Rows that cannot be read are looked for again at the next look. */
async function followRollback(question: ArrivalsQuestion): Promise<boolean> {
  const { model, deps } = question;
  try {
    const change = await tellArrivals(question);
    if (change === null) return false;
    await deps.store.commit(change);
    return true;
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    deps.logger.warn(
      { model: model.name, err: error, remedy: error.remedy },
      'the rows since a rollback could not be read; they are looked for again',
    );
    return false;
  }
}

/** Commits one window after the other. A table that cannot be read is tried again at the next look: that tells nothing about a release. */
async function followReleases(question: BakeQuestion): Promise<boolean> {
  const { model, deps } = question;
  let told = false;
  try {
    for (;;) {
      const change = await nextOfBake(question);
      if (change === null) return told;
      await deps.store.commit(change);
      if (change.bake === undefined) continue;
      told = true;
      tell(change.bake.record, deps.logger);
    }
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    deps.logger.warn(
      { model: model.name, err: error, remedy: error.remedy },
      'a window after a release could not be read; it is tried again',
    );
    return told;
  }
}

function tell({ model, window, verdict, rows, bake, policy, actions }: Evaluation, logger: Logger): void {
  const fields = { model, version: bake?.version, window: window.end, verdict, rows };
  if (verdict !== 'breach') {
    logger.info(fields, 'window after a release judged');
    return;
  }
  const reason = policy.find((own) => own.verdict === 'breach')?.reason ?? '';
  const led = actions.map(({ action, key }) => `${action} ${key}`);
  logger.warn({ ...fields, actions: led, reason }, 'window after a release judged');
}
