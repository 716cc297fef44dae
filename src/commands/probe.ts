import { openApp } from '../app.ts';
import { BUILD } from '../build.ts';
import type { Config, ModelConfig } from '../config/config.ts';
import { readSecret } from '../config/secrets.ts';
import { watchedFeatures, watchedPrediction } from '../evaluation/columns.ts';
import { sourceOf } from '../evaluation/sources.ts';
import type { CycleDeps } from '../evaluation/task.ts';
import { readWorld } from '../rollback/view.ts';
import { aliasOf } from '../rollback/world.ts';
import type { CommandContext } from './context.ts';

/** One thing that the configuration names, and why it cannot be used; null when it can. */
export interface Probe {
  readonly what: string;
  readonly fault: string | null;
}

/** Proves tables, columns, registry, aliases, endpoints and secrets by calls that only read. */
export async function probeOutside(config: Config, context: CommandContext): Promise<readonly Probe[]> {
  const { clocks, logger } = context;
  const app = await openApp({ config, mode: 'read', clocks, logger, build: BUILD });
  try {
    const probes: Probe[] = [];
    for (const model of Object.values(config.models)) probes.push(...(await probeModel(model, app.cycle())));
    for (const [name, desk] of Object.entries(config.ticketDesks)) {
      const { secret } = desk;
      if (secret !== null)
        probes.push(await probe(`secret of ticket desk ${name}`, () => readSecret(secret)));
    }
    return probes;
  } finally {
    await app.close();
  }
}

async function probeModel(model: ModelConfig, { warehouse, ports }: CycleDeps): Promise<readonly Probe[]> {
  const { name, source, baseline, registeredModel, endpoint } = model;
  const probes = [
    await probe(`${name}: features in ${source.table}`, () => watchedFeatures(model, warehouse)),
    await probe(`${name}: prediction in ${source.table}`, () => watchedPrediction(model, warehouse)),
    await probe(`${name}: event time ${source.timestamp}`, () => warehouse.newest(sourceOf(model))),
  ];
  if (baseline.kind === 'table')
    probes.push(
      await probe(`${name}: baseline table ${baseline.table}`, () => warehouse.describe(baseline.table)),
    );
  const view = await readWorld(ports, model);
  const seen = (what: string, part: { readonly seen: boolean; readonly message?: string } | null): Probe[] =>
    part === null ? [] : [{ what, fault: part.seen ? null : (part.message ?? 'not readable') }];
  probes.push(
    ...seen(`${name}: registered model ${registeredModel}`, view.registered),
    ...seen(`${name}: endpoint ${endpoint ?? ''}`, view.endpoint),
  );
  const champion = aliasOf(view.registered, model.rollback.championAlias);
  const missing = champion.seen && champion.value === null;
  probes.push({
    what: `${name}: alias ${model.rollback.championAlias}`,
    fault: missing
      ? `${registeredModel} has no such alias: nobody says which version is good`
      : champion.seen
        ? null
        : champion.message,
  });
  return probes;
}

async function probe(what: string, call: () => Promise<unknown>): Promise<Probe> {
  try {
    await call();
    return { what, fault: null };
  } catch (error) {
    const remedy = error instanceof Error && 'remedy' in error ? ` ${String(error.remedy)}` : '';
    return { what, fault: `${error instanceof Error ? error.message : String(error)}${remedy}` };
  }
}
