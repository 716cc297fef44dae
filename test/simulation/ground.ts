import type { Clocks } from '../../src/clock.ts';
import type { Config, ModelConfig } from '../../src/config/config.ts';
import type { Driver } from '../../src/rollback/driver.ts';
import type { WorldPorts } from '../../src/rollback/view.ts';
import type { Store } from '../../src/store/store.ts';
import type { TicketDesk } from '../../src/tickets/desk.ts';
import type { Guard, Site } from './guard.ts';
import type { Interrupt } from './life.ts';
import type { SimulatedDesk } from './ports.ts';
import type { Scenario } from './scenario.ts';
import type { Stories } from './stories.ts';
import type { Timeline } from './timeline.ts';
import type { Invariant } from './violation.ts';
import type { Verdicts } from './windows.ts';
import type { Wire } from './wire.ts';

/** Everything of a run that outlives the program: the servers, the network, the store's content, and those who watch. */
export interface Ground {
  readonly scenario: Scenario;
  readonly config: Config;
  readonly timeline: Timeline;
  readonly store: Store;
  readonly wire: Wire;
  readonly sites: readonly Site[];
  readonly desk: SimulatedDesk;
  readonly stories: Stories;
  readonly guard: Guard;
  readonly killSwitch: () => boolean;
  readonly isConfigured: (model: string) => boolean;
  /** Whether a state cannot be committed just now, because somebody changed a record that it goes with. */
  readonly isContended: () => boolean;
  readonly interrupt: Interrupt;
  /** What the judge says of a model's n-th window. */
  readonly verdicts: (model: string, window: number) => Verdicts;
  readonly violate: (invariant: Invariant, why: string) => void;
  readonly say: (text: () => string) => void;
  readonly plant: Plant;
}

/**
 * A mistake put between the program and what it stands on, to show that an invariant can fail. Each part wraps what the
 * program is given; the watching goes on behind it, where the truth is.
 */
export interface Plant {
  readonly ports?: (ports: WorldPorts, at: PlantSite) => WorldPorts;
  /** Those that the windows and the requests look through, which are not the ones of the stepping. */
  readonly planning?: (ports: WorldPorts) => WorldPorts;
  readonly desk?: (desk: TicketDesk) => TicketDesk;
  readonly store?: (store: Store, at: PlantSite) => Store;
  /** Under everything that watches, too. */
  readonly disk?: (store: Store) => Store;
  readonly clocks?: (clocks: Clocks) => Clocks;
  readonly killSwitch?: (isOn: () => boolean, at: PlantSite) => () => boolean;
  readonly model?: (model: ModelConfig) => ModelConfig;
  readonly driver?: (driver: Driver, at: PlantSite) => Driver;
}

export interface PlantSite {
  readonly timeline: Timeline;
  readonly store: Store;
  readonly sleep: (milliseconds: number) => Promise<void>;
}
