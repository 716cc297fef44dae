import type { Scenario } from './scenario.ts';
import { sharesOf } from './workspace/endpoint.ts';
import type { Ticket, Traffic, WorkspaceState } from './workspace/state.ts';

/** What really happened in the simulated world, to hold the daemon's account against. Times are milliseconds. */
export interface WorldFacts {
  readonly simulated: true;
  readonly start: number;
  readonly now: number;
  readonly end: number;
  /** When the challenger's traffic became active; null before. */
  readonly promotedAt: number | null;
  /** When it went wrong; null before. */
  readonly wentWrongAt: number | null;
  /** When the champion got all traffic back after that; null before. */
  readonly putBackAt: number | null;
  readonly endpoints: { readonly [endpoint: string]: EndpointFacts };
  readonly models: {
    readonly [registeredModel: string]: {
      readonly aliases: { readonly [alias: string]: string };
      /** Alias writes over HTTP that were carried out. */
      readonly aliasPuts: number;
    };
  };
  readonly tickets: readonly Ticket[];
}

interface EndpointFacts {
  /** Writes over HTTP that were accepted, and those that were refused. */
  readonly effectivePuts: number;
  readonly refusedPuts: number;
  readonly updating: boolean;
  readonly configVersion: number;
  /** Percentage per version now, and since the start. */
  readonly shares: { readonly [version: string]: number };
  readonly traffic: readonly Traffic[];
}

export function worldFacts(scenario: Scenario, now: number, state: WorkspaceState): WorldFacts {
  const traffic = state.endpoints[scenario.endpoint]?.traffic ?? [];
  const allTo = (version: string, after: number): number | null =>
    traffic.find(({ at, shares }) => at >= after && shares[version] === 100)?.at ?? null;
  const wentWrong = now >= scenario.wrongAt;
  return {
    simulated: true,
    start: scenario.start,
    now,
    end: scenario.end,
    promotedAt: allTo(scenario.challenger, scenario.start),
    wentWrongAt: wentWrong ? scenario.wrongAt : null,
    putBackAt: wentWrong ? allTo(scenario.champion, scenario.wrongAt) : null,
    endpoints: Object.fromEntries(
      Object.values(state.endpoints).map((endpoint) => [
        endpoint.name,
        {
          effectivePuts: endpoint.puts.effective,
          refusedPuts: endpoint.puts.refused,
          updating: endpoint.pending !== null,
          configVersion: endpoint.config.config_version,
          shares: sharesOf(endpoint.config),
          traffic: endpoint.traffic,
        },
      ]),
    ),
    models: Object.fromEntries(
      Object.values(state.models).map((model) => [
        model.name,
        {
          aliases: Object.fromEntries(
            Object.entries(model.aliases).map(([alias, version]) => [alias, String(version)]),
          ),
          aliasPuts: model.aliasPuts,
        },
      ]),
    ),
    tickets: state.tickets,
  };
}
