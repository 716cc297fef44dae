import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { createPace, createSimulatedClock, type Pace, type SimulatedClock, type Speed } from './clock.ts';
import { demoConfigYaml } from './demo-config.ts';
import { SimulatorError } from './error.ts';
import { type WorldFacts, worldFacts } from './facts.ts';
import { writeAtomically } from './files.ts';
import { type LakeWriter, openLake } from './lake/lake.ts';
import { PORTFOLIO } from './lake/portfolio.ts';
import { createMover, type Mover } from './mover.ts';
import { createScenario, type Scenario } from './scenario.ts';
import { estateWithWayBack } from './workspace/estate.ts';
import { type SimulatedWorkspace, startWorkspace, type WorkspaceOptions } from './workspace/workspace.ts';
import { findWorld, openJournal, type WorldPaths, worldPaths } from './world-state.ts';

/** The simulated world: a workspace, a lake and a story, moved by one clock. */
export interface World {
  readonly scenario: Scenario;
  /** Whether this goes on where an earlier run stopped. */
  readonly resumed: boolean;
  readonly clock: SimulatedClock;
  readonly workspace: SimulatedWorkspace;
  readonly paths: WorldPaths;
  /** The next time at which anything changes by itself: an hour of data, an update, a step of the story, or the end. */
  nextChange(): number;
  /** Moves domain time, stopping on the way at every change, so that each sees the world as it was then. */
  advanceTo(time: number): Promise<void>;
  /** Moves as far as the speed allows by now, at most to the next change. False once the end is reached. */
  step(): Promise<boolean>;
  facts(): WorldFacts;
  /** The text of the daemon's configuration. */
  configYaml(listen: string): string;
  /** The story has been told: the next start in this folder begins anew. */
  finish(): void;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly folder: string;
  readonly speed: Speed;
  readonly days: number;
  readonly seed: number;
  /** Where domain time ends, milliseconds. A resumed world keeps its own end, days and seed. */
  readonly now: number;
  /** This machine's clock; the system's if not given. */
  readonly wall?: Clock;
}

/** Begins a world, or takes up an unfinished one. Throws SimulatorError. */
export async function createWorld(options: WorldOptions): Promise<World> {
  checkSpeed(options.speed);
  const wall = options.wall ?? systemClock;
  const paths = worldPaths(options.folder);
  const found = findWorld(paths);
  const scenario = createScenario(
    found === null ? options : { seed: found.seed, days: found.days, now: found.end },
  );
  const journal = openJournal(paths, scenario, found);
  const clock = createSimulatedClock(journal.state().position);
  const workspace = await startOnPort(journal.state().port, {
    stateFile: paths.workspace,
    clocks: { domain: clock, wall },
    seed: scenario.seed,
    estate: estateWithWayBack,
  });
  try {
    journal.save({ port: workspace.port });
    writeSecrets(paths, workspace);
    const lake = await openWorldsLake(paths, scenario, workspace);
    await lake.writeTraining();
    const savePosition = (position: number): void => journal.save({ position });
    const mover = createMover({ scenario, clock, workspace, lake, savePosition });
    await mover.catchUp();
    const pace = createPace({ speed: options.speed, wall, from: clock.now(), to: scenario.end });
    return {
      ...movement({ scenario, clock, workspace, lake }, mover, pace),
      resumed: found !== null,
      paths,
      finish: () => journal.save({ finished: true }),
    };
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

interface Parts {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly workspace: SimulatedWorkspace;
  readonly lake: LakeWriter;
}

function movement(parts: Parts, mover: Mover, pace: Pace): Omit<World, 'resumed' | 'paths' | 'finish'> {
  const { scenario, clock, workspace, lake } = parts;
  return {
    scenario,
    clock,
    workspace,
    nextChange: () => mover.nextChange(),
    advanceTo: (time) => mover.advanceTo(time),
    step: async () => {
      await mover.advanceTo(Math.min(pace.due(), mover.nextChange()));
      return clock.now() < scenario.end;
    },
    facts: () => worldFacts(scenario, clock.now(), workspace.snapshot()),
    configYaml: (listen) => demoConfigYaml({ ...namesIn(workspace), since: scenario.start, listen }),
    close: async () => {
      await workspace.close();
      await mover.stop();
      lake.close();
    },
  };
}

function checkSpeed(speed: Speed): void {
  if (speed === 'max' || (speed > 0 && Number.isFinite(speed))) return;
  throw new SimulatorError('bad_option', `--speed: a number above 0 or max, not ${speed}.`);
}

/** On the port it had before, if that is still free. */
async function startOnPort(port: number, options: WorkspaceOptions): Promise<SimulatedWorkspace> {
  try {
    return await startWorkspace({ ...options, port });
  } catch (error) {
    if (error instanceof SimulatorError && error.reason === 'port_taken') return startWorkspace(options);
    throw error;
  }
}

function openWorldsLake(
  paths: WorldPaths,
  scenario: Scenario,
  workspace: SimulatedWorkspace,
): Promise<LakeWriter> {
  return openLake({
    folder: paths.lake,
    seed: scenario.seed,
    models: PORTFOLIO,
    start: scenario.start,
    wrong: { model: scenario.model, version: scenario.challenger, from: scenario.wrongAt },
    traffic: (endpoint) => workspace.snapshot().endpoints[endpoint]?.traffic ?? [],
  });
}

function writeSecrets(paths: WorldPaths, workspace: SimulatedWorkspace): void {
  for (const principal of workspace.principals) {
    writeAtomically(join(paths.secrets, principal.role), principal.clientSecret, { mode: 0o600 });
  }
  writeAtomically(join(paths.secrets, 'tickets'), workspace.ticketSecret, { mode: 0o600 });
}

function namesIn(workspace: SimulatedWorkspace): {
  readonly workspaceUrl: string;
  readonly readerId: string;
  readonly actorId: string;
} {
  const idOf = (role: string): string =>
    workspace.principals.find((one) => one.role === role)?.clientId ?? role;
  return { workspaceUrl: workspace.url, readerId: idOf('reader'), actorId: idOf('actor') };
}
