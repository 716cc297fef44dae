import type { ModelConfig } from '../../config/config.ts';
import type { Store } from '../../store/store.ts';

export interface Breaching {
  /** Configured models in all. */
  readonly models: number;
  /** Those whose newest evaluation is in breach. */
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
  const newest = await Promise.all(names.map((model) => store.evaluations({ model, limit: 1 })));
  return {
    models: names.length,
    inBreach: new Set(names.filter((_, index) => newest[index]?.[0]?.record.verdict === 'breach')),
    tables: new Map(Object.values(models).map(({ name, source }) => [name, source.table])),
  };
}
