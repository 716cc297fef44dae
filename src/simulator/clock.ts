import type { Clock } from '../clock.ts';

/** Domain time of the simulated world: it stands still until somebody moves it, and it never goes back. */
export interface SimulatedClock extends Clock {
  /** Moves the time; an earlier time than now is ignored. */
  advanceTo(time: number): void;
}

export function createSimulatedClock(start: number): SimulatedClock {
  let position = start;
  return {
    now: () => position,
    advanceTo: (time) => {
      position = Math.max(position, time);
    },
  };
}

/** Simulated seconds per second of this machine; `max`: as fast as the caller steps. */
export type Speed = number | 'max';

/** How far domain time should have come by now, given the speed. */
export interface Pace {
  due(): number;
}

export interface PaceOptions {
  readonly speed: Speed;
  readonly wall: Clock;
  /** Domain time at which this run begins, and where it ends; milliseconds. */
  readonly from: number;
  readonly to: number;
}

/**
 * Measures from the start of this run, so that a run that was stopped for a night goes on where it stood instead of
 * making up for the night. A wall clock that is set back does not move domain time.
 */
export function createPace({ speed, wall, from, to }: PaceOptions): Pace {
  if (speed === 'max') return { due: () => to };
  const began = wall.now();
  let furthest = from;
  return {
    due: () => {
      furthest = Math.max(furthest, Math.min(to, Math.round(from + (wall.now() - began) * speed)));
      return furthest;
    },
  };
}
