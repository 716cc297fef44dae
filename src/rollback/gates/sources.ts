import type { ActionsConfig, Config, ModelConfig } from '../../config/config.ts';
import type { Store } from '../../store/store.ts';
import { silenceOf } from '../silence.ts';
import { see, type WorldPorts } from '../view.ts';
import { breachingModels } from './breaching.ts';
import type { GateSources } from './gather.ts';

/** What the gates are asked of, as the program has it. */
export interface SourcesDeps {
  readonly store: Store;
  readonly ports: Pick<WorldPorts, 'directory'>;
  readonly killSwitch: () => boolean;
  readonly config: {
    readonly actions: ActionsConfig;
    readonly calendar: Config['calendar'];
    readonly models: { readonly [name: string]: ModelConfig };
  };
}

/** One place for all who ask, so that no gate is left without its facts anywhere. */
export function gateSources({ store, ports, killSwitch, config }: SourcesDeps): GateSources {
  return {
    store,
    actions: config.actions,
    freezes: config.calendar.freezes,
    killSwitch,
    breaching: () => breachingModels(store, config.models),
    silence: (model, now) => silenceOf(store, model, now),
    standing: async (name) => {
      const { directory } = ports;
      if (directory === undefined) return 'unknown';
      const found = await see(() => directory.lookup(name));
      return found.seen ? found.value : 'unknown';
    },
  };
}
