import type { SetTimer } from '../timer.ts';

/** Something did not answer in time. What it was doing goes on, unheard: drivers can wait for ever. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly doing: 'open' | 'statement' | 'close';

  constructor(doing: DeadlineError['doing']) {
    super(`${doing} took too long`);
    this.doing = doing;
  }
}

export interface Deadline {
  readonly milliseconds: number;
  readonly doing: DeadlineError['doing'];
  readonly setTimer: SetTimer;
}

/** The answer of `work`, or a DeadlineError. A late answer or failure is dropped. */
export function within<T>(work: Promise<T>, { milliseconds, doing, setTimer }: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = setTimer(Math.max(0, milliseconds), () => reject(new DeadlineError(doing)));
    work.then(resolve, reject).finally(stop);
  });
}

export function pause(milliseconds: number, setTimer: SetTimer): Promise<void> {
  return new Promise((resolve) => {
    setTimer(milliseconds, resolve);
  });
}
