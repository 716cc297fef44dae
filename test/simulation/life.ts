import type { Phase } from './scenario.ts';
import type { Timeline } from './timeline.ts';

/** A moment at which the program can be interrupted. */
export interface Moment {
  readonly life: Life;
  /** The kind of call, or `commit` with the state that is committed. */
  readonly what: string;
  readonly phase: Phase | 'before' | 'after';
  /** Whether it belongs to the stepping of rollbacks, whose moments are counted. */
  readonly counted: boolean;
}

/** Told of every moment; may let anything happen there, also end or pause the life it belongs to. */
export type Interrupt = (moment: Moment) => void;

/**
 * One life of the program, from its start to its death. After a death nothing that it began goes on: not even a
 * `finally`, as after kill -9. What it had sent is under way all the same.
 */
export interface Life {
  readonly number: number;
  isAlive(): boolean;
  die(): void;
  /** Stands still for so long, as a stopped or starved process does: answers and timers wait for it. */
  pause(milliseconds: number): void;
  /** Goes on at once where nothing interrupts. */
  pass(moment: Omit<Moment, 'life'>): Promise<void>;
  /** Carries out the action in this life after so long, or when it is awake again, or never. */
  deliver(milliseconds: number, moment: Omit<Moment, 'life'> | null, action: () => void): void;
  sleep(milliseconds: number): Promise<void>;
}

export function createLife(number: number, timeline: Timeline, interrupt: Interrupt): Life {
  let alive = true;
  let pausedUntil = 0;

  function whenAwake(action: () => void): void {
    if (!alive) return;
    if (pausedUntil > timeline.now()) timeline.after(pausedUntil - timeline.now(), () => whenAwake(action));
    else action();
  }

  const life: Life = {
    number,
    isAlive: () => alive,
    die() {
      alive = false;
    },
    pause(milliseconds) {
      pausedUntil = Math.max(pausedUntil, timeline.now() + milliseconds);
    },
    pass(moment) {
      interrupt({ ...moment, life });
      if (alive && pausedUntil <= timeline.now()) return Promise.resolve();
      return new Promise((resolve) => whenAwake(resolve));
    },
    deliver(milliseconds, moment, action) {
      timeline.after(milliseconds, () =>
        whenAwake(() => {
          if (moment !== null) interrupt({ ...moment, life });
          whenAwake(action);
        }),
      );
    },
    sleep: (milliseconds) => new Promise((resolve) => life.deliver(milliseconds, null, resolve)),
  };
  return life;
}
