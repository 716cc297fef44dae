import type { ModelConfig } from '../../config/config.ts';
import type { Store } from '../../store/store.ts';

export interface Breaching {
  /** Configured models in all. */
  readonly models: number;
  /** Those whose newest evaluation, or a younger window of a bake, is in breach. */
  readonly inBreach: ReadonlySet<string>;
  /** The table that each model reads. */
  readonly tables: ReadonlyMap<string, string>;
}

/** Which models are in breach at once: what many of them share is more likely to be wrong than each of them. */
export async function breachingModels(
  store: Pick<Store, 'evaluations'>,
  models: { readonly [name: string]: ModelConfig },
): Promise<Breaching> {
  const names = Object.keys(models);
  const breaches = await Promise.all(names.map((model) => isInBreach(model, store)));
  return {
    models: names.length,
    inBreach: new Set(names.filter((_, index) => breaches[index])),
    tables: new Map(Object.values(models).map(({ name, source }) => [name, source.table])),
  };
}

async function isInBreach(model: string, store: Pick<Store, 'evaluations'>): Promise<boolean> {
  const [[newest], [bake]] = await Promise.all([
    store.evaluations({ model, limit: 1 }),
    store.evaluations({ model, limit: 1, series: 'bake' }),
  ]);
  const younger = bake !== undefined && bake.record.window.end > (newest?.record.window.end ?? '');
  return newest?.record.verdict === 'breach' || (younger && bake.record.verdict === 'breach');
}
