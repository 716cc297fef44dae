import type { SimulatedClock } from './clock.ts';
import type { LakeWriter } from './lake/lake.ts';
import { HOUR } from './lake/rhythm.ts';
import type { Scenario } from './scenario.ts';
import type { SimulatedWorkspace } from './workspace/workspace.ts';

/** What the passing of domain time moves. */
export interface MoverParts {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly workspace: SimulatedWorkspace;
  readonly lake: LakeWriter;
  /** Puts a position on disk. */
  readonly savePosition: (time: number) => void;
}

export interface Mover {
  /** Does whatever is due at the present position and has not been done. */
  catchUp(): Promise<void>;
  nextChange(): number;
  /** One move after the other, also when two are asked for at once. */
  advanceTo(time: number): Promise<void>;
  /** Ends a running move at the next change and waits for it. */
  stop(): Promise<void>;
}

/**
 * Moves the world one change at a time. The position is on disk before the clock shows it, so no time that anybody has
 * seen is ever seen again; and the clock moves before a file is written, so whatever is asked of the workspace meanwhile
 * belongs to the next one and the file is a function of a past that is settled.
 */
export function createMover({ scenario, clock, workspace, lake, savePosition }: MoverParts): Mover {
  const halt = new AbortController();
  let last: Promise<void> = Promise.resolve();

  const catchUp = async (): Promise<void> => {
    for (const event of scenario.events) {
      const { performed, endpoints } = workspace.snapshot();
      const due = event.at <= clock.now() && performed[event.name] === undefined;
      const free = endpoints[event.endpoint]?.pending === null;
      if (due && free) workspace.perform(event.name, event.edit);
    }
    await lake.writeUntil(clock.now());
  };
  const nextChange = (): number => {
    const now = clock.now();
    const hour = (Math.floor(now / HOUR) + 1) * HOUR;
    const update = workspace.nextUpdateAt() ?? scenario.end;
    const events = scenario.events.map(({ at }) => at).filter((at) => at > now);
    return Math.min(scenario.end, hour, update, ...events);
  };
  const move = async (time: number): Promise<void> => {
    while (!halt.signal.aborted && clock.now() < Math.min(time, scenario.end)) {
      const next = Math.min(time, nextChange());
      savePosition(next);
      clock.advanceTo(next);
      await catchUp();
    }
  };
  return {
    catchUp,
    nextChange,
    advanceTo: (time) => {
      const mine = last.then(() => move(time));
      last = mine.catch(() => undefined);
      return mine;
    },
    stop: () => {
      halt.abort();
      return last;
    },
  };
}
