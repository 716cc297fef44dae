import { nextWindow, previousWindow, windowAt } from './calendar.ts';
import type { Window, WindowLength } from './window.ts';

export interface DueQuestion {
  readonly length: WindowLength;
  /** A window closes this long after its end. Milliseconds, like all that follow. */
  readonly lateness: number;
  /** Windows that ended longer ago than this and were missed are skipped, on the record. */
  readonly catchUp: number;
  /** First instant that counts; null: begin with the newest closed window. */
  readonly since: number | null;
  /** End of the newest window that was evaluated or skipped; null before the first. */
  readonly lastEnd: number | null;
  readonly now: number;
}

export interface Due {
  /** Missed windows that are too old to be evaluated, as one stretch; null when there are none. */
  readonly skipped: { readonly from: number; readonly to: number; readonly windows: number } | null;
  /** Closed windows to evaluate, oldest first. Only the last may lead to an action. */
  readonly windows: readonly Window[];
}

/** The newest window that has closed: its end plus the lateness has passed. */
export function newestClosed(question: { length: WindowLength; lateness: number; now: number }): Window {
  return previousWindow(question.length, windowAt(question.length, question.now - question.lateness));
}

/**
 * Which windows are closed and not yet evaluated. Pure arithmetic over what the store remembers: a wake-up that was
 * missed, doubled or late changes nothing. With `since` the first window is the first one that starts at or after it.
 */
export function dueWindows(question: DueQuestion): Due {
  const newest = newestClosed(question);
  const first = firstDue(question, newest);
  const windows: Window[] = [];
  let skippedWindows = 0;
  let skippedTo = first.start;
  for (let window = first; window.end <= newest.end; window = nextWindow(question.length, window)) {
    if (window.end < question.now - question.catchUp && window.end < newest.end) {
      skippedWindows += 1;
      skippedTo = window.end;
    } else {
      windows.push(window);
    }
  }
  return {
    skipped: skippedWindows > 0 ? { from: first.start, to: skippedTo, windows: skippedWindows } : null,
    windows,
  };
}

/** The one after the last that was evaluated, but none before `since`: an older one may have been asked for by hand. */
function firstDue({ length, lastEnd, since }: DueQuestion, newest: Window): Window {
  if (lastEnd === null && since === null) return newest;
  const first = since === null ? null : firstFrom(length, since);
  const next = lastEnd === null ? null : windowAt(length, lastEnd);
  if (first === null || next === null) return first ?? next ?? newest;
  return first.start > next.start ? first : next;
}

/** The first window that starts at or after the instant. */
function firstFrom(length: WindowLength, instant: number): Window {
  const containing = windowAt(length, instant);
  return containing.start === instant ? containing : nextWindow(length, containing);
}
