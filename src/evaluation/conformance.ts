import { z } from 'zod';
import type { ModelConfig } from '../config/config.ts';
import { type Conformance, conformanceOf, type Standing } from '../rollback/conformance.ts';
import { longestWindow } from '../rollback/gates/evidence.ts';
import { see, servingVersion } from '../rollback/view.ts';
import type { World } from '../rollback/world.ts';
import { aboutStanding, recallChangedBy } from './changed-by.ts';
import type { CycleDeps } from './task.ts';

const Stored = z.object({ serving: z.string(), champion: z.string().nullable(), since: z.number() });

const factOf = (model: string): string => `conformance:${model}`;

/** Compares what serves with what was approved, and with what the cycle before saw. Throws StoreError. */
export async function readConformance(
  model: ModelConfig,
  world: World,
  { store, ports, clocks }: Pick<CycleDeps, 'store' | 'ports' | 'clocks'>,
): Promise<Conformance> {
  const serving = servingVersion(model, world);
  const asked = serving !== null && Object.keys(model.rollback.requireTags).length > 0;
  const [fact, rollbacks, holds, version] = await Promise.all([
    store.fact(factOf(model.name)),
    store.rollbacks({ model: model.name }),
    store.holds(model.name),
    asked ? see(() => ports.registry.version(model.registeredModel, serving)) : null,
  ]);
  const before = standingOf(fact);
  const changedBy = before === null ? null : await recallChangedBy(model.name, aboutStanding(before), store);
  return conformanceOf({
    model,
    world,
    version,
    before,
    changedBy: changedBy?.sentence ?? null,
    rollbacks,
    holds,
    window: longestWindow(model),
    now: clocks.domain.now(),
  });
}

/** What is remembered until the next cycle. A look that told nothing does not forget what the one before saw. */
export function conformanceFacts(
  model: string,
  { standing }: Conformance,
): { readonly [name: string]: string } {
  return standing === null ? {} : { [factOf(model)]: JSON.stringify(standing) };
}

/** What the last cycle has remembered. */
export function standingOf(fact: string | null): Standing | null {
  return fact === null ? null : Stored.parse(JSON.parse(fact));
}
