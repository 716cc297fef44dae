import type { ModelConfig } from '../config/config.ts';
import type { Store } from '../store/store.ts';

/** Configured models in all, and those whose newest evaluation is in breach. */
export async function breachingModels(
  store: Pick<Store, 'evaluations'>,
  models: { readonly [name: string]: ModelConfig },
): Promise<{ readonly models: number; readonly inBreach: ReadonlySet<string> }> {
  const names = Object.keys(models);
  const newest = await Promise.all(names.map((model) => store.evaluations({ model, limit: 1 })));
  return {
    models: names.length,
    inBreach: new Set(names.filter((_, index) => newest[index]?.[0]?.record.verdict === 'breach')),
  };
}
