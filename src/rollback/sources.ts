import type { ActionsConfig, Config, ModelConfig } from '../config/config.ts';
import type { Store } from '../store/store.ts';
import { breachingModels } from './breaching.ts';
import type { GateSources } from './facts.ts';

/** What the gates are asked of, as the program has it. */
export interface SourcesDeps {
  readonly store: Store;
  readonly killSwitch: () => boolean;
  readonly config: {
    readonly actions: ActionsConfig;
    readonly calendar: Config['calendar'];
    readonly models: { readonly [name: string]: ModelConfig };
  };
}

/** One place for all who ask, so that no gate is left without its facts anywhere. */
export function gateSources({ store, killSwitch, config }: SourcesDeps): GateSources {
  return {
    store,
    actions: config.actions,
    freezes: config.calendar.freezes,
    killSwitch,
    breaching: () => breachingModels(store, config.models),
  };
}
