import type { Timeline } from './timeline.ts';

export interface RegistryState {
  readonly aliases: { readonly [alias: string]: string };
  readonly tags: { readonly [key: string]: string };
  /** Versions that exist and are not READY. */
  readonly unready: readonly string[];
  /** Versions whose tags do not say that they are approved. */
  readonly unapproved: readonly string[];
}

/** A simulated registered model: it keeps no history of its aliases and sets them whatever they were. */
export interface SimulatedModel {
  at(lag: number): RegistryState;
  setAlias(alias: string, version: string | null): void;
  setReady(version: string, ready: boolean): void;
  setApproved(version: string, approved: boolean): void;
}

export const VERSIONS: readonly string[] = ['5', '6', '7', '8'];

export function createModel(start: RegistryState, timeline: Timeline): SimulatedModel {
  let state = start;
  const history: { readonly at: number; readonly state: RegistryState }[] = [{ at: 0, state }];

  function become(fields: Partial<RegistryState>): void {
    state = { ...state, ...fields };
    history.push({ at: timeline.now(), state });
  }

  return {
    at(lag) {
      const moment = timeline.now() - lag;
      return history.findLast((entry) => entry.at <= moment)?.state ?? state;
    },
    setAlias(alias, version) {
      const { [alias]: _, ...others } = state.aliases;
      become({ aliases: version === null ? others : { ...others, [alias]: version } });
    },
    setReady(version, ready) {
      const others = state.unready.filter((one) => one !== version);
      become({ unready: ready ? others : [...others, version] });
    },
    setApproved(version, approved) {
      const others = state.unapproved.filter((one) => one !== version);
      become({ unapproved: approved ? others : [...others, version] });
    },
  };
}
