import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readState, writeAtomically } from './files.ts';
import type { Scenario } from './scenario.ts';

/** Where the parts of a simulated world lie. */
export interface WorldPaths {
  readonly folder: string;
  readonly world: string;
  readonly workspace: string;
  readonly lake: string;
  readonly secrets: string;
  /** For the daemon: its configuration and its own state. */
  readonly config: string;
  readonly state: string;
}

export function worldPaths(folder: string): WorldPaths {
  return {
    folder,
    world: join(folder, 'world.json'),
    workspace: join(folder, 'workspace.json'),
    lake: join(folder, 'lake'),
    secrets: join(folder, 'secrets'),
    config: join(folder, 'driftwarden.yaml'),
    state: join(folder, 'state'),
  };
}

const worldStateSchema = z
  .object({
    format: z.literal(1),
    simulated: z.literal(true),
    seed: z.number().int(),
    days: z.number().int(),
    /** Milliseconds; the start follows from the end and the days. */
    end: z.number().int(),
    /** How far domain time has come. */
    position: z.number().int(),
    /** Port of the workspace, so that a resumed world is found where it was; 0 before the first start. */
    port: z.number().int(),
    finished: z.boolean(),
  })
  .readonly();
export type WorldState = z.infer<typeof worldStateSchema>;

/**
 * The unfinished world in the folder, or null. A finished one is removed first: only the names that a world consists of,
 * `world.json` last, so that a removal that is cut short is taken up again.
 */
export function findWorld(paths: WorldPaths): WorldState | null {
  const found = readState(paths.world, worldStateSchema);
  if (found === null || !found.finished) return found;
  for (const path of [paths.state, paths.config, paths.lake, paths.secrets, paths.workspace, paths.world]) {
    rmSync(path, { recursive: true, force: true });
  }
  return null;
}

/** The world's own page of the state, each change in its file before it counts. Hundreds of changes a minute: none waits for the disk. */
export interface Journal {
  state(): WorldState;
  save(changes: Partial<WorldState>): void;
}

/** Goes on with the state that was found, or begins one. */
export function openJournal(paths: WorldPaths, scenario: Scenario, found: WorldState | null): Journal {
  const { seed, days, start, end } = scenario;
  let state: WorldState = found ?? {
    format: 1,
    simulated: true,
    seed,
    days,
    end,
    position: start,
    port: 0,
    finished: false,
  };
  const save = (changes: Partial<WorldState>): void => {
    state = { ...state, ...changes };
    writeAtomically(paths.world, `${JSON.stringify(state, null, 1)}\n`, { flush: false });
  };
  save({});
  return { state: () => state, save };
}
