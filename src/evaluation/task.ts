import type { Clocks } from '../clock.ts';
import type { Config, ModelConfig } from '../config/config.ts';
import type { Libraries } from '../judge/evidence/libraries.ts';
import type { Evaluation } from '../judge/verdict.ts';
import type { Logger } from '../log.ts';
import type { WorldPorts } from '../rollback/view.ts';
import type { Change, Store } from '../store/store.ts';
import type { StatementCost, Warehouse } from '../warehouse/warehouse.ts';
import type { Window } from '../windows/window.ts';

/** One model, one window. `newest`: no younger window has closed, so this one may open cases and lead to a rollback. */
export interface CycleTask {
  readonly model: ModelConfig;
  readonly window: Window;
  readonly newest: boolean;
}

/** What a cycle is given of the world. */
export interface CycleDeps {
  readonly config: Config;
  readonly store: Store;
  readonly warehouse: Warehouse;
  readonly ports: WorldPorts;
  readonly clocks: Clocks;
  readonly killSwitch: () => boolean;
  /** Tables of evidence, kept as long as the program runs. */
  readonly libraries: Libraries;
  readonly logger: Logger;
}

/** The evaluation, and what is to be committed; null when the store has it already. */
export interface Outcome {
  readonly evaluation: Evaluation;
  readonly change: Change | null;
  /** What was asked of the warehouse for it, stored or not. */
  readonly cost: StatementCost;
}
