import { windowAt } from './calendar.ts';
import { dueWindows, newestClosed } from './due.ts';
import type { Window } from './window.ts';

export interface BakeQuestion {
  /** When the release was seen. Milliseconds, like all that follow. */
  readonly since: number;
  /** For how long it is watched, and in windows of what length. */
  readonly for: number;
  readonly window: number;
  readonly lateness: number;
  /** End of the newest window that was judged; null before the first. */
  readonly lastEnd: number | null;
  readonly now: number;
}

export interface BakeDue {
  /** Closed windows to judge, oldest first; only the last of all that have closed may lead to an action. */
  readonly windows: readonly (Window & { readonly newest: boolean })[];
  /** Whether no further window will come. */
  readonly over: boolean;
}

/** Pure arithmetic: the windows from the one that holds the release to the last that begins within the watch. */
export function bakeDue(question: BakeQuestion): BakeDue {
  const { since, lateness, lastEnd, now } = question;
  const length = { kind: 'fixed', milliseconds: question.window } as const;
  const until = since + question.for;
  const newest = newestClosed({ length, lateness, now });
  if (newest.end <= since) return { windows: [], over: false };
  const first = windowAt(length, since).start;
  const { windows } = dueWindows({ length, lateness, catchUp: Infinity, since: first, lastEnd, now });
  const own = windows.filter(({ start, end }) => start < until && end > (lastEnd ?? -Infinity));
  return {
    windows: own.map((window) => ({ ...window, newest: window.end === newest.end })),
    over: newest.end >= until,
  };
}
