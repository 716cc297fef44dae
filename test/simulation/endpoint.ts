import type { Endpoint } from '../../src/serving/serving.ts';
import type { Random } from './random.ts';
import { MINUTE, type Scenario, SECOND, type UpdateEnd } from './scenario.ts';
import type { Timeline } from './timeline.ts';

export type Author = 'start' | 'human' | 'driftwarden';

export interface ServedConfig {
  readonly version: number;
  readonly entities: readonly { readonly name: string; readonly version: string }[];
  readonly routes: { readonly [entity: string]: number };
  readonly author: Author;
}

/** What an endpoint was asked to become. */
export type Update = Omit<ServedConfig, 'version'>;
export type Fate = 'under way' | 'active' | 'failed';

/** The endpoint at one moment. */
export interface EndpointState {
  readonly config: ServedConfig;
  /** Accepted and not active yet. */
  readonly pending: Update | null;
  readonly update: Endpoint['update'];
  readonly unready: readonly string[];
  readonly cold: readonly string[];
  readonly gone: boolean;
}

/** A simulated serving endpoint, as its users know it: one update at a time, and the old configuration serves meanwhile. */
export interface SimulatedEndpoint {
  /** As it was so many milliseconds ago. */
  at(lag: number): EndpointState;
  put(wanted: Update): 'accepted' | 'conflict' | 'missing';
  /** Keeps it busy for a while and leaves everything as it is. */
  busy(): boolean;
  setReady(version: string, ready: boolean): void;
  remove(): void;
  /** How an accepted update went on. */
  fate(update: Update): Fate;
  /** Configurations that became active after this version, oldest first. */
  since(version: number): readonly ServedConfig[];
}

export interface EndpointOptions {
  readonly start: Pick<EndpointState, 'config' | 'unready' | 'cold'>;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly updates: Scenario['updates'];
  readonly say: (text: () => string) => void;
  /** Told of every configuration that became active. */
  readonly active: (config: ServedConfig) => void;
}

export function createEndpoint(options: EndpointOptions): SimulatedEndpoint {
  const { start, timeline, random, updates, say } = options;
  let state: EndpointState = { ...start, pending: null, update: 'none', gone: false };
  const history: { readonly at: number; readonly state: EndpointState }[] = [{ at: 0, state }];
  const configs: ServedConfig[] = [start.config];
  const fates = new Map<Update, Fate>();

  function become(fields: Partial<EndpointState>): void {
    state = { ...state, ...fields };
    history.push({ at: timeline.now(), state });
  }

  function begin(pending: Update, how: UpdateEnd): void {
    fates.set(pending, 'under way');
    become({ pending, update: 'in_progress' });
    timeline.after(duration(how, random), () => finish(how));
  }

  function finish(how: UpdateEnd): void {
    const { pending, config, gone } = state;
    if (pending === null || gone) return;
    if (how === 'fails' || (how === 'stuck' && random.chance(0.5))) {
      fates.set(pending, 'failed');
      say(() => `endpoint: the update by ${pending.author} failed`);
      become({ pending: null, update: 'failed' });
      return;
    }
    const active = { ...pending, version: config.version + 1 };
    fates.set(pending, 'active');
    configs.push(active);
    say(
      () =>
        `endpoint: version ${active.version} is active, by ${active.author}: ${JSON.stringify(active.routes)}`,
    );
    become({ pending: null, update: 'none', config: active });
    options.active(active);
  }

  return {
    at(lag) {
      const moment = timeline.now() - lag;
      return history.findLast((entry) => entry.at <= moment)?.state ?? state;
    },
    put(wanted) {
      if (state.gone) return 'missing';
      if (state.pending !== null) return 'conflict';
      begin(wanted, random.weighted(updates));
      return 'accepted';
    },
    busy() {
      if (state.gone || state.pending !== null) return false;
      const { version: _, ...same } = state.config;
      begin({ ...same, author: 'human' }, 'fails');
      return true;
    },
    setReady(version, ready) {
      const others = state.unready.filter((one) => one !== version);
      become({ unready: ready ? others : [...others, version] });
    },
    fate: (update) => fates.get(update) ?? 'active',
    remove: () => become({ gone: true, pending: null }),
    since: (version) => configs.filter((config) => config.version > version),
  };
}

function duration(how: UpdateEnd, random: Random): number {
  if (how === 'instant') return random.whole(0, 20);
  if (how === 'slow') return random.whole(20, 150) * SECOND;
  if (how === 'stuck') return random.whole(15, 45) * MINUTE;
  return random.whole(200, 6_000);
}
