import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILD } from '../build.ts';
import type { Clocks } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problems.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import type { DaemonMetrics } from '../metrics/daemon.ts';
import { writeAtomically } from '../simulator/files.ts';
import { tellStory } from '../simulator/story.ts';
import { createWorld, type World } from '../simulator/world.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';

export interface DemoOptions {
  /** Simulated seconds per second, or `max`. */
  readonly speed: number | 'max';
  readonly days: number;
  readonly seed: number;
  readonly state: string;
  readonly listen: string;
  readonly exitWhenDone: boolean;
  readonly metrics: DaemonMetrics;
}

const HOUR = 3_600_000;
/** How often the world is moved when it goes by the clock, milliseconds. */
const TICK = 200;

/** The whole loop on this machine: a simulated world, the real daemon on it, and the account of how it went. */
export async function demoCommand(options: DemoOptions, context: CommandContext): Promise<number> {
  const folder = resolve(options.state);
  const { wall } = context.clocks;
  const world = await createWorld({
    folder,
    speed: options.speed,
    days: options.days,
    seed: options.seed,
    now: wall.now(),
    wall,
  });
  try {
    const daemon = await startOn(world, { options, context });
    try {
      sayWhere(world, daemon, context);
      await approveBaselines(world, daemon);
      const ended = await runToEnd(world, daemon, context);
      if (!ended) return EXIT.ok;
      const story = await tellStory(world, daemon.app.store);
      context.print(`${story.lines.join('\n')}\n`);
      world.finish();
      if (options.exitWhenDone) return story.holds ? EXIT.ok : EXIT.error;
      context.print(`The story has been told; ${daemon.url} stays up. Ctrl-C ends it.\n`);
      await stopped(context.stop);
      return EXIT.ok;
    } finally {
      await daemon.stop();
    }
  } finally {
    await world.close();
  }
}

async function startOn(
  world: World,
  given: { readonly options: DemoOptions; readonly context: CommandContext },
): Promise<Daemon> {
  const { options, context } = given;
  const { paths, clock } = world;
  writeAtomically(paths.config, world.configYaml(options.listen));
  const loaded = await loadConfig(paths.config);
  if (!loaded.ok) throw new CommandError(loaded.problems.map(formatProblem).join('\n'));
  const clocks: Clocks = { domain: clock, wall: context.clocks.wall };
  const { metrics } = options;
  return startDaemon({
    config: loaded.config,
    clocks,
    logger: context.logger,
    metrics,
    selfDriven: false,
    simulated: true,
    refreshSeconds: 5,
  });
}

function sayWhere(
  { scenario, resumed, workspace, paths }: World,
  daemon: Daemon,
  context: CommandContext,
): void {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  context.print(
    [
      `driftwarden ${BUILD} demo: everything outside the daemon is SIMULATED (workspace ${workspace.url}, lake and state in ${paths.folder})`,
      `${resumed ? 'Resumed' : 'Begun'}: ${scenario.days} days from ${day(scenario.start)} to ${day(scenario.end)}, two models: ${scenario.model} and its quiet twin ${scenario.twin}`,
      '',
      `  status page   ${daemon.url}/`,
      `  the model     ${daemon.url}/models/${scenario.model}`,
      `  metrics       ${daemon.url}/metrics`,
      `  configuration ${paths.config}   (try: npx driftwarden exceptions list -c ${paths.config})`,
      '',
    ].join('\n'),
  );
}

/** What a model-risk group does before anything may act: look at the frozen baselines and approve them. */
async function approveBaselines(world: World, { app }: Daemon): Promise<void> {
  const { scenario } = world;
  // The tables exist once the first rows are in.
  await world.advanceTo(scenario.start + 12 * HOUR);
  for (const model of [scenario.model, scenario.twin]) {
    const claim = {
      by: 'amina.yusuf@bank.example',
      identity: 'claimed',
      reason: 'reviewed for the demo (simulated person)',
    } as const;
    const stored = await app.store.baselines(model);
    if (stored.some(({ state }) => state === 'approved')) continue;
    const { id } = await app.operations.freezeBaseline(model, claim);
    await app.operations.approveBaseline(id, claim);
  }
}

/** Moves the world and wakes the daemon until the end, or until somebody stops it: then false. */
async function runToEnd(world: World, daemon: Daemon, { stop }: CommandContext): Promise<boolean> {
  for (;;) {
    if (stop.aborted) return false;
    const before = world.clock.now();
    const more = await world.step();
    await daemon.wake();
    if (!more) break;
    if (world.clock.now() === before) await pause(TICK, stop);
  }
  await settleTickets(daemon, stop);
  return !stop.aborted;
}

/** The last ticket may still be on its way when the clock stands. */
async function settleTickets(daemon: Daemon, stop: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 50 && !stop.aborted; tries += 1) {
    await daemon.drive();
    if ((await daemon.app.store.waiting()).length === 0) return;
    await pause(TICK, stop);
  }
}

async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined);
}

async function stopped(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort');
}
