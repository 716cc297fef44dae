import { RemoteError } from './error.ts';

/** A call that is not worth sending, because it cannot be what was meant. The other side has seen nothing of it. */
export function refuse(place: string, why: string, remedy: string): RemoteError {
  return new RemoteError({
    reason: 'rejected',
    place,
    message: `${place}: ${why}; nothing was sent`,
    remedy,
  });
}

/** A write without an actor. The reader's credentials never act, not even where the other side would let them. */
export function noActor(place: string): RemoteError {
  return new RemoteError({
    reason: 'forbidden',
    place,
    message: `${place}: no actor is configured, and the reader never acts; nothing was sent`,
    remedy: 'configure workspace.actor',
  });
}
