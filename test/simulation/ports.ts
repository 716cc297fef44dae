import type { Registry } from '../../src/registry/registry.ts';
import type { WorldPorts } from '../../src/rollback/view.ts';
import type { Endpoint, Serving } from '../../src/serving/serving.ts';
import type { DeskRequest, TicketDesk } from '../../src/tickets/desk.ts';
import type { EndpointState, ServedConfig } from './endpoint.ts';
import type { Guard, Site } from './guard.ts';
import type { Life } from './life.ts';
import { VERSIONS } from './registry.ts';
import { failure, type Wire } from './wire.ts';

export interface PortOptions {
  readonly life: Life;
  readonly wire: Wire;
  readonly sites: readonly Site[];
  /** Null: these reads are not for the stepping of rollbacks, which alone is watched. */
  readonly guard: Guard | null;
}

export function registeredName(model: string): string {
  return `main.risk.${model}`;
}

/** The simulated workspace as one life reaches it. */
export function createPorts(options: PortOptions): WorldPorts {
  return { registry: createRegistry(options), serving: createServing(options) };
}

function createRegistry({ life, wire, sites, guard }: PortOptions): Registry {
  const counted = guard !== null;
  const read = { to: 'workspace', write: false, counted } as const;
  const siteOf = (name: string): Site => {
    const site = sites.find((one) => registeredName(one.name) === name);
    if (site === undefined) throw failure(name, 'not_found');
    return site;
  };
  return {
    async model(name) {
      const state = await wire.call(life, {
        ...read,
        what: 'model',
        serve: (lag) => siteOf(name).registry.at(lag),
        received: (answer) => guard?.modelRead(life, siteOf(name), answer),
      });
      return { name, owner: 'mrm@bank.example', tags: state.tags, aliases: state.aliases };
    },
    version(name, version) {
      return wire.call(life, {
        ...read,
        what: 'version',
        serve: (lag) => {
          if (!VERSIONS.includes(version)) return null;
          const { unready, unapproved } = siteOf(name).registry.at(lag);
          const ready = !unready.includes(version);
          const validation = unapproved.includes(version) ? 'withdrawn' : 'approved';
          return { version, ready, status: ready ? 'READY' : 'PENDING_REGISTRATION', tags: { validation } };
        },
        received: (answer) => {
          if (answer === null) return;
          const approved = answer.tags.validation === 'approved';
          guard?.versionRead(siteOf(name), { ...answer, approved });
        },
      });
    },
    async setAlias(name, alias, version) {
      const site = siteOf(name);
      const story = guard?.aliasAsked(life, site, version) ?? null;
      await wire.call(life, {
        what: 'alias',
        to: 'workspace',
        write: true,
        counted,
        sent: () => guard?.left(story),
        serve: () => {
          guard?.aliasTaken(story, site.registry.at(0).aliases[alias] ?? null);
          site.registry.setAlias(alias, version);
        },
      });
    },
  };
}

function createServing({ life, wire, sites, guard }: PortOptions): Serving {
  const counted = guard !== null;
  const siteOf = (name: string): Site => {
    const site = sites.find((one) => one.name === name);
    if (site === undefined || site.endpoint === null) throw failure(name, 'not_found');
    return site;
  };
  return {
    async endpoint(name) {
      const site = siteOf(name);
      const state = await wire.call(life, {
        what: 'endpoint',
        to: 'workspace',
        write: false,
        counted,
        serve: (lag) => site.endpoint?.at(lag) ?? null,
        received: (answer) => guard?.endpointRead(life, site, answer === null || answer.gone ? null : answer),
      });
      if (state === null || state.gone) throw failure(name, 'not_found');
      return { ...endpointOf(name, state), fallback: site.fallback };
    },
    async shift(endpoint, routes, { removes = [], adds } = {}) {
      const site = siteOf(endpoint.name);
      // The whole configuration is sent back: the entities are those that were read, whatever is there by now.
      const { entities: read } = endpoint.raw as ServedConfig;
      const entities = [
        ...read.filter(({ name }) => !removes.includes(name)),
        ...(adds === undefined ? [] : [{ name: adds.name, version: adds.version }]),
      ];
      const story = guard?.shiftAsked(life, site, { entities, routes }) ?? null;
      await wire.call(life, {
        what: 'shift',
        to: 'workspace',
        write: true,
        counted,
        sent: () => guard?.left(story),
        ended: (reason) => guard?.shiftAnswered(life, story, reason),
        serve: () => {
          const outcome = site.endpoint?.put({ entities, routes, author: 'driftwarden' }) ?? 'missing';
          guard?.shiftTaken(story, site, outcome);
          if (outcome !== 'accepted')
            throw failure(endpoint.name, outcome === 'conflict' ? 'conflict' : 'not_found');
        },
      });
    },
  };
}

function endpointOf(name: string, state: EndpointState): Endpoint {
  const { config, pending, update, unready, cold } = state;
  const isReady = (version: string): boolean => !unready.includes(version);
  return {
    name,
    ready: config.entities.every(
      (entity) => (config.routes[entity.name] ?? 0) === 0 || isReady(entity.version),
    ),
    update,
    pending: pending !== null,
    configVersion: config.version,
    creator: 'mrm@bank.example',
    entities: config.entities.map((entity) => ({
      name: entity.name,
      model: registeredName(name),
      version: entity.version,
      ready: isReady(entity.version),
      warm: isReady(entity.version) && !cold.includes(entity.version),
      id: `${name} ${entity.name}`,
    })),
    routes: config.routes,
    raw: config,
  };
}

/** A simulated ticket desk: it keeps what it was sent by its key. */
export interface SimulatedDesk {
  take(request: DeskRequest): { readonly key: string; readonly url: null };
  /** Keys of each case in the order in which they first came. */
  readonly cases: ReadonlyMap<string, readonly string[]>;
  /** Changes that came a second time under their key. */
  repeated(): number;
  /** A key that came back with another content. */
  readonly mixed: readonly string[];
}

export function createSimulatedDesk(): SimulatedDesk {
  const contents = new Map<string, string>();
  const cases = new Map<string, string[]>();
  const mixed: string[] = [];
  let repeated = 0;
  return {
    cases,
    mixed,
    repeated: () => repeated,
    take({ key, action, title, text, exception }) {
      const content = JSON.stringify([action, title, text, exception.id]);
      const known = contents.get(key);
      if (known === undefined) {
        contents.set(key, content);
        cases.set(exception.id, [...(cases.get(exception.id) ?? []), key]);
      } else {
        repeated += 1;
        if (known !== content) mixed.push(key);
      }
      return { key: `T-${exception.id}`, url: null };
    },
  };
}

export function createDesk(life: Life, wire: Wire, desk: SimulatedDesk): TicketDesk {
  return {
    deliver: (request) =>
      wire.call(life, {
        what: 'ticket',
        to: 'desk',
        write: true,
        counted: false,
        serve: () => desk.take(request),
      }),
  };
}
