import { setImmediate } from 'node:timers';

/** Virtual time. Nothing happens between two of its events but the promises that the first one has set going. */
export interface Timeline {
  /** Milliseconds since 1970. */
  now(): number;
  /** Events of one instant happen in the order in which they were asked for. */
  after(milliseconds: number, action: () => void): void;
  /** Goes on until `ended` says so, nothing is left to happen, or the time is up. Answers what stopped it. */
  run(ended: () => boolean, until: number): Promise<Stop>;
}

export type Stop = 'ended' | 'time is up' | 'too much happens';

interface Entry {
  readonly at: number;
  readonly action: () => void;
}

/** More events than any run has: reaching it means that somebody does the same thing again and again without time passing. */
const MOST_EVENTS = 100_000;

export function createTimeline(start: number): Timeline {
  // The next event last.
  const queue: Entry[] = [];
  let now = start;

  function after(milliseconds: number, action: () => void): void {
    const at = now + Math.max(0, Math.round(milliseconds));
    let place = queue.length;
    while (place > 0 && (queue[place - 1]?.at ?? 0) <= at) place -= 1;
    queue.splice(place, 0, { at, action });
  }

  return {
    now: () => now,
    after,
    async run(ended, until) {
      for (let events = 0; !ended(); events += 1) {
        const next = queue.pop();
        if (next === undefined) return 'ended';
        if (next.at > until) {
          queue.push(next);
          now = until;
          return 'time is up';
        }
        if (events > MOST_EVENTS) return 'too much happens';
        now = next.at;
        next.action();
        await settled();
      }
      return 'ended';
    },
  };
}

/** After every promise that can go on has gone on: all of them run before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
