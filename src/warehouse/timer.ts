import { clearTimeout, setTimeout } from 'node:timers';

/** Waits, then acts, unless the returned function is called before. */
export type SetTimer = (milliseconds: number, action: () => void) => () => void;

/** The timer of the machine. */
export function systemTimer(milliseconds: number, action: () => void): () => void {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}
